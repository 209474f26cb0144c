"""How the way of a job is told to whoever waits for it, and to the journal."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from ..client.client import LOG_REACHES
from ..errors import AskedBefore, JobFailed, JobNotFound, ServiceError, StorageError, SubmitUnknown, WanError
from ..model.cost import exactly
from ..model.job import ERROR, QUEUED, Job, Request
from .clip import Clip, clip_path, keep
from .durations import Lookout
from .journal import Entry, Journal, Stands, standing
from .polling import Pace, watch
from .progress import Phase
from .time_left import time_left

if TYPE_CHECKING:
    from ..client import Client
    from .order import Order


class Tell(Protocol):
    """Is called with a phase and changes of Progress whenever there is something to say."""

    def __call__(self, phase: Phase, *, note: str = "", **changes: Any) -> None:
        """Say it."""


def note(tell: Tell, phase: Phase, write: Callable[..., Entry], *what: Any) -> Entry | None:
    """Write to the journal; once a job is bought, a journal that cannot be written must not stop it."""
    try:
        return write(*what)
    except StorageError as error:
        tell(phase, note=str(error))
        return None


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


async def perform(order: Order, client: Client, journal: Journal, tell: Tell, *, again: bool = False) -> Clip:
    """Take one order all the way to a saved clip.

    Args:
        order: what is asked.
        client: of the order's service.
        journal: where it is written down.
        tell: is called whenever there is something to say.
        again: buy it even where the same job is under way, which is otherwise watched, or may have been bought unseen.

    Raises:
        AskedBefore: the same job was sent before and nobody can tell whether it was bought; nothing was sent now.
        WanError: whatever else went wrong; the journal knows how far it came.
    """
    entry, new = write_down(order, journal, None if again else standing)
    while not new and not await is_settled(entry, client, journal, tell):
        entry, new = write_down(order, journal, standing)
    if not new:
        return await pursue(entry, client, journal, tell)
    entry, job = await send(order.request, entry, client, journal, tell)
    return await follow(entry, order.request, job, client, journal, tell)


async def pursue(entry: Entry, client: Client, journal: Journal, tell: Tell) -> Clip:
    """Watch a job of before until its clip is saved, looked up first where the answer to its submit was lost.

    Raises:
        WanError: as for look_up() and follow().
    """
    if entry.done:
        return await offer(entry, tell)
    known = None if entry.phase == "unknown" else entry.job()
    job = known or await look_up(entry, client, journal)
    return await follow(entry, entry.request(), job, client, journal, tell)


async def adopt(job_id: str, client: Client, journal: Journal, tell: Tell) -> Clip:
    """Watch a job that was begun elsewhere, by its id; it is written into the journal once the service knows it.

    Raises:
        JobNotFound: the service does not know it either.
        WanError: as for follow().
    """
    label = client.service.label
    tell(Phase.PREPARING, message=f"The journal has no job {job_id}: asking for it at {label}. Nothing is submitted.")
    job = await client.fetch(job_id)
    return await follow(journal.adopt(job, service=client.service), None, job, client, journal, tell)


async def offer(entry: Entry, tell: Tell) -> Clip:
    """Give the clip of an earlier job which asked the same."""
    clip = entry.open_clip()
    message = "Made before with the same inputs and settings, so nothing was sent."
    tell(Phase.SAVING, job=clip.job, message=message, made_before=True)
    return clip


async def follow(
    entry: Entry,
    request: Request | None,
    job: Job,
    client: Client,
    journal: Journal,
    tell: Tell,
    lookout: Lookout | None = None,
    pace: Pace | None = None,
) -> Clip:
    """Watch a job that the service has taken, until its clip is saved; errors as for perform().

    Args:
        entry: the job in the journal.
        request: what was asked; None where nobody knows.
        job: what is known of it.
        client: of its service.
        journal: is told all news.
        tell: so is the person.
        lookout: what jobs that are watched together share.
    """
    path = clip_path(job)
    if not path.is_file():  # it is there when a kernel died after the download: addresses expire, files do not
        job = await _watch(
            entry,
            request,
            job,
            client,
            journal,
            tell,
            lookout or Lookout(client.service, journal),
            pace or Pace.of_service(client.service),
        )
        if job.status == ERROR:
            raise JobFailed(f"The service could not make the clip: {job.error or 'it gave no reason'}", job)
        tell(Phase.SAVING, job=job, message="Saving the clip.", time_left="", fraction=None)
        await client.download(job, path)
    clip = Clip(path, request, job)
    keep(clip)
    note(tell, Phase.SAVING, journal.saved, entry, path)
    tell(Phase.SAVING, job=job, message=f"Saved as {path.name}.{_cost(job)}")
    return clip


async def _watch(
    entry: Entry,
    request: Request | None,
    job: Job,
    client: Client,
    journal: Journal,
    tell: Tell,
    lookout: Lookout,
    pace: Pace,
) -> Job:
    durations = await lookout.durations(entry, request, client)
    async for seen in watch(client.fetch_once, job, durations=durations, pace=pace):
        job = seen
        phase = Phase.QUEUED if job.status == QUEUED else Phase.GENERATING
        entry = note(tell, phase, journal.seen, entry, job) or entry
        left = time_left(durations, time.time() - (job.submitted_at or time.time()), job.progress)
        tell(phase, job=job, message=_sentence(job), fraction=job.progress, time_left=left)
    lookout.learn(entry, request, job)
    return job


def _cost(job: Job) -> str:
    return f" It cost {exactly(job.usage.usd)}." if job.usage and job.usage.usd else ""


def _sentence(job: Job) -> str:
    if job.trouble:
        return job.trouble
    if not job.status.known:
        return f"The service says “{job.status}”."
    return "Waiting in the service's queue." if job.status == QUEUED else job.message or "Generating the clip."
