"""How long jobs take: a distribution, its estimate from jobs like it, and the time left while one runs."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ..model.formatting import duration_range, time_left

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

    def quantile(self, share: float, *, after: float = 0.0) -> float:
        """Return the seconds within which this share has ended, of what takes longer than `after`."""
        longer = self.survival(after) * (1 - share)
        return self.median * math.exp(-self.sigma * _NORMAL.inv_cdf(longer)) if 0 < longer < 1 else after

    def _score(self, seconds: float) -> float:
        # Not the logarithm of a quotient, which is 0 for the very smallest numbers.
        return (math.log(seconds) - self._log_median) / self.sigma

    @cached_property
    def _log_median(self) -> float:
        return math.log(self.median)


Parts = tuple[tuple[float, LogNormal], ...]
"""Weights, which sum to 1, and distributions."""
Span = tuple[float, float]
"""Seconds between which something lies: two polls."""

_BROAD_SIGMA = 0.7
HOSTED: Parts = ((0.9, LogNormal(median=120, sigma=_BROAD_SIGMA)), (0.1, LogNormal(median=12, sigma=0.8)))
"""Hosted jobs are seen to take from one minute to more than ten. The end of quicker ones is looked for as well: that
costs the others a poll or two, and whoever waits for nine seconds is not told after twenty."""
PREVIEW: Parts = ((1.0, LogNormal(median=6, sigma=1.0)),)
"""The preview computes about a second per second of video."""
_TYPICAL_SIGMA = 0.3
"""Of jobs that are alike."""
_TYPICAL_WEIGHT = 3
"""For how many observations it counts."""
_SURPRISE = 0.5
"""How many observations' worth of doubt remains that this job is like none of those known."""
_DOUBT = 0.2
"""The same as a share, where only percentiles are known."""
_ROUNDS, _SETTLED = 40, 1e-3
"""Rounds of expectation–maximisation at most, and the change of both estimates at which it ends."""
_FOREVER = 1e7
_BISECTIONS = 40


@dataclass(frozen=True)
class Durations:
    """How long a job like this takes, in seconds: a mixture, which falls back on a broad guess in its tail."""

    parts: Parts = HOSTED
    """Weights, which sum to 1, and distributions."""

    @classmethod
    def of(cls, ended: Sequence[float | Span], prior: Parts = HOSTED, running: Sequence[float] = ()) -> Durations:
        """Return the distribution of earlier jobs, and `prior` where none has ended.

        It is the likeliest one (expectation–maximisation over censored observations): a job seen to have ended took
        something between two polls, and one that still runs takes longer than so far. Taken for the time of the poll
        that found it, the end of each job would lie late by half an interval, and the next one be looked for later yet.
        The spread is estimated as if a few typical jobs had been seen too, and widened for the mean's own error.

        Args:
            ended: how long jobs like this one took, or the two lengths between which that lies.
            prior: for a job that is like none of them.
            running: for how long others like it run by now.
        """
        spans = [span for one in ended if (span := _log_span(one)) is not None]
        if not spans:
            return cls(prior)
        counted = Counter(spans)
        # Where many run side by side they are about as old as each other: those within a tenth count as one.
        counted.update((math.floor(10 * math.log(one)) / 10, math.inf) for one in running if one > 0)
        centre, sigma = _fit(counted, statistics.fmean(_middle(span) for span in spans))
        known = LogNormal(math.exp(centre), sigma * math.sqrt(1 + 1 / len(spans)))
        return cls._beside(known, _SURPRISE / (len(spans) + _SURPRISE), prior)

    @classmethod
    def of_percentiles(cls, percentiles: Mapping[float, float]) -> Durations:
        """Return the distribution with these percentiles, {0.5: 80.0, 0.9: 130.0}: share of jobs → seconds.

        Other resolutions and lengths are among those jobs, so more doubt remains than after jobs like this one.
        """
        points = [
            (_NORMAL.inv_cdf(share), math.log(one)) for share, one in percentiles.items() if 0 < share < 1 and one > 0
        ]
        if not points:
            return cls()
        if len(points) == 1:
            return cls._beside(LogNormal(math.exp(points[0][1]), _BROAD_SIGMA), _DOUBT, HOSTED)
        fit = statistics.linear_regression(*zip(*points, strict=True))
        return cls._beside(LogNormal(math.exp(fit.intercept), max(fit.slope, _TYPICAL_SIGMA / 3)), _DOUBT, HOSTED)

    @classmethod
    def preview(cls, ended: Sequence[float | Span] = ()) -> Durations:
        """Return the distribution of the free preview's jobs, from earlier ones where there are any."""
        return cls.of(ended, PREVIEW)

    @property
    def usual(self) -> LogNormal:
        """The part with the largest weight."""
        return max(self.parts, key=lambda part: part[0])[1]

    def survival(self, seconds: float) -> float:
        """Return the chance that a job takes longer than this."""
        return sum(weight * part.survival(seconds) for weight, part in self.parts)

    def hazard(self, seconds: float) -> float:
        """Return the chance per second that a job which still runs after `seconds` ends just now."""
        survivors = density = 0.0
        for weight, part in self.parts:  # a loop, since this is what polling computes most
            survivors += weight * part.survival(seconds)
            density += weight * part.density(seconds)
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
    def _beside(cls, known: LogNormal, doubt: float, prior: Parts) -> Durations:
        return cls(((1 - doubt, known), *((doubt * weight, part) for weight, part in prior)))


