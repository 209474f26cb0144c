"""What a sweep costs its notebook: its time beside the ideal schedule, processor, memory, messages, and the way there.

The service is a process of its own, whose jobs take as long as it is told; each sweep runs in a fresh process, with its
grid on screen, while the notebook's main thread does what a person does: nothing much.
"""

from __future__ import annotations

import contextlib
import heapq
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parents[1]
SECONDS, AT_ONCE = (2.0, 8.0), 64
SIZES = (10, 100, 1_000)
_LOOK = 0.02
"""Seconds between two cells that a person runs meanwhile."""


def ideal(durations: list[float], at_once: int) -> float:
    """Seconds until all are done, when each place takes the next one at the very instant at which it is free."""
    places = [0.0] * min(at_once, len(durations))
    for seconds in durations:
        heapq.heapreplace(places, places[0] + seconds)
    return max(places)


def environment() -> dict[str, str]:
    """This process's, in which another finds what tests share."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join([*sys.path, str(TESTS)])}


@contextlib.contextmanager
def served() -> Iterator[str]:
    """A service in a process of its own; yields its address."""
    command = [sys.executable, "-m", "support.services", *map(str, SECONDS)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, env=environment(), text=True, **pipes) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.kill()


def run(size: int) -> dict[str, Any]:
    """Run one sweep in a process of its own, and return what it measured."""
    with served() as url, tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tests.bench.sweeps", str(size), url]
        home = {"WAN_NOTEBOOK_HOME": folder}
        done = subprocess.run(command, env=environment() | home, stdout=subprocess.PIPE, text=True, check=True)
        return dict(json.loads(done.stdout))


def notebook(size: int, url: str) -> dict[str, Any]:
    """Be the notebook: run a sweep of so many cells, and measure this process."""
    import ipykernel.kernelapp  # noqa: F401 - what an idle kernel has in memory
    import psutil

    import wan_notebook as wan
    from wan_notebook.client import Service
    from wan_notebook.widgets.display.grid import grid_widget

    from support import media

    me, service = psutil.Process(), Service.at(url, paid=False)
    idle = me.memory_info().rss
    folder = Path(os.environ["WAN_NOTEBOOK_HOME"])
    (folder / "hero.png").write_bytes(media.picture())
    media.reference(folder)
    inputs = folder / "hero.png", folder / "small.mp4"
    wan.sweep(*inputs, service=service, shift=1).run().result()  # what is loaded on first use is no cost of a cell
    steps, shifts = (range(2, 27), size // 25) if size >= 100 else (range(2, 4), size // 2)
    began, before = time.perf_counter(), time.process_time()
    plan = wan.sweep(
        *inputs, service=service, num_inference_steps=steps, shift=[1.5 + 8 * n / shifts for n in range(shifts)]
    )
    planned = time.perf_counter() - began
    grid = plan.run(concurrency=AT_ONCE)
    view = grid_widget(grid)
    sent: list[float] = []
    send = view.tiles.send
    view.tiles.send = lambda *message: (sent.append(time.perf_counter()), send(*message))
    late, peak, person = [], idle, time.thread_time()
    while not all(tile.clip for tile in grid.tiles):
        start = time.perf_counter()
        time.sleep(_LOOK)
        late.append(time.perf_counter() - start - _LOOK)
        if len(late) % 25 == 0:
            peak = max(peak, me.memory_info().rss)
    wall, processor, messages = time.perf_counter() - began, time.process_time() - before, len(sent)
    processor -= time.thread_time() - person
    late.sort()
    return {
        "cells": len(plan.cells),
        "planned": planned,
        "wall": wall,
        "processor": processor,
        "megabytes": (peak - idle) / 1e6,
        "late_99": late[int(0.99 * len(late))],
        "late_most": late[-1],
        "messages": messages / wall,
    }


def main() -> None:
    """Print the table."""
    sys.path.insert(0, str(TESTS))  # what tests share stands there
    from support.services import between

    print(f"jobs of {SECONDS[0]:g} to {SECONDS[1]:g} s, {AT_ONCE} at once; one core is 100 %")
    heads = "cells", "wall s", "× ideal", "core %", "ms/cell", "MB more", "msgs/s", "late ms 99 %", "most"
    print("".join(f"{head:>13}" for head in heads))
    for size in SIZES:
        figures, draw = run(size), between(*SECONDS)
        draw({})  # the one that warmed up
        best = ideal([draw({}) for _ in range(figures["cells"])], AT_ONCE)
        cells = figures["cells"], figures["wall"], figures["wall"] / best, 100 * figures["processor"] / figures["wall"]
        rest = 1000 * figures["processor"] / figures["cells"], figures["megabytes"], figures["messages"]
        late = 1000 * figures["late_99"], 1000 * figures["late_most"]
        print("".join(f"{value:>13,.4g}" for value in (*cells, *rest, *late)), flush=True)


if __name__ == "__main__":
    json.dump(notebook(int(sys.argv[1]), sys.argv[2]), sys.stdout)
