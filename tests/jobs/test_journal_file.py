"""The journal's file: old, damaged, locked, or on a disk that takes no more."""

import errno
import os
import sqlite3
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from wan_notebook.errors import JournalDamaged, StorageError
from wan_notebook.jobs.history import history
from wan_notebook.jobs.journal import Entry, Journal, database, recovery
from wan_notebook.jobs.order import OrderBuilder
from wan_notebook.runtime.data_dir import data_dir

from support.clock import Clock
from support.journals import REQUEST, answer, begin, finish, notebook, raw
from support.services import HOSTED


def test_odd_columns_take_defaults(journal: Journal) -> None:
    """Columns of a wrong kind take their defaults; the rest of the row is there."""
    begin(journal)
    raw("UPDATE jobs SET settings = '{broken', frames = 'many', phase = 'dreaming', image = '[]', usd = x'ff'")
    raw("UPDATE jobs SET error = CAST(x'c328' AS TEXT)")
    odd = journal.entries()[0]
    assert (odd.settings, odd.frames, odd.phase, odd.image.name, odd.usd) == ({}, None, "unknown", "", None)
    assert (odd.video.name, odd.service, odd.error) == ("dance.mp4", "hosted", "\N{REPLACEMENT CHARACTER}(")


ANYTHING = st.none() | st.integers() | st.floats() | st.text() | st.binary()


COLUMNS = [field.name for field in fields(Entry) if field.name != "number"]


@given(st.dictionaries(st.sampled_from(COLUMNS) | st.text(), ANYTHING))
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


def test_older_fingerprints_are_renewed(journal: Journal, clock: Clock) -> None:
    """A job of an older journal, which counted how a thing was said, is found by what was sent; others stay as is."""
    done = finish(journal, clock, 60)
    data = replace(REQUEST, video_url="data:video/mp4;base64," + "A" * 500)
    short = begin(journal, request=data, video=None)
    adopted = journal.adopt(answer("queued", 1_000.0), service=HOSTED)
    raw("UPDATE jobs SET fingerprint = 'old', base_url = 'HTTPS://api.example:443/v2' WHERE fingerprint IS NOT NULL")
    raw("UPDATE jobs SET settings = '{broken' WHERE number = ?", begin(journal).number)
    raw("PRAGMA user_version = 2")
    found = journal.reusable([done.fingerprint])[done.fingerprint]
    assert (found.number, found.fingerprint) == (done.number, done.fingerprint)
    prints = {entry.number: entry.fingerprint for entry in journal.entries()}
    assert (prints[short.number], prints[adopted.number]) == ("old", "")


@pytest.mark.parametrize("how", [{"prepare_video": {"fps": 5}}, {}], ids=["piece", "sticker"])
def test_bytes_of_older_journals_are_renewed(
    how: dict[str, Any], journal: Journal, clock: Clock, character: Path, performance: Path, tmp_path: Path
) -> None:
    """A job of an older journal, which counted the bytes of copies made here, is found by what they were made of."""
    with Image.open(character) as opened:
        opened.putalpha(100)
        opened.save(tmp_path / "sticker.png")
    order = OrderBuilder(HOSTED, **how).order(character if how else tmp_path / "sticker.png", performance)
    asked = {"request": order.request, "image": order.image, "video": order.video, "prepare": order.prepared}
    done = finish(journal, clock, 60, **asked)
    assert order.prepared is not None
    assert order.image.path is not None
    raw("UPDATE jobs SET fingerprint = 'of bytes', video = replace(video, ?, '/elsewhere')", str(data_dir()))
    raw("UPDATE jobs SET image = replace(image, ?, ?)", order.image.path.stem, str(order.image.sha256)[:32])
    raw("PRAGMA user_version = 4")
    assert journal.reusable([order.fingerprint])[order.fingerprint].number == done.number


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


def stored_columns(journal: Journal) -> list[str]:
    """The names of the table's columns."""
    with database.reading(journal.path) as connection:
        return [column["name"] for column in connection.execute("PRAGMA table_info(jobs)")]


def test_damaged_file_is_kept(journal: Journal) -> None:
    """A broken file raises, is never written over, and is kept under another name when asked to."""
    garbage = b"this is no database" * 100
    begin(journal)
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


def test_rows_survive_any_damage(journal: Journal) -> None:
    """Whichever page is overwritten, the first one too, every row is rescued of which no part lay in it."""
    for number in range(1, 41):
        entry = begin(journal, client_request_id=f"submit-{number}")
        journal.rejected(entry, f"marker {number}." + "x" * (9_000 if number == 20 else 0))
    content, damaged = journal.path.read_bytes(), journal.path.with_name("damaged.sqlite3")
    for page in range(0, len(content), 4096):
        lost = content[page : page + 4096]
        damaged.write_bytes(content[:page] + b"\xff" * 4096 + content[page + 4096 :])
        numbers = {row[0] for row in recovery.rows(damaged, stored_columns(journal))}
        in_page = {number for number in range(1, 41) if b"marker %d." % number in lost}
        long = {20}  # reaches over three pages, of which the last may be lost
        assert {*range(1, 41)} - numbers - long == in_page - long


def test_shortened_file_is_rescued(journal: Journal) -> None:
    """What a file has lost at its end takes nothing else along."""
    for number in range(1, 41):
        begin(journal, client_request_id=f"submit-{number}")
    content = journal.path.read_bytes()
    journal.path.write_bytes(content[: len(content) * 3 // 4])
    journal.set_aside()
    rescued = [entry.number for entry in journal.entries()]
    assert rescued == sorted(set(rescued), reverse=True)
    assert len(rescued) > 10  # fewer than three quarters, since the indexes lie between them


def test_read_only_folder_is_readable(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    """The history of a folder that cannot be written is read from a copy, and nothing is written there."""
    entries = [begin(journal), begin(journal)]
    raw("PRAGMA user_version = 2")  # an older one, which has to be migrated
    before = {path: path.read_bytes() for path in journal.path.parent.iterdir() if path.is_file()}
    monkeypatch.setattr(os, "access", lambda _path, mode: mode != os.W_OK)
    assert [entry.number for entry in history()] == [entry.number for entry in reversed(entries)]
    assert {path: path.read_bytes() for path in journal.path.parent.iterdir() if path.is_file()} == before


@pytest.mark.systems("linux", "darwin")
def test_drive_without_locks_is_refused(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a drive has no locks no job is begun, and the message says what to do."""

    def no_locks(_descriptor: int, _operation: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", no_locks)
    with pytest.raises(StorageError, match=r"No locks available.*Set WAN_NOTEBOOK_HOME to a local folder"):
        begin(journal)


def test_unwritable_folder_is_named(tmp_path: Path) -> None:
    """Where no folder can be made, the message names the place and the way out."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="Set WAN_NOTEBOOK_HOME"):
        begin(Journal(tmp_path / "file" / "jobs.sqlite3"))
    with pytest.raises(StorageError, match="Set WAN_NOTEBOOK_HOME"):
        Journal(tmp_path / "file" / "jobs.sqlite3").entries()


def test_locked_file_is_an_error(journal: Journal) -> None:
    """A file that another notebook does not let go of is an error, never a hang."""
    entry = begin(journal)
    holder = sqlite3.connect(journal.path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    assert journal.entries() == [entry]
    with pytest.raises(StorageError, match="written by another notebook"):
        Journal(patience=0.01).rejected(entry, "refused")
    holder.close()
    assert journal.rejected(entry, "refused").phase == "rejected"


@pytest.mark.systems("linux", "darwin")
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
