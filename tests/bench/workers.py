"""Previews side by side: a sweep by all workers of this machine, jobs on a cluster, and what a task costs there."""

from __future__ import annotations

import asyncio
import base64
import multiprocessing
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import psutil
from distributed import LocalCluster

import wan_notebook as wan
from wan_notebook.client.service import embedded_app
from wan_notebook.media import samples
from wan_notebook.preview.server.app import PREVIEW
from wan_notebook.runtime import event_loop, worker_pool
from wan_notebook.runtime.cluster import Cluster, DaskWorkers
from wan_notebook.runtime.task import Task
from wan_notebook.runtime.worker_pool import WorkerPool

from support.bench_rows import Row, at_most
from support.measuring import alone
from support.services import app_of, client_of, submitted

FORGETFUL = "wan_notebook.preview.engine:run"
"""The engine that remembers no reference."""
CELLS, JOBS = 12, 20
"""Previews of a sweep, and on a cluster."""
ROUNDS = 3
"""In which each sweep is run; the quickest counts, since a machine's other work only ever adds."""


@dataclass(frozen=True)
class Sweep:
    """What a sweep of previews took."""

    seconds: float
    """Until its last clip; measuring them goes on."""
    first: float
    """Until its first clip."""
    megabytes: float
    """Of the largest worker."""


def swept(workers: int, engine: str, cells: int, seconds: float, least_shift: float) -> Sweep:
    """Be a notebook whose machine has so many workers, and run a sweep of previews that were not made before."""
    character, reference = samples.character("ada"), samples.reference("hello", seconds)

    async def limit() -> None:
        worker_pool._pools[asyncio.get_running_loop()] = WorkerPool(workers)
        embedded_app().state.jobs._engine = engine

    event_loop.wait(event_loop.start(limit()))
    shifts = [least_shift + number / 2 for number in range(cells // 2)]
    plan = wan.sweep(character, reference, service=wan.Service.embedded(), num_inference_steps=[19, 20], shift=shifts)
    began = time.perf_counter()
    clips: dict[int, float] = {}

    def note(_change: Any) -> None:
        for number, tile in enumerate(grid.tiles):
            if tile.progress.clip is not None:
                clips.setdefault(number, time.perf_counter() - began)

    grid = plan.run()
    grid.observe(note)
    grid.result()
    note(None)
    largest = max(process.memory_info().rss for process in psutil.Process().children(recursive=True)) / 1e6
    return Sweep(max(clips.values()), min(clips.values()), largest)


def quickest(sweeps: Sequence[Sweep]) -> Sweep:
    """Return the least time of each kind, and the most memory, of sweeps which did the same."""
    return Sweep(
        min(sweep.seconds for sweep in sweeps),
        min(sweep.first for sweep in sweeps),
        max(sweep.megabytes for sweep in sweeps),
    )


def on_cluster(dask_workers: int, jobs: int, seconds: float) -> float:
    """Return the seconds for so many previews by so many Dask workers, which are warm."""
    files = {"image_url": samples.character("ada"), "video_url": samples.reference("hello", seconds)}
    media = {name: base64.b64encode(path.read_bytes()).decode() for name, path in files.items()}
    body = {"model": "alibaba/wan2.2-14b-animate-move", **media}

    async def scenario(address: str) -> float:
        app = app_of(PREVIEW, workers=DaskWorkers(Cluster.of(address)))
        async with client_of(app) as client:
            await asyncio.gather(*(submitted(client, body) for _ in range(dask_workers)))
            began = time.perf_counter()
            await asyncio.gather(*(submitted(client, body) for _ in range(jobs)))
            return time.perf_counter() - began

    with LocalCluster(
        n_workers=dask_workers, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=":0"
    ) as cluster:
        return asyncio.run(scenario(cluster.scheduler_address))


def cost_of_tasks(tasks: int, folder: Path) -> float:
    """Return the milliseconds of computing, of notebook and scheduler, that a task costs which only copies a file."""
    original, copy = folder / "original", folder / "copy"
    original.write_bytes(b"0" * 500_000)
    one = Task("support.subprocess_program:handle", {"do": "copy"}, {"original": original}, {"copy": copy})

    async def scenario(address: str) -> float:
        workers = DaskWorkers(Cluster.of(address))
        await workers.run(one)
        computing = time.process_time()
        for _ in range(tasks):
            await workers.run(one)
        computing = time.process_time() - computing
        await workers.close()
        return computing / tasks * 1000

    with LocalCluster(
        n_workers=1, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=":0"
    ) as cluster:
        return asyncio.run(scenario(cluster.scheduler_address))


def warp(frames: int) -> None:
    """Compute as a preview does: warp so many frames of 480p in one thread."""
    cv2.setNumThreads(1)
    frame = np.arange(480 * 854 * 3, dtype=np.uint8).reshape(480, 854, 3)
    across, down = np.meshgrid(np.arange(854, dtype=np.float32), np.arange(480, dtype=np.float32))
    for _ in range(frames):
        cv2.remap(frame, across + 0.5, down + 0.5, cv2.INTER_LINEAR)


def share_by_two(frames: int) -> float:
    """Return the time of two processes that share nothing over that of one which does the same work.

    One half where its processors share nothing, and more where they are two threads of one core.
    """
    seconds = []
    for processes in (1, 2):
        with multiprocessing.get_context("spawn").Pool(processes) as pool:
            pool.map(warp, [1] * processes, chunksize=1)
            began = time.perf_counter()
            pool.map(warp, [frames // processes] * processes, chunksize=1)
            seconds.append(time.perf_counter() - began)
    return seconds[1] / seconds[0]


def rows(folder: Path, *, small: bool) -> Iterator[Row]:
    cells, jobs, seconds = (2, 2, 0.2) if small else (CELLS, JOBS, 3.0)
    ways = (1, FORGETFUL), (1, PREVIEW), (2, PREVIEW)
    rounds = [
        [alone(swept, *way, cells, seconds, 1 + turn / 10 + at / 30, small=small) for at, way in enumerate(ways)]
        for turn in range(1 if small else ROUNDS)
    ]
    anew, one, every = (quickest(sweeps) for sweeps in zip(*rounds, strict=True))
    forgetful = ("one that reads each reference anew", anew.seconds)
    limit = f"of plain warping: {share_by_two(20 if small else 1000):.2f} ×"
    promised = at_most(0.6, of_ratio=True, loosely=10)
    figure = f"{CELLS} previews, two workers"
    yield Row(f"{cells} previews, two workers", every.seconds, "s", *forgetful, promised, limit, figure)
    yield Row(f"{cells} previews, one worker", one.seconds, "s", *forgetful)
    yield Row("the first of them", every.first, "s", "one worker", one.first, at_most(1.2, of_ratio=True))
    yield Row("memory of a worker", every.megabytes, "MB", promised=at_most(worker_pool.WORKER_BYTES / 1e6))
    single, double = (on_cluster(workers, jobs, seconds) for workers in (1, 2))
    twice = at_most(0.6, of_ratio=True, loosely=10)
    figure = f"{JOBS} previews, two Dask workers"
    yield Row(f"{jobs} previews, two Dask workers", double, "s", "one", single, twice, "one thread each", figure)
    cost = cost_of_tasks(5 if small else 200, folder)
    yield Row("computing of a task on a cluster", cost, "ms", note="notebook and scheduler, beside its work")
