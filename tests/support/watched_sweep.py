"""A sweep whose jobs take as long as they are told, on a clock that runs fast: the real loop, schedule and limiter."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from wan_notebook.client import Client
from wan_notebook.errors import TooBusy
from wan_notebook.jobs.duration_estimator import DurationEstimator
from wan_notebook.jobs.journal import Entry, Journal
from wan_notebook.jobs.poll_schedule import PollSchedule
from wan_notebook.jobs.polling import poll
from wan_notebook.model.job import COMPLETED, GENERATING, QUEUED, Job, Request
from wan_notebook.sweeps.limiter import JobLimiter

from support.clock import run_at_once
from support.services import HOSTED, ScriptedService, refusal

REQUEST = Request(image_url="file:///hero.png", video_url="file:///dance.mp4")
ENTRY = Entry(number=1, base_url=HOSTED.base_url, frames=50)
LATENCY = 0.02
"""Seconds that each request takes."""


def log_normal(median: float, sigma: float, count: int, seed: int = 1) -> list[float]:
    """Durations in seconds, the same ones each time."""
    chance = random.Random(seed)
    return [median * chance.lognormvariate(0, sigma) for _ in range(count)]


@dataclass
class WatchedSweep:
    """What came of a sweep, in seconds of the fast clock."""

    most: float = float("inf")
    """Requests per second that the service answers; one more is refused."""
    late: list[float] = field(default_factory=list)
    """For each job, how long after its end that was noticed."""
    polls: list[float] = field(default_factory=list)
    """When each was sent."""
    total: float = 0.0
    """Until the last end was noticed."""

    @property
    def mean_late(self) -> float:
        return sum(self.late) / len(self.late)

    @property
    def polls_per_job(self) -> float:
        return len(self.polls) / len(self.late)

    async def fetch(self, job: Job, ends: float) -> Job:
        """Answer one poll as the service would."""
        now = asyncio.get_running_loop().time
        self.polls.append(now())
        await asyncio.sleep(LATENCY)
        if sum(now() - 1 < sent for sent in self.polls) > self.most:
            raise TooBusy("slow down", status_code=429)
        if now() < ends:
            return replace(job, status=GENERATING)
        self.late.append(now() - ends)
        return replace(job, status=COMPLETED, video="https://a/b.mp4", finished_at=now())


def run_jobs(
    durations: Sequence[float],
    at_once: int,
    one: Callable[[WatchedSweep, float], Coroutine[Any, Any, None]],
    **options: Any,
) -> WatchedSweep:
    """Run `one` for each job, so many at once, and return what came of it."""
    sweep, places = WatchedSweep(**options), asyncio.Semaphore(at_once)

    async def place(seconds: float) -> None:
        async with places:
            await one(sweep, seconds)

    async def go() -> None:
        began = asyncio.get_running_loop().time()
        await asyncio.gather(*map(place, durations))
        sweep.total = asyncio.get_running_loop().time() - began

    run_at_once(go())
    return sweep


async def every_second(sweep: WatchedSweep, seconds: float) -> None:
    """Watch a job as a loop of a few lines does."""
    ends = asyncio.get_running_loop().time() + LATENCY + seconds
    job = Job(id="a", status=QUEUED)
    await asyncio.sleep(LATENCY)
    while not job.status.final:
        await asyncio.sleep(1)
        job = await sweep.fetch(job, ends)


def watched(
    durations: Sequence[float], at_once: int, sweeps: int = 1, schedule: PollSchedule | None = None, **options: Any
) -> list[WatchedSweep]:
    """Run the same jobs in several sweeps, one after another; each knows what the ones before have learned."""
    estimator, chance = DurationEstimator(HOSTED, Journal()), random.Random(2).random
    unlisted = ScriptedService(others={"/models/metrics": [refusal(404)]})

    def one_sweep() -> WatchedSweep:
        shared, limiter = schedule or PollSchedule(), JobLimiter(at_once, local=False, chance=chance)

        async def one(sweep: WatchedSweep, seconds: float) -> None:
            clock, slot = asyncio.get_running_loop().time, limiter.slot()
            assert await slot.admit()
            await asyncio.sleep(LATENCY)
            limiter.accepted()
            job, ends = Job(id="a", status=QUEUED, submitted_at=clock()), clock() + seconds

            async def fetch(_job_id: str, *, before: Job | None = None, wait: float = 0.0) -> Job:  # noqa: ARG001
                return await sweep.fetch(before or job, ends)

            async with Client(HOSTED, transport=unlisted.transport) as client:
                known = await estimator.watch(ENTRY, REQUEST, client)
            asking = {"clock": clock, "sleep": asyncio.sleep, "random": chance}
            async for seen in poll(fetch, job, durations=known.durations, schedule=shared, **asking):
                known.polled(seen, clock())
            slot.release()

        return run_jobs(durations, at_once, one, **options)

    return [one_sweep() for _ in range(sweeps)]
