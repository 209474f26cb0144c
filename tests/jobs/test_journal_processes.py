"""Many notebooks with one journal, and notebooks that die."""

import multiprocessing
import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from wan_notebook.client import Service
from wan_notebook.jobs.journal import Journal
from wan_notebook.model.job import Request

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


def test_orderly_exit_leaves_one_file(journal: Journal) -> None:
    """Neither SQLite's log nor a sign of life remains of it."""
    with notebook("journal.rejected(journal.begin(REQUEST, service=HOSTED), 'refused')") as other:
        other.communicate()
    assert [path.name for path in journal.path.parent.rglob("*") if path.is_file()] == ["jobs.sqlite3"]


def test_forked_child_has_own_name(journal: Journal) -> None:
    """A child that a notebook forks writes under its own name, and its end says nothing about the parent."""
    mine = begin(journal)
    child = multiprocessing.get_context("fork").Process(target=begin, args=(journal,))
    child.start()
    child.join()
    assert child.exitcode == 0
    assert {entry.number: entry.phase for entry in Journal().entries()} == {mine.number: "submitting", 2: "unknown"}


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
