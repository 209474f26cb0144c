"""Kernels that die: whatever the instant, every job that was bought is known afterwards, and none was bought twice."""

import asyncio
import dataclasses
import random
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import wan_notebook as wan
from wan_notebook.client import Client, Service
from wan_notebook.client.parsing import parse_job
from wan_notebook.jobs.journal import Entry, Journal
from wan_notebook.jobs.progress import RunPhase
from wan_notebook.jobs.run import resume
from wan_notebook.runtime.data_dir import subfolder
from wan_notebook.sweeps import Grid
from wan_notebook.video.probe import probe

from support.kills import bought, kill_after, notebook

pytestmark = pytest.mark.slow

KILLS = 50
AT_ONCE = 3

NOTEBOOK = """
import sys
from wan_notebook.client import Service
from wan_notebook.jobs.run import submit
image, video, url = sys.argv[1:]
tell("ready")
submit(image, video, service=Service.at(url, "token"), again=True).result()
tell("saved")
wait_for_end()
"""


SWEEPING_NOTEBOOK = """
import dataclasses, sys
import wan_notebook as wan
from wan_notebook.client import Service
image, video, url = sys.argv[1:]
paid = dataclasses.replace(Service.at(url, "token"), paid=True)
plan = wan.sweep(image, video, service=paid, shift="1-8")
tell("ready")
plan.run(concurrency=2, budget=10).result()
"""


def seconds_of_a_run(service: Service, image: Path, video: Path) -> float:
    """How long a kernel takes from the submit to the saved clip when nobody kills it."""
    with notebook(service, image, video, NOTEBOOK) as kernel:
        start = time.monotonic()
        assert kernel.heard() == "saved"
        return time.monotonic() - start


async def look_up(service: Service, entry: Entry) -> None:
    """Settle an unknown submit by the service's log."""
    async with Client(service) as client:
        row = await client.look_up(entry.client_request_id)
    if row is None or row.job_id is None:
        Journal().rejected(entry, "It never arrived.")
    else:
        Journal().submitted(entry, parse_job({"id": row.job_id, "status": "queued"}, at=0))


def test_killed_kernel_loses_nothing(served_alone: Service, character: Path, performance: Path) -> None:
    """After fifty kills between submit and saved clip: jobs bought = jobs known, one each, and every clip is whole."""
    whole = min(seconds_of_a_run(served_alone, character, performance) for _ in range(2))
    chance = random.Random(50)
    delays = [chance.uniform(0, whole) for _ in range(KILLS)]
    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(lambda seconds: kill_after(seconds, served_alone, character, performance, NOTEBOOK), delays))

    before = bought(served_alone)
    assert {len(ids) for ids in before.values()} == {1}
    journal = Journal()
    recorded = {entry.client_request_id: entry for entry in journal.entries()}
    assert before.keys() <= recorded.keys()
    assert {recorded[one].phase for one in before} <= {"unknown", "running", "completed", "saved"}
    assert {entry.phase for one, entry in recorded.items() if one not in before} <= {"unknown"}

    for entry in journal.unknown_submits():
        asyncio.run(look_up(served_alone, entry))
    for entry in journal.running():
        resume(entry.number, service=served_alone).result(60)

    assert bought(served_alone) == before
    assert {entry.client_request_id: [entry.job_id] for entry in journal.entries(phase="saved")} == before
    clips = [path for path in subfolder("clips").glob("*.mp4") if not path.name.startswith(".")]
    assert {probe(path).frames for path in clips} == {probe(performance).frames}
    assert len(clips) == len(before)


def settled(grid: Grid) -> Grid:
    """Try once more what is not done; what the service's log does not list is sent anew."""
    for again in (False, True):
        for tile in grid.result(60).tiles:
            if tile.progress.phase is not RunPhase.DONE:
                grid.retry(tile.number, again=again)
    return grid.result(60)


def test_killed_sweep_buys_once(served_alone: Service, character: Path, performance: Path) -> None:
    """After five kernels that died at any instant the same sweep goes on with what is missing: eight jobs in all."""
    chance, kernels, before = random.Random(8), 0, bought(served_alone)
    while kernels < 5 or not before:  # on a busy machine the first ones may not come to their first submit
        kernels += 1
        kill_after(chance.uniform(0.1, 1.0 + kernels / 5), served_alone, character, performance, SWEEPING_NOTEBOOK)
        before = bought(served_alone)
    assert len(before) <= 8
    paid = dataclasses.replace(served_alone, paid=True)
    grid = settled(wan.sweep(character, performance, service=paid, shift="1-8").run(budget=10))
    assert [tile.progress.phase for tile in grid.tiles] == [RunPhase.DONE] * 8
    assert {len(ids) for ids in bought(served_alone).values()} == {1}
    assert len(bought(served_alone)) == 8
    assert before.items() <= bought(served_alone).items()
