"""The jobs of a sweep, run side by side: each submitted once, later where the service is busy, or found to be done."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from ..client.service import Service
from ..errors import NotAllowed, NotAuthorized, SubmitUnknown, TooBusy, Unreachable, WanError
from ..jobs.clip import Clip
from ..jobs.durations import DurationEstimator
from ..jobs.journal.entry import Entry
from ..jobs.journal.journal import Journal
from ..jobs.order import Order
from ..jobs.polling import PollSchedule
from ..jobs.progress import Progress, RunPhase
from ..jobs.run import Run, Work
from ..jobs.runner import JobRunner, ProgressCallback, reuse
from ..model.job import Job
from ..runtime import event_loop
from .limiter import JobLimiter, Slot
from .metrics.process import measurer

if TYPE_CHECKING:
    from ..client import Client

_CHECK_AGAIN = 1.0
"""Seconds between two checks of the journal for a job that another process is submitting."""
_UNSAVED = 2
"""While so many times as many jobs as may run at once are not saved yet, no more are submitted."""
_HOPELESS = (NotAuthorized, NotAllowed, Unreachable)
"""Errors which every other job would meet as well."""


@dataclass(frozen=True)
class SweepJob:
    """One job of a sweep."""

    order: Order
    fingerprint: str
    numbers: tuple[int, ...]
    """The cells that share it: two files may hold the same picture."""


class NotSent(WanError):
    """The sweep was stopped before this job was sent."""


class ChangeCallback(Protocol):
    """Takes the changes of a job's tiles."""

    def __call__(self, job: SweepJob, **changes: Any) -> None:
        """Take fields of Tile that changed."""


@dataclass(frozen=True)
class _Call:
    """The arguments of one call of SweepRunner.run()."""

    client: Client
    on_change: ChangeCallback
    search_log: bool
    again: bool