def _log_span(ended: float | Span) -> Span | None:
    """Return the logarithms between which a length lies; None for one that cannot be."""
    low, high = ended if isinstance(ended, tuple) else (ended, ended)
    if not 0 <= low <= high < math.inf or high == 0:
        return None
    # A tenth of the later poll is soon enough for every job: minus infinity would weigh no less.
    return math.log(max(low, high / 10)), math.log(high)


def _middle(span: Span) -> float:
    return (span[0] + span[1]) / 2


def _fit(spans: Mapping[Span, int], centre: float) -> tuple[float, float]:
    """Return the mean and the standard deviation of the likeliest normal distribution.

    Args:
        spans: between which values lie, and how many of them; one without an upper end lies above the lower.
        centre: where to begin.
    """
    count, sigma = sum(spans.values()), _TYPICAL_SIGMA
    for _ in range(_ROUNDS):
        moments = [(number, *_moments(span, centre, sigma)) for span, number in spans.items()]
        mean = math.fsum(number * first for number, first, _ in moments) / count
        # The mean's own error is in the divisor, as for the variance of a sample.
        squares = math.fsum(number * (second - 2 * mean * first + mean * mean) for number, first, second in moments)
        squares = max(squares, 0.0) + _TYPICAL_WEIGHT * _TYPICAL_SIGMA**2
        before, centre, sigma = (centre, sigma), mean, math.sqrt(squares / (count - 1 + _TYPICAL_WEIGHT))
        if abs(before[0] - centre) < _SETTLED and abs(before[1] - sigma) < _SETTLED:
            break
    return centre, sigma


def _moments(span: Span, centre: float, sigma: float) -> tuple[float, float]:
    """Return the mean, and the mean of the squares, of a normal variable that is known to lie in a span."""
    low, high = (one - centre for one in span)
    if high - low < 1e-9:
        return span[0], span[0] ** 2
    a, b = low / sigma, high / sigma
    inside = _above(a) - _above(b) if a > 0 else _above(-b) - _above(-a)
    if inside < 1e-12:  # far away: its nearest end
        nearest = span[0] if low > 0 else span[1]
        return nearest, nearest**2
    at_a, at_b = _bell(a) / inside, _bell(b) / inside
    first = at_a - at_b
    second = 1 + a * at_a - (b * at_b if b < math.inf else 0.0)
    mean = centre + sigma * first
    return mean, centre**2 + 2 * centre * sigma * first + sigma**2 * second


def _above(score: float) -> float:
    return 0.5 * math.erfc(score / _SQRT_2)


def _bell(score: float) -> float:
    return math.exp(-0.5 * score * score) / _SQRT_TAU


_LATE = 0.05
_BROAD = 5.0
"""Longest over shortest usual duration from which on no single figure is told."""
_ENOUGH_PROGRESS = 0.05
"""Progress from which on it is a better guide than earlier jobs."""


def describe_time_left(durations: Durations, elapsed: float, progress: float | None = None) -> str:
    """Return how long a job will probably still take, for a status bar.

    Args:
        durations: how long such jobs take.
        elapsed: seconds since it began.
        progress: between 0 and 1, from services which tell.
    """
    if progress is not None and progress >= _ENOUGH_PROGRESS:
        return time_left(elapsed * (1 - progress) / progress)
    usual = durations.usual
    if usual.survival(elapsed) < _LATE:
        return "taking longer than usual"
    shortest, longest = usual.quantile(0.1), usual.quantile(0.9)
    if longest > _BROAD * shortest:
        return f"usually {duration_range(shortest, longest)}"
    return time_left(usual.quantile(0.5, after=elapsed) - elapsed)
