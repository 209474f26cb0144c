"""How eagerly one asks after jobs: the price of a request in seconds of lateness, and a budget that jobs share."""

from __future__ import annotations

import asyncio
import math
import random as chance
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from ..client.retry import passing, pause
from ..errors import BadAnswer, JobNotFound, ServiceError, ServiceFailure, StillRunning, TooBusy
from ..model.job import COMPLETED, Job
from .durations import Durations

if TYPE_CHECKING:
    from ..client import Service

_STEP = 0.125
"""Seconds in which the hazard is summed up."""


@dataclass
class Pace:
    """When to ask next. One pace may be shared by many jobs, which then share its budget of requests.

    The intervals of one job minimise its mean lateness for a price per request: where h is the hazard (the chance
    per second that the job ends now), asking √(h / 2c) times a second is best, so the next look comes where the sum
    of that rate reaches one.
    """

    price: float = 0.03
    """c: how many seconds of lateness one request is worth."""
    floor: float = 0.5
    """Seconds between two looks at one job, at least."""
    ceiling: float = 10.0
    """Seconds between two looks at one job, at most, while the budget allows."""
    budget: float = 4.0
    """Requests per second of all jobs together."""
    _rates: dict[Hashable, float] = field(default_factory=dict, repr=False)
    _free_at: float = field(default=0.0, repr=False, compare=False)

    def interval(self, durations: Durations, elapsed: float) -> float:
        """Return the seconds until the next look at one job which has run for `elapsed` seconds."""
        expected, waited = 0.0, 0.0
        while expected < 1 and waited < self.ceiling:
            hazard = durations.hazard(elapsed + waited + _STEP / 2)
            expected += _STEP * math.sqrt(hazard / (2 * self.price))
            waited += _STEP
        return min(max(waited, self.floor), self.ceiling)

    def share(self, watcher: Hashable, interval: float) -> float:
        """Return the interval stretched so that all watchers together keep to the budget.

        All are stretched alike, which is the same as a higher price per request: those most likely to end soon are
        still looked at most often.

        Args:
            watcher: who asks; counted until leave().
            interval: what it would like.
        """
        self._rates[watcher] = 1 / interval
        return interval * max(1.0, sum(self._rates.values()) / self.budget)

    def turn(self, now: float) -> float:
        """Return the seconds until one request may be sent, when as many watchers come at once as the budget allows.

        Args:
            now: in seconds, by the clock of all watchers.
        """
        # Nobody waits for more than one turn of each other, whatever the clock did since.
        wait = min(max(self._free_at - now, 0.0), len(self._rates) / self.budget)
        self._free_at = now + wait + 1 / self.budget
        return wait

    def leave(self, watcher: Hashable) -> None:
        """Stop counting a watcher."""
        self._rates.pop(watcher, None)

    @classmethod
    def of_service(cls, service: Service) -> Pace:
        """Return the pace for the jobs of a service."""
        return cls.preview() if service.local else cls()

    @classmethod
    def preview(cls) -> Pace:
        """Return the pace for jobs of this process, whose requests cost next to nothing and show progress."""
        return cls(price=0.002, floor=0.2, ceiling=1.0, budget=50.0)


DEADLINE = 3600.0
"""Seconds after which waiting ends where nothing else is said; the job goes on."""
_FRESH = 120.0
"""Seconds after its submit for which a job may not be visible everywhere yet."""
_SETTLING, _MISSING = 30.0, 3.0
"""Seconds for which a service may know no such job: while the job is fresh or was seen before, and otherwise."""
_LOOKS_FOR_ADDRESS = 5
_JITTER = 0.1


class Fetch(Protocol):
    """One unrepeated look at a job, as Client.fetch_once."""

    async def __call__(self, job_id: str, *, before: Job | None = None) -> Job:
        """Return what the service says now."""


