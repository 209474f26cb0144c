"""Sweeps on a service that refuses, loses answers, or takes few jobs at once."""

import dataclasses
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import wan_notebook as wan
from wan_notebook.client import Service
from wan_notebook.client import service as client_service
from wan_notebook.errors import InvalidRequest, JobFailed, NotAllowed, StillRunning, StorageError, Unreachable
from wan_notebook.jobs.journal import Journal
from wan_notebook.jobs.progress import RunPhase
from wan_notebook.sweeps import Grid, Plan
from wan_notebook.widgets.grid.tile_text import grid_summary, tile_state

from support import engines
from support.services import TimedService

pytestmark = pytest.mark.slow


@pytest.fixture
def plan(character: Path, performance: Path) -> Callable[..., Plan]:
    """Plans a sweep of the two small inputs."""
    return lambda service, **fields: wan.sweep(character, performance, service=service, **fields)


def paid(service: Service) -> Service:
    """The same service, taking money: where none is paid, a submit too many does no harm."""
    return dataclasses.replace(service, paid=True)


def phases(grid: Grid) -> list[RunPhase]:
    return [tile.progress.phase for tile in grid.tiles]


def wait_until(grid: Grid, condition: Callable[[], Any]) -> None:
    """Wait until the condition holds, looking after each change of a tile."""
    met = threading.Event()
    grid.observe(lambda _numbers: met.set() if condition() else None)
    assert met.wait(30)


def test_concurrency_is_never_exceeded(plan: Callable[..., Plan]) -> None:
    """Of seven jobs, three run at any time."""
    fake = TimedService()
    with fake.running() as service:
        plan(service, shift="1-4 (+0.5)").run(concurrency=3).result(60)
    assert len(fake.bodies) == len(set(fake.bodies)) == 7
    assert fake.most <= 3


def test_busy_service_fails_nothing(plan: Callable[..., Plan]) -> None:
    """With room for two of eight jobs at once, all clips arrive, each bought once, and the journal has no noise."""
    fake = TimedService(capacity=2)
    with fake.running() as service:
        grid = plan(service, shift="1-8").run(concurrency=8).result(120)
    assert phases(grid) == [RunPhase.DONE] * 8
    assert len(fake.bodies) == len(set(fake.bodies)) == 8
    assert fake.refusals
    assert [entry.phase for entry in Journal().entries()] == ["saved"] * 8


def test_retry_after_is_honoured(plan: Callable[..., Plan]) -> None:
    """After a refusal with Retry-After nobody sends before that second is over."""
    fake = TimedService(capacity=0, retry_after="1")
    with fake.running() as service:
        grid = plan(service, shift=[3, 5]).run(concurrency=1)
        wait_until(grid, lambda: fake.refusals)
        fake.capacity = 10
        grid.result(60)
    assert len(fake.submits) == 2
    assert all(at > fake.refusals[-1] + 0.95 for _, at in fake.submits)


def test_refused_key_ends_the_sweep(plan: Callable[..., Plan]) -> None:
    """What every other job would meet as well is met once, and result() raises it; the rest was not sent."""
    fake = TimedService(closed=True)
    with fake.running() as service:
        grid = plan(service, shift="1-9").run(concurrency=1)
        with pytest.raises(NotAllowed):
            grid.result(60)
        assert len(fake.refusals) == 1
        assert phases(grid) == [RunPhase.FAILED] + [RunPhase.READY] * 8
        assert {tile.reason for tile in grid} == {grid[0].reason}
        fake.closed = False
        grid.resume()
        assert phases(grid.result(60)) == [RunPhase.DONE] * 9


