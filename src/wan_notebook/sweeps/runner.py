"""The jobs of a sweep, run side by side: each submitted once, later where the service is busy, or found to be done."""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from ..client.service import Service
from ..errors import JobFailed, NotAllowed, NotAuthorized, OverBudget, SubmitUnknown, TooBusy, Unreachable, WanError
from ..jobs.clip import Clip
from ..jobs.duration_estimator import DurationEstimator
from ..jobs.journal.entry import Entry
from ..jobs.journal.journal import Journal
from ..jobs.order import Order
from ..jobs.poll_schedule import PollSchedule
from ..jobs.progress import Progress, ProgressCallback, RunPhase
from ..jobs.run import Run, Work
from ..jobs.runner import CHECK_AGAIN, JobRunner, reuse
from ..model.cost import Budget, sufficient_budget
from ..model.job import Job
from ..runtime import event_loop
from .limiter import JobLimiter, Slot
from .measure_queue import MeasureQueue
from .tile import STOPPED_BEFORE

if TYPE_CHECKING:
    from ..client import Client

_UNSAVED = 2
"""While so many times as many jobs as may run at once are not saved yet, no more are submitted."""
_HOPELESS = (NotAuthorized, NotAllowed, Unreachable)
"""Errors which every other job would meet as well."""


@dataclass(frozen=True, slots=True)
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
    """The arguments of one call of SweepRunner.begin()."""

    client: Client
    on_change: ChangeCallback
    search_log: bool
    again: bool
    budget: Budget


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One job of a call."""

    job: SweepJob
    slot: Slot
    before: Progress
    """Of the job's tiles before the call; they have it again when nothing was sent."""