async def watch(
    fetch: Fetch,
    job: Job,
    *,
    durations: Durations | None = None,
    pace: Pace | None = None,
    deadline: float | None = DEADLINE,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    random: Callable[[], float] = chance.random,
) -> AsyncIterator[Job]:
    """Yield a snapshot of the job after each look at it, and end after the final one.

    A look that fails in passing yields the last snapshot with its trouble told; the job lives on.

    Args:
        fetch: looks once.
        job: what is known so far; a final one is yielded as it is.
        durations: how long such jobs take; what is generally known by default.
        pace: how eagerly to ask; shared by the jobs of a sweep.
        deadline: seconds from now after which waiting ends; None waits for ever.
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
    pace = pace or (Pace.preview() if preview else Pace())
    began, watcher, state = clock(), object(), _Looks(job)
    if state.over:
        yield job
    try:
        while not state.over:
            left = began + deadline - clock() if deadline is not None else float("inf")
            if left <= 0:
                raise StillRunning(_still_running(state.job, clock() - began), state.job)
            interval = pace.share(watcher, pace.interval(durations, clock() - (state.job.submitted_at or began)))
            interval = max(state.interval(interval, random) * (1 + _JITTER * (2 * random() - 1)), pace.floor)
            await sleep(min(interval, left))
            if queue := pace.turn(clock()):
                await sleep(queue)
            yield await state.look(fetch, clock)
    finally:
        pace.leave(watcher)


class _Looks:
    """What the looks at one job have shown so far; mutable, and private to one watch."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._failures = 0
        self._failure: ServiceError | None = None
        self._seen = False
        self._missing_since: float | None = None
        self._looks_for_address = 0

    @property
    def over(self) -> bool:
        """Whether another look can tell nothing new."""
        if self.job.status == COMPLETED and not self.job.video:
            return self._looks_for_address >= _LOOKS_FOR_ADDRESS
        return self.job.status.final

    def interval(self, usual: float, random: Callable[[], float]) -> float:
        """Return the seconds until the next look, which after a failure are more each time."""
        return pause(self._failure, self._failures, random) if self._failures else usual

    async def look(self, fetch: Fetch, clock: Callable[[], float]) -> Job:
        """Look once, and return the job as it is known then."""
        try:
            self._take(await fetch(self.job.id, before=self.job))
        except ServiceError as error:
            self._endure(error, clock())
            self._failures, self._failure = self._failures + 1, error
            self.job = self.job.model_copy(update={"trouble": _trouble(error)})
        return self.job

    def _take(self, job: Job) -> None:
        self.job, self._seen = job, True
        self._failures, self._failure, self._missing_since = 0, None, None
        if job.status == COMPLETED and not job.video:
            self._looks_for_address += 1
            self._failures = self._looks_for_address
            self.job = job.model_copy(
                update={"trouble": "Finished, but not told yet where the clip lies; looking again."}
            )

    def _endure(self, error: ServiceError, now: float) -> None:
        """Raise what will not pass."""
        if isinstance(error, JobNotFound):
            self._missing_since = now if self._missing_since is None else self._missing_since
            # A job that was just taken may not be visible everywhere at once; an id from elsewhere may be mistyped.
            settling = self._seen or now - (self.job.submitted_at or 0.0) < _FRESH
            if now - self._missing_since < (_SETTLING if settling else _MISSING):
                return
        elif passing(error):
            return
        raise error


_TROUBLES: tuple[tuple[type[ServiceError], str], ...] = (
    (JobNotFound, "The service does not show the job yet; looking again."),
    (TooBusy, "The service is busy; asking again more slowly."),
    (ServiceFailure, "The service has trouble; asking again."),
    (BadAnswer, "The service's answer cannot be read; asking again."),
    (ServiceError, "Connection lost, retrying."),
)


def _trouble(error: ServiceError) -> str:
    return next(words for kind, words in _TROUBLES if isinstance(error, kind))


def _still_running(job: Job, waited: float) -> str:
    trouble = f" {job.trouble}" if job.trouble else ""
    return (
        f"Job {job.id} is still running after {waited / 60:.0f} min (“{job.status}”).{trouble} "
        f'It goes on and may be charged; wan.resume("{job.id}") watches it again.'
    )
