"""Sweeps on their way, against a real service on a port."""

import asyncio
import threading
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

import wan_notebook as wan
from wan_notebook.client import Service
from wan_notebook.jobs.journal import Journal
from wan_notebook.jobs.progress import RunPhase
from wan_notebook.runtime.event_loop import in_daemon_thread
from wan_notebook.sweeps import Grid, measure_queue
from wan_notebook.sweeps.metrics.definitions import Metrics

from support import engines


def phases(grid: Grid) -> list[RunPhase]:
    return [tile.progress.phase for tile in grid.tiles]


def test_every_cell_gets_its_clip(served: Service, character: Path, performance: Path) -> None:
    """Two axes of two values become four clips, each made with its own settings."""
    plan = wan.sweep(character, performance, service=served, num_inference_steps=[4, 6], shift="3-7 (+4)")
    grid = plan.run().result(60)
    clips = [tile.clip for tile in grid.tiles]
    made = [(clip.settings["num_inference_steps"], clip.settings["shift"]) for clip in clips if clip]
    assert made == [(4, 3), (4, 7), (6, 3), (6, 7)]


def test_finished_sweep_is_reused(served: Service, character: Path, performance: Path) -> None:
    """Run again, the same sweep sends nothing; with a longer axis it sends what is missing."""
    wan.sweep(character, performance, service=served, shift=[3, 5]).run().result(60)
    grid = wan.sweep(character, performance, service=served, shift=[3, 5, 7]).run().result(60)
    assert [tile.progress.made_before for tile in grid.tiles] == [True, True, False]
    assert len(Journal().entries()) == 3


def test_failed_cell_stops_no_other(served: Service, character: Path, performance: Path) -> None:
    """One refused cell fills its tile with the service's reason."""
    steps = [4, engines.REFUSE]
    grid = wan.sweep(character, performance, service=served, num_inference_steps=steps).run().result(60)
    assert phases(grid) == [RunPhase.DONE, RunPhase.FAILED]
    assert "shows nobody" in grid.tiles[1].progress.message


def test_a_grid_can_be_awaited(served: Service, character: Path, performance: Path) -> None:
    """`await grid` gives the grid once nothing more will happen."""

    async def cell() -> Grid:
        return await wan.sweep(character, performance, service=served, shift=[3, 5]).run()

    assert phases(asyncio.run(cell())) == [RunPhase.DONE, RunPhase.DONE]


def test_observer_gets_changed_tiles(served: Service, character: Path, performance: Path) -> None:
    """It is called with all numbers at first, and then with those whose tiles are new."""
    heard: list[frozenset[int]] = []
    over = threading.Event()
    grid = wan.sweep(character, performance, service=served, shift=[3, 5]).run()

    def note(numbers: frozenset[int]) -> None:
        heard.append(numbers)
        if phases(grid) == [RunPhase.DONE, RunPhase.DONE]:
            over.set()

    grid.observe(note)
    assert over.wait(60)
    assert heard[0] == {0, 1}
    assert {frozenset({0}), frozenset({1})} <= set(heard)


def test_tiles_share_what_is_the_same(served: Service, character: Path, performance: Path) -> None:
    """Thousands of tiles hold their inputs and their price once, a tile and its clip one recipe, and no tile a log."""
    plan = wan.sweep(character, performance, service=served, shift=[3, 5])
    one, other = plan.run().result(60)
    assert plan.jobs[0].order.estimate is plan.jobs[1].order.estimate
    assert one.clip.recipe is one.recipe
    assert one.clip.request is not None
    assert one.recipe.image is other.recipe.image
    assert one.recipe.video is other.recipe.video
    assert one.progress.job.status is other.progress.job.status
    assert one.progress.log == ()
    kept = (one, one.cell, one.progress, one.clip, one.recipe, one.metrics)
    assert not any(hasattr(value, "__dict__") for value in kept)


def test_clips_are_measured_few_at_once(
    served: Service, character: Path, performance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While clips come faster than they are measured, no more are measured at once than jobs may run; all are, then."""
    measured = Metrics(**dict.fromkeys((field.name for field in fields(Metrics)), 0))
    begun, over, gate = list[Path](), list[Path](), threading.Event()

    async def measure(_workers: Any, clip: Path, *_others: Any, **_how: Any) -> Metrics:
        begun.append(clip)
        await in_daemon_thread(lambda: gate.wait(60))
        over.append(clip)
        return measured

    monkeypatch.setattr(measure_queue, "measure_in_background", measure)
    grid = wan.sweep(character, performance, service=served, shift=[3, 4, 5, 6, 7]).run(concurrency=2)
    made = threading.Event()
    grid.observe(lambda _numbers: made.set() if all(tile.clip for tile in grid.tiles) else None)
    assert made.wait(60)
    assert len(begun) == 2
    gate.set()
    assert {tile.clip and tile.clip.path for tile in grid.result(60).tiles} == set(over)
    assert all(tile.metrics == measured for tile in grid.tiles)
