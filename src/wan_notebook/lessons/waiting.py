"""The jobs and the exercises of the lesson on waiting."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..jobs.durations import Durations
from ..jobs.poll_schedule import PollSchedule
from .exercise import Hint, choice, exercise, function, number
from .figures import STYLE, show

__all__ = [
    "STYLE",
    "Durations",
    "PollSchedule",
    "check_equal_requests",
    "check_fixed_lateness",
    "check_late_job",
    "check_lateness",
    "show",
    "simulated_jobs",
]

_QUEUE, _QUEUE_SIGMA = 15.0, 0.8
_WORK, _WORK_SIGMA = 90.0, 0.12
_REQUESTS = 0.05
"""Share by which a number of requests may be off."""


def simulated_jobs(count: int, seed: int = 0) -> NDArray[np.float64]:
    """Return the seconds of simulated jobs: a wait in the queue, mostly short, and some 90 s of work."""
    random = np.random.default_rng(seed)
    queue = random.lognormal(np.log(_QUEUE), _QUEUE_SIGMA, count)
    return np.asarray(queue + random.lognormal(np.log(_WORK), _WORK_SIGMA, count))


@exercise
def check_fixed_lateness(answer: Any) -> str:
    """Check the mean lateness of polling every ten seconds."""
    seconds = number(answer, "number of seconds")
    if abs(seconds - 10) < 0.5:
        raise Hint("That is the worst that can happen: a job that ends just after a poll. And the best? And the mean?")
    if not 4.5 <= seconds <= 5.5:
        raise Hint(
            "A job ends anywhere between two polls, as likely early as late. How far is the next poll on average?"
        )
    return "Half an interval, whatever the jobs are like: 5 seconds of everybody's time for each clip."


@exercise
def check_lateness(answer: Any) -> str:
    """Check a function that tells how late a job's end is noticed."""
    given = function(answer)
    for polls, end in (([10.0, 20.0, 30.0], 12.5), ([10.0, 20.0, 30.0], 20.0), ([1.0, 5.0, 5.5, 9.0], 5.25)):
        late = number(given(polls, end), "lateness")
        wanted = polls[int(np.searchsorted(polls, end))] - end
        if abs(late - wanted) > 1e-9:
            raise Hint(
                f"With polls at {polls} and a job that ends at {end:g}, it returns {late:g}, and should "
                f"{wanted:g}: what counts is the first poll that is not before the end."
            )
    return "The first poll that is not before the end, less the end."


@exercise
def check_equal_requests(answer: Any, polls: Any, jobs: Any) -> str:
    """Check the fixed interval that makes as many requests as a schedule.

    Args:
        answer: seconds.
        polls: the schedule's polls, in seconds since a job's begin.
        jobs: how long the jobs take, in seconds.
    """
    every = number(answer, "interval")
    if not 0.1 <= every <= 60:
        raise Hint("Try an interval between 0.1 and 60 seconds.")
    fixed = np.arange(1, np.max(jobs) / every + 2) * every
    asked, asked_fixed = _requests(polls, jobs), _requests(fixed, jobs)
    if abs(asked_fixed / asked - 1) > _REQUESTS:
        few = "few, so take a shorter" if asked_fixed < asked else "many, so take a longer"
        raise Hint(
            f"Every {every:g} s makes {asked_fixed:.1f} requests for a job, and the schedule {asked:.1f}: too {few} "
            "interval."
        )
    late, late_fixed = _lateness(polls, jobs), _lateness(fixed, jobs)
    return (
        f"For as many requests, the schedule notices the end {late:.1f} s late on average, and polls every {every:g} s "
        f"{late_fixed:.1f} s: {late_fixed / late:.1f} times as late."
    )


@exercise
def check_late_job(answer: Any) -> str:
    """Check what becomes of the polls of a job that takes far longer than usual."""
    choice(
        answer,
        "B",
        {
            "A": "It feels so; but it has shown that it is none of the usual jobs. Look at the hazard after 200 s.",
            "C": "The job that takes long may still end, and who waits for it wants to know. Look at the hazard: it is "
            "small, and not zero.",
        },
    )
    return (
        "The longer it has taken, the less is known of it; so the polls get rarer, up to ten seconds apart, and go on."
    )


def _requests(polls: ArrayLike, jobs: ArrayLike) -> float:
    return float((np.searchsorted(polls, jobs) + 1).mean())


def _lateness(polls: ArrayLike, jobs: ArrayLike) -> float:
    return float((np.asarray(polls)[np.searchsorted(polls, jobs)] - np.asarray(jobs)).mean())
