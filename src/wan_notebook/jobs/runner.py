"""The way of one job: recorded, submitted once, polled to its end, and its clip saved."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import (
    JobCancelled,
    JobFailed,
    JobNotFound,
    ServiceError,
    StillRunning,
    SubmitUnknown,
    WanError,
)
from ..model.formatting import dollars
from ..model.job import COMPLETED, ERROR, QUEUED, Job, Request
from ..model.protocol import CANCELLED
from .clip import Clip, clip_path
from .duration_estimator import DurationEstimator
from .durations import describe_time_left
from .fetch_clip import fetch_clip
from .journal.journal import Journal
from .lost_submits import LostSubmits
from .poll_schedule import PollSchedule
from .polling import poll
from .progress import ProgressCallback, RunPhase
from .tolerant_journal import TolerantJournal

if TYPE_CHECKING:
    from ..client import Client
    from .journal.entry import Entry
    from .order import Order
    from .recipe import Recipe

T = TypeVar("T")

CHECK_AGAIN = 1.0
"""Seconds between two looks into the journal at a job that another process is submitting."""


class JobRunner:
    """Takes a job from its order, or from the journal, to a saved clip.

    The jobs of a sweep have a runner each, and share all but its callback.

    Args:
        client: of the job's service.
        journal: records every step.
        report: is told every step.
        durations: estimates how long the job takes.
        schedule: says when to poll.
        clock: seconds since the epoch.
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        client: Client,
        journal: Journal,
        report: ProgressCallback,
        *,
        durations: DurationEstimator | None = None,
        schedule: PollSchedule | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._client, self._journal, self._report = client, journal, report
        self._durations = durations or DurationEstimator(client.service, journal)
        self._schedule = schedule or PollSchedule.of_service(client.service)
        self._clock, self._sleep = clock, sleep
        self._tolerant = TolerantJournal(journal, report)
        self.lost_submits = LostSubmits(client, journal, report)
        self._taken: tuple[Entry, Job] | None = None
        """The job in the journal and at the service, once that has taken it."""

    async def run(self, order: Order, *, again: bool = False) -> Clip:
        """Take an order all the way to a saved clip.

        Args:
            order: the job to run.
            again: submit it even where the same job is under way or may have been bought; by default such a job is
                watched instead.

        Raises:
            AskedBefore: the same job was submitted before, and nobody can tell whether it was bought; nothing was sent.
            WanError: anything else; the journal has how far the job came.
        """
        entry, new = await self.record(order, again=again)
        while not new and not await self._is_settled(entry):
            entry, new = await self.record(order)
        if not new:
            return await self.resume(entry)
        if order.service.paid:
            self._report(RunPhase.PREPARING, message=f"It will cost {order.estimate}.")
        entry, job = await self.submit(order.request, entry)
        return await self.follow(entry, order.request, job, order.recipe)

    async def record(self, order: Order, *, again: bool = False) -> tuple[Entry, bool]:
        """Write an order into the journal before it is sent; return its entry, and whether the entry is new.

        Args:
            order: the job.
            again: write a new entry even where an earlier job makes this one needless; by default the earlier job's
                entry is returned.

        Raises:
            StorageError: the journal cannot be written, so nothing may be sent.
        """
        client_request_id = f"wan-{uuid.uuid4().hex}"
        entry = await self._journal.without_blocking(
            Journal.begin,
            order.request,
            service=order.service,
            image=order.image,
            video=order.video,
            prepare=order.prepared,
            estimate=order.estimate,
            client_request_id=client_request_id,
            reuse=not again,
        )
        return entry, entry.client_request_id == client_request_id

    async def submit(self, request: Request, entry: Entry) -> tuple[Entry, Job]:
        """Submit a recorded job, once, and record the outcome.

        Raises:
            SubmitUnknown: the answer was lost; the job may have been bought.
            WanError: nothing was bought.
        """
        self._report(RunPhase.SENDING, message="Sending the picture and the video.")
        try:
            return await _uncancelled(self._submit(request, entry))
        except asyncio.CancelledError:
            await self._end_preview()
            raise

    async def withdraw(self, entry: Entry) -> None:
        """Remove a job from the journal that was not bought; where that cannot be written, it stays as refused."""
        await self._tolerant.write(RunPhase.PREPARING, Journal.withdraw, entry)

    async def resume(self, entry: Entry) -> Clip:
        """Resume an earlier job and save its clip; a submit whose answer was lost is reconciled first.

        Raises:
            WanError: as for LostSubmits.find() and follow().
        """
        if entry.done:
            return await reuse(entry, self._report)
        known = None if entry.phase == "unknown" else entry.job()
        return await self.follow(entry, entry.request(), known or await self.lost_submits.find(entry))

    async def adopt(self, job_id: str) -> Clip:
        """Watch a job that was begun elsewhere, by its id; it is recorded once the service knows it.

        Raises:
            JobNotFound: the service does not know it either.
            WanError: as for follow().
        """
        label = self._client.service.label
        message = f"The journal has no job {job_id}: asking for it at {label}. Nothing is submitted."
        self._report(RunPhase.PREPARING, message=message, error_phase=RunPhase.STOPPED)
        try:
            job = await self._client.fetch(job_id)
        except JobNotFound:
            self._report(RunPhase.PREPARING, error_phase=RunPhase.FAILED)
            raise
        entry = await self._journal.without_blocking(Journal.adopt, job, service=self._client.service)
        if self._client.service.paid and entry.usd is None:
            self._report(RunPhase.PREPARING, note="What it costs counts as spent today once the service tells it.")
        return await self.follow(entry, None, job)

    async def follow(self, entry: Entry, request: Request | None, job: Job, recipe: Recipe | None = None) -> Clip:
        """Poll a job that the service has taken, and save its clip.

        Args:
            entry: the job in the journal.
            request: the request behind it; None where nobody knows it.
            job: its last known snapshot.
            recipe: of the request, where it is at hand; by default what the journal has of it.

        Raises:
            JobFailed: the service could not make the clip.
            WanError: as for polling.poll() and Client.download().
        """
        from ..media.checks.notice import missing_models

        self._taken = entry, job
        self._report(_phase_of(job), job=job)  # from here on no error of ours is a failure of the job
        path = clip_path(job, self._client.service.base_url)
        if not path.is_file():  # it is there when a kernel died after the download: addresses expire, files do not
            job = await self._ended(entry, request, job)
            self._report(RunPhase.SAVING, job=job, message="Saving the clip.", time_left="", fraction=None)
        clip = Clip(path, request, job, recipe or entry.recipe)
        for trouble in await fetch_clip(self._client, clip):
            self._report(RunPhase.SAVING, note=trouble)
        await self._tolerant.write(RunPhase.SAVING, Journal.saved, entry, job, path)
        message = f"Saved as {path.name}.{_cost_sentence(job)} {missing_models(job.preflight or {})}".rstrip()
        self._report(RunPhase.SAVING, job=job, message=message)
        return clip

    async def _ended(self, entry: Entry, request: Request | None, job: Job) -> Job:
        """Poll a job to its good end; arguments and errors as for follow()."""
        try:
            job = await self._poll(entry, request, job)
        except asyncio.CancelledError:
            await self._end_preview()
            raise
        if job.status == ERROR and job.error == CANCELLED and self._client.service.cancels:
            raise JobCancelled("The preview was cancelled; it is free to make again.")
        if job.status == ERROR:
            raise JobFailed(f"The service could not make the clip: {job.error or 'it gave no reason'}", job)
        return job

    async def _submit(self, request: Request, entry: Entry) -> tuple[Entry, Job]:
        sending = RunPhase.SENDING
        try:
            digests = {"image_url": entry.image.sha256, "video_url": entry.video.sha256}
            job = await self._client.submit(request, client_request_id=entry.client_request_id, digests=digests)
        except SubmitUnknown as error:
            await self._tolerant.write(sending, Journal.unknown, entry, str(error), error.job_id)
            raise
        except WanError as error:
            await self._tolerant.write(sending, Journal.rejected, entry, str(error))
            raise
        except Exception as error:
            defect = f"A defect of wan_notebook ended the submit: {error!r}"
            await self._tolerant.write(sending, Journal.unknown, entry, defect)
            raise
        self._taken = entry, job
        # First the id on disk, then the news of it: whoever hears that a job was taken can resume it.
        recorded = await self._tolerant.write(sending, Journal.submitted, entry, job)
        self._report(sending, job=job, message="The service has taken the job.")
        return recorded or entry, job

    async def _end_preview(self) -> None:
        """End the work of a cancelled job on a free preview; a job of any other service goes on.

        Raises:
            StillRunning: the preview could not be told.
        """
        if self._taken is None or not self._client.service.cancels:
            return
        entry, job = self._taken
        try:
            job = await self._client.cancel(job.id)
        except ServiceError as error:
            again = self._client.service.resume_call(job.id)
            raise StillRunning(
                f"No longer watched, and not cancelled: {error} The preview goes on; {again} watches it again.", job
            ) from None
        if job.status == ERROR:
            await self.withdraw(entry)
        else:
            await self._tolerant.write(_phase_of(job), Journal.seen, entry, job)

    async def _poll(self, entry: Entry, request: Request | None, job: Job) -> Job:
        if job.status == ERROR or (job.status == COMPLETED and job.video):
            return job
        watched = await self._durations.watch(entry, request, self._client)
        polls = poll(
            self._client.fetch_once,
            job,
            durations=watched.durations,
            schedule=self._schedule,
            again=self._client.service.resume_call(job.id),
            tells_news=lambda: self._client.service.is_preview,
            clock=self._clock,
            sleep=self._sleep,
        )
        try:
            async for snapshot in polls:
                job, now = snapshot, self._clock()
                watched.polled(job, now)
                phase = _phase_of(job)
                entry = self._journal.seen_in_passing(entry, job)
                left = describe_time_left(watched.durations(), now - (job.submitted_at or now), job.progress)
                self._report(phase, job=job, message=_status_sentence(job), fraction=job.progress, time_left=left)
        finally:
            watched.leave()
        return job

    async def _is_settled(self, entry: Entry) -> bool:
        """Whether the outcome of an earlier submit is known by now; unless it hangs, it is waited for."""
        if entry.phase == "submitting" and not self._journal.is_overdue(entry):
            message = f"The same job is being sent just now, as number {entry.number}: waiting for it."
            self._report(RunPhase.PREPARING, message=message)
            await self._sleep(CHECK_AGAIN)
            return False
        return entry.phase not in ("unknown", "submitting") or await self.lost_submits.was_bought(entry)


async def _uncancelled(work: Coroutine[Any, Any, T]) -> T:
    """Finish `work` even when cancelled meanwhile: a POST broken off might have been bought all the same."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise


async def reuse(entry: Entry, report: ProgressCallback) -> Clip:
    """Return the clip of an earlier job which asked the same; nothing is sent, and no client is needed.

    Raises:
        StorageError: the clip is gone.
    """
    clip = entry.open_clip()
    message = "Made before with the same inputs and settings, so nothing was sent."
    report(RunPhase.SAVING, job=clip.job, message=message, made_before=True)
    return clip


def _phase_of(job: Job) -> RunPhase:
    return RunPhase.QUEUED if job.status == QUEUED else RunPhase.GENERATING


def _cost_sentence(job: Job) -> str:
    return f" It cost {dollars(job.usage.usd)}." if job.usage and job.usage.usd else ""


def _status_sentence(job: Job) -> str:
    if job.poll_error:
        return job.poll_error
    if not job.status.known:
        return f"The service says “{job.status}”."
    if job.status == QUEUED:
        return job.message or "Waiting in the service's queue."
    return job.message or "The service is making the clip."
