"""When the loop asks, what it makes of failures, and what it says of the time left."""

import asyncio
import itertools
import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wan_notebook.errors import (
    BadAnswer,
    JobNotFound,
    NotAuthorized,
    ServiceError,
    ServiceFailure,
    StillRunning,
    TooBusy,
    Unreachable,
)
from wan_notebook.jobs.durations import Durations, LogNormal, describe_time_left
from wan_notebook.jobs.poll_schedule import PollSchedule
from wan_notebook.jobs.polling import poll
from wan_notebook.model.job import COMPLETED, ERROR, GENERATING, QUEUED, Job, Status

from support.clock import Clock
from support.watched_sweep import every_second, log_normal, run_jobs, watched

START = Clock().now
ALIKE = [82.0, 88.0, 90.0, 95.0, 101.0]
"""Seconds that jobs like ours took."""
KNOWN = Durations.of(ALIKE)


class Service:
    """A job that ends after some seconds, behind a service that may fail.

    Args:
        time: the clock.
        lasts: seconds until the job is done.
        failures: what the first looks end with, None for a good look.
    """

    def __init__(self, clock: Clock, *, lasts: float = 90.0, failures: list[ServiceError | None] | None = None) -> None:
        self.clock, self._lasts, self._failures = clock, lasts, failures or []
        self.polls: list[float] = []
        self.waits: list[float] = []
        """Seconds for which each look let the service keep back its answer; that takes a fifth of them."""

    async def fetch(self, job_id: str, *, before: Job | None = None, wait: float = 0.0) -> Job:
        self.polls.append(self.clock.passed)
        self.waits.append(wait)
        if wait:
            await self.clock.sleep(wait / 5)
        failure = self._failures.pop(0) if self._failures else None
        if failure is not None:
            raise failure
        status = COMPLETED if self.clock.passed >= self._lasts else GENERATING
        return Job(id=job_id, status=status, video="https://a/b.mp4", submitted_at=before and before.submitted_at)


def run(
    service: Service, job: Job | None = None, *, random: Callable[[], float] = lambda: 0.5, **options: Any
) -> list[Job]:
    """Watch to the end and return the snapshots; what is raised comes through."""
    job = job or Job(id="job-1", status=QUEUED, submitted_at=START)

    async def go() -> list[Job]:
        clock = {"clock": service.clock, "sleep": service.clock.sleep, "random": random}
        return [seen async for seen in poll(service.fetch, job, **clock, **options)]

    return asyncio.run(go())


# The loop


def test_last_snapshot_is_final() -> None:
    """Every look yields a snapshot, and the loop ends with the final one."""
    snapshots = run(Service(Clock()))
    assert [one.status.final for one in snapshots] == [False] * (len(snapshots) - 1) + [True]


def test_finished_job_is_not_polled() -> None:
    """What is known to be over is yielded as it is."""
    service = Service(Clock())
    done = Job(id="job-1", status=ERROR, error="no face")
    assert run(service, done) == [done]
    assert service.polls == []


def test_missing_address_is_polled_again() -> None:
    """A clip that is not told yet gets a few more looks, and then the job is given as it is."""
    clock = Clock()

    async def fetch(job_id: str, **_more: Any) -> Job:
        return Job(id=job_id, status=COMPLETED)

    service = Service(clock)
    service.fetch = fetch  # type: ignore[method-assign]
    snapshots = run(service)
    assert len(snapshots) == 5
    assert all("not told yet" in (one.poll_error or "") for one in snapshots)
    assert clock.passed < 30


def test_polls_follow_the_hazard() -> None:
    """With known durations the first interval is long, and those around the expected end are short."""
    service = Service(Clock(), lasts=95)
    run(service, durations=lambda: KNOWN)
    intervals = [later - earlier for earlier, later in zip([0.0, *service.polls], service.polls, strict=False)]
    assert intervals[0] == 10.0
    assert intervals[-1] < 3.0
    assert len(service.polls) < 30