class SweepRunner:
    """Runs the jobs of one sweep on the private event loop.

    Args:
        service: runs them.
        journal: records them.
        concurrency: jobs at once.
        budget: of all that is submitted here.
        stop_on_error: whether nothing more is submitted once a job has failed.
        handle: the name by which messages call what retries a job.
        measures: whether clips are measured when they are there.
    """

    def __init__(
        self,
        service: Service,
        journal: Journal,
        concurrency: int,
        budget: Budget,
        *,
        stop_on_error: bool = False,
        handle: str = "grid",
        measures: bool = True,
    ) -> None:
        self._service, self._journal, self._budget = service, journal, budget
        self._concurrency, self._handle = concurrency, handle
        self._measured = MeasureQueue(concurrency, service.cluster) if measures else None
        self._fatal: tuple[type[WanError], ...] = (WanError,) if stop_on_error else _HOPELESS
        self._limiter = JobLimiter(concurrency, local=service.works_here)
        self._durations, self._schedule = DurationEstimator(service, journal), PollSchedule.of_service(service)
        self._lock = threading.Lock()
        self._active: dict[str, _Attempt] = {}
        self._runs: set[Run] = set()
        """Those under way."""
        self._error: WanError | None = None

    def stop(self) -> None:
        """Submit none of the jobs that were begun; those that were submitted are watched on. From any thread.

        Free previews are ended instead.
        """
        # Counted here and now: whatever is begun after this call is not meant.
        self._limiter.close()
        event_loop.loop().call_soon_threadsafe(self._limiter.wake)
        for run in list(self._runs) if self.cancels else ():
            run.cancel()

    @property
    def cancels(self) -> bool:
        """Whether stop() also ends the jobs that were submitted."""
        return self._service.cancels

    def is_active(self, job: SweepJob) -> bool:
        """Whether a job is under way here, or waits for its turn."""
        attempt = self._active.get(job.fingerprint)
        return attempt is not None and not attempt.slot.dismissed

    def begin(
        self,
        jobs: Iterable[tuple[SweepJob, Progress]],
        on_change: ChangeCallback,
        *,
        search_log: bool = False,
        again: bool = False,
        budget: Budget | None = None,
    ) -> concurrent.futures.Future[None]:
        """Run these jobs: finished ones are offered first, then come those under way, then all others.

        Args:
            jobs: each with the progress of its tiles; those that are active from an earlier call are left to it.
            on_change: called with every change of a tile.
            search_log: whether to look for a submit of unknown outcome in the service's log.
            again: whether to submit a job which an earlier one makes needless.
            budget: of these jobs, in place of the sweep's.

        Returns:
            A future that ends with the jobs, and raises an error that every other job would meet; the jobs submitted
            before are finished all the same.
        """
        self._error = None
        with self._lock:
            begun = {
                job.fingerprint: _Attempt(job, self._limiter.slot(), before)
                for job, before in jobs
                if not self.is_active(job)
            }
            self._active |= begun
        for attempt in begun.values():
            if attempt.before.phase is not RunPhase.READY:
                on_change(attempt.job, progress=Progress(message="Waiting for its turn."))
        return event_loop.start(self._run(begun, on_change, search_log, again, budget or self._budget))

    async def _run(self, begun: dict[str, _Attempt], *arguments: Any) -> None:
        from ..client import Client

        try:
            async with Client(self._service) as client:
                await self._run_all(begun, _Call(client, *arguments))
            if self._measured is not None:
                await self._measured.join()
        except Exception as error:  # whatever it is: a tile that nobody runs any more says so
            if self._error is None:
                defect = WanError(f"A defect of wan_notebook ended this: {error!r}.")
                self._error = error if isinstance(error, WanError) else defect
            for attempt in [one for one in begun.values() if self._active.get(one.job.fingerprint) is one]:
                self._leave(attempt)
                self._not_sent(attempt, arguments[0])
            raise
        finally:
            for attempt in begun.values():
                self._leave(attempt)
        if self._error is not None:
            raise self._error

    def _leave(self, attempt: _Attempt) -> None:
        """Let other calls run this job from now on."""
        with self._lock:
            if self._active.get(attempt.job.fingerprint) is attempt:
                del self._active[attempt.job.fingerprint]

    async def _run_all(self, begun: dict[str, _Attempt], call: _Call) -> None:
        """Run the jobs of a call, and take from `begun` those that are over: there may be thousands."""
        fingerprints = [] if call.again else list(begun)
        earlier = await self._journal.without_blocking(Journal.reusable, fingerprints)
        finished = {fingerprint: entry for fingerprint, entry in earlier.items() if entry.done}
        for fingerprint, entry in finished.items():
            await self._run_one(begun[fingerprint], call, partial(reuse, entry))
            del begun[fingerprint]
        tasks: set[asyncio.Task[None]] = set()
        for fingerprint in sorted(begun, key=lambda fingerprint: fingerprint not in earlier):
            attempt = begun[fingerprint]
            if not await attempt.slot.take():
                self._not_sent(attempt, call.on_change)
                continue
            task = asyncio.create_task(self._run_one(attempt, call, partial(self._run_job, attempt, call)))
            task.add_done_callback(partial(_forget, begun, fingerprint))
            tasks.add(task)
            while len(tasks) > _UNSAVED * self._concurrency:
                _, tasks = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if tasks:
            await asyncio.wait(tasks)

    async def _run_one(self, attempt: _Attempt, call: _Call, work: Work) -> None:
        over = asyncio.Event()

        async def leaving(report: ProgressCallback) -> Clip:
            self._runs.add(run)
            # All this before the end is reported: whoever hears of a failure may try the job again at once.
            try:
                return await work(report)
            except self._fatal as error:
                if not isinstance(error, NotSent):
                    self._error = self._error or error
                    self._limiter.close()
                    self._limiter.wake()
                raise
            finally:
                self._runs.discard(run)
                attempt.slot.release()
                self._leave(attempt)
                over.set()

        def on_progress(progress: Progress) -> None:
            if not isinstance(progress.error, NotSent):
                call.on_change(attempt.job, progress=progress)

        run = Run.start(leaving, self._service, keeps_log=False)  # of a tile nobody sees one
        run.observe(on_progress)
        clip = await clip_of(run, over)
        if clip is None:
            if isinstance(run.progress.error, NotSent):
                self._not_sent(attempt, call.on_change)
        elif self._measured is not None:
            self._measured.add(clip, partial(call.on_change, attempt.job))

    def _not_sent(self, attempt: _Attempt, on_change: ChangeCallback) -> None:
        """Show the tiles of a job that was not sent as they stood before, unless another call runs it by now.

        Tiles that hold nothing of their own say why: of a job that was perhaps bought, that matters more.
        """
        if self.is_active(attempt.job):
            return
        progress = attempt.before
        if progress.phase in (RunPhase.READY, RunPhase.FAILED):
            error = self._error or NotSent(STOPPED_BEFORE)
            progress = replace(progress, message=str(error), error=error, finished_at=time.time())
        on_change(attempt.job, progress=progress)

    async def _run_job(self, attempt: _Attempt, call: _Call, report: ProgressCallback) -> Clip:
        """Return the clip of a job that holds a slot, and release the slot as soon as the job has ended.

        Raises:
            NotSent: the sweep was stopped before.
            OverBudget: it would cost more than is left of the budget; it was not sent.
            SubmitUnknown: the job was perhaps bought before.
            WanError: as for JobRunner.
        """
        job, slot = attempt.job, attempt.slot
        report = releasing(slot, report)
        runner = JobRunner(call.client, self._journal, report, durations=self._durations, schedule=self._schedule)
        while True:
            if not await slot.admit():
                raise NotSent(STOPPED_BEFORE)
            entry, new = await runner.record(job.order, again=call.again)
            if entry.done:
                return await reuse(entry, report)
            if new:
                try:
                    entry, submitted = await submit_within(call.budget, runner, job, entry, self._handle)
                except OverBudget:
                    await runner.withdraw(entry)
                    raise
                except TooBusy as busy:
                    await runner.withdraw(entry)
                    seconds = slot.refused(busy)
                    message = f"The service takes no more jobs just now; sent again in {seconds:.0f} s."
                    report(RunPhase.PREPARING, message=message)
                    continue
                self._limiter.accepted()
            elif (known := await self._earlier_job(runner, entry, call.search_log)) is not None:
                submitted = known
            else:
                slot.send_back()
                report(RunPhase.PREPARING, message="Another notebook is sending the same job.")
                await asyncio.sleep(CHECK_AGAIN)
                continue
            try:
                return await runner.follow(entry, job.order.request, submitted, job.order.recipe)
            except JobFailed:
                call.budget.refund(entry.number)  # a failed job is not charged
                raise

    async def _earlier_job(self, runner: JobRunner, entry: Entry, search_log: bool) -> Job | None:
        """Return the job of an earlier submit; None while another process is sending it."""
        if entry.phase != "unknown" and not self._journal.is_overdue(entry):
            return entry.job()
        if search_log:
            return await runner.lost_submits.find(entry)
        why = entry.error or "the submit has not ended."
        raise SubmitUnknown(
            f"This was sent before, and it is not known whether it was bought ({why}) "
            "So it is not sent again by itself; a retry looks for it in the service's log.",
            client_request_id=entry.client_request_id,
        )


