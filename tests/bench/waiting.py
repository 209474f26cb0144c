"""How late a job's end is noticed: our schedule beside fixed intervals, and sweeps on a clock that runs fast."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from statistics import fmean

from wan_notebook.jobs.durations import Durations
from wan_notebook.jobs.poll_schedule import PollSchedule

from support.bench_rows import Row, at_most
from support.watched_sweep import WatchedSweep, every_second, log_normal, run_jobs, watched

MEDIAN, JOBS, KNOWN = 90.0, 1500, 30
PROMISED = {0.5: 0.85, 0.25: 0.6, 0.12: 0.4}
"""The lateness beside a fixed interval's where earlier jobs are known, by the σ of the jobs' log-normal durations."""
UNKNOWN = 0.85
SWEEPS = ((9.0, 60, 20, 6.0), (45.0, 40, 40, 12.0))
"""Sweeps of jobs shorter than usual: the median in seconds, jobs, jobs at once, and the polls of each at most."""
LONG, AT_EQUAL, OF_FRONT = (MEDIAN, 40, 40), 0.6, 1.1
"""A sweep of jobs as long as the model's, likewise; its lateness beside a fixed interval's with as many requests, and
beside what the schedule is by itself."""
LONG_REPEATS = 40
"""Such sweeps: of 40 jobs each, the mean lateness of two that poll alike differs by an eighth."""
LOOP_OF, WORST = 1.05, 3.0
"""The whole time beside that of a loop that polls every second, and the seconds that anybody waits in vain."""

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
            bound = at_most(most, of_ratio=True, loosely=1.2)
            note = f"{requests:.1f} requests a job"
            yield Row(f"lateness, σ {sigma}, {name}", late, "s", "fixed interval", fixed, bound, note)
    for median, count, at_once, polls in SWEEPS:
        yield from sweep_rows(median, count, at_once, polls, repeats=1 if small else 5)
    yield from long_rows(*LONG, repeats=1 if small else LONG_REPEATS)


def long_rows(median: float, count: int, at_once: int, repeats: int) -> Iterator[Row]:
    """Run sweeps of jobs as long as the model's with the package's own loop, beside what was simulated."""
    late, sent, fixed, simulated = [], [], [], []
    for seed in range(repeats):
        seconds = log_normal(median, 0.25, count, seed)
        _, warm = watched(seconds, at_once, sweeps=2)
        late.append(warm.mean_late)
        sent.append(warm.polls_per_job)
        fixed.append(as_frequent(seconds, warm.polls_per_job))
        simulated.append(lateness(ours(Durations.of(seconds)), seconds)[0])
    what, note = f"{count} jobs of {median:g} s, second sweep: late on average", f"{fmean(sent):.1f} requests a job"
    for name, theirs, most in (("fixed interval", fixed, AT_EQUAL), ("the schedule by itself", simulated, OF_FRONT)):
        bound = at_most(most, of_ratio=True, loosely=1.5)
        yield Row(what, fmean(late), "s", name, fmean(theirs), bound, note)


def sweep_rows(median: float, count: int, at_once: int, polls: float, repeats: int) -> Iterator[Row]:
    """Run sweeps with the package's own loop, and with one that polls every second, on the same durations."""
    loops: list[WatchedSweep] = []
    second: list[WatchedSweep] = []
    first: list[WatchedSweep] = []
    for seed in range(repeats):
        seconds = log_normal(median, 0.25, count, seed)
        loops.append(run_jobs(seconds, at_once, every_second))
        cold, warm = watched(seconds, at_once, sweeps=2)
        first.append(cold)
        second.append(warm)
    most = sum(sweep.polls_per_job for sweep in loops) / repeats
    for name, sweeps, promised in (("first", first, False), ("second", second, True)):
        what = f"{count} jobs of {median:g} s, {name} sweep"
        total, limit = (sum(sweep.total for sweep in some) / repeats for some in (sweeps, loops))
        late = sum(sweep.mean_late for sweep in sweeps) / repeats
        worst = sum(max(sweep.late) for sweep in sweeps) / repeats
        sent = sum(sweep.polls_per_job for sweep in sweeps) / repeats
        bound = at_most(LOOP_OF, of_ratio=True, loosely=1.1) if promised else None
        yield Row(f"{what}: in all", total, "s", "every second", limit, bound, f"{late:.2f} s late on average")
        yield Row(f"{what}: latest", worst, "s", promised=at_most(WORST, loosely=1.5) if promised else None)
        yield Row(
            f"{what}: polls a job", sent, "", "every second", most, at_most(polls, loosely=1.2) if promised else None
        )
