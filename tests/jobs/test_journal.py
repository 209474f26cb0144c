"""What the journal promises: nothing that was paid for is ever forgotten."""

import csv
import multiprocessing
import random
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wan_notebook.client.parsing import parse_job
from wan_notebook.client.service import EMBEDDED_URL
from wan_notebook.errors import InvalidRequest, JournalDamaged, StorageError
from wan_notebook.jobs import journal as journal_room
from wan_notebook.jobs.durations import similar_jobs
from wan_notebook.jobs.journal import Entry, Journal, database, fingerprint
from wan_notebook.jobs.journal.csv_export import write
from wan_notebook.model.cost import Estimate
from wan_notebook.model.job import Job, Request
from wan_notebook.runtime.data_dir import data_dir, subfolder


class Service(NamedTuple):
    name: str = "hosted"
    base_url: str = "https://api.example"
    paid: bool = True
    key: str = "canary-key"


class Source(NamedTuple):
    url: str
    name: str
    size: int | None = None
    sha256: str | None = None


REQUEST = Request(image_url="file:///pictures/hero.png", video_url="file:///videos/dance.mp4", resolution="720p")
IMAGE = Source(REQUEST.image_url, "hero.png", 1000, "aa")
VIDEO = Source(REQUEST.video_url, "dance.mp4", 2000, "bb")


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def journal(clock: Clock) -> Journal:
    return Journal(clock=clock)


def begin(journal: Journal, **changes: Any) -> Entry:
    return journal.begin(**{"request": REQUEST, "service": Service(), "image": IMAGE, "video": VIDEO} | changes)


def answer(status: str, at: float, before: Job | None = None, **more: Any) -> Job:
    return parse_job({"id": "job:1", "status": status, **more}, at=at, before=before)


def finish(journal: Journal, clock: Clock, seconds: float, **changes: Any) -> Entry:
    """Take a job from the submit to a saved clip, watched all along."""
    entry = begin(journal, **changes)
    job = parse_job({"id": f"job:{entry.number}", "status": "queued"}, at=clock.now)
    entry = journal.submitted(entry, job)
    clock.now += seconds
    entry = journal.seen(entry, job)
    entry = journal.seen(entry, parse_job({"id": job.id, "status": "completed"}, at=clock.now, before=job))
    clip = subfolder("clips") / f"{entry.number}.mp4"
    clip.write_bytes(b"clip")
    return journal.saved(entry, clip)


def raw(sql: str, *values: object) -> None:
    """Do something to the file behind the journal's back."""
    connection = sqlite3.connect(Journal().path)
    with connection:
        connection.execute(sql, values)
    connection.close()


# What happens to a job


def test_job_recorded_before_submit(journal: Journal) -> None:
    """Another notebook reads what was asked for before anything is sent."""
    begin(journal, client_request_id="our-id", estimate=Estimate(0.4, "80 frames", 80), prepare={"fps": 16})
    read = Journal().entries()[0]
    assert read.phase == "submitting"
    assert (read.number, read.client_request_id, read.service, read.base_url) == (
        1,
        "our-id",
        "hosted",
        "https://api.example",
    )
    assert (read.image.name, read.image.sha256, read.video.size) == ("hero.png", "aa", 2000)
    assert (read.estimate_usd, read.estimate_basis, read.frames, read.prepare) == (0.4, "80 frames", 80, {"fps": 16})
    assert read.created_at == 1_000.0
    assert read.request() == REQUEST


def test_id_recorded_once_accepted(journal: Journal) -> None:
    """An accepted job is found by its id, its number and our own id of the submit."""
    entry = journal.submitted(begin(journal), answer("queued", 1_001.0))
    assert (entry.phase, entry.job_id, entry.submitted_at) == ("running", "job:1", 1_001.0)
    assert entry == journal.find("job:1") == journal.find(1) == journal.find(entry.client_request_id)
    assert journal.running() == [entry]


