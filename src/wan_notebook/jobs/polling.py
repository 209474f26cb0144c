"""The one loop that asks after a job until it ends, and the schedule that says when."""

from __future__ import annotations

import asyncio
import math
import random as chance
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from ..client.retry import backoff, is_transient
from ..errors import BadAnswer, JobNotFound, ServiceError, ServiceFailure, StillRunning, TooBusy
from ..model.formatting import resume_call
from ..model.job import COMPLETED, Job
from .durations import Durations

if TYPE_CHECKING:
    from ..client.service import Service

_STEP = 0.125
"""Seconds in which the hazard is summed up."""


@dataclass
class PollSchedule:
    """When to poll next. Many jobs may share one schedule, and then share its budget of requests.

    The intervals of one job minimise its mean lateness for a price per request: where h is the hazard (the chance
    per second that the job ends now), polling √(h / 2c) times a second is best, so the next poll comes where the sum
    of that rate reaches one.
    """

    price: float = 0.03
    """c: seconds of lateness that one request is worth."""
    floor: float = 0.5
    """Seconds between two polls of one job, at least."""
    ceiling: float = 10.0
    """Seconds between two polls of one job, at most, while the budget allows."""
    budget: float = 4.0
    """Requests per second of all jobs together."""
    _rates: dict[Hashable, float] = field(default_factory=dict, repr=False)
    _free_at: float = field(default=0.0, repr=False, compare=False)

    def interval(self, durations: Durations, elapsed: float) -> float:
        """Return the seconds until the next poll of a job which has run for `elapsed` seconds."""
        expected, waited = 0.0, 0.0
        while expected < 1 and waited < self.ceiling:
            hazard = durations.hazard(elapsed + waited + _STEP / 2)
            expected += _STEP * math.sqrt(hazard / (2 * self.price))
            waited += _STEP
        return min(max(waited, self.floor), self.ceiling)

    def stretch(self, watcher: Hashable, interval: float) -> float:
        """Return the interval stretched so that all watchers together keep to the budget.

        All are stretched alike, which is the same as a higher price per request: those most likely to end soon are
        still polled most often.

        Args:
            watcher: one job's loop; counted until leave().
            interval: seconds that it would wait alone.
        """
        self._rates[watcher] = 1 / interval
        return interval * max(1.0, sum(self._rates.values()) / self.budget)

    def queue_delay(self, now: float) -> float:
        """Return the seconds until one request may be sent, when as many watchers come at once as the budget allows.

        Args:
            now: in seconds, by the clock of all watchers.
        """
        # Nobody waits for more than one turn of each other, whatever the clock did since.
        wait = min(max(self._free_at - now, 0.0), len(self._rates) / self.budget)
        self._free_at = now + wait + 1 / self.budget
        return wait

    def leave(self, watcher: Hashable) -> None:
        """Stop counting a watcher, whose job has ended or is no longer polled."""
        self._rates.pop(watcher, None)

    @classmethod
    def of_service(cls, service: Service) -> PollSchedule:
        """Return the schedule for the jobs of a service."""
        return cls.preview() if service.works_here else cls()

    @classmethod
    def preview(cls) -> PollSchedule:
        """Return the schedule for a service on this machine, whose requests cost next to nothing."""
        return cls(price=0.002, floor=0.2, ceiling=1.0, budget=50.0)


DEADLINE = 3600.0
"""Seconds after which waiting ends where nothing else is said; the job goes on."""
_FRESH = 120.0
"""Seconds after its submit for which a job may not be visible everywhere yet."""
_KNOWN_MISSING, _UNKNOWN_MISSING = 30.0, 3.0
"""Seconds for which a service may know no such job: while the job is fresh or was seen before, and otherwise."""
_POLLS_FOR_ADDRESS = 5
"""Polls of a finished job whose clip has no address yet."""
_JITTER = 0.1


class Fetch(Protocol):
    """Fetches a job a single time, as Client.fetch_once."""

    async def __call__(self, job_id: str, *, before: Job | None = None) -> Job:
        """Return the job as the service describes it now."""


async def poll(
    fetch: Fetch,
    job: Job,
    *,
    durations: Durations | None = None,
    schedule: PollSchedule | None = None,
    deadline: float | None = DEADLINE,
    again: str = "",
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    random: Callable[[], float] = chance.random,
) -> AsyncIterator[Job]:
    """Yield a snapshot of the job after each poll, and end after the final one.

    A poll that fails in passing yields the last snapshot with its poll_error; the job lives on.

    Args:
        fetch: polls once.
        job: the snapshot so far; a final one is yielded as it is.
        durations: of such jobs; a broad guess by default.
        schedule: when to poll; shared by the jobs of a sweep.
        deadline: seconds from now after which waiting ends; None waits for ever.
        again: the code that watches the job again; wan.resume(…) with its id by default.
        clock: seconds since the epoch.
        sleep: waits so many seconds.
        random: from 0 to 1.

    Raises:
        StillRunning: the deadline has passed; carries the job, which goes on.
        JobNotFound: the service knows no such job, also after a while.
        Rejected: the service refuses to tell, as for a wrong key; the job goes on.
    """
    preview = job.engine == "preview"
    durations = durations or (Durations.preview() if preview else Durations())
    schedule = schedule or (PollSchedule.preview() if preview else PollSchedule())
    began, watcher, state = clock(), object(), _Snapshots(job)
    if state.over:
        yield job
    try:
        while not state.over:
            left = began + deadline - clock() if deadline is not None else float("inf")
            if left <= 0:
                # The computer may have slept for long, and the job have ended meanwhile.
                yield await state.poll(fetch, clock)
                if state.over:
                    return
                again = again or resume_call(job.id)
                raise StillRunning(_still_running(state.job, clock() - began, again), state.job)
            elapsed = clock() - (state.job.submitted_at or began)
            interval = schedule.stretch(watcher, schedule.interval(durations, elapsed))
            interval = max(state.interval(interval, random) * (1 + _JITTER * (2 * random() - 1)), schedule.floor)
            await sleep(min(interval, left))
            if queue := schedule.queue_delay(clock()):
                await sleep(queue)
            yield await state.poll(fetch, clock)
    finally:
        schedule.leave(watcher)


class _Snapshots:
    """The job as the polls so far have shown it; mutable, and private to one loop."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._failures = 0
        self._failure: ServiceError | None = None
        self._seen = False
        self._missing_since: float | None = None
        self._polls_for_address = 0

    @property
    def over(self) -> bool:
        """Whether another poll can bring nothing new."""
        if self.job.status == COMPLETED and not self.job.video:
            return self._polls_for_address >= _POLLS_FOR_ADDRESS
        return self.job.status.final

    def interval(self, usual: float, random: Callable[[], float]) -> float:
        """Return the seconds until the next poll, which after a failure are more each time."""
        return backoff(self._failure, self._failures, random) if self._failures else usual

    async def poll(self, fetch: Fetch, clock: Callable[[], float]) -> Job:
        """Poll once, and return the job as it is known then."""
        try:
            self._take(await fetch(self.job.id, before=self.job))
        except ServiceError as error:
            self._raise_if_final(error, clock())
            self._failures, self._failure = self._failures + 1, error
            self.job = self.job.model_copy(update={"poll_error": _poll_error(error)})
        return self.job

    def _take(self, job: Job) -> None:
        self.job, self._seen = job, True
        self._failures, self._failure, self._missing_since = 0, None, None
        if job.status == COMPLETED and not job.video:
            self._polls_for_address += 1
            self._failures = self._polls_for_address
            self.job = job.model_copy(
                update={"poll_error": "Finished, but not told yet where the clip lies; looking again."}
            )

    def _raise_if_final(self, error: ServiceError, now: float) -> None:
        """Raise an error that will not pass by itself."""
        if isinstance(error, JobNotFound):
            self._missing_since = now if self._missing_since is None else self._missing_since
            # A job that was just taken may not be visible everywhere at once; an id from elsewhere may be mistyped.
            known = self._seen or now - (self.job.submitted_at or 0.0) < _FRESH
            if now - self._missing_since < (_KNOWN_MISSING if known else _UNKNOWN_MISSING):
                return
        elif is_transient(error):
            return
        raise error


_POLL_ERRORS: tuple[tuple[type[ServiceError], str], ...] = (
    (JobNotFound, "The service does not show the job yet; looking again."),
    (TooBusy, "The service is busy; asking again more slowly."),
    (ServiceFailure, "The service has trouble; asking again."),
    (BadAnswer, "The service's answer cannot be read; asking again."),
    (ServiceError, "Connection lost, retrying."),
)


def _poll_error(error: ServiceError) -> str:
    return next(words for kind, words in _POLL_ERRORS if isinstance(error, kind))


def _still_running(job: Job, waited: float, again: str) -> str:
    trouble = f" {job.poll_error}" if job.poll_error else ""
    return (
        f"Job {job.id} is still running after {waited / 60:.0f} min (“{job.status}”).{trouble} "
        f"It goes on and may be charged; {again} watches it again."
    )
