"""The journal's file: opened for one operation at a time, migrated when old, renamed when damaged.

Beside the connections that come and go, a process which writes holds one that does nothing. Whoever closes the last
connection to a file must carry SQLite's log over into it and wait for the disk several times; as long as one stays
open, a durable change waits once, and any other not at all.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from ...errors import JournalDamaged, StorageError
from .entry import fingerprint_of_row

PATIENCE = 10.0
"""Seconds to wait for another notebook that is writing."""

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
    """
    UPDATE jobs SET fingerprint = fingerprint_of_row(base_url, model, settings, image, video, fingerprint)
        WHERE fingerprint IS NOT NULL;
    """,
)
"""The n-th script takes the file from user_version n to n + 1; a script is never changed once it was released."""


_lock = threading.Lock()
_held: tuple[Path, sqlite3.Connection] | None = None


@contextlib.contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the file for one query, and close it after the block.

    Raises:
        StorageError: it cannot be opened or read; the message says why and what to do.
    """
    with sqlite_errors(path), contextlib.closing(open_file(path)) as connection:
        yield connection


@contextlib.contextmanager
def writing(path: Path, *, durable: bool = True) -> Iterator[sqlite3.Connection]:
    """Open the file for one change, which is written when the block ends and undone when the block raises.

    Args:
        path: the file.
        durable: whether the change must outlive a power cut; any change outlives the death of its process.

    Raises:
        StorageError: it cannot be opened or written; the message says why and what to do.
    """
    with sqlite_errors(path):
        hold_open(path)
    with reading(path) as connection:
        connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.rollback()
            raise
        connection.commit()


def hold_open(path: Path) -> None:
    """Keep one idle connection to the file open, in place of any other."""
    global _held
    with _lock:
        if _held is None or _held[0] != path:
            before, _held = _held, (path, open_file(path))
            if before is not None:
                before[1].close()


@atexit.register
def release() -> None:
    """Close the idle connection; the next change opens it again."""
    global _held
    with _lock:
        before, _held = _held, None
        if before is not None:
            before[1].close()


if hasattr(os, "register_at_fork"):
    # SQLite's locks belong to a process: a child that inherited an open connection would believe that it holds them.
    os.register_at_fork(before=release)


def set_aside(path: Path) -> Path:
    """Rename the file and what belongs to it, begin a new one with the rows that can be read, and return the new name.

    Raises:
        StorageError: the file cannot be renamed, or no new one be written.
    """
    release()  # some systems rename no file that is open
    aside = path.with_name(f"{path.stem}-set-aside-{time.strftime('%Y%m%d-%H%M%S')}{path.suffix}")
    with sqlite_errors(path):
        for ending in ("-wal", "-shm", ""):
            with contextlib.suppress(FileNotFoundError):
                path.with_name(path.name + ending).rename(aside.with_name(aside.name + ending))
    with writing(path) as new, contextlib.closing(sqlite3.connect(aside)) as old:
        # Damage stops a scan, so it is scanned from both ends; what lies between two damaged places is left behind.
        for direction in ("ASC", "DESC"):
            with contextlib.suppress(sqlite3.DatabaseError):
                rows = old.execute(f"SELECT * FROM jobs ORDER BY number {direction}")
                names = [column[0] for column in rows.description]
                into = f"INSERT OR IGNORE INTO jobs ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
                new.executemany(into, rows)
    return aside


def open_file(path: Path) -> sqlite3.Connection:
    """Open the file, migrated to the newest version."""
    connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
    try:
        connection.row_factory = sqlite3.Row
        connection.text_factory = lambda raw: raw.decode("utf-8", errors="replace")
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
    # Where the folder is on a drive without shared memory, SQLite keeps its older and slower way of writing; also safe.
    connection.execute("PRAGMA journal_mode = WAL")
    connection.create_function("fingerprint_of_row", 6, fingerprint_of_row, deterministic=True)
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
    ("locking protocol", "cannot be kept on this drive, which has no locks. Set WAN_NOTEBOOK_HOME to a local folder"),
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
            "Set WAN_NOTEBOOK_HOME to a folder you can write to."
        ) from None
    except sqlite3.Error as error:
        raise explain(error, path) from None


def explain(error: sqlite3.Error, path: Path) -> StorageError:
    """Return an error of SQLite as a StorageError that says how to go on."""
    message = str(error).lower()
    problem = next((ours for theirs, ours in _REMEDIES if theirs in message), "cannot be used")
    if problem == "is damaged":
        return JournalDamaged(
            f"The journal {path} is damaged. wan_notebook.jobs.journal.Journal().set_aside() keeps it under another "
            "name and begins a new one with what can still be read; saved clips stay where they are.",
            path,
        )
    return StorageError(f"The journal {path} {problem} ({error}).")
