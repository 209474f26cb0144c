"""From an order, or from a job of before, to a saved clip."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ..clip import Clip, clip_path, keep
from ..errors import JobFailed
from ..journal import Entry, Journal, standing
from ..lookout import Lookout
from ..model.cost import exactly
from ..model.job import ERROR, QUEUED, Job, Request
from ..progress import Phase
from ..waiting import time_left, watch
from .sending import send, write_down
from .settling import is_settled, look_up
from .telling import Tell, note

if TYPE_CHECKING:
    from ..client import Client
    from ..order import Order


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
        job = await _watch(entry, request, job, client, journal, tell, lookout or Lookout(client.service, journal))
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
    entry: Entry, request: Request | None, job: Job, client: Client, journal: Journal, tell: Tell, lookout: Lookout
) -> Job:
    durations = await lookout.durations(entry, request, client)
    async for seen in watch(client.fetch_once, job, durations=durations, pace=lookout.pace):
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