def test_each_change_is_written_down(journal: Journal, clock: Clock) -> None:
    """Status, times, price, engine and clip come into the row as they become known."""
    job = answer("queued", 1_000.0)
    entry = journal.submitted(begin(journal), job)
    job = answer("generating", 1_010.0, job)
    clock.now = 1_010.0
    entry = journal.seen(entry, job)
    assert (entry.status, entry.phase, entry.started_at) == ("generating", "running", 1_010.0)
    job = answer("completed", 1_060.0, job, engine="preview", meta={"usage": {"credits_used": 960_000}})
    clock.now = 1_060.0
    entry = journal.seen(entry, job)
    assert (entry.status, entry.phase, entry.seconds, entry.late_by) == ("completed", "completed", 60.0, 50.0)
    assert (entry.credits_used, entry.usd, entry.engine) == (960_000, 0.48, "preview")
    assert journal.running() == [entry]
    entry = journal.saved(entry, "/elsewhere/clip.mp4")
    assert (entry.phase, entry.clip) == ("saved", Path("/elsewhere/clip.mp4"))
    assert Journal().entries() == [entry]
    assert journal.running() == []


def test_unchanged_status_writes_nothing(journal: Journal, clock: Clock) -> None:
    """Polling a job whose status stays the same does not touch the disk."""
    job = answer("queued", 1_000.0)
    entry = journal.submitted(begin(journal), job)
    before = {path: path.stat().st_mtime_ns for path in journal.path.parent.iterdir()}
    clock.now = 1_005.0
    assert journal.seen(entry, job).looked_at == 1_005.0
    assert {path: path.stat().st_mtime_ns for path in journal.path.parent.iterdir()} == before


def test_failed_job_keeps_its_reason(journal: Journal) -> None:
    """The service's own words stay with the job."""
    entry = journal.submitted(begin(journal), answer("queued", 1_000.0))
    entry = journal.seen(entry, answer("error", 1_009.0, error={"name": "Bad", "message": "No face found."}))
    assert (entry.phase, entry.error) == ("failed", "No face found.")
    assert journal.running() == []


def test_refused_differs_from_lost(journal: Journal) -> None:
    """Rejected means nothing was bought; unknown means that it may have been."""
    refused = journal.rejected(begin(journal), "Out of credits.")
    lost = journal.unknown(begin(journal), "The connection dropped.")
    assert (refused.phase, refused.error) == ("rejected", "Out of credits.")
    assert journal.unknown_submits() == [lost]


def test_lost_submit_becomes_a_job(journal: Journal) -> None:
    """Once its id is known, a submit of unknown outcome is a job like any other."""
    lost = journal.unknown(begin(journal), "The connection dropped.")
    found = journal.submitted(lost, answer("generating", 1_030.0))
    assert (found.phase, found.job_id, found.error) == ("running", "job:1", None)
    assert journal.unknown_submits() == []


def test_stale_news_changes_nothing(journal: Journal) -> None:
    """A second notebook with an older snapshot cannot undo what the first has written."""
    stale = journal.submitted(begin(journal), answer("queued", 1_000.0))
    done = journal.saved(journal.seen(stale, answer("completed", 1_050.0)), "/elsewhere/clip.mp4")
    assert journal.seen(stale, answer("generating", 1_060.0)) == done
    assert journal.unknown(stale, "lost") == done
    assert journal.rejected(stale, "refused") == done


def test_known_times_and_prices_stay(journal: Journal) -> None:
    """An answer that says less than an earlier one, as after a restart, erases nothing."""
    first = answer("generating", 1_000.0, meta={"usage": {"credits_used": 100}})
    entry = journal.submitted(begin(journal), first)
    entry = journal.seen(entry, answer("completed", 5_000.0))
    assert (entry.submitted_at, entry.started_at, entry.finished_at) == (1_000.0, 1_000.0, 5_000.0)
    assert entry.credits_used == 100


def test_entry_restores_its_job(journal: Journal) -> None:
    """What the journal knows of a job goes on where it stopped."""
    job = answer("generating", 1_000.0, meta={"usage": {"credits_used": 2_000_000}})
    entry = journal.submitted(begin(journal), job)
    again = entry.job()
    assert again is not None
    assert (again.id, again.status, again.submitted_at) == ("job:1", "generating", 1_000.0)
    assert again.usage is not None
    assert again.usage.usd == 1.0
    assert begin(journal).job() is None