def test_resumed_job_keeps_its_start() -> None:
    """Of a job submitted 85 seconds ago the next look comes soon."""
    fresh, resumed = Service(Clock()), Service(Clock())
    old = Job(id="job-1", status=GENERATING, submitted_at=START - 85)
    run(fresh, durations=lambda: KNOWN)
    run(resumed, old, durations=lambda: KNOWN)
    assert fresh.polls[0] == 10.0
    assert resumed.polls[0] < 3.5


def test_preview_is_polled_quickly() -> None:
    """A preview of two seconds is told about several times, and its end is seen within half a second."""
    service = Service(Clock(), lasts=2.0)
    run(service, Job(id="p", status=QUEUED, engine="preview", submitted_at=START))
    assert service.polls[0] <= 0.7
    assert len(service.polls) >= 3
    assert service.polls[-1] - 2.0 < 0.5


def test_news_is_waited_for() -> None:
    """A service that tells of news is asked on at once, and keeps its answer back no longer than anybody waits."""
    service = Service(Clock(), lasts=30.0)
    run(service, tells_news=lambda: True)
    assert service.waits == [20.0] * len(service.polls)
    assert service.polls == pytest.approx([4.0 * number for number in range(len(service.polls))])
    late = Service(Clock(), lasts=30.0)
    with pytest.raises(StillRunning):
        run(late, tells_news=lambda: True, deadline=10.0)
    assert late.waits[:5] == pytest.approx([10.0, 8.0, 6.4, 5.12, 4.096])
    assert late.clock.passed == pytest.approx(10.0, abs=0.1)


def test_hasty_news_is_no_flood() -> None:
    """A service that answers at once, whatever it was asked for, is not asked faster than the schedule allows."""
    service = Service(Clock(), lasts=30.0)
    hasty = service.clock

    async def fetch(job_id: str, *, before: Job | None = None, wait: float = 0.0) -> Job:  # noqa: ARG001 - ignored
        return await Service.fetch(service, job_id, before=before)

    service.fetch = fetch  # type: ignore[method-assign]
    run(service, tells_news=lambda: True, schedule=PollSchedule.preview())
    intervals = [later - earlier for earlier, later in pairwise(service.polls)]
    assert min(intervals) >= 0.199
    assert hasty.passed == pytest.approx(30.0, abs=0.3)


def test_polls_are_not_synchronised() -> None:
    """Intervals vary by a tenth."""
    early, late = Service(Clock()), Service(Clock())
    run(early, random=lambda: 0.0, durations=lambda: KNOWN)
    run(late, random=lambda: 0.999, durations=lambda: KNOWN)
    assert early.polls[0] == pytest.approx(9.0, abs=0.05)
    assert late.polls[0] == pytest.approx(11.0, abs=0.05)


@pytest.mark.parametrize(
    ("failure", "trouble"),
    [
        (Unreachable("no network"), "Connection lost, retrying."),
        (ServiceFailure("oops", status_code=502), "The service has trouble; asking again."),
        (TooBusy("slow down", status_code=429), "The service is busy; asking again more slowly."),
        (BadAnswer("html"), "The service's answer cannot be read; asking again."),
        (JobNotFound("?", status_code=404), "The service does not show the job yet; looking again."),
    ],
)
def test_failed_poll_is_survived(failure: ServiceError, trouble: str) -> None:
    """The last snapshot comes again with its trouble, and the next good look clears it."""
    snapshots = run(Service(Clock(), lasts=60, failures=[None, failure]))
    assert [one.poll_error for one in snapshots[:3]] == [None, trouble, None]
    assert (snapshots[1].status, snapshots[-1].status) == (GENERATING, COMPLETED)


def test_repeated_failures_back_off() -> None:
    """A dead network is not hammered, and the job is found again when it is back."""
    service = Service(Clock(), lasts=30, failures=[Unreachable("no network")] * 8)
    snapshots = run(service)
    pauses = [later - earlier for earlier, later in itertools.pairwise(service.polls)]
    assert pauses[:8] == pytest.approx([0.5, 1, 2, 4, 8, 16, 30, 30])
    assert snapshots[-1].status == COMPLETED


