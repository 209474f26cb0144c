"""How late a job's end is noticed: our schedule beside a fixed interval which sends as many requests."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from wan_notebook.jobs.durations import Durations
from wan_notebook.jobs.poll_schedule import PollSchedule

from support.bench_rows import Row, at_most

MEDIAN, JOBS, KNOWN = 90.0, 1500, 30
PROMISED = {0.5: 0.85, 0.25: 0.6, 0.12: 0.4}
"""The lateness beside a fixed interval's where earlier jobs are known, by the σ of the jobs' log-normal durations."""
UNKNOWN = 0.85

Schedule = Callable[[float], float]
"""Seconds until the next look, from the seconds passed."""


def ours(known: Durations) -> Schedule:
    pace = PollSchedule()
    return cache(lambda elapsed: pace.interval(known, elapsed))


def lateness(schedule: Schedule, durations: list[float]) -> tuple[float, float]:
    """Return the mean lateness in seconds and the mean number of requests."""
    late, requests = 0.0, 0
    for duration in durations:
        elapsed = 0.0
        while elapsed < duration:
            elapsed += schedule(elapsed)
            requests += 1
        late += elapsed - duration
    return late / len(durations), requests / len(durations)


def as_frequent(durations: list[float], requests: float) -> float:
    """Return the mean lateness of the fixed interval that sends so many requests."""
    shortest, longest = 0.1, 60.0
    for _ in range(30):
        middle = (shortest + longest) / 2
        more = lateness(lambda _elapsed, interval=middle: interval, durations)[1] > requests
        shortest, longest = (middle, longest) if more else (shortest, middle)
    return lateness(lambda _elapsed: shortest, durations)[0]


def jobs(sigma: float, count: int, seed: int) -> list[float]:
    chance = random.Random(seed)
    return [MEDIAN * math.exp(sigma * chance.gauss(0, 1)) for _ in range(count)]


def rows(_folder: Path, *, small: bool) -> Iterator[Row]:
    for sigma, promised in PROMISED.items():
        durations = jobs(sigma, 100 if small else JOBS, 1)
        known = Durations.of(jobs(sigma, KNOWN, 3))
        for name, schedule, most in (
            (f"{KNOWN} known", ours(known), promised),
            ("none known", ours(Durations()), UNKNOWN),
        ):
            late, requests = lateness(schedule, durations)
            fixed = as_frequent(durations, requests)
            bound = at_most(most, of_ratio=True)
            note = f"{requests:.1f} requests a job"
            yield Row(f"lateness, σ {sigma}, {name}", late, "s", "fixed interval", fixed, bound, note)
