"""A free preview can be cancelled: its work ends, and the queue moves on. No other service is told anything."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import pytest

from wan_notebook.client import Service
from wan_notebook.client import service as services
from wan_notebook.errors import JobCancelled, StillRunning
from wan_notebook.jobs.clip import Clip
from wan_notebook.jobs.journal import Journal
from wan_notebook.jobs.progress import Progress, RunPhase
from wan_notebook.jobs.run import Run, submit
from wan_notebook.model.protocol import PREVIEW_HEADER
from wan_notebook.preview.server.queue import JobQueue
from wan_notebook.runtime import event_loop
from wan_notebook.runtime.worker_pool import WorkerPool
from wan_notebook.sweeps.grid import Grid
from wan_notebook.sweeps.sweep import sweep
from wan_notebook.widgets.grid.tile_text import grid_summary
from wan_notebook.widgets.panel.panel import Panel

from support import engines
from support.services import ScriptedService, app_of, on_a_port, queued
from support.widgets import send_from_browser

PREVIEW = Service.embedded()
PREVIEWED = replace(queued(), headers={PREVIEW_HEADER: "free"})
"""The answer of a service that says that it is a preview."""


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Iterator[JobQueue]:
    """The queue of the preview inside this process, with the tests' engine and one worker."""
    app = app_of("support.engines:moody", allow_private=True, workers=WorkerPool(1))
    monkeypatch.setitem(services._apps, event_loop.loop(), app)
    yield app.state.jobs
    event_loop.wait(event_loop.start(app.state.jobs.close()))


def wait_for(run: Run, phase: RunPhase) -> Progress:
    reached: Future[Progress] = Future()
    run.observe(lambda now: reached.done() or (now.phase is phase and reached.set_result(now)))
    return reached.result(30)


def test_cancelling_ends_the_work(queue: JobQueue, character: Path, performance: Path) -> None:
    """The job is dropped by its queue, the one behind it is made, and nothing of it is left to come."""
    first = submit(character, performance, service=PREVIEW, num_inference_steps=engines.HANG)
    wait_for(first, RunPhase.GENERATING)
    second = submit(character, performance, service=PREVIEW, num_inference_steps=4)
    first.cancel()
    with pytest.raises(JobCancelled, match="free to make again"):
        first.result(30)
    assert second.result(30).path.exists()
    last = wait_for(first, RunPhase.CANCELLED)
    assert (last.message, last.finished_at is not None) == ("Cancelled. It is free to make again.", True)
    assert [job.status for job in queue.jobs] == ["completed", "error"]
    assert [entry.phase for entry in Journal().entries()] == ["saved"]


def test_preview_on_a_port_is_cancelled(served_alone: Service, character: Path, performance: Path) -> None:
    """A preview that another process serves ends as well, for it says of itself that it is one."""
    first = submit(character, performance, service=served_alone, num_inference_steps=engines.HANG)
    wait_for(first, RunPhase.GENERATING)
    assert first.cancels
    second = submit(character, performance, service=served_alone, num_inference_steps=4)
    first.cancel()
    assert wait_for(first, RunPhase.CANCELLED).message == "Cancelled. It is free to make again."
    with pytest.raises(JobCancelled):
        first.result(30)
    assert second.result(30).path.exists()
    assert [entry.phase for entry in Journal().entries()] == ["saved"]


@pytest.mark.parametrize("paid", [True, False])
def test_other_services_are_told_nothing(character: Path, performance: Path, paid: bool) -> None:
    """On a service that does not say that it is a preview, and on a paid one that does, a job goes on."""
    answer = PREVIEWED if paid else queued()
    app = ScriptedService(posts=[answer], fetches=[answer])
    with on_a_port(app) as url:
        run = submit(character, performance, service=Service.at(url, "key", paid=paid))
        wait_for(run, RunPhase.QUEUED)
        run.cancel()
        assert "The job goes on" in wait_for(run, RunPhase.STOPPED).message
        with pytest.raises(StillRunning):
            run.result(30)
    assert "DELETE" not in {request.method for request in app.requests}
    assert [entry.phase for entry in Journal().entries()] == ["running"]


def test_deaf_preview_is_told_to_go_on(character: Path, performance: Path) -> None:
    """Where a preview does not take the word that it is to end, its job is said to go on."""
    app = ScriptedService(posts=[PREVIEWED], fetches=[PREVIEWED])  # it answers a DELETE with 500
    with on_a_port(app) as url:
        run = submit(character, performance, service=Service.at(url, paid=False))
        wait_for(run, RunPhase.QUEUED)
        run.cancel()
        assert "not cancelled" in wait_for(run, RunPhase.STOPPED).message
    assert [entry.phase for entry in Journal().entries()] == ["running"]


