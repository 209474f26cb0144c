"""The submit: written down before it is sent, sent once, and written down again when its answer is there."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import SubmitUnknown, WanError
from ..journal import Entry, Journal, Stands
from ..model.job import Job, Request
from ..progress import Phase
from .telling import Tell, note

if TYPE_CHECKING:
    from ..client import Client
    from ..order import Order

T = TypeVar("T")


def write_down(order: Order, journal: Journal, unless: Stands | None = None) -> tuple[Entry, bool]:
    """Write an order into the journal before it is sent, and return its entry and that it is new.

    Args:
        order: what is asked.
        journal: where it is written.
        unless: chooses an earlier job that makes this one needless, which is then returned; see Journal.begin.
    """
    name = f"wan-{uuid.uuid4().hex}"
    entry = journal.begin(
        order.request,
        service=order.service,
        image=order.image,
        video=order.video,
        prepare=order.prepare,
        estimate=order.estimate,
        client_request_id=name,
        unless=unless,
    )
    return entry, entry.client_request_id == name


async def send(request: Request, entry: Entry, client: Client, journal: Journal, tell: Tell) -> tuple[Entry, Job]:
    """Submit what is written down, once, and write down what became of it."""
    tell(Phase.SENDING, message="Sending the picture and the video.")
    return await _unbroken(_submit(request, entry, client, journal, tell))


async def _submit(request: Request, entry: Entry, client: Client, journal: Journal, tell: Tell) -> tuple[Entry, Job]:
    try:
        job = await client.submit(request, client_request_id=entry.client_request_id)
    except SubmitUnknown as error:
        note(tell, Phase.SENDING, journal.unknown, entry, str(error), error.job_id)
        raise
    except WanError as error:
        note(tell, Phase.SENDING, journal.rejected, entry, str(error))
        raise
    except Exception as error:
        note(tell, Phase.SENDING, journal.unknown, entry, f"A defect of wan_notebook ended the submit: {error!r}")
        raise
    tell(Phase.SENDING, job=job, message="The service has taken the job.")
    return note(tell, Phase.SENDING, journal.submitted, entry, job) or entry, job


async def _unbroken(work: Coroutine[Any, Any, T]) -> T:
    """Finish `work` even when cancelled meanwhile: a POST broken off might have been bought all the same."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise
