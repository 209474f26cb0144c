"""The one loop that asks after a job until it ends."""

from __future__ import annotations

import asyncio
import random as chance
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Protocol

from ..client.retry import backoff, is_transient
from ..errors import BadAnswer, JobNotFound, ServiceError, ServiceFailure, StillRunning, TooBusy
from ..model.formatting import resume_call
from ..model.job import COMPLETED, Job
from ..model.protocol import LONGEST_WAIT
from .durations import PREVIEW, Durations
from .poll_schedule import PollSchedule

DEADLINE = 3600.0
"""Seconds after which waiting ends where nothing else is said; the job goes on."""
_FRESH = 120.0
"""Seconds after its submit for which a job may not be visible everywhere yet."""
_KNOWN_MISSING, _UNKNOWN_MISSING = 30.0, 3.0
"""Seconds for which a service may know no such job: while the job is fresh or was seen before, and otherwise."""
_POLLS_FOR_ADDRESS = 5
"""Polls of a finished job whose clip has no address yet."""
_JITTER = 0.1
_REVIEW = 1.0
"""Seconds after which a wait is looked at again: a job that ended meanwhile may have shown that it is too long."""
_SOON = 0.001
"""Seconds that are not waited for any more."""


class Fetch(Protocol):
    """Fetches a job a single time, as Client.fetch_once."""

    async def __call__(self, job_id: str, *, before: Job | None = None, wait: float = 0.0) -> Job:
        """Return the job as the service describes it now, or once there is news, which it may wait for so long."""


async def poll(
    fetch: Fetch,
    job: Job,
    *,
    durations: Callable[[], Durations] | None = None,
    schedule: PollSchedule | None = None,
    deadline: float | None = DEADLINE,
    again: str = "",
    tells_news: Callable[[], bool] = lambda: False,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    random: Callable[[], float] = chance.random,
) -> AsyncIterator[Job]:
    """Yield a snapshot of the job after each poll, and end after the final one.

    A poll that fails in passing yields the last snapshot with its poll_error; the job lives on.

    Args:
        fetch: polls once.
        job: the snapshot so far; a final one is yielded as it is.
        durations: returns how long such jobs take, as far as is known by then; a broad guess by default.
        schedule: when to poll; shared by the jobs of a sweep.
        deadline: seconds from now after which waiting ends; None waits for ever.
        again: the code that watches the job again; wan.resume(…) with its id by default.
        tells_news: whether the service keeps its answer back until there is news, so that it is asked on at once.
        clock: seconds since the epoch.
        sleep: waits so many seconds.
        random: from 0 to 1.

    Raises:
        StillRunning: the deadline has passed; carries the job, which goes on.
        JobNotFound: the service knows no such job, also after a while.
        Rejected: the service refuses to tell, as for a wrong key; the job goes on.
    """
    preview = job.engine == "preview"
    guess = Durations(PREVIEW) if preview else Durations()
    schedule = schedule or (PollSchedule.preview() if preview else PollSchedule())
    began, state, asked = clock(), _Snapshots(job), float("-inf")
    watcher = _Watcher(schedule, durations or (lambda: guess), clock, sleep)
    if state.over:
        yield job
    try:
        while not state.over:
            left = began + deadline - clock() if deadline is not None else float("inf")
            if left <= 0:
                # The computer may have slept for long, and the job have ended meanwhile.
                yield await state.poll(fetch, clock, wait=0.0)
                if state.over:
                    return
                again = again or resume_call(job.id)
                raise StillRunning(_still_running(state.job, clock() - began, again), state.job)
            jitter = 1 + _JITTER * (2 * random() - 1)
            if state.failing:
                await sleep(min(max(state.pause(random) * jitter, schedule.floor), left))
            elif tells_news():
                # Until then it was waited for news, unless the service answered in haste.
                if (pause := asked + schedule.floor - clock()) > _SOON:
                    await sleep(min(pause, schedule.floor, left))
            else:
                await watcher.wait(clock() - (state.job.submitted_at or began), jitter, left)
            await schedule.turn(clock, sleep)
            asked = clock()
            yield await state.poll(fetch, clock, wait=min(left, LONGEST_WAIT) if tells_news() else 0.0)
            state.tell(schedule, clock())
    finally:
        schedule.leave(watcher)


class _Watcher:
    """Waits for the next poll of one job.

    Args:
        schedule: says when; counts the watcher until its leave().
        durations: as for poll(); so for clock and sleep.
    """

    def __init__(
        self,
        schedule: PollSchedule,
        durations: Callable[[], Durations],
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._schedule, self._durations = schedule, durations
        self._clock, self._sleep = clock, sleep

    async def wait(self, elapsed: float, jitter: float, left: float) -> None:
        """Wait until the next poll is due, as far as is known by then.

        Args:
            elapsed: seconds for which the job has run by now.
            jitter: factor of the interval.
            left: seconds to wait at most.
        """
        began, known, interval = self._clock(), None, 0.0
        while True:
            if (latest := self._durations()) is not known:
                known, interval = latest, self._schedule.interval(latest, elapsed)
            stretched = max(self._schedule.stretch(self, interval) * jitter, self._schedule.floor)
            # A clock that was set back has not gone on, as far as anybody can tell.
            wait = min(stretched, left) - max(self._clock() - began, 0.0)
            if wait < _SOON:
                return
            await self._sleep(min(wait, _REVIEW))


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

    @property
    def failing(self) -> bool:
        """Whether the latest poll failed, or told too little."""
        return self._failures > 0

    def tell(self, schedule: PollSchedule, now: float) -> None:
        """Let the schedule know how the service took the latest poll; `now` as for PollSchedule.refused()."""
        if isinstance(self._failure, TooBusy):
            schedule.refused(now)
        elif not self.failing:
            schedule.answered()

    def pause(self, random: Callable[[], float]) -> float:
        """Return the seconds until the next poll after a failure, more each time."""
        return backoff(self._failure, self._failures, random)

    async def poll(self, fetch: Fetch, clock: Callable[[], float], wait: float) -> Job:
        """Poll once, and return the job as it is known then; `wait` as for Fetch."""
        try:
            self._take(await fetch(self.job.id, before=self.job, wait=wait))
        except ServiceError as error:
            self._raise_if_final(error, clock())
            self._failures, self._failure = self._failures + 1, error
            self.job = replace(self.job, poll_error=_poll_error(error))
        return self.job

    def _take(self, job: Job) -> None:
        self.job, self._seen = job, True
        self._failures, self._failure, self._missing_since = 0, None, None
        if job.status == COMPLETED and not job.video:
            self._polls_for_address += 1
            self._failures = self._polls_for_address
            self.job = replace(job, poll_error="Finished, but not told yet where the clip lies; looking again.")

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
