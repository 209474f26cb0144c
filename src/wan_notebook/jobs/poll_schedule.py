"""When to poll: each job when its end is likely, and all jobs together no faster than the service answers."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..client.request_rate import RequestRate
from .durations import Durations, LogNormal

if TYPE_CHECKING:
    from ..client.service import Service

_STEP, _GROWTH = 0.125, 0.03
"""Seconds in which the hazard is summed up, at least, and as a share of the time that has passed."""
_FIRST_ENDS, _LAST_ENDS = 0.02, 0.01
"""Share of such jobs that have ended, and that still run, when looking for their ends without long pauses begins, and
when it is over."""
_OF_SPREAD = 0.25
"""Of the standard deviation of such jobs: the longest pause from then on."""


@dataclass
class PollSchedule:
    """When to poll next. Many jobs may share one schedule, and then share its rate of requests.

    The intervals of one job minimise its mean lateness for a price per request: where h is the hazard (the chance
    per second that the job ends now), polling √(h / 2c) times a second is best, so the next poll comes where the sum
    of that rate reaches one.
    """

    price: float = 0.15
    """c: seconds of lateness that one request is worth."""
    floor: float = 0.5
    """Seconds between two polls of one job, at least."""
    ceiling: float = 10.0
    """Seconds between two polls of one job, at most, while the rate allows."""
    patience: float = 2.2
    """Seconds between two polls of one job, at most, while such jobs end, or a part of their spread where that is more:
    that costs a job one poll, and halves the lateness of those that end first."""
    first: float = 8.0
    """Requests per second of all jobs together, to begin with."""
    most: float = 64.0
    """The same, at most: it rises while the service answers, and is halved when it says that they are too many."""
    _rates: dict[Hashable, float] = field(default_factory=dict, repr=False)
    _requests: RequestRate = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._requests = RequestRate(self.first, self.most)

    def interval(self, durations: Durations, elapsed: float) -> float:
        """Return the seconds until the next poll of a job which had run for `elapsed` seconds at the last one."""
        longest, expected, waited = self._longest(durations.usual, elapsed), 0.0, 0.0
        step = max(_STEP, _GROWTH * elapsed)
        while waited < longest:
            more = step * math.sqrt(durations.hazard(elapsed + waited + step / 2) / (2 * self.price))
            if expected + more >= 1:
                waited += step * (1 - expected) / more
                break
            expected, waited = expected + more, waited + step
        return max(min(waited, longest), self.floor)

    def _longest(self, usual: LogNormal, elapsed: float) -> float:
        """Return the longest interval from `elapsed` seconds on; `usual` tells when most such jobs end."""
        if usual.survival(elapsed) <= _LAST_ENDS:
            return self.ceiling
        patience = max(self.patience, _OF_SPREAD * usual.median * usual.sigma)
        return min(max(patience, usual.quantile(_FIRST_ENDS) - elapsed), self.ceiling)

    def stretch(self, watcher: Hashable, interval: float) -> float:
        """Return the interval stretched so that all watchers together keep to the rate of requests.

        All are stretched alike, which is the same as a higher price per request: those most likely to end soon are
        still polled most often.

        Args:
            watcher: one job's loop; counted until leave().
            interval: seconds that it would wait alone.
        """
        self._rates[watcher] = 1 / interval
        return interval * max(1.0, sum(self._rates.values()) / self._requests.per_second)

    async def turn(self, clock: Callable[[], float], sleep: Callable[[float], Awaitable[object]]) -> None:
        """Wait until one request may be sent, when many watchers come at once; arguments as for RequestRate.turn()."""
        await self._requests.turn(clock, sleep)

    def answered(self) -> None:
        """Raise the rate of requests a little: the service has answered one."""
        self._requests.answered()

    def refused(self, now: float) -> None:
        """Halve the rate of requests: the service has said that there are too many; `now` as for turn()."""
        self._requests.refused(now)

    def leave(self, watcher: Hashable) -> None:
        """Stop counting a watcher, whose job has ended or is no longer polled."""
        self._rates.pop(watcher, None)

    @classmethod
    def of_service(cls, service: Service) -> PollSchedule:
        """Return the schedule for the jobs of a service."""
        return cls.preview() if service.works_here else cls()

    @classmethod
    def preview(cls) -> PollSchedule:
        """Return the schedule for a service on this machine, whose requests cost little.

        A hundred polls a second find the ends of 64 jobs at once a quarter of a second late.
        """
        return cls(price=0.002, floor=0.2, ceiling=1.0, first=50.0, most=100.0)