def test_retry_after_is_honoured() -> None:
    """After Retry-After: 45 the next look comes 45 seconds later, give or take a tenth."""
    service = Service(Clock(), failures=[TooBusy("slow down", status_code=429, retry_after=45.0)])
    run(service)
    assert service.polls[1] - service.polls[0] == pytest.approx(45, rel=0.11)
    assert service.polls[1] - service.polls[0] >= 45


def test_wrong_key_ends_polling() -> None:
    """What no repetition heals is raised."""
    with pytest.raises(NotAuthorized):
        run(Service(Clock(), failures=[NotAuthorized("wrong", status_code=401)]))


@pytest.mark.parametrize(
    ("job", "seconds"),
    [
        (Job(id="fresh", status=QUEUED, submitted_at=START), (30, 60)),
        (Job(id="old", status=GENERATING, submitted_at=START - 9999), (3, 20)),
        (Job(id="typed by hand", status=Status("unknown")), (3, 20)),
    ],
)
def test_missing_job_is_not_found(job: Job, seconds: tuple[float, float]) -> None:
    """A fresh id gets half a minute to appear; an old or mistyped one only a second look or two."""
    service = Service(Clock(), failures=[JobNotFound("?", status_code=404)] * 99)
    with pytest.raises(JobNotFound):
        run(service, job)
    assert seconds[0] <= service.clock.passed <= seconds[1]


def test_deadline_ends_only_the_waiting() -> None:
    """Who has waited long enough gets the job in hand and the way to resume it."""
    service = Service(Clock(), lasts=math.inf)
    with pytest.raises(StillRunning) as still:
        run(service, deadline=600.0)
    assert service.clock.passed == 600.0
    assert still.value.job.status == GENERATING
    assert str(still.value) == (
        "Job job-1 is still running after 10 min (“generating”). "
        'It goes on and may be charged; wan.resume("job-1") watches it again.'
    )


def test_deadline_has_a_last_poll() -> None:
    """A job that ends just before the deadline is not given up."""
    snapshots = run(Service(Clock(), lasts=599.9), deadline=600.0)
    assert snapshots[-1].status == COMPLETED


def test_sleeping_past_the_deadline() -> None:
    """A computer that slept for an hour, and wakes without a network, looks once more before it gives a job up."""
    service = Service(Clock(), failures=[Unreachable("asleep")])
    fetch = service.fetch

    async def asleep(job_id: str, *, before: Job | None = None, wait: float = 0.0) -> Job:
        if not service.polls:
            service.clock.now += 3_600
        return await fetch(job_id, before=before, wait=wait)

    service.fetch = asleep  # type: ignore[method-assign]
    assert run(service, deadline=600.0)[-1].status == COMPLETED


def test_clock_set_back_is_harmless() -> None:
    """When the computer's clock jumps into the past, the loop goes on asking at its pace."""
    clock = Clock()
    service = Service(clock, lasts=60)
    fetch = service.fetch

    async def jumping(job_id: str, *, before: Job | None = None, wait: float = 0.0) -> Job:
        if len(service.polls) == 2:
            clock.began -= 3600
            clock.now -= 3600
        return await fetch(job_id, before=before, wait=wait)

    service.fetch = jumping  # type: ignore[method-assign]
    assert run(service)[-1].status == COMPLETED


@given(
    seconds=st.lists(st.floats(0.01, 1e6), max_size=6),
    elapsed=st.floats(0, 1e6),
    prior=st.builds(LogNormal, st.floats(1, 1e4), st.floats(0.1, 2)),
)
def test_no_estimate_polls_too_often(seconds: list[float], elapsed: float, prior: LogNormal) -> None:
    """Whatever is known of durations, the interval lies between the floor and the ceiling."""
    interval = PollSchedule().interval(Durations.of(seconds, ((1.0, prior),)), elapsed)
    assert 0.5 <= interval <= 10.0


