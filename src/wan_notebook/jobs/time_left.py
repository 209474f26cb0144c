"""The time left, in words without invented precision."""

from __future__ import annotations

import functools

from .durations import Durations

_LATE = 0.05
_BROAD = 5.0
"""Longest over shortest usual duration from which on no single figure is told."""
_TELLING = 0.05
"""Progress from which on it says more than earlier jobs do."""


def time_left(durations: Durations, elapsed: float, progress: float | None = None) -> str:
    """Return how long a job will probably still take, for a status bar.

    Args:
        durations: how long such jobs take.
        elapsed: seconds since it began.
        progress: between 0 and 1, from services which tell.
    """
    if progress is not None and progress >= _TELLING:
        return left_in_words(elapsed * (1 - progress) / progress)
    if durations.usual.survival(elapsed) < _LATE:
        return "taking longer than usual"
    shortest, longest = _usual(durations)
    if longest > _BROAD * shortest:
        return f"usually {_range(shortest, longest)}"
    return left_in_words(durations.quantile(0.5, after=elapsed) - elapsed)


@functools.lru_cache(64)
def _usual(durations: Durations) -> tuple[float, float]:
    return durations.quantile(0.1), durations.quantile(0.9)


def left_in_words(seconds: float) -> str:
    """Return so many seconds as what is left of a job, or of many."""
    return "should finish soon" if seconds < 5 else f"about {rounded(seconds)} left"


def rounded(seconds: float) -> str:
    """Return a time no more exactly than it can be foretold: "25 s", "6 min", "3 h"."""
    if seconds < 57.5:
        return f"{max(5, 5 * round(seconds / 5))} s"
    return f"{round(seconds / 60)} min" if seconds < 6000 else f"{round(seconds / 3600)} h"


def _range(shortest: float, longest: float) -> str:
    first, last = rounded(shortest).split(), rounded(longest).split()
    return f"{first[0]} to {' '.join(last)}" if first[1] == last[1] else f"{' '.join(first)} to {' '.join(last)}"