# Notebooks that die

BEGIN = """
import sys
from wan_notebook.client.parsing import parse_job
from wan_notebook.jobs.journal import Journal
from wan_notebook.model.job import Request
from typing import NamedTuple

class Service(NamedTuple):
    name: str = "hosted"
    base_url: str = "https://api.example"
    paid: bool = True

REQUEST = Request(image_url="https://example.org/a.png", video_url="https://example.org/b.mp4")
journal = Journal()
"""


def notebook(script: str) -> "subprocess.Popen[str]":
    """Start another notebook's process, which shares the data directory."""
    command = [sys.executable, "-c", BEGIN + script]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_killed_submit_is_unknown(journal: Journal) -> None:
    """While the other notebook lives its submit is under way; once it is killed, the submit may have been bought."""
    with notebook("print(journal.begin(REQUEST, service=Service()).number, flush=True); sys.stdin.read()") as other:
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
    entry = journal.submitted(journal.begin(REQUEST, service=Service()), job)
    print(entry.client_request_id, flush=True)
"""
    told: list[str] = []
    for rows in random.Random(4).sample(range(1, 30), 6):
        with notebook(script) as other:
            assert other.stdout is not None
            told += [other.stdout.readline().strip() for _ in range(rows)]
            other.kill()
    kept = {entry.client_request_id: entry.phase for entry in journal.entries()}
    assert {kept[one] for one in told} == {"running"}
    assert set(kept.values()) <= {"running", "unknown"}


def test_orderly_exit_leaves_one_file(journal: Journal) -> None:
    """Neither SQLite's log nor a sign of life remains of it."""
    with notebook("journal.rejected(journal.begin(REQUEST, service=Service()), 'refused')") as other:
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


# What is never written


def test_no_key_or_picture_written(journal: Journal) -> None:
    """The journal's folder holds neither the service's key nor the body of a data URI."""
    picture = "data:image/png;base64," + "SECRETPIXELS" * 50
    request = Request(image_url=picture, video_url=REQUEST.video_url, extra={"masks": {"first": picture}})
    entry = begin(journal, request=request, image=None)
    journal.rejected(entry, "refused")
    written = b"".join(path.read_bytes() for path in data_dir().rglob("*") if path.is_file())
    assert b"canary-key" not in written
    assert b"SECRETPIXELS" * 20 not in written
    assert journal.entries()[0].image.url.startswith("data:image/png;base64,…")


# The same job again


def test_finished_job_is_reusable(journal: Journal, clock: Clock) -> None:
    """A finished job answers for one that asks the same, until its clip is removed."""
    done = finish(journal, clock, 60)
    assert done.clip is not None
    assert journal.reusable([done.fingerprint]) == {done.fingerprint: done}
    done.clip.unlink()
    assert journal.reusable([done.fingerprint]) == {}