async def clip_of(run: Run, over: asyncio.Event) -> Clip | None:
    """Return the clip of a run; None where there is none, and its progress says why.

    Args:
        run: begun on this loop.
        over: set when its work has ended, which for a cancelled run is later than the run itself.
    """
    try:
        return await run
    except WanError:
        return None
    except asyncio.CancelledError:
        if not run.done:
            raise
        await over.wait()
        return None


async def submit_within(
    budget: Budget, runner: JobRunner, job: SweepJob, entry: Entry, handle: str
) -> tuple[Entry, Job]:
    """Submit a recorded job, if the budget is enough for it.

    A job that was under way elsewhere when its sweep was planned, and was not bought there, comes here as well.

    Raises:
        OverBudget: not enough is left; nothing was sent.
        WanError: as for JobRunner.submit().
    """
    price = job.order.estimate
    try:
        budget.spend(entry.number, price)
    except OverBudget as error:
        call = f"{handle}.retry({job.numbers[0]}, budget={sufficient_budget(price.usd)})"
        raise OverBudget(f"{error} To allow it: {call}.") from None
    try:
        return await runner.submit(job.order.request, entry)
    except SubmitUnknown:
        raise  # it may have been bought
    except WanError:
        budget.refund(entry.number)
        raise


def releasing(slot: Slot, report: ProgressCallback) -> ProgressCallback:
    """Return a callback that releases the slot once the job has ended: saving its clip makes no other job wait."""

    def reported(phase: RunPhase, *, note: str = "", **changes: Any) -> None:
        if phase is RunPhase.SAVING:
            slot.release()
        report(phase, note=note, **changes)

    return reported


def _forget(begun: dict[str, _Attempt], fingerprint: str, _over: asyncio.Task[None]) -> None:
    del begun[fingerprint]
