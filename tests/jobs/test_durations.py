"""What is known of how long jobs take, shared by the jobs that are watched together."""

import asyncio
from pathlib import Path

from wan_notebook.client import Client, Service
from wan_notebook.jobs.durations import DurationEstimator, Durations
from wan_notebook.jobs.journal import Entry, Journal
from wan_notebook.model.job import COMPLETED, Job, Request

from support.services import Reply, ScriptedService

REQUEST = Request(image_url="file:///hero.png", video_url="file:///dance.mp4")
ENTRY = Entry(number=1, base_url="http://127.0.0.1:9", frames=50)
PREVIEW = Service.at(ENTRY.base_url, paid=False)
GATEWAY = Service.at(ENTRY.base_url, paid=True)


def ended(seconds: float) -> Job:
    return Job(id="a", status=COMPLETED, submitted_at=1000, finished_at=1000 + seconds)


def estimate(estimator: DurationEstimator, request: Request = REQUEST) -> Durations:
    """What it expects of a job, where the service publishes no durations."""
    app = ScriptedService(others={"/models/metrics": [Reply(body={})]})

    async def go() -> Durations:
        async with Client(PREVIEW, transport=app.transport) as client:
            return await estimator.estimate(ENTRY, request, client)

    return asyncio.run(go())


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
        estimator.learn(ENTRY, REQUEST, ended(seconds))
    other = REQUEST.model_copy(update={"num_inference_steps": 40})
    assert 38 < estimate(estimator).usual.median < 46
    assert estimate(estimator, other) == estimate(estimator)
    estimator.learn(ENTRY, other, ended(80))
    assert 79 < estimate(estimator, other).usual.median < 81
    assert 38 < estimate(estimator).usual.median < 46


def test_failed_jobs_do_not_count() -> None:
    """How soon a job fails says nothing of how long others take."""
    estimator = DurationEstimator(PREVIEW, Journal())
    estimator.learn(ENTRY, REQUEST, ended(1).model_copy(update={"status": "error"}))
    assert estimate(estimator) == Durations.preview()


def test_unreadable_journal_leaves_a_guess(tmp_path: Path) -> None:
    """Watching goes on without what is remembered."""
    broken = tmp_path / "jobs.sqlite3"
    broken.write_bytes(b"no database" * 100)
    assert estimate(DurationEstimator(PREVIEW, Journal(broken))) == Durations.preview()
