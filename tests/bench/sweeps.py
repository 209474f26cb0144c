"""What a sweep costs its notebook: its time beside the ideal schedule, processor, memory, messages, and the way there.

The service is a process of its own, whose jobs take as long as it is told; each sweep runs in a fresh process, with its
grid on screen, while the notebook's main thread does what a person does: nothing much.
"""

from __future__ import annotations

import contextlib
import heapq
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

import wan_notebook as wan
from wan_notebook.client import Service
from wan_notebook.widgets.display.grid import grid_widget

from support import media
from support.bench_rows import Bound, Row, at_most
from support.measuring import alone, running
from support.services import between

TESTS = Path(__file__).parents[1]
AT_ONCE = 64
PREVIEWS, HOSTED = (2.0, 8.0), (45.0, 75.0)
"""Seconds that a job takes: jobs far shorter than any of the model's, and ones like its shortest."""
FEW, LARGE = "10 cells", ("1,000 cells", "5,000 cells")
SIZES = {FEW: (2, 5), "100 cells": (25, 4), "1,000 cells": (25, 40), "5,000 cells": (25, 200)}
"""Values of the two axes of each sweep of previews."""
_LOOK = 0.02
"""Seconds between two cells that a person runs meanwhile."""


OF_A_MINUTE = "128 cells of a minute"
FIGURES: dict[str, tuple[str, str, Bound | None]] = {
    "time": ("s", "the ideal", at_most(1.05, of_ratio=True, loosely=5)),
    "computing": ("% of a core", "", at_most(10, loosely=10)),
    "memory": ("MB", "", at_most(60, loosely=1.5)),
    "kernel is late, 99 %": ("ms", "", at_most(100, loosely=10)),
    "messages": ("a second", "", None),
}
"""What is measured of each sweep: its unit, what else there is, and the bound."""


@dataclass(frozen=True)
class Sweep:
    """What a sweep took."""

    cells: int
    seconds: float
    computing: float
    megabytes: float
    """Over the idle kernel, at the peak."""
    late: float
    """Seconds by which the 99th percentile of a person's cells came late."""
    messages: float
    """To the grid, a second."""


def ideal(durations: list[float], at_once: int) -> float:
    """Seconds until all are done, when each place takes the next one at the very instant at which it is free."""
    places = [0.0] * min(at_once, len(durations))
    for seconds in durations:
        heapq.heapreplace(places, places[0] + seconds)
    return max(places)


@contextlib.contextmanager
def served(seconds: tuple[float, float], kind: str = "preview") -> Iterator[str]:
    """A service in a process of its own, whose jobs take as long; yields its address.

    Args:
        seconds: that a job takes at least and at most.
        kind: "preview", which tells of news, or "hosted", which has to be asked.
    """
    command = [sys.executable, "-m", "support.services", *map(str, seconds), kind]
    surroundings = os.environ | {"PYTHONPATH": os.pathsep.join([*sys.path, str(TESTS)])}
    with running(command, surroundings) as url:
        yield url


def swept(steps: int, shifts: int, url: str, folder: Path, paid: bool = False) -> Sweep:
    """Be the notebook: run a sweep of so many cells, and measure this process; the folder has the inputs already."""
    import ipykernel.kernelapp  # noqa: F401 - what an idle kernel has in memory

    os.environ["WAN_NOTEBOOK_HOME"] = str(folder)
    me, service = psutil.Process(), Service.at(url, "a-key", paid=paid)
    idle = me.memory_info().rss
    inputs, unlimited = (folder / "hero.png", folder / "small.mp4"), float("inf")
    warm = wan.sweep(*inputs, service=service, shift=1)  # what is loaded on first use is no cost of a cell
    warm.run(budget=unlimited, checks=False).result()
    began, before = time.perf_counter(), time.process_time()
    axes = {"num_inference_steps": range(2, 2 + steps), "shift": [1.5 + 8 * n / shifts for n in range(shifts)]}
    plan = wan.sweep(*inputs, service=service, **axes)
    grid = plan.run(concurrency=AT_ONCE, many=True, budget=unlimited, checks=False)
    view = grid_widget(grid)
    sent: list[float] = []
    send = view.tiles.send
    view.tiles.send = lambda *message: (sent.append(time.perf_counter()), send(*message))
    late, peak, person = [0.0], idle, time.thread_time()
    there = 0  # clips by number without a gap: whoever looks at all of them each time keeps the others from working
    while there < len(grid):
        while there < len(grid) and grid[there].clip:
            there += 1
        start = time.perf_counter()
        time.sleep(_LOOK)
        late.append(time.perf_counter() - start - _LOOK)
        if len(late) % 25 == 0:
            peak = max(peak, me.memory_info().rss)
    seconds, computing = time.perf_counter() - began, time.process_time() - before - (time.thread_time() - person)
    worst = sorted(late)[int(0.99 * len(late))]
    return Sweep(steps * shifts, seconds, computing, (peak - idle) / 1e6, worst, len(sent) / seconds)


