"""What is known of how long jobs take, shared by the jobs that are watched together."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

from wan_notebook.client import Client, Service
from wan_notebook.client.parsing import parse_job
from wan_notebook.jobs.duration_estimator import DurationEstimator, WatchedJob
from wan_notebook.jobs.durations import Durations
from wan_notebook.jobs.journal import Entry, Journal
from wan_notebook.model.cost import Estimate
from wan_notebook.model.job import COMPLETED, ERROR, GENERATING, Job, Request

from support.clock import Clock
from support.services import Reply, ScriptedService

REQUEST = Request(image_url="file:///hero.png", video_url="file:///dance.mp4")
ENTRY = Entry(number=1, base_url="http://127.0.0.1:9", frames=50)
PREVIEW = Service.at(ENTRY.base_url, paid=False)
GATEWAY = Service.at(ENTRY.base_url, paid=True)


GENERATING_JOB = Job(id="a", status=GENERATING, submitted_at=1000)


def watch(estimator: DurationEstimator, request: Request = REQUEST) -> WatchedJob:
    """A job of a service that publishes no durations."""
    app = ScriptedService(others={"/models/metrics": [Reply(body={})]})

    async def go() -> WatchedJob:
        async with Client(PREVIEW, transport=app.transport) as client:
            return await estimator.watch(ENTRY, request, client)

    return asyncio.run(go())


def estimate(estimator: DurationEstimator, request: Request = REQUEST) -> Durations:
    """What it expects of a job."""
    return watch(estimator, request).durations()


def end(estimator: DurationEstimator, seconds: float, request: Request = REQUEST, **changes: Any) -> None:
    """Let it watch a job that is polled a second before its end, and at its end."""
    job = watch(estimator, request)
    job.polled(GENERATING_JOB, 999.0 + seconds)
    done = {"status": COMPLETED, "finished_at": 1000.0 + seconds}
    job.polled(replace(GENERATING_JOB, **(done | changes)), 1000.0 + seconds)


def test_no_history_is_a_guess() -> None:
    """Before any job has ended, what is generally known of the preview serves."""
    assert estimate(DurationEstimator(PREVIEW, Journal())) == Durations.preview()


def test_gateway_here_is_no_preview() -> None:
    """Of a paid service nothing is known before, also where it is a gateway on this machine."""
    assert estimate(DurationEstimator(GATEWAY, Journal())) == Durations()


def test_finished_jobs_improve_the_estimate() -> None:
    """The next job like it is expected to take about as long; so is any other, until one like that has ended."""
    estimator = DurationEstimator(PREVIEW, Journal())
    for seconds in (40, 42, 44):
        end(estimator, seconds)
    other = replace(REQUEST, num_inference_steps=40)
    assert 38 < estimate(estimator).usual.median < 46
    assert estimate(estimator, other) == estimate(estimator)
    end(estimator, 80, other)
    assert 78 < estimate(estimator, other).usual.median < 81
    assert 38 < estimate(estimator).usual.median < 46


def test_failed_jobs_do_not_count() -> None:
    """How soon a job fails says nothing of how long others take."""
    estimator = DurationEstimator(PREVIEW, Journal())
    end(estimator, 1, status=ERROR)
    assert estimate(estimator) == Durations.preview()


def test_end_tells_the_jobs_that_run() -> None:
    """A job that is being watched is expected as soon as another like it has ended, and unlike that to run on."""
    estimator = DurationEstimator(GATEWAY, Journal())
    running = watch(estimator)
    assert running.durations() == Durations()
    end(estimator, 9)
    assert 7 < running.durations().usual.median < 10
    running.polled(GENERATING_JOB, 1030)
    end(estimator, 9)
    assert running.durations().usual.median > 10


def test_job_nobody_watched_teaches_nothing() -> None:
    """One that was found ended after a night with the lid closed did not take a night."""
    estimator = DurationEstimator(GATEWAY, Journal())
    job = watch(estimator)
    job.polled(GENERATING_JOB, 1020)
    job.polled(replace(GENERATING_JOB, status=COMPLETED, finished_at=31_000.0), 31_000)
    assert estimate(estimator) == Durations()


def test_coarsely_polled_jobs_are_learned_from() -> None:
    """Twenty jobs of nine seconds, each found ended at its first poll after ten, make the next one be expected soon."""
    clock = Clock()
    journal = Journal(clock=clock)
    for _ in range(20):
        entry = journal.begin(REQUEST, service=GATEWAY, estimate=Estimate(None, "", 50))
        job = parse_job({"id": f"job-{entry.number}", "status": "queued"}, at=clock.now)
        entry = journal.submitted(entry, job)
        clock.now += 10
        done = {"id": job.id, "status": "completed", "video": {"url": "https://a/b.mp4"}}
        journal.seen(entry, parse_job(done, at=clock.now, before=job))
    assert 2 < estimate(DurationEstimator(GATEWAY, journal)).usual.median < 10


def test_unreadable_journal_leaves_a_guess(tmp_path: Path) -> None:
    """Watching goes on without what is remembered."""
    broken = tmp_path / "jobs.sqlite3"
    broken.write_bytes(b"no database" * 100)
    assert estimate(DurationEstimator(PREVIEW, Journal(broken))) == Durations.preview()
