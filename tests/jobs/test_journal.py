"""The journal: what happens to a job is on disk, and can be asked for later."""

import dataclasses
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from wan_notebook.client import Service
from wan_notebook.client.parsing import parse_job
from wan_notebook.errors import InvalidRequest, StorageError
from wan_notebook.jobs import journal as journal_room
from wan_notebook.jobs.duration_estimator import similar_jobs
from wan_notebook.jobs.journal import Entry, Journal, changes
from wan_notebook.jobs.journal.changes import Change
from wan_notebook.model.cost import Estimate
from wan_notebook.model.job import Request
from wan_notebook.runtime.data_dir import data_dir

from support.clock import Clock
from support.journals import REQUEST, answer, begin, finish, raw
from support.services import HOSTED


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
    entry = journal.saved(entry, job, "/elsewhere/clip.mp4")
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


def test_saved_clip_names_its_job(journal: Journal) -> None:
    """Where the answer to a submit could not be written, its id is written with the clip, which is found by it."""
    entry = journal.saved(begin(journal), answer("completed", 1_050.0), "/elsewhere/clip.mp4")
    assert (entry.phase, entry.job_id, entry.status) == ("saved", "job:1", "completed")
    assert journal.find("job:1") == entry


def test_stale_news_changes_nothing(journal: Journal) -> None:
    """A second notebook with an older snapshot cannot undo what the first has written."""
    stale = journal.submitted(begin(journal), answer("queued", 1_000.0))
    completed = answer("completed", 1_050.0)
    done = journal.saved(journal.seen(stale, completed), completed, "/elsewhere/clip.mp4")
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


def test_no_key_or_picture_written(journal: Journal) -> None:
    """The journal's folder holds neither the service's key nor the body of a data URI."""
    picture = "data:image/png;base64," + "SECRETPIXELS" * 50
    request = Request(image_url=picture, video_url=REQUEST.video_url, extra={"masks": {"first": picture}})
    entry = begin(journal, request=request, image=None, service=Service.hosted("canary-key"))
    journal.rejected(entry, "refused")
    written = b"".join(path.read_bytes() for path in data_dir().rglob("*") if path.is_file())
    assert b"canary-key" not in written
    assert b"SECRETPIXELS" * 20 not in written
    assert journal.entries()[0].image.url.startswith("data:image/png;base64,…")


def test_foreign_job_is_adopted(journal: Journal) -> None:
    """Of a job that was begun elsewhere the id, the service and the news are kept, and nothing is made up."""
    entry = journal.adopt(answer("generating", 1_000.0), service=HOSTED)
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


def took(journal: Journal, frames: int | None = None) -> list[float | None]:
    """How long jobs like REQUEST took, newest first."""
    finished = journal.finished(base_url="https://api.example", model=REQUEST.model)
    return [entry.seconds for entry in similar_jobs(finished, REQUEST, frames)]


def test_durations_come_from_similar_jobs(journal: Journal, clock: Clock) -> None:
    """Only jobs of the same service, model, resolution, steps and windows count, newest first."""
    finish(journal, clock, 60, estimate=Estimate(None, "", 77))
    finish(journal, clock, 70, estimate=Estimate(None, "", 40))
    finish(journal, clock, 120, estimate=Estimate(None, "", 78))
    finish(journal, clock, 5, service=dataclasses.replace(HOSTED, base_url="embedded"))
    finish(journal, clock, 6, request=replace(REQUEST, num_inference_steps=4))
    finish(journal, clock, 7, request=replace(REQUEST, resolution="480p"))
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


def test_entries_are_filtered_newest_first(journal: Journal) -> None:
    """The newest come first, and phase, service and limit choose among them."""
    first = journal.rejected(begin(journal), "refused")
    second = begin(journal, service=Service.embedded())
    third = begin(journal)
    assert journal.entries() == [third, second, first]
    assert journal.entries(limit=2) == [third, second]
    assert journal.entries(phase="rejected") == [first]
    assert journal.entries(phase=("rejected", "submitting"), service="hosted") == [third, first]
    with pytest.raises(InvalidRequest, match="no filter colour"):
        journal.entries(colour="red")


@pytest.mark.parametrize("phase", [None, "rejected", "unknown", "failed", ("saved", "submitting", "running")])
@pytest.mark.parametrize("equal", [{}, {"service": "hosted"}, {"service": "nobody"}])
def test_count_is_that_of_entries(journal: Journal, clock: Clock, phase: Any, equal: dict[str, str]) -> None:
    """As many jobs are counted as are found, also those whose notebook died and those not written down yet."""
    journal.rejected(begin(journal), "refused")
    finish(journal, clock, 1)
    begin(journal)
    for service, name in ((HOSTED, "dead-1"), (Service.embedded(), "dead-2"), (HOSTED, "dead-1")):
        number = begin(journal, service=service).number
        raw("UPDATE jobs SET process = ? WHERE number = ?", name, number)
    kept = begin(journal)
    change = Change(kept.number, "rejected", {"error": "refused"})
    changes.keep(journal.path, change, lambda: None)
    assert journal.count(phase=phase, **equal) == len(journal.entries(phase=phase, **equal))
    assert journal.count() == 7
    changes.forget(journal.path, (change,))


def test_count_reads_no_settled_job(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many jobs are behind a person, only those whose end is not known are read to count them."""
    for _ in range(5):
        journal.rejected(begin(journal), "refused")
    begin(journal)
    read: list[Mapping[str, Any]] = []
    from_row = Entry.from_row

    def counted(row: Mapping[str, Any]) -> Entry:
        read.append(row)
        return from_row(row)

    monkeypatch.setattr(Entry, "from_row", counted)
    assert (journal.count(), len(read)) == (6, 1)


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


def test_public_names_are_complete() -> None:
    """The room's public names are these."""
    assert journal_room.__all__ == ["Entry", "Journal", "fingerprint"]