def rows(folder: Path, *, small: bool) -> Iterator[Row]:
    if small:
        yield from small_rows(folder)
        return
    sweeps = {}
    for name, size in SIZES.items():
        sweeps[name] = sweep_of(size, folder / name, PREVIEWS)
        yield from rows_of(name, sweeps[name], PREVIEWS)
    costs = {name: 1000 * sweep.computing / sweep.cells for name, sweep in sweeps.items()}
    for name in LARGE:
        yield cost_row(name, costs[name], costs[FEW])
    hosted = sweep_of((16, 8), folder / "hosted", HOSTED, "hosted")
    yield from rows_of(OF_A_MINUTE, hosted, HOSTED)


def small_rows(folder: Path) -> Iterator[Row]:
    """Run one sweep, which tells whether all can be run."""
    seconds = 0.5, 1.0
    sweep = sweep_of((2, 2), folder / "sweep", seconds)
    for name in SIZES:
        yield from rows_of(f"{sweep.cells} cells", sweep, seconds, name)
    for name in LARGE:
        yield cost_row(name, None, None, "takes sweeps of two sizes")
    yield from rows_of(OF_A_MINUTE, None, HOSTED, note="takes minutes")


def cost_row(name: str, ours: float | None, few: float | None, note: str = "") -> Row:
    """Return the milliseconds of computing a cell, beside those in a small sweep."""
    return Row(f"computing a cell, {name}", ours, "ms", FEW, few, at_most(1.1, of_ratio=True), note)


def sweep_of(size: tuple[int, int], folder: Path, seconds: tuple[float, float], kind: str = "preview") -> Sweep:
    """Run a sweep in a fresh process; `seconds` and `kind` as for served()."""
    folder.mkdir()
    # Here, since to draw and encode them takes megabytes which no sweep does.
    (folder / "hero.png").write_bytes(media.picture())
    media.reference(folder)
    with served(seconds, kind) as url:
        return alone(swept, *size, url, folder, kind == "hosted")


def rows_of(
    name: str, sweep: Sweep | None, seconds: tuple[float, float], promised: str = "", note: str = ""
) -> Iterator[Row]:
    """Yield the figures of a sweep.

    Args:
        name: of the sweep, which tells its cells.
        sweep: what it took; None where it was not run, and then the note says why.
        seconds: as for served().
        promised: the name of the sweep that it stands for; by default its own.
        note: beside each figure.
    """
    values: dict[str, float | None] = dict.fromkeys(FIGURES)
    best = None
    if sweep is not None:
        draw = between(*seconds)
        draw({})  # the one that warmed up
        best = ideal([draw({}) for _ in range(sweep.cells)], AT_ONCE)
        share = 100 * sweep.computing / sweep.seconds
        measured = sweep.seconds, share, sweep.megabytes, 1000 * sweep.late, sweep.messages
        values = dict(zip(FIGURES, measured, strict=True))
    for figure, (unit, alternative, bound) in FIGURES.items():
        theirs = best if alternative else None
        title = f"{promised or name}: {figure}"
        yield Row(f"{name}: {figure}", values[figure], unit, alternative, theirs, bound, note, title)