def test_missing_preview_told_on_tiles(plan: Callable[..., Plan], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the preview's libraries are not installed, each tile, its row and the summary say so, with the remedy.

    A tile has no numbers then.
    """
    with monkeypatch.context() as patch:
        patch.setattr(client_service, "_PREVIEW_NEEDS", ("no_such_library",))
        grid = plan(Service.embedded(), shift=[3, 5], num_inference_steps=4).run()
        with pytest.raises(Unreachable):
            grid.result(60)
    summary = grid_summary(grid.tiles, over=grid.done)
    for told in (*(tile.reason for tile in grid), *(row["error"] for row in grid.rows), summary.reason):
        assert "pip install 'wan-notebook[preview]'" in told
    assert phases(grid) == [RunPhase.READY] * 2
    assert all((state.tone, state.can_retry, state.numbers) == ("bad", True, {}) for state in map(tile_state, grid))
    assert summary.can_resume
    assert "2 not sent" in summary.words
    grid.retry(1)
    assert phases(grid.result(60)) == [RunPhase.READY, RunPhase.DONE]


@pytest.mark.parametrize("error", [StorageError("The journal cannot be read."), RuntimeError("no such luck")])
def test_any_early_end_told_on_tiles(
    served: Service, plan: Callable[..., Plan], error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever ends a sweep before its jobs stands on its tiles, a defect of ours as well."""

    async def broken(*_arguments: Any) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "without_blocking", broken)
        grid = plan(served, shift=[3, 5], num_inference_steps=4).run()
        with pytest.raises(type(error)):
            grid.result(60)
    assert all(str(error) in tile.reason for tile in grid)
    grid.resume()
    assert phases(grid.result(60)) == [RunPhase.DONE] * 2


def test_first_failure_told_on_others(served: Service, plan: Callable[..., Plan]) -> None:
    """Where a sweep is to end with its first failure, the tiles after it say which."""
    grid = plan(served, num_inference_steps=[engines.REFUSE, 4]).run(concurrency=1, stop_on_error=True)
    with pytest.raises(JobFailed):
        grid.result(60)
    assert phases(grid) == [RunPhase.FAILED, RunPhase.READY]
    assert "shows nobody" in grid[1].reason


def test_lost_answer_is_not_resent(plan: Callable[..., Plan]) -> None:
    """A submit of unknown outcome is neither sent again by the sweep nor by the same sweep later."""
    fake = TimedService(preview=True, lost=frozenset({1}))
    with fake.running() as service:
        grid = plan(paid(service), shift=[3, 5]).run(concurrency=1, budget=1).result(60)
        assert phases(grid) == [RunPhase.UNKNOWN, RunPhase.DONE]
        later = plan(paid(service), shift=[3, 5])
        assert "1 perhaps bought before" in str(later)
        grid = later.run(budget=1).result(60)
        assert phases(grid) == [RunPhase.UNKNOWN, RunPhase.DONE]
        assert "retry" in grid.tiles[0].progress.message
        grid.resume()
        grid.result(60)
    assert len(fake.submits) == 2


def test_retry_finds_lost_submit(plan: Callable[..., Plan]) -> None:
    """Trying an unknown tile again looks it up and brings its clip home, without another submit."""
    fake = TimedService(preview=True, lost=frozenset({1}))
    with fake.running() as service:
        grid = plan(paid(service), shift=[3]).run(budget=1).result(60)
        grid.retry(0)
        assert phases(grid.result(60)) == [RunPhase.DONE]
    assert len(fake.submits) == 1


def test_lost_submit_resent_on_purpose(plan: Callable[..., Plan]) -> None:
    """again=True buys what may have been bought before."""
    fake = TimedService(preview=True, lost=frozenset({1}))
    with fake.running() as service:
        grid = plan(paid(service), shift=[3]).run(budget=1).result(60)
        grid.retry(0, again=True)
        assert phases(grid.result(60)) == [RunPhase.DONE]
    assert len(fake.submits) == 2


def test_stopped_sweep_is_watched(plan: Callable[..., Plan]) -> None:
    """After stop() the running job is finished, the others are not begun; resume() goes on with them."""
    fake = TimedService(seconds=lambda _body: 1e9)
    with fake.running() as service:
        grid = plan(service, shift="1-5").run(concurrency=1)
        wait_until(grid, lambda: fake.submits)
        grid.stop()
        fake.seconds = TimedService.seconds
        fake.finish()
        assert phases(grid.result(60)) == [RunPhase.DONE] + [RunPhase.READY] * 4
        assert grid.done
        assert [tile.reason for tile in grid] == [""] + ["Stopped before this was sent."] * 4
        grid.resume()
        assert phases(grid.result(60)) == [RunPhase.DONE] * 5
        assert not any(tile.reason for tile in grid)
    assert len(fake.bodies) == len(set(fake.bodies)) == 5