class SweepRunner:
    """Runs the jobs of one sweep; belongs to the private event loop.

    Args:
        service: runs them.
        journal: records them.
        concurrency: jobs at once.
        stop_on_error: whether nothing more is submitted once a job has failed.
    """

    def __init__(self, service: Service, journal: Journal, concurrency: int, *, stop_on_error: bool = False) -> None:
        self._service, self._journal = service, journal
        self._concurrency = concurrency
        self._fatal: tuple[type[WanError], ...] = (WanError,) if stop_on_error else _HOPELESS
        self._limiter = JobLimiter(concurrency, local=service.local)
        self._durations, self._schedule = DurationEstimator(service, journal), PollSchedule.of_service(service)
        self._active: set[str] = set()
        self._measuring: set[asyncio.Task[None]] = set()
        self._error: WanError | None = None

    def stop(self) -> None:
        """Submit nothing more; jobs that were submitted are watched on. May be called from any thread."""
        event_loop.loop().call_soon_threadsafe(self._limiter.close)

    async def run(
        self, jobs: Sequence[SweepJob], on_change: ChangeCallback, *, search_log: bool = False, again: bool = False
    ) -> None:
        """Run these jobs: finished ones are offered first, then come those under way, then all others.

        Args:
            jobs: those that are under way from an earlier call are left to it.
            on_change: called with every change of a tile.
            search_log: whether to look for a submit of unknown outcome in the service's log.
            again: whether to submit a job which an earlier one makes needless.

        Raises:
            WanError: an error that every other job would meet; the jobs submitted before are finished all the same.
        """
        self._limiter.open()
        self._error = None
        from ..client import Client

        jobs = [job for job in jobs if job.fingerprint not in self._active]
        self._active |= {job.fingerprint for job in jobs}
        try:
            async with Client(self._service) as client:
                await self._run_all(jobs, _Call(client, on_change, search_log, again))
            while self._measuring:
                await asyncio.wait(self._measuring)
        finally:
            self._active -= {job.fingerprint for job in jobs}
        if self._error is not None:
            raise self._error

    async def _run_all(self, jobs: Sequence[SweepJob], call: _Call) -> None:
        earlier = {} if call.again else self._journal.reusable([job.fingerprint for job in jobs])
        finished = {fingerprint: entry for fingerprint, entry in earlier.items() if entry.done}
        for job in jobs:
            if job.fingerprint in finished:
                await self._run_one(job, call, partial(reuse, finished[job.fingerprint]))
        left = [job for job in jobs if job.fingerprint not in finished]
        left.sort(key=lambda job: job.fingerprint not in earlier)
        tasks: set[asyncio.Task[None]] = set()
        for number, job in enumerate(left):
            slot = await self._limiter.acquire()
            if slot is None:
                # From now on another call may run the jobs that this one leaves.
                self._active -= {unsent.fingerprint for unsent in left[number:]}
                break
            tasks.add(asyncio.create_task(self._run_in_slot(slot, job, call)))
            while len(tasks) > _UNSAVED * self._concurrency:
                _, tasks = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if tasks:
            await asyncio.wait(tasks)

    async def _run_in_slot(self, slot: Slot, job: SweepJob, call: _Call) -> None:
        try:
            await self._run_one(job, call, partial(self._run_job, job, slot, call))
        finally:
            slot.release()

    async def _run_one(self, job: SweepJob, call: _Call, work: Work) -> None:
        run = Run.start(work, paid=self._service.paid)

        def on_progress(progress: Progress) -> None:
            # The tile of a job that was not sent stands where it stood before.
            call.on_change(job, progress=Progress() if isinstance(progress.error, NotSent) else progress)

        run.observe(on_progress)
        try:
            clip = await run
        except NotSent:
            return
        except WanError as error:
            if isinstance(error, self._fatal):
                self._error = self._error or error
                self._limiter.close()
            return
        task = asyncio.create_task(measure_clip(job, clip, call.on_change))
        self._measuring.add(task)
        task.add_done_callback(self._measuring.discard)

    async def _run_job(self, job: SweepJob, slot: Slot, call: _Call, report: ProgressCallback) -> Clip:
        """Return the clip of a job that holds a slot, and release the slot as soon as the job has ended.

        Raises:
            NotSent: the sweep was stopped before.
            SubmitUnknown: the job was perhaps bought before.
            WanError: as for JobRunner.
        """
        report = releasing(slot, report)
        runner = JobRunner(call.client, self._journal, report, durations=self._durations, schedule=self._schedule)
        while True:
            if not await slot.take() or not await self._limiter.may_submit():
                raise NotSent("Stopped before this was sent.")
            entry, new = runner.record(job.order, again=call.again)
            if entry.done:
                return await reuse(entry, report)
            if new:
                try:
                    entry, submitted = await runner.submit(job.order.request, entry)
                except TooBusy as busy:
                    self._journal.withdraw(entry)
                    seconds = slot.refused(busy)
                    message = f"The service takes no more jobs just now; sent again in {seconds:.0f} s."
                    report(RunPhase.PREPARING, message=message)
                    continue
                self._limiter.accepted()
            elif (known := await self._earlier_job(runner, entry, call.search_log)) is not None:
                submitted = known
            else:
                report(RunPhase.PREPARING, message="Another notebook is sending the same job.")
                await asyncio.sleep(_CHECK_AGAIN)
                continue
            return await runner.follow(entry, job.order.request, submitted)

    async def _earlier_job(self, runner: JobRunner, entry: Entry, search_log: bool) -> Job | None:
        """Return the job of an earlier submit; None while another process is sending it."""
        if entry.phase != "unknown":
            return entry.job()
        if search_log:
            return await runner.reconcile(entry)
        raise SubmitUnknown(
            f"This was sent before, and it is not known whether it was bought ({entry.error}) "
            "So it is not sent again by itself; a retry looks for it in the service's log.",
            client_request_id=entry.client_request_id,
        )


def releasing(slot: Slot, report: ProgressCallback) -> ProgressCallback:
    """Return a callback that releases the slot once the job has ended: saving its clip makes no other job wait."""

    def reported(phase: RunPhase, *, note: str = "", **changes: Any) -> None:
        if phase is RunPhase.SAVING:
            slot.release()
        report(phase, note=note, **changes)

    return reported


async def measure_clip(job: SweepJob, clip: Clip, on_change: ChangeCallback) -> None:
    """Measure the clip of a job in the background process, and report its metrics or the error."""
    try:
        measured = await measurer.measure(clip.path, clip.reference, clip.character, clip.job)
        on_change(job, metrics=measured, measure_error="")
    except WanError as error:
        on_change(job, measure_error=f"The clip could not be measured: {error}")