def test_running_job_is_reused(journal: Journal) -> None:
    """Where the same is being sent or not finished yet, that job is given instead of a new one, unless asked for."""
    sending = begin(journal)
    assert begin(journal, reuse=True) == sending
    running = journal.submitted(sending, answer("queued", 1_000.0))
    assert begin(journal, reuse=True) == running
    assert begin(journal, reuse=True, video=VIDEO._replace(sha256="cc")).number == 2
    journal.seen(running, answer("error", 1_001.0))
    assert begin(journal, reuse=True).number == 3
    assert begin(journal).number == 4


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
    inside = Service("embedded", EMBEDDED_URL, paid=False)
    script = f"""
inside = Service("embedded", {EMBEDDED_URL!r}, False)
entry = journal.begin(REQUEST, service=inside)
journal.submitted(entry, parse_job({{"id": "p", "status": "queued"}}, at=1.0))
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


def test_foreign_job_is_adopted(journal: Journal) -> None:
    """Of a job that was begun elsewhere the id, the service and the news are kept, and nothing is made up."""
    entry = journal.adopt(answer("generating", 1_000.0), service=Service())
    assert (entry.phase, entry.job_id, entry.base_url) == ("running", "job:1", "https://api.example")
    assert (entry.request(), entry.settings, entry.estimate_usd) == (None, {}, None)
    assert journal.running() == [entry]


def test_digits_are_an_id_first(journal: Journal) -> None:
    """Some services number their jobs; a text counts as a place in the journal only where there is no such id."""
    begin(journal)
    numbered = journal.submitted(begin(journal), parse_job({"id": "1", "status": "queued"}, at=1_000.0))
    assert journal.find("1") == numbered
    assert journal.find("2") == journal.find(2) == numbered
    assert journal.find(1) != numbered


def test_clip_found_in_moved_directory(
    journal: Journal, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Clips inside the data directory are kept by their place in it."""
    done = finish(journal, clock, 60)
    data_dir().rename(tmp_path / "moved")
    monkeypatch.setenv("WAN_NOTEBOOK_HOME", str(tmp_path / "moved"))
    moved = journal.reusable([done.fingerprint])[done.fingerprint]
    assert moved.clip == tmp_path / "moved" / "clips" / "1.mp4"


def print_of(**changes: Any) -> str:
    whole = {"request": REQUEST, "base_url": "https://api.example", "image": IMAGE, "video": VIDEO, "prepare": None}
    whole |= changes
    return fingerprint(whole.pop("request"), **whole)


def test_renamed_file_is_the_same() -> None:
    """Files count by their contents, not by their names or places."""
    assert print_of() == print_of(image=Source("file:///other.png", "other.png", 1000, "aa"))
    assert print_of() == print_of(base_url="https://api.example/")


@pytest.mark.parametrize(
    "change",
    [
        {"request": REQUEST.model_copy(update={"shift": 7.0})},
        {"request": REQUEST.model_copy(update={"model": "alibaba/wan2.2-14b-animate-replace"})},
        {"request": REQUEST.model_copy(update={"extra": {"seed": 1}})},
        {"base_url": "http://127.0.0.1:8000"},
        {"image": IMAGE._replace(sha256="cc")},
        {"video": VIDEO._replace(sha256="cc")},
        {"prepare": {"fps": 16}},
    ],
    ids=["setting", "model", "extra", "service", "picture", "video", "preparation"],
)
def test_fingerprint_follows_the_clip(change: dict[str, Any]) -> None:
    """Two jobs are the same only if all that shapes the clip is the same."""
    assert print_of(**change) != print_of()


def test_many_fingerprints_in_one_query(journal: Journal, clock: Clock) -> None:
    """One query tells, for each of very many fingerprints, the newest job that asked the same."""
    old, new = finish(journal, clock, 60), finish(journal, clock, 70)
    other = begin(journal, request=REQUEST.model_copy(update={"shift": 9.0}))
    asked = [f"none-{number}" for number in range(3000)]
    told = journal.reusable([*asked, old.fingerprint, other.fingerprint])
    assert {name: entry.number for name, entry in told.items()} == {
        old.fingerprint: new.number,
        other.fingerprint: other.number,
    }


def test_finished_job_prevents_new_row(journal: Journal, clock: Clock) -> None:
    """A finished job that asked the same is returned instead of a new row, unless a new one is asked for."""
    done = finish(journal, clock, 60)
    assert begin(journal, reuse=True) == done
    assert begin(journal).number == done.number + 1
    assert begin(journal, request=REQUEST.model_copy(update={"shift": 9.0}), reuse=True).phase == "submitting"
    assert len(journal.entries()) == 3


def test_withdrawn_job_leaves_no_row(journal: Journal) -> None:
    """A job that the service was too busy to take is withdrawn."""
    journal.withdraw(journal.rejected(begin(journal), "Too busy."))
    assert journal.entries() == []


# How long such jobs take


def took(journal: Journal, frames: int | None = None) -> list[float | None]:
    """How long jobs like REQUEST took, newest first."""
    finished = journal.finished(base_url="https://api.example", model=REQUEST.model)
    return [entry.seconds for entry in similar_jobs(finished, REQUEST, frames)]