def test_retry_leaves_others_stopped(plan: Callable[..., Plan]) -> None:
    """After stop() a retry sends its own tile and none of the others; resume() sends the rest."""
    fake = TimedService(seconds=lambda _body: 1e9)
    with fake.running() as service:
        grid = plan(service, shift="1-5 (+0.2)").run(concurrency=2)
        wait_until(grid, lambda: len(fake.submits) == 2)
        grid.stop()
        grid.retry(20)
        fake.seconds = TimedService.seconds
        fake.finish()
        done = [number for number, phase in enumerate(phases(grid.result(60))) if phase is RunPhase.DONE]
        assert done == [0, 1, 20]
        assert len(fake.submits) == 3
        grid.resume()
        assert phases(grid.result(60)) == [RunPhase.DONE] * 21
    assert len(fake.bodies) == len(set(fake.bodies)) == 21


def test_stop_means_earlier_retries(plan: Callable[..., Plan]) -> None:
    """A retry that waits for its turn is stopped like the others; its tile then stands as it stood before."""
    fake = TimedService(preview=True, lost=frozenset({1}), seconds=lambda _body: 1e9)
    with fake.running() as service:
        grid = plan(paid(service), shift="1-4").run(concurrency=1, budget=1)
        wait_until(grid, lambda: len(fake.submits) == 2)
        grid.retry(0)
        assert grid.tiles[0].progress.message == "Waiting for its turn."
        grid.stop()
        fake.finish()
        assert phases(grid.result(60)) == [RunPhase.UNKNOWN, RunPhase.DONE, RunPhase.READY, RunPhase.READY]
    assert len(fake.submits) == 2


def test_retry_beside_running_jobs(plan: Callable[..., Plan]) -> None:
    """A tile whose job has ended is tried again at once, while others still run."""
    fake = TimedService(preview=True, lost=frozenset({1}), seconds=lambda _body: 1e9)
    with fake.running() as service:
        grid = plan(paid(service), shift=[3, 5]).run(concurrency=2, budget=1)
        wait_until(grid, lambda: len(fake.submits) == 2 and RunPhase.UNKNOWN in phases(grid))
        lost = phases(grid).index(RunPhase.UNKNOWN)
        fake.ends["job-0"] = 0.0
        grid.retry(lost)
        wait_until(grid, lambda: phases(grid)[lost] is RunPhase.DONE)
        assert not grid.done
        fake.finish()
        assert phases(grid.result(60)) == [RunPhase.DONE] * 2
    assert len(fake.submits) == 2


def test_waiting_tile_is_not_retried(plan: Callable[..., Plan]) -> None:
    """A retry of a tile that waits for its turn is refused in words."""
    fake = TimedService(seconds=lambda _body: 1e9)
    with fake.running() as service:
        grid = plan(service, shift=[3, 5]).run(concurrency=1)
        wait_until(grid, lambda: fake.submits)
        with pytest.raises(InvalidRequest, match="Tile 1 is waiting for its turn already"):
            grid.retry(1)
        fake.seconds = TimedService.seconds
        fake.finish()
        assert phases(grid.result(60)) == [RunPhase.DONE] * 2


def test_failure_may_be_retried_at_once(served: Service, plan: Callable[..., Plan]) -> None:
    """Whoever hears that a job has failed may try it again in that very moment."""
    grid = plan(served, num_inference_steps=[engines.REFUSE]).run()
    tried = threading.Event()

    def retry(_numbers: frozenset[int]) -> None:
        if RunPhase.FAILED in phases(grid) and not tried.is_set():
            tried.set()
            grid.retry(0)

    grid.observe(retry)
    assert tried.wait(60)
    assert phases(grid.result(60)) == [RunPhase.FAILED]
    assert len(Journal().entries()) == 2


def test_stop_leaves_another_sweep(plan: Callable[..., Plan]) -> None:
    """Of two runs of one plan, a stop ends only its own."""
    fake = TimedService(seconds=lambda _body: 1e9)
    with fake.running() as service:
        stopped = plan(service, shift="1-4").run(concurrency=1)
        wait_until(stopped, lambda: fake.submits)
        other = plan(service, shift="1-4").run(concurrency=1)
        stopped.stop()
        fake.seconds = TimedService.seconds
        fake.finish()
        assert phases(stopped.result(60)) == [RunPhase.DONE] + [RunPhase.READY] * 3
        assert phases(other.result(60)) == [RunPhase.DONE] * 4
    assert len(fake.bodies) == len(set(fake.bodies)) == 4


