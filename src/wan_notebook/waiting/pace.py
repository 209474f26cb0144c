"""How eagerly one asks after jobs: the price of a request in seconds of lateness, and a budget that jobs share."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass, field

from .durations import Durations

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
    def preview(cls) -> Pace:
        """Return the pace for jobs of this process, whose requests cost next to nothing and show progress."""
        return cls(price=0.002, floor=0.2, ceiling=1.0, budget=50.0)