def test_durations_come_from_similar_jobs(journal: Journal, clock: Clock) -> None:
    """Only jobs of the same service, model, resolution, steps and windows count, newest first."""
    finish(journal, clock, 60, estimate=Estimate(None, "", 77))
    finish(journal, clock, 70, estimate=Estimate(None, "", 40))
    finish(journal, clock, 120, estimate=Estimate(None, "", 78))
    finish(journal, clock, 5, service=Service(base_url="embedded"))
    finish(journal, clock, 6, request=REQUEST.model_copy(update={"num_inference_steps": 4}))
    finish(journal, clock, 7, request=REQUEST.model_copy(update={"resolution": "480p"}))
    begin(journal)
    assert took(journal, frames=50) == [70.0, 60.0]
    assert took(journal, frames=153) == [120.0]
    assert took(journal) == [120.0, 70.0, 60.0]
    finished = journal.finished(base_url="https://api.example", model=REQUEST.model)
    assert [entry.seconds for entry in finished] == [7.0, 6.0, 120.0, 70.0, 60.0]


def test_unwatched_job_has_no_duration(journal: Journal, clock: Clock) -> None:
    """A job found finished after a night with the lid closed does not count as one that took a night."""
    entry = journal.submitted(begin(journal), answer("queued", clock.now))
    clock.now += 30_000
    entry = journal.seen(entry, answer("completed", clock.now))
    assert entry.seconds == 30_000
    assert took(journal) == []


# Asking, deleting, exporting


def test_entries_are_filtered_newest_first(journal: Journal) -> None:
    """The newest come first, and phase, service and limit choose among them."""
    first = journal.rejected(begin(journal), "refused")
    second = begin(journal, service=Service(name="preview", base_url="embedded", paid=False))
    third = begin(journal)
    assert journal.entries() == [third, second, first]
    assert journal.entries(limit=2) == [third, second]
    assert journal.entries(phase="rejected") == [first]
    assert journal.entries(phase=("rejected", "submitting"), service="hosted") == [third, first]
    with pytest.raises(InvalidRequest, match="no filter colour"):
        journal.entries(colour="red")


def test_an_unknown_id_finds_nothing(journal: Journal) -> None:
    """Asking for a job that was never written down is answered with None."""
    assert journal.find("nothing") is None
    assert journal.find(7) is None


def test_deleted_number_stays_free(journal: Journal, clock: Clock) -> None:
    """Deleting removes the row, and the clip only when asked to; the next job takes a new number."""
    kept, removed = finish(journal, clock, 1), finish(journal, clock, 1)
    journal.delete(kept)
    journal.delete(removed, clip=True)
    assert journal.entries() == []
    assert kept.clip is not None
    assert kept.clip.exists()
    assert removed.clip is not None
    assert not removed.clip.exists()
    assert begin(journal).number == 3


def test_pending_job_deleted_only_explicitly(journal: Journal) -> None:
    """Whoever would lose the way to a paid clip is asked to say so."""
    running = journal.submitted(begin(journal), answer("queued", 1_000.0))
    finished = journal.seen(running, answer("completed", 1_001.0))
    lost = journal.unknown(begin(journal), "the answer was lost")
    for pending in (running, finished, lost):
        with pytest.raises(InvalidRequest, match="may still come"):
            journal.delete(pending)
    for pending in (finished, lost):
        journal.delete(pending, running=True)
    assert journal.entries() == []


def test_deleted_job_takes_no_news(journal: Journal) -> None:
    """A row that another notebook deleted is not written again in secret."""
    entry = journal.rejected(begin(journal), "refused")
    Journal().delete(entry)
    with pytest.raises(StorageError, match="deleted meanwhile"):
        journal.submitted(entry, answer("queued", 1_000.0))


def test_entry_reads_as_one_line(journal: Journal) -> None:
    """As the last line of a cell it tells which job it is, and not all that is known of it."""
    entry = begin(journal)
    assert repr(entry) == "Entry(number=1, phase='submitting', inputs='hero.png · dance.mp4', job_id=None)"