def test_running_tiles_not_begun_again(plan: Callable[..., Plan]) -> None:
    """resume() in the midst of a sweep changes nothing: no tile is begun a second time."""
    fake = TimedService(seconds=lambda _body: 1e9)
    with fake.running() as service:
        grid = plan(service, shift="1-4").run(concurrency=1)
        wait_until(grid, lambda: fake.submits)
        grid.resume()
        grid.resume()
        fake.seconds = TimedService.seconds
        fake.finish()
        assert phases(grid.result(60)) == [RunPhase.DONE] * 4
    assert not any(tile.progress.made_before for tile in grid.tiles)
    assert len(fake.bodies) == len(set(fake.bodies)) == 4


def test_interrupting_the_cell_harms_nothing(
    plan: Callable[..., Plan], interrupt_next_wait: Callable[[], None]
) -> None:
    """The interrupt button ends the waiting; the sweep goes on to its end."""
    fake = TimedService(seconds=lambda _body: 1e9)
    with fake.running() as service:
        grid = plan(service, shift=[3, 5]).run(concurrency=1)
        interrupt_next_wait()
        with pytest.raises(KeyboardInterrupt):
            grid.result(60)
        fake.seconds = TimedService.seconds
        fake.finish()
        assert phases(grid.result(60)) == [RunPhase.DONE] * 2


def test_equal_cells_share_one_job(character: Path, performance: Path) -> None:
    """One picture under two names is bought once and fills both tiles."""
    copy = character.with_name("copy.png")
    copy.write_bytes(character.read_bytes())
    fake = TimedService()
    with fake.running() as service:
        grid = wan.sweep([character, copy], performance, service=service).run().result(60)
    assert phases(grid) == [RunPhase.DONE, RunPhase.DONE]
    assert len(fake.submits) == 1


def test_simultaneous_sweeps_buy_once(plan: Callable[..., Plan]) -> None:
    """Two runs of one plan share the work: each job is submitted by one of them and watched by both."""
    fake = TimedService(seconds=lambda _body: 0.3)
    with fake.running() as service:
        both = [plan(service, shift="1-4").run(concurrency=2) for _ in range(2)]
        for grid in both:
            assert phases(grid.result(60)) == [RunPhase.DONE] * 4
    assert len(fake.bodies) == len(set(fake.bodies)) == 4


def test_stop_on_error_stops(served: Service, plan: Callable[..., Plan]) -> None:
    """Nothing more is sent, and result() raises what happened."""
    steps = [engines.REFUSE, 4, 5, 6]
    grid = plan(served, num_inference_steps=steps).run(concurrency=1, stop_on_error=True)
    with pytest.raises(JobFailed, match="shows nobody"):
        grid.result(60)
    assert phases(grid) == [RunPhase.FAILED] + [RunPhase.READY] * 3


def test_timeout_ends_only_the_waiting(plan: Callable[..., Plan]) -> None:
    """result(timeout=…) raises StillRunning, and the sweep goes on."""
    with TimedService().running() as service:
        grid = plan(service, shift=[3]).run()
        with pytest.raises(StillRunning):
            grid.result(timeout=0.0)
        assert phases(grid.result(60)) == [RunPhase.DONE]


def test_finished_tile_is_not_retried(plan: Callable[..., Plan]) -> None:
    """A retry of a finished tile, or of none, is refused."""
    with TimedService().running() as service:
        grid = plan(service, shift=[3]).run().result(60)
        with pytest.raises(InvalidRequest, match="done"):
            grid.retry(0)
        with pytest.raises(InvalidRequest, match="no tile 7"):
            grid.retry(7)


def test_failing_observer_harms_nothing(plan: Callable[..., Plan]) -> None:
    """What an observer raises is its own business."""
    with TimedService().running() as service:
        grid = plan(service, shift=[3]).run()

        def broken(_numbers: frozenset[int]) -> None:
            raise ZeroDivisionError

        grid.observe(broken)
        assert phases(grid.result(60)) == [RunPhase.DONE]
