"""How long jobs take: a distribution made of what is known, and what follows from it while a job runs."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_SQRT_2, _SQRT_TAU = math.sqrt(2), math.sqrt(2 * math.pi)
_NORMAL = statistics.NormalDist()


@dataclass(frozen=True)
class LogNormal:
    """A distribution of seconds whose logarithms are normal: never negative, with a long tail."""

    median: float
    sigma: float
    """Of the natural logarithm."""

    def survival(self, seconds: float) -> float:
        """Return the chance to take longer than this."""
        return 0.5 * math.erfc(self._score(seconds) / _SQRT_2) if seconds > 0 else 1.0

    def density(self, seconds: float) -> float:
        """Return the chance per second to end just now."""
        if seconds <= 0:
            return 0.0
        return math.exp(-0.5 * self._score(seconds) ** 2 - math.log(seconds)) / (self.sigma * _SQRT_TAU)

    def _score(self, seconds: float) -> float:
        # Not the logarithm of a quotient, which is 0 for the very smallest numbers.
        return (math.log(seconds) - math.log(self.median)) / self.sigma


HOSTED = LogNormal(median=120, sigma=0.7)
"""Hosted jobs are seen to take from one minute to more than ten. A wider guess would be later for all of them."""
PREVIEW = LogNormal(median=6, sigma=1.0)
"""The preview computes about a second per second of video."""
_TYPICAL_SIGMA = 0.3
"""Of jobs that are alike."""
_TYPICAL_WEIGHT = 3
"""For how many observations it counts."""
_SURPRISE = 0.5
"""How many observations' worth of doubt remains that this job is like none of those known."""
_DOUBT = 0.2
"""The same as a share, where only percentiles are known."""
_FOREVER = 1e7
_BISECTIONS = 40


@dataclass(frozen=True)
class Durations:
    """What is known of how long a job like this takes: a mixture, which falls back on a broad guess in its tail."""

    parts: tuple[tuple[float, LogNormal], ...] = ((1.0, HOSTED),)
    """Weights, which sum to 1, and distributions."""

    @classmethod
    def of(cls, seconds: Sequence[float], prior: LogNormal = HOSTED) -> Durations:
        """Return what so many earlier jobs tell, and `prior` where there are none.

        The spread is estimated as if a few typical jobs had been seen besides, and widened for the mean's own error.

        Args:
            seconds: how long jobs like this one took.
            prior: for a job that is like none of them.
        """
        logs = [math.log(one) for one in seconds if 0 < one < math.inf]
        if not logs:
            return cls(((1.0, prior),))
        count, centre = len(logs), statistics.fmean(logs)
        squares = sum((one - centre) ** 2 for one in logs) + _TYPICAL_WEIGHT * _TYPICAL_SIGMA**2
        sigma = math.sqrt(squares / (count - 1 + _TYPICAL_WEIGHT) * (1 + 1 / count))
        return cls._beside(LogNormal(math.exp(centre), sigma), _SURPRISE / (count + _SURPRISE), prior)

    @classmethod
    def of_percentiles(cls, percentiles: Mapping[float, float], prior: LogNormal = HOSTED) -> Durations:
        """Return what percentiles tell, as {0.5: 80.0, 0.9: 130.0}: share of the jobs → seconds; `prior` without any.

        Other resolutions and lengths are among those jobs, so more doubt remains than after jobs like this one.
        """
        points = [
            (_NORMAL.inv_cdf(share), math.log(one)) for share, one in percentiles.items() if 0 < share < 1 and one > 0
        ]
        if not points:
            return cls(((1.0, prior),))
        if len(points) == 1:
            return cls._beside(LogNormal(math.exp(points[0][1]), prior.sigma), _DOUBT, prior)
        fit = statistics.linear_regression(*zip(*points, strict=True))
        return cls._beside(LogNormal(math.exp(fit.intercept), max(fit.slope, _TYPICAL_SIGMA / 3)), _DOUBT, prior)

    @classmethod
    def preview(cls, seconds: Sequence[float] = ()) -> Durations:
        """Return what is known of the free preview's jobs."""
        return cls.of(seconds, PREVIEW)

    @property
    def usual(self) -> LogNormal:
        """What most such jobs are like."""
        return max(self.parts, key=lambda part: part[0])[1]

    def survival(self, seconds: float) -> float:
        """Return the chance that a job takes longer than this."""
        return sum(weight * part.survival(seconds) for weight, part in self.parts)

    def hazard(self, seconds: float) -> float:
        """Return the chance per second that a job which still runs after `seconds` ends just now."""
        survivors = self.survival(seconds)
        density = sum(weight * part.density(seconds) for weight, part in self.parts)
        return density / survivors if survivors > 0 else math.inf

    def quantile(self, share: float, *, after: float = 0.0) -> float:
        """Return the seconds within which this share of the jobs has ended, of those that still run after `after`."""
        target = self.survival(after) * (1 - share)
        low, high = after, max(after, 1.0)
        while self.survival(high) > target and high < _FOREVER:
            low, high = high, 2 * high
        for _ in range(_BISECTIONS):
            middle = (low + high) / 2
            low, high = (middle, high) if self.survival(middle) > target else (low, middle)
        return high

    @classmethod
    def _beside(cls, known: LogNormal, doubt: float, prior: LogNormal) -> Durations:
        return cls(((1 - doubt, known), (doubt, prior)))
