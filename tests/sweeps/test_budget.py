"""The budget of a sweep, kept at each submit."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import wan_notebook as wan
from wan_notebook.client import Service
from wan_notebook.errors import InvalidRequest
from wan_notebook.jobs.journal import Entry, Journal
from wan_notebook.jobs.progress import RunPhase
from wan_notebook.sweeps import Grid, Plan

from support import engines
from support.services import TimedService

pytestmark = pytest.mark.slow

ONE = 0.025
"""Dollars that one of these jobs costs."""


@pytest.fixture
def plan(character: Path, performance: Path) -> Callable[..., Plan]:
    """Plans a sweep of the two small inputs on a service that takes money."""
    return lambda service, **fields: wan.sweep(
        character, performance, service=dataclasses.replace(service, paid=True), **fields
    )


def phases(grid: Grid) -> list[RunPhase]:
    return [tile.progress.phase for tile in grid.tiles]


def sending(plan: Plan, number: int = 0) -> Entry:
    """A job that another notebook is just submitting."""
    order = plan.jobs[number].order
    return Journal().begin(
        order.request, service=order.service, image=order.image, video=order.video, estimate=order.estimate
    )


@pytest.mark.parametrize("budget", [0, None, ONE])
def test_foreign_job_is_not_bought(plan: Callable[..., Plan], budget: float | None) -> None:
    """A job that was under way elsewhere, and was then refused there, is bought only within the budget."""
    fake = TimedService(preview=True)
    with fake.running() as service:
        entry = sending(plan(service, shift=[3]))
        grid = plan(service, shift=[3]).run(budget=budget)
        Journal().rejected(entry, "refused elsewhere")
        bought = budget == ONE
        assert phases(grid.result(60)) == [RunPhase.DONE if bought else RunPhase.FAILED]
    assert len(fake.submits) == bought
    assert [entry.phase for entry in Journal().entries()] == (["saved", "rejected"] if bought else ["rejected"])
    assert bought or "$0.00 of the budget is left" in grid.tiles[0].progress.message


def test_small_budget_buys_the_rest(plan: Callable[..., Plan]) -> None:
    """A budget that is enough for what was missing buys that, and nothing that was lost elsewhere meanwhile."""
    fake = TimedService(preview=True)
    with fake.running() as service:
        foreign = [sending(plan(service, shift=[3, 5, 7]), number) for number in (0, 1)]
        grid = plan(service, shift=[3, 5, 7]).run(budget=ONE, concurrency=3)
        for entry in foreign:
            Journal().rejected(entry, "refused elsewhere")
        grid.result(60)
    assert sorted(phases(grid)) == [RunPhase.DONE, RunPhase.FAILED, RunPhase.FAILED]
    assert len(fake.submits) == 1


def test_refused_tile_is_allowed_later(plan: Callable[..., Plan]) -> None:
    """The message has the call that allows one tile more; neither resume() nor a second run() without it buys."""
    fake = TimedService(preview=True)
    with fake.running() as service:
        entry = sending(plan(service, shift=[3]))
        first = plan(service, shift=[3])
        grid = first.run(budget=0)
        Journal().rejected(entry, "refused elsewhere")
        assert "grid.retry(0, budget=0.05)" in grid.result(60).tiles[0].progress.message
        grid.resume()
        assert phases(grid.result(60)) == [RunPhase.FAILED]
        with pytest.raises(wan.errors.OverBudget):
            first.run(budget=0)
        assert not fake.submits
        grid.retry(0, budget=0.05)
        assert phases(grid.result(60)) == [RunPhase.DONE]
    assert len(fake.submits) == 1


def test_second_purchase_needs_a_budget(plan: Callable[..., Plan]) -> None:
    """A lost submit counts as spent: to send it anew takes a budget of its own."""
    fake = TimedService(preview=True, lost=frozenset({1}))
    with fake.running() as service:
        grid = plan(service, shift=[3]).run(budget=ONE).result(60)
        assert phases(grid) == [RunPhase.UNKNOWN]
        grid.retry(0, again=True)
        assert phases(grid.result(60)) == [RunPhase.FAILED]
        assert len(fake.submits) == 1
        for budget in (-1, "1", True, np.ones(2)):
            with pytest.raises(InvalidRequest, match="budget is"):
                grid.retry(0, again=True, budget=budget)  # type: ignore[arg-type]
        grid.retry(0, again=True, budget=float("inf"))
        assert phases(grid.result(60)) == [RunPhase.DONE]
    assert len(fake.submits) == 2


def test_failed_job_is_refunded(served: Service, plan: Callable[..., Plan]) -> None:
    """A failed job is not charged, so that its budget is there for the next try."""
    grid = plan(served, num_inference_steps=[engines.REFUSE]).run(budget=ONE).result(60)
    for _ in range(2):
        grid.retry(0)
        assert "shows nobody" in grid.result(60).tiles[0].progress.message
    assert len(Journal().entries()) == 3


def test_refused_submits_cost_nothing(plan: Callable[..., Plan]) -> None:
    """A service that is too busy, or says no, takes nothing off the budget."""
    fake = TimedService(preview=True, capacity=1, seconds=lambda _body: 0.5)
    with fake.running() as service:
        grid = plan(service, shift="1-3").run(budget=3 * ONE, concurrency=3).result(60)
        assert phases(grid) == [RunPhase.DONE] * 3
        assert fake.refusals
        fake.closed = True
        grid = plan(service, shift=[9]).run(budget=ONE)
        with pytest.raises(wan.errors.NotAllowed):
            grid.result(60)
        fake.closed = False
        grid.resume()
        assert phases(grid.result(60)) == [RunPhase.DONE]


def test_each_run_keeps_its_budget(plan: Callable[..., Plan]) -> None:
    """Two runs at once buy each job once, and neither more than its own budget allows."""
    fake = TimedService(preview=True, seconds=lambda _body: 0.3)
    with fake.running() as service:
        one = plan(service, shift="1-4").run(budget=4 * ONE, concurrency=2)
        other = plan(service, shift="1-4").run(budget=4 * ONE, concurrency=2)
        assert phases(one.result(60)) == phases(other.result(60)) == [RunPhase.DONE] * 4
    assert len(fake.bodies) == len(set(fake.bodies)) == 4