def test_waiting_preview_is_dropped(queue: JobQueue, character: Path, performance: Path) -> None:
    """One that still waits behind another never begins, and the other is made."""
    first = submit(character, performance, service=PREVIEW, num_inference_steps=engines.OBEY)
    wait_for(first, RunPhase.GENERATING)
    second = submit(character, performance, service=PREVIEW, num_inference_steps=4)
    wait_for(second, RunPhase.QUEUED)
    second.cancel()
    wait_for(second, RunPhase.CANCELLED)
    assert next((job.status, job.started_at) for job in queue.jobs) == ("error", None)
    first.cancel()
    wait_for(first, RunPhase.CANCELLED)
    assert Journal().entries() == []


def test_run_cancelled_at_once_ends() -> None:
    """A run that is cancelled before its work begins has an end as well, so that nobody waits for it for ever."""

    async def never(_report: object) -> Clip:
        raise AssertionError

    held, free = threading.Event(), threading.Event()
    event_loop.loop().call_soon_threadsafe(lambda: (held.set(), free.wait(30)))
    assert held.wait(30)
    runs = [Run.start(never, service) for service in (PREVIEW, Service.at("http://127.0.0.1:9"))]
    for run in runs:
        run.cancel()
    free.set()
    assert wait_for(runs[0], RunPhase.CANCELLED).finished_at is not None
    assert wait_for(runs[1], RunPhase.STOPPED).message.endswith("Nothing was sent.")


def test_second_watcher_is_told(queue: JobQueue, character: Path, performance: Path) -> None:
    """Whoever watches the same preview hears that it was cancelled, not that it failed."""
    first = submit(character, performance, service=PREVIEW, num_inference_steps=engines.OBEY)
    wait_for(first, RunPhase.GENERATING)
    second = submit(character, performance, service=PREVIEW, num_inference_steps=engines.OBEY)
    wait_for(second, RunPhase.GENERATING)
    first.cancel()
    with pytest.raises(JobCancelled):
        second.result(30)
    assert wait_for(second, RunPhase.CANCELLED).error is not None
    assert len(queue.jobs) == 1


def test_stopped_sweep_ends_its_previews(queue: JobQueue, character: Path, performance: Path) -> None:
    """Stopping a sweep of previews ends those that run or wait, and resume() makes them again."""
    plan = sweep(character, performance, service=PREVIEW, num_inference_steps=[engines.OBEY, 4, 5, 6, 7, 8])
    grid: Grid = plan.run(concurrency=2)
    begun = threading.Event()
    grid.observe(lambda _: begun.set() if grid.tiles[0].progress.phase is RunPhase.GENERATING else None)
    assert begun.wait(30)
    assert grid_summary(grid.tiles, over=False, cancels=grid.cancels).can_stop
    grid.stop()
    grid.result(30)
    # Of the two that were sent together, the second may have been made before the first began.
    phases = {tile.progress.phase for tile in grid.tiles[2:]}
    assert phases <= {RunPhase.CANCELLED, RunPhase.READY}
    assert grid.tiles[0].progress.phase is RunPhase.CANCELLED
    assert {job.status for job in queue.jobs} <= {"error", "completed"}
    grid.retry(2)
    grid.result(30)
    assert grid.tiles[2].progress.phase is RunPhase.DONE


def test_panel_cancels_a_preview(queue: JobQueue, character: Path, performance: Path) -> None:
    """The panel's button ends the preview, and the next job is made at once."""
    panel = Panel(service=PREVIEW, num_inference_steps=engines.HANG)
    panel.studio.choose_image(character)
    panel.studio.choose_video(performance)
    run = panel.studio.generate()
    wait_for(run, RunPhase.GENERATING)
    panel.render()
    assert (panel.generate_bar.state["busy"], panel.generate_bar.state["cancels"]) == (True, True)
    send_from_browser(panel.generate_bar, {"type": "stop"})
    wait_for(run, RunPhase.CANCELLED)
    panel.render()
    assert panel.status_bar.state["tone"] == "calm"
    assert panel.studio.pending_jobs == ()
    panel.studio.num_inference_steps = 4
    assert panel.studio.generate().result(30).path.exists()
    assert len(queue.jobs) == 2
