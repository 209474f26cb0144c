"""What became of a submit of before, whose answer was lost or which is on its way from elsewhere."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from ..client.client import LOG_REACHES
from ..errors import AskedBefore, JobNotFound, ServiceError
from ..journal import Entry, Journal
from ..model.job import Job
from ..progress import Phase
from .telling import Tell

if TYPE_CHECKING:
    from ..client import Client

_LOOK_AGAIN = 1.0
"""Seconds between two looks at a job that is just being sent from elsewhere."""
_LOG_LAG = 120.0
"""Seconds after which a service's log surely lists a submit that arrived."""


async def look_up(entry: Entry, client: Client, journal: Journal) -> Job:
    """Find the job of a submit whose answer was lost, by the id that came through or in the service's log.

    Raises:
        JobNotFound: the log of the last 24 hours does not list it: most likely nothing was bought.
        ServiceError: the log cannot be read.
    """
    job = await client.fetch(entry.job_id or await _logged(entry, client))
    journal.submitted(entry, job)
    return job


async def is_settled(entry: Entry, client: Client, journal: Journal, tell: Tell) -> bool:
    """Whether it is known by now what became of a submit of before; one that is under way is waited for."""
    if entry.phase == "submitting":
        tell(Phase.PREPARING, message=f"The same job is being sent just now, as number {entry.number}: waiting for it.")
        await asyncio.sleep(_LOOK_AGAIN)
        return False
    return entry.phase != "unknown" or await _was_bought(entry, client, journal)


async def _logged(entry: Entry, client: Client) -> str:
    row = await client.look_up(entry.client_request_id)
    if row is None or row.job_id is None:
        raise JobNotFound(
            f"The service's log of the last 24 hours lists no submit {entry.client_request_id}: "
            "most likely nothing was bought."
        )
    return row.job_id


async def _was_bought(lost: Entry, client: Client, journal: Journal) -> bool:
    """Whether a submit whose answer was lost had reached the service, as its log shows; written down either way.

    Raises:
        AskedBefore: the log cannot tell.
    """
    try:
        await look_up(lost, client, journal)
    except JobNotFound as error:
        if lost.job_id or not _LOG_LAG < time.time() - (lost.created_at or 0) < LOG_REACHES:
            raise _asked_before(lost, error) from None
        journal.rejected(lost, str(error))
        return False
    except ServiceError as error:
        raise _asked_before(lost, error) from None
    return True


def _asked_before(lost: Entry, why: ServiceError) -> AskedBefore:
    return AskedBefore(
        f"The same job was sent before, as number {lost.number}, and its answer was lost: it may have been bought, so "
        f"nothing was sent now. Looking it up did not settle that ({str(why).rstrip('.')}). Try again in a few "
        "minutes, or make it anew (again=True) and perhaps pay twice.",
        lost.number,
    )
