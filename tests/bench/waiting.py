"""How late a job's end is noticed, and for how many requests: our schedule beside fixed ones, on the same durations."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from functools import cache

from wan_notebook.jobs.durations import Durations, LogNormal
from wan_notebook.jobs.polling import PollSchedule

MEDIAN, JOBS, KNOWN = 90.0, 1500, 30
SIGMAS = (0.5, 0.25, 0.12)
_NO_CEILING = 1000.0

Schedule = Callable[[float, int], float]
"""Seconds until the next look, from the seconds passed and the number of looks so far."""


def fixed(*intervals: float) -> Schedule:
    """The same interval for ever, after those of the beginning."""
    return lambda _elapsed, looks: intervals[min(looks, len(intervals) - 1)]


def jittered(middle: float, by: float) -> Schedule:
    chance = random.Random(2)
    return lambda _elapsed, _looks: middle + chance.uniform(-by, by)


def pointwise(known: Durations, price: float) -> Schedule:
    """√(2c / h(t)) of the true distribution, within our bounds: what the formula gives where all is known."""
    return lambda elapsed, _looks: min(max(math.sqrt(2 * price / max(known.hazard(elapsed), 1e-9)), 0.5), 10.0)


def ours(known: Durations, price: float = PollSchedule.price, ceiling: float = PollSchedule.ceiling) -> Schedule:
    pace = PollSchedule(price=price, ceiling=ceiling)
    intervals = cache(lambda elapsed: pace.interval(known, elapsed))
    return lambda elapsed, _looks: intervals(elapsed)


def lateness(schedule: Schedule, durations: list[float]) -> tuple[float, float]:
    """Return the mean lateness in seconds and the mean number of requests."""
    late, requests = 0.0, 0
    for duration in durations:
        elapsed, looks = 0.0, 0
        while elapsed < duration:
            elapsed += schedule(elapsed, looks)
            looks += 1
        late, requests = late + elapsed - duration, requests + looks
    return late / len(durations), requests / len(durations)


def front(durations: list[float], requests: float) -> float:
    """Return the mean lateness of the fixed interval that sends as many requests."""
    shortest, longest = 0.1, 60.0
    for _ in range(30):
        middle = (shortest + longest) / 2
        shortest, longest = (
            (middle, longest) if lateness(fixed(middle), durations)[1] > requests else (shortest, middle)
        )
    return lateness(fixed(shortest), durations)[0]


def schedules(sigma: float) -> Iterator[tuple[str, Schedule]]:
    true = LogNormal(MEDIAN, sigma)
    yield "every 10 s (vendor's example)", fixed(10)
    yield "6 s ± 1.5 (a large SDK)", jittered(6, 1.5)
    yield "1, 2, 4, 5, 5 … s (the model maker's SDK)", fixed(1, 2, 4, 5)
    yield "every second", fixed(1)
    known = Durations(((1.0, true),))
    for price in (0.05, 0.02):
        yield f"√(2c/h), c = {price}, all known", pointwise(known, price)
        yield f"ours, c = {price}, all known", ours(known, price)
        yield f"the same without the ceiling of {PollSchedule.ceiling:g} s", ours(known, price, _NO_CEILING)
    yield "ours, cold: nothing known", ours(Durations())
    yield "ours, warm: the catalogue's percentiles", ours(Durations.of_percentiles(_percentiles(true)))
    for count in (1, 3, KNOWN):
        yield f"ours, warm: {count} earlier job{'s' if count > 1 else ''}", ours(Durations.of(_sample(sigma, count, 3)))


def _percentiles(true: LogNormal) -> dict[float, float]:
    scores = {0.5: 0.0, 0.75: 0.6745, 0.9: 1.2816, 0.99: 2.3263}
    return {share: true.median * math.exp(true.sigma * score) for share, score in scores.items()}


def _sample(sigma: float, count: int, seed: int) -> list[float]:
    chance = random.Random(seed)
    return [MEDIAN * math.exp(sigma * chance.gauss(0, 1)) for _ in range(count)]


def main() -> None:
    """Print mean lateness and requests per job, and how the lateness compares with a fixed interval as frequent."""
    print(f"{JOBS:,} jobs, log-normal, median {MEDIAN:g} s. Mean seconds late / requests per job,")
    print("and in brackets the lateness relative to that of a fixed interval which sends as many requests.")
    samples = {sigma: _sample(sigma, JOBS, 1) for sigma in SIGMAS}
    print(f"{'':44}" + "".join(f"{'σ = ' + str(sigma):>22}" for sigma in SIGMAS))
    tables = [list(schedules(sigma)) for sigma in SIGMAS]
    for row in zip(*tables, strict=True):
        cells = []
        for sigma, (_name, schedule) in zip(SIGMAS, row, strict=True):
            late, requests = lateness(schedule, samples[sigma])
            cells.append(f"{late:.2f} / {requests:.1f} (×{late / front(samples[sigma], requests):.2f})")
        print(f"{row[0][0]:44}" + "".join(f"{cell:>22}" for cell in cells))


if __name__ == "__main__":
    main()