def test_csv_lists_every_job(journal: Journal, clock: Clock, tmp_path: Path) -> None:
    """Settings are columns, times are UTC, the oldest job stands first."""
    finish(journal, clock, 60)
    begin(journal)
    with write(reversed(journal.entries()), tmp_path / "jobs.csv").open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    assert [line["number"] for line in lines] == ["1", "2"]
    assert (lines[0]["resolution"], lines[0]["shift"], lines[0]["video"]) == ("720p", "5.0", "dance.mp4")
    assert lines[0]["finished_at"] == "1970-01-01 00:17:40+00:00"


def test_csv_holds_no_formula(journal: Journal, tmp_path: Path) -> None:
    """A file name or a server's message that looks like a formula is kept as text."""
    journal.rejected(begin(journal, image=IMAGE._replace(name="=1+1.png")), "@SUM(1)")
    with write(reversed(journal.entries()), tmp_path / "jobs.csv").open(newline="", encoding="utf-8") as file:
        line = next(csv.DictReader(file))
    assert (line["image"], line["error"]) == ("'=1+1.png", "'@SUM(1)")


def test_empty_journal_is_exported(journal: Journal, tmp_path: Path) -> None:
    """A person without a job gets a file with a header."""
    assert write(reversed(journal.entries()), tmp_path / "jobs.csv").read_text().strip() == "number"


# Troubles of the file


def test_odd_columns_take_defaults(journal: Journal) -> None:
    """Columns of a wrong kind take their defaults; the rest of the row is there."""
    begin(journal)
    raw("UPDATE jobs SET settings = '{broken', frames = 'many', phase = 'dreaming', image = '[]', usd = x'ff'")
    raw("UPDATE jobs SET error = CAST(x'c328' AS TEXT)")
    odd = journal.entries()[0]
    assert (odd.settings, odd.frames, odd.phase, odd.image.name, odd.usd) == ({}, None, "unknown", "", None)
    assert (odd.video.name, odd.service, odd.error) == ("dance.mp4", "hosted", "\N{REPLACEMENT CHARACTER}(")


ANYTHING = st.none() | st.integers() | st.floats() | st.text() | st.binary()


@given(st.dictionaries(st.sampled_from(sorted(set(Entry.model_fields) - {"number"})) | st.text(), ANYTHING))
def test_any_row_is_readable(row: dict[str, Any]) -> None:
    """Whatever a column holds, reading it raises nothing."""
    assert Entry.from_row(row | {"number": 3}).number == 3


def test_newer_journal_is_left_alone(journal: Journal) -> None:
    """An older package neither reads nor changes what a newer one wrote."""
    begin(journal)
    raw("PRAGMA user_version = 99")
    with pytest.raises(StorageError, match=r"newer wan-notebook\. Update"):
        journal.entries()