# A rate that many jobs share


def test_many_jobs_share_one_rate() -> None:
    """Together they never send more requests in a second than the schedule allows, and none is forgotten for long."""
    (sweep,) = watched([60.0 + 3 * number for number in range(64)], 64, schedule=PollSchedule(first=4.0, most=4.0))
    # A turn may come a thousandth of a second early.
    assert all(later - earlier >= 0.998 for earlier, later in zip(sweep.polls, sweep.polls[4:], strict=False))
    assert max(sweep.late) < 25


def test_finished_job_frees_its_share() -> None:
    """A schedule counts only those who still watch."""
    pace = PollSchedule(first=0.1)
    assert pace.stretch("a", 10.0) == 10.0
    assert pace.stretch("b", 10.0) == 20.0
    pace.leave("a")
    assert pace.stretch("b", 10.0) == 10.0


def test_ended_poll_leaves_the_schedule() -> None:
    """Neither a finished nor a failed watch goes on counting."""
    pace = PollSchedule()
    run(Service(Clock(), lasts=5), schedule=pace)
    with pytest.raises(NotAuthorized):
        run(Service(Clock(), failures=[NotAuthorized("wrong", status_code=401)]), schedule=pace)
    assert pace == PollSchedule()


@pytest.mark.parametrize(("median", "jobs", "at_once", "polls"), [(9.0, 60, 20, 6), (45.0, 40, 40, 13)])
def test_short_jobs_are_told_soon(median: float, jobs: int, at_once: int, polls: float) -> None:
    """A sweep of jobs far shorter than usual ones ends with a loop that asks every second, for a fraction of its polls.

    The second one knows them from the start: nobody waits for three seconds in vain.
    """
    seconds = log_normal(median, 0.25, jobs)
    limit, (cold, warm) = run_jobs(seconds, at_once, every_second), watched(seconds, at_once, sweeps=2)
    assert cold.total <= 1.07 * limit.total
    assert warm.total <= 1.05 * limit.total
    assert max(cold.polls_per_job, warm.polls_per_job) <= polls
    assert max(cold.late) < 6
    assert max(warm.late) <= 3


def test_long_jobs_are_polled_where_they_end() -> None:
    """For their polls, jobs of minutes are found 40 % sooner than at any fixed interval."""
    seconds = log_normal(90, 0.25, 60)
    _, warm = watched(seconds, 20, sweeps=2)
    fixed = sum(seconds) / len(seconds) / (warm.polls_per_job - 0.5) / 2
    assert warm.mean_late < 0.65 * fixed


def test_refused_polls_slow_everybody_down() -> None:
    """A service that takes five requests a second is found out: hardly any more are sent, and every job is told of."""
    (sweep,) = watched(log_normal(60, 0.25, 40), 40, most=5)
    seconds = [sum(begin <= sent < begin + 1 for sent in sweep.polls) for begin in range(20, 60)]
    assert len(sweep.late) == 40
    assert sum(seconds) / len(seconds) < 7


# Durations


def test_no_samples_is_a_guess() -> None:
    """Without any duration, hosted jobs are taken to last from well under a minute to several."""
    assert Durations.of([]) == Durations()
    assert Durations.of_percentiles({}) == Durations()
    assert 30 < Durations().usual.quantile(0.1) < 60
    assert 240 < Durations().usual.quantile(0.9) < 600


def test_known_durations_narrow_the_guess() -> None:
    """After five jobs alike the usual range is theirs, after one it is wider around it."""
    five, one = Durations.of(ALIKE), Durations.of([90.0])
    assert 60 < five.quantile(0.1) < five.quantile(0.5) < 100 < five.quantile(0.9) < 150
    assert one.quantile(0.1) < five.quantile(0.1)
    assert one.quantile(0.9) > five.quantile(0.9)


