"""Many notebooks with one journal, and notebooks that die."""

import multiprocessing
import random
import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from wan_notebook.client import Service
from wan_notebook.client.parsing import parse_job
from wan_notebook.jobs.journal import Journal
from wan_notebook.model.job import Request
from wan_notebook.runtime.data_dir import data_dir

from support.journals import VIDEO, begin, notebook

pytestmark = pytest.mark.slow


def test_killed_submit_is_unknown(journal: Journal) -> None:
    """While the other notebook lives its submit is under way; once it is killed, the submit may have been bought."""
    with notebook("print(journal.begin(REQUEST, service=HOSTED).number, flush=True); sys.stdin.read()") as other:
        assert other.stdout is not None
        number = int(other.stdout.readline())
        alive = journal.find(number)
        unknown_meanwhile = journal.unknown_submits()
        other.kill()
        other.wait()
    dead = journal.find(number)
    assert alive is not None
    assert alive.phase == "submitting"
    assert unknown_meanwhile == []
    assert dead is not None
    assert dead.phase == "unknown"
    assert journal.unknown_submits() == [dead]


def test_kill_loses_no_acknowledged_row(journal: Journal) -> None:
    """Killed at any instant of its writing, a notebook leaves every row behind which it was told is on disk."""
    script = """
for number in range(10_000):
    job = parse_job({"id": f"{sys.argv}{number}", "status": "queued"}, at=1.0)
    entry = journal.submitted(journal.begin(REQUEST, service=HOSTED), job)
    print(entry.client_request_id, flush=True)
"""
    acknowledged: list[str] = []
    for rows in random.Random(4).sample(range(1, 30), 6):
        with notebook(script) as other:
            assert other.stdout is not None
            acknowledged += [other.stdout.readline().strip() for _ in range(rows)]
            other.kill()
    phases = {entry.client_request_id: entry.phase for entry in journal.entries()}
    assert {phases[one] for one in acknowledged} == {"running"}
    assert set(phases.values()) <= {"running", "unknown"}


def test_orderly_exit_leaves_no_trace(journal: Journal) -> None:
    """No sign of life remains of it."""
    with notebook("journal.rejected(journal.begin(REQUEST, service=HOSTED), 'refused')") as other:
        other.communicate()
    assert list((journal.path.parent / "alive").iterdir()) == []


def test_forked_child_has_own_name(journal: Journal) -> None:
    """A child that a notebook forks writes under its own name, and its end says nothing about the parent."""
    mine = begin(journal)
    child = multiprocessing.get_context("fork").Process(target=begin, args=(journal,))
    child.start()
    child.join()
    assert child.exitcode == 0
    assert {entry.number: entry.phase for entry in Journal().entries()} == {mine.number: "submitting", 2: "unknown"}


def test_copied_folder_loses_nothing(journal: Journal, tmp_path: Path) -> None:
    """A notebook that copies and zips the data directory, as one does on Colab, keeps its journal and stays alive."""
    script = """
print(journal.find(int(sys.argv[-1])).phase)
for _ in range(3):
    entry = journal.begin(REQUEST, service=HOSTED)
    queued = parse_job({"id": f"there:{entry.number}", "status": "queued"}, at=1.0)
    entry = journal.submitted(entry, queued)
    completed = parse_job({"id": queued.id, "status": "completed"}, at=2.0, before=queued)
    journal.saved(journal.seen(entry, completed), completed, "/clips/there.mp4")
"""
    for turn in range(5):
        mine = begin(journal)
        shutil.copytree(data_dir(), tmp_path / f"copy {turn}")
        shutil.make_archive(str(tmp_path / f"archive {turn}"), "zip", data_dir())
        with notebook(script, str(mine.number)) as other:
            assert other.communicate()[0] == "submitting\n"
        job = parse_job({"id": f"here:{turn}", "status": "queued"}, at=1.0)
        journal.saved(journal.submitted(mine, job), job, "/clips/here.mp4")
    with sqlite3.connect(journal.path) as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    entries = journal.entries()
    assert [entry.number for entry in entries] == list(range(20, 0, -1))
    assert {entry.phase for entry in entries} == {"saved"}
    assert len({entry.job_id for entry in entries}) == 20


def _begin_many(count: int) -> None:
    for _ in range(count):
        begin(Journal())


def test_concurrent_writes_lose_nothing() -> None:
    """A fresh journal takes rows from four processes and eight threads at the same time and loses none."""
    others = [multiprocessing.get_context("spawn").Process(target=_begin_many, args=(10,)) for _ in range(4)]
    for other in others:
        other.start()
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(_begin_many, [5] * 8))
    for other in others:
        other.join()
    assert [other.exitcode for other in others] == [0, 0, 0, 0]
    assert sorted(entry.number for entry in Journal().entries()) == list(range(1, 81))


def _begin_once(number: int) -> int:
    return begin(Journal(), video=VIDEO._replace(sha256=f"{number // 8}"), reuse=True).number


def test_concurrent_begins_make_one_row() -> None:
    """Between looking whether a job is under way and writing it down, no other thread or kernel comes in."""
    with multiprocessing.get_context("spawn").Pool(3) as kernels, ThreadPoolExecutor(4) as threads:
        elsewhere = kernels.map_async(_begin_once, range(80))
        here = list(threads.map(_begin_once, range(80)))
        begun = [*here, *elsewhere.get(60)]
    assert sorted(set(begun)) == list(range(1, 11))
    assert len(Journal().entries()) == 10


def test_preview_ends_with_its_notebook(journal: Journal) -> None:
    """A preview inside another notebook stands in nobody's way, and with that notebook it has failed."""
    inside = Service.embedded()
    script = """
inside = Service.embedded()
entry = journal.begin(REQUEST, service=inside)
journal.submitted(entry, parse_job({"id": "p", "status": "queued"}, at=1.0))
print(entry.number, flush=True)
sys.stdin.read()
"""
    request = Request(image_url="https://example.org/a.png", video_url="https://example.org/b.mp4")
    with notebook(script) as other:
        assert other.stdout is not None
        number = int(other.stdout.readline())
        alive = journal.find(number)
        assert journal.running() == []
        mine = begin(journal, request=request, service=inside, image=None, video=None, reuse=True)
        other.kill()
        other.wait()
    assert alive is not None
    assert (alive.phase, alive.elsewhere) == ("running", True)
    dead = journal.find(number)
    assert dead is not None
    assert (dead.phase, dead.elsewhere) == ("failed", False)
    assert "free to make again" in str(dead.error)
    assert journal.entries(phase="failed") == [dead]
    assert (mine.number, mine.fingerprint, mine.phase) == (number + 1, dead.fingerprint, "submitting")
    assert begin(journal, request=request, service=inside, image=None, video=None, reuse=True) == mine
