"""The journal's file: opened for one operation at a time, migrated when old, recovered when damaged.

While it is open a lock of our own keeps all others out, other threads and kernels alike. SQLite's own locks are not
relied upon: a process loses them as soon as anything in it copies the file. Its log is written into the file at each
change, so that nothing has to stay open, and the file alone is the whole journal.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from ...errors import JournalBusy, JournalDamaged, StorageError
from ...runtime.data_dir import atomic_write
from ...runtime.file_lock import FileLock

PATIENCE = 10.0
"""Seconds to wait for another notebook that is writing."""
_PAUSE = 0.005
"""Seconds between two attempts to take the lock."""

_FINGERPRINTS = """
    UPDATE jobs SET fingerprint = fingerprint_of_row(base_url, model, settings, image, video, prepare, fingerprint)
        WHERE fingerprint IS NOT NULL;
"""
MIGRATIONS = (
    """
    CREATE TABLE jobs (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        client_request_id TEXT NOT NULL UNIQUE,
        service TEXT, base_url TEXT, paid INTEGER,
        model TEXT, settings TEXT, image TEXT, video TEXT, frames INTEGER, prepare TEXT, fingerprint TEXT,
        estimate_usd REAL, estimate_basis TEXT,
        phase TEXT NOT NULL, job_id TEXT, status TEXT, error TEXT, engine TEXT, credits_used REAL, usd REAL,
        clip TEXT, process TEXT,
        created_at REAL, submitted_at REAL, started_at REAL, finished_at REAL, looked_at REAL, late_by REAL
    );
    CREATE INDEX jobs_by_job_id ON jobs (job_id);
    CREATE INDEX jobs_by_fingerprint ON jobs (fingerprint);
    """,
    """
    ALTER TABLE jobs ADD COLUMN begun TEXT;
    ALTER TABLE jobs ADD COLUMN lost TEXT;
    """,
    _FINGERPRINTS,
    """
    CREATE INDEX IF NOT EXISTS jobs_under_way ON jobs (phase) WHERE phase IN ('submitting', 'running', 'completed');
    CREATE INDEX IF NOT EXISTS jobs_paid ON jobs (created_at) WHERE paid;
    """,
    _FINGERPRINTS,
)
"""The n-th script takes the file from user_version n to n + 1; a script is never changed once it was released."""


_turn = threading.RLock()
"""Held by the thread that has the file open."""

if hasattr(os, "register_at_fork"):
    # A child that inherited an open connection would share its locks: the fork waits for the end of the operation.
    os.register_at_fork(before=_turn.acquire, after_in_parent=_turn.release, after_in_child=_turn.release)


@contextlib.contextmanager
def reading(path: Path, *, patience: float = PATIENCE) -> Iterator[sqlite3.Connection]:
    """Open the file for one query, and close it after the block; one that cannot be written is read from a copy.

    Args:
        path: the file.
        patience: seconds to wait for another notebook that is writing.

    Raises:
        JournalBusy: another notebook does not let go of it.
        StorageError: it cannot be opened or read; the message says why and what to do.
    """
    with contextlib.ExitStack() as stack:
        stack.enter_context(sqlite_errors(path))
        if os.access(path.parent, os.W_OK):
            stack.enter_context(locked(path, patience))
        else:
            path = copied(path, Path(stack.enter_context(tempfile.TemporaryDirectory())))
        yield stack.enter_context(contextlib.closing(open_file(path, patience)))


@contextlib.contextmanager
def writing(path: Path, *, patience: float = PATIENCE) -> Iterator[sqlite3.Connection]:
    """Open the file for one change, which is written when the block ends and undone when the block raises.

    Arguments and errors as for reading(). What was written outlives a power cut.
    """
    with sqlite_errors(path), locked(path, patience), transaction(path, patience) as connection:
        yield connection


@contextlib.contextmanager
def transaction(path: Path, patience: float) -> Iterator[sqlite3.Connection]:
    """Open the file, which is locked already, for one change."""
    with contextlib.closing(open_file(path, patience)) as connection, connection:
        connection.execute("BEGIN IMMEDIATE")
        yield connection


@contextlib.contextmanager
def locked(path: Path, patience: float) -> Iterator[None]:
    """Keep every other thread and notebook away from the file during the block.

    Raises:
        JournalBusy: another one does not let go of it.
        OSError: the drive has no locks, or cannot be written.
    """
    until = time.monotonic() + patience
    while True:
        if _turn.acquire(timeout=max(0.0, until - time.monotonic())):
            try:
                lock = FileLock.take(path.with_name(f"{path.name}-lock"))
                if lock is not None:
                    try:
                        yield
                    finally:
                        lock.release()
                    return
            finally:
                _turn.release()
        if time.monotonic() >= until:
            raise explain(sqlite3.OperationalError("database is locked"), path)
        time.sleep(_PAUSE)


def copied(path: Path, folder: Path) -> Path:
    """Copy the file, and what SQLite left beside it, into a folder, and return the path of the copy."""
    for ending in _ENDINGS:
        with contextlib.suppress(FileNotFoundError):
            shutil.copyfile(path.with_name(path.name + ending), folder / (path.name + ending))
    return folder / path.name


def back_up(path: Path, target: Path) -> None:
    """Write a copy of the file, as it is between two changes.

    Raises:
        StorageError: the file cannot be read, or the copy not be written.
    """
    with (
        reading(path) as connection,
        atomic_write(target) as partial,
        sqlite_errors(target),
        contextlib.closing(sqlite3.connect(partial)) as copy,
    ):
        connection.backup(copy)


def set_aside(path: Path) -> Path:
    """Rename the file and what belongs to it, begin a new one with the rows that can be read, and return the new name.

    Raises:
        StorageError: the file cannot be renamed, or no new one be written.
    """
    from .recovery import rows

    now = datetime.now().strftime("%Y%m%d-%H%M%S-%f")
    aside = path.with_name(f"{path.stem}-set-aside-{now}{path.suffix}")
    with sqlite_errors(path), locked(path, PATIENCE):
        for ending in _ENDINGS:
            with contextlib.suppress(FileNotFoundError):
                path.with_name(path.name + ending).rename(aside.with_name(aside.name + ending))
        with transaction(path, PATIENCE) as new:
            names = [column["name"] for column in new.execute("PRAGMA table_info(jobs)")]
            into = f"INSERT OR IGNORE INTO jobs ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
            new.executemany(into, rows(aside, names))
            new.execute(_FINGERPRINTS)  # the file may have been an older one
    return aside


_ENDINGS = ("-wal", "-shm", "-journal", "")
"""Of the names of files that belong together."""


def open_file(path: Path, patience: float) -> sqlite3.Connection:
    """Open the file, migrated to the newest version."""
    connection = sqlite3.connect(path, timeout=patience, isolation_level=None)
    try:
        connection.row_factory = sqlite3.Row
        connection.text_factory = lambda raw: raw.decode("utf-8", errors="replace")
        # The file of the log stays, emptied: making and removing it each time would take half as long again.
        connection.execute("PRAGMA journal_mode = PERSIST")
        connection.execute("PRAGMA synchronous = FULL")
        migrate(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Run the scripts of MIGRATIONS that the file lacks, all of them or none.

    Raises:
        StorageError: the file was written by a newer version of the package.
    """
    version = user_version(connection)
    if version == len(MIGRATIONS):
        return
    if version > len(MIGRATIONS):
        raise StorageError(
            f"The journal {path} was written by a newer wan-notebook. Update the package "
            "(pip install -U wan-notebook), or set WAN_NOTEBOOK_HOME to another folder."
        )
    from .entry import fingerprint_of_row

    connection.create_function("fingerprint_of_row", 7, fingerprint_of_row, deterministic=True)
    connection.execute("BEGIN IMMEDIATE")
    try:
        for script in MIGRATIONS[user_version(connection) :]:
            for statement in filter(str.strip, script.split(";")):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def user_version(connection: sqlite3.Connection) -> int:
    """Return the number of scripts of MIGRATIONS that the file has seen."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


_REMEDIES = (
    ("not a database", "is damaged"),
    ("malformed", "is damaged"),
    ("full", "cannot grow: the disk is full. Free some space and try again"),
    ("readonly", "is read-only. Set WAN_NOTEBOOK_HOME to a folder you can write to"),
    ("unable to open", "cannot be opened. Set WAN_NOTEBOOK_HOME to a folder you can write to"),
    ("locked", "is being written by another notebook, which does not let go. Try again, or restart the other kernel"),
    ("disk i/o", "cannot be kept on this drive; network drives often cannot. Set WAN_NOTEBOOK_HOME to a local folder"),
)
"""SQLite's own words, which have not changed in decades, and ours."""


@contextlib.contextmanager
def sqlite_errors(path: Path) -> Iterator[None]:
    """Turn errors of SQLite and the system into a StorageError that says how to go on."""
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"The journal {path} cannot be kept there ({error.strerror}). "
            "Set WAN_NOTEBOOK_HOME to a local folder that you can write to."
        ) from None
    except sqlite3.Error as error:
        raise explain(error, path) from None


def explain(error: sqlite3.Error, path: Path) -> StorageError:
    """Return an error of SQLite as a StorageError that says how to go on."""
    message = str(error).lower()
    problem = next((ours for theirs, ours in _REMEDIES if theirs in message), "cannot be used")
    if "locked" in message:
        return JournalBusy(f"The journal {path} {problem} ({error}).")
    if problem == "is damaged":
        return JournalDamaged(
            f"The journal {path} is damaged. wan_notebook.jobs.journal.Journal().set_aside() keeps it under another "
            "name and begins a new one with what can still be read; saved clips stay where they are.",
            path,
        )
    return StorageError(f"The journal {path} {problem} ({error}).")