def test_spans_between_polls_are_estimated() -> None:
    """Jobs of nine seconds that were polled every ten are not taken for jobs of ten and twenty."""
    true = log_normal(9, 0.25, 60)
    late = [(10.0 * (one // 10), 10.0 * (one // 10) + 10) for one in true]
    assert 8 < Durations.of(late).usual.median < 10.5


def test_running_jobs_are_counted() -> None:
    """The first two of forty that end are the quickest: the others, which still run, say so."""
    first = Durations.of([27.0, 28.0], running=[28.0] * 38).usual
    assert first.median > 35 > Durations.of([27.0, 28.0]).usual.median


@given(
    ended=st.lists(st.floats(0.01, 1e6) | st.tuples(st.floats(0, 1e5), st.floats(1e5, 1e6)), min_size=1, max_size=6),
    running=st.lists(st.floats(0, 1e6), max_size=6),
)
def test_every_observation_makes_a_distribution(ended: list[Any], running: list[float]) -> None:
    """Whatever was seen, something finite is expected."""
    usual = Durations.of(ended, running=running).usual
    assert 0 < usual.median < math.inf
    assert 0 < usual.sigma < math.inf


def test_percentiles_are_met() -> None:
    """A distribution made of percentiles gives them back, but for its doubt."""
    known = Durations.of_percentiles({0.5: 80.0, 0.9: 130.0, 0.99: 190.0})
    assert known.quantile(0.5) == pytest.approx(80, rel=0.1)
    assert known.quantile(0.9) == pytest.approx(140, rel=0.15)


@pytest.mark.parametrize(
    "odd", [{0.5: 90.0}, {0.5: 90.0, 0.9: 90.0}, {0.5: 90.0, 0.9: 10.0}, {0.0: 5.0, 1.0: 9.0}, {0.5: -1.0}]
)
def test_odd_percentiles_make_a_distribution(odd: dict[float, float]) -> None:
    """One figure, equal figures and figures in disorder are no reason to stop."""
    known = Durations.of_percentiles(odd)
    assert 0 < known.quantile(0.1) <= known.quantile(0.9) < math.inf
    assert 0.5 <= PollSchedule().interval(known, 60.0) <= 10.0


def test_a_survivor_is_expected_later() -> None:
    """What still runs after two minutes ends later than what has just begun."""
    known = Durations.of(ALIKE)
    assert known.quantile(0.5, after=120.0) > 120.0 > known.quantile(0.5)


# Words


@pytest.mark.parametrize(
    ("elapsed", "words"),
    [
        (0, "about 2 min left"),
        (50, "about 40 s left"),
        (75, "about 20 s left"),
        (88, "about 15 s left"),
        (200, "taking longer than usual"),
        (1e6, "taking longer than usual"),
    ],
)
def test_time_left_in_words(elapsed: float, words: str) -> None:
    """Seconds by fives, minutes whole, and an honest word when it takes longer."""
    assert describe_time_left(Durations.of(ALIKE), elapsed) == words


def test_broad_guess_is_a_range() -> None:
    """Where nothing is known no single figure is invented."""
    assert describe_time_left(Durations(), 10) == "usually 50 s to 5 min"


@pytest.mark.parametrize(
    ("elapsed", "progress", "words"),
    [
        (10, 0.5, "about 10 s left"),
        (95, 0.95, "about 5 s left"),
        (30, 0.99, "should finish soon"),
        (30, 0.2, "about 2 min left"),
    ],
)
def test_progress_outweighs_earlier_jobs(elapsed: float, progress: float, words: str) -> None:
    """A service that tells how far it is gets believed."""
    assert describe_time_left(Durations.preview(), elapsed, progress) == words


@given(
    elapsed=st.floats(0, 1e9), progress=st.none() | st.floats(0, 1), seconds=st.lists(st.floats(0.1, 1e5), max_size=5)
)
@example(elapsed=5e-324, progress=None, seconds=[])  # of the smallest number there is, no part can be taken
def test_every_moment_has_words(elapsed: float, progress: float | None, seconds: list[float]) -> None:
    """No moment of any job is without a short text."""
    assert 0 < len(describe_time_left(Durations.of(seconds), elapsed, progress)) < 60