def test_older_journal_is_migrated(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    """A script that is added later runs once on a file which lacks it."""
    begin(journal)
    later = (*database.MIGRATIONS, "ALTER TABLE jobs ADD COLUMN colour TEXT; UPDATE jobs SET status = 'migrated'")
    monkeypatch.setattr(database, "MIGRATIONS", later)
    assert [entry.status for entry in journal.entries()] == ["migrated"]
    assert begin(journal).status == ""
    assert [entry.status for entry in journal.entries()] == ["", "migrated"]


def test_failed_migration_changes_nothing(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    """A script runs whole or not at all."""
    begin(journal)
    with monkeypatch.context() as broken:
        broken.setattr(database, "MIGRATIONS", (*database.MIGRATIONS, "DELETE FROM jobs; NONSENSE"))
        with pytest.raises(StorageError):
            journal.entries()
    assert len(journal.entries()) == 1


def test_interrupted_change_is_undone(journal: Journal) -> None:
    """A row is written whole or not at all."""
    entry = begin(journal)

    def interrupted() -> None:
        with database.writing(journal.path) as connection:
            connection.execute("UPDATE jobs SET phase = 'saved'")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert journal.entries() == [entry]


def test_damaged_file_is_kept(journal: Journal) -> None:
    """A broken file raises, is never written over, and is kept under another name when asked to."""
    garbage = b"this is no database" * 100
    begin(journal)
    database.let_go()
    journal.path.write_bytes(garbage)
    with pytest.raises(JournalDamaged, match="set_aside") as caught:
        begin(journal)
    assert caught.value.path == journal.path
    assert journal.path.read_bytes() == garbage
    aside = journal.set_aside()
    assert aside.read_bytes() == garbage
    assert begin(journal).number == 1


def test_readable_rows_are_rescued(journal: Journal) -> None:
    """Only the rows of the damaged page are left behind; all others are in the new journal."""
    for number in range(1, 61):
        journal.rejected(begin(journal, client_request_id=f"submit-{number}"), f"marker {number}.")
    database.let_go()
    content = bytearray(journal.path.read_bytes())
    page = content.index(b"marker 30.") // 4096 * 4096
    content[page : page + 4096] = b"\xff" * 4096
    journal.path.write_bytes(content)
    with pytest.raises(JournalDamaged):
        journal.entries()
    aside = journal.set_aside()
    rescued = {entry.number for entry in journal.entries()}
    assert aside.read_bytes() == bytes(content)
    assert {1, 60} <= rescued
    assert 30 not in rescued
    assert len(rescued) > 45
    assert begin(journal).number > 60


def test_unwritable_folder_is_named(tmp_path: Path) -> None:
    """Where no folder can be made, the message names the place and the way out."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="Set WAN_NOTEBOOK_HOME"):
        begin(Journal(tmp_path / "file" / "jobs.sqlite3"))
    with pytest.raises(StorageError, match="Set WAN_NOTEBOOK_HOME"):
        Journal(tmp_path / "file" / "jobs.sqlite3").entries()


def test_locked_file_is_an_error(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that another notebook does not let go of is an error, never a hang."""
    entry = begin(journal)
    monkeypatch.setattr(database, "PATIENCE", 0.01)
    holder = sqlite3.connect(journal.path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    assert journal.entries() == [entry]
    with pytest.raises(StorageError, match="written by another notebook"):
        journal.rejected(entry, "refused")
    holder.close()
    assert journal.rejected(entry, "refused").phase == "rejected"


def test_full_disk_loses_nothing(journal: Journal) -> None:
    """A write that does not fit raises a StorageError, and what was written before can be read."""
    entry = begin(journal)
    script = """
import resource
from wan_notebook.errors import StorageError
resource.setrlimit(resource.RLIMIT_FSIZE, (1, 1))
try:
    journal.rejected(journal.entries()[0], "refused")
except StorageError as error:
    print(error)
"""
    with notebook(script) as other:
        said = other.communicate()[0]
    assert said.startswith(f"The journal {journal.path} ")
    assert journal.entries() == [entry]


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("database or disk is full", "Free some space"),
        ("attempt to write a readonly database", "is read-only. Set WAN_NOTEBOOK_HOME"),
        ("unable to open database file", "Set WAN_NOTEBOOK_HOME"),
        ("disk I/O error", "network drives often cannot. Set WAN_NOTEBOOK_HOME to a local folder"),
        ("locking protocol", "has no locks. Set WAN_NOTEBOOK_HOME to a local folder"),
        ("database is locked", "another notebook"),
        ("file is not a database", "set_aside"),
        ("database disk image is malformed", "set_aside"),
        ("no such table: jobs", "cannot be used (no such table: jobs)"),
    ],
)
def test_each_error_has_its_remedy(theirs: str, ours: str) -> None:
    """Whatever SQLite complains of, the message names the file and what to do."""
    error = database.explain(sqlite3.OperationalError(theirs), Path("/data/jobs.sqlite3"))
    assert ours in str(error)
    assert "/data/jobs.sqlite3" in str(error)


def test_public_names_are_complete() -> None:
    """The room's public names are these."""
    assert journal_room.__all__ == ["Entry", "Input", "Journal", "fingerprint"]
