"""The table of jobs: one transaction for each change."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ...client.service import EMBEDDED_URL
from ...errors import StorageError
from ...model.job import COMPLETED, ERROR, Job
from ...runtime.data_dir import data_dir
from . import database, liveness
from .changes import Change, forget, keep, unwritten
from .database import sqlite_errors
from .entry import PHASES, UNDER_WAY, Entry, JobPhase, reusable_job

_SAME = "SELECT * FROM jobs WHERE fingerprint IN"
_PAID_SINCE = "SELECT * FROM jobs WHERE paid AND created_at >= ?"
_AT_ONCE = 500
"""Values in one query; older versions of SQLite take a thousand at most."""

_AFTER_DEATH: tuple[tuple[JobPhase, str], tuple[JobPhase, str]] = (
    ("unknown", "The notebook ended during the submit: the job may have been bought."),
    ("failed", "The preview ended with its notebook. It is free to make again."),
)
"""The phase and error of a job whose process has died: of one on a service, and of a preview inside the process."""


@dataclass(frozen=True)
class JobTable:
    """The table of jobs in one file.

    Every method raises StorageError where the file cannot be read or written.
    """

    path: Path
    patience: float = database.PATIENCE
    """Seconds to wait for another notebook that is writing."""
    connection: sqlite3.Connection | None = None
    """Of the transaction that all changes and queries belong to; None where each has one of its own."""

    def insert(
        self,
        phase: JobPhase,
        row: Mapping[str, Any],
        *,
        reuse: bool = False,
        since: float = 0.0,
        admit: Callable[[Sequence[Entry]], None] | None = None,
    ) -> Entry:
        """Write a new row, in the name of this process, and return it as it stands.

        Args:
            phase: of the job.
            row: the columns.
            reuse: return a row with the same fingerprint that makes this one needless, where there is one, and write
                none; no other process can write one in between.
            since: seconds since the epoch, for `admit`.
            admit: called with the paid jobs since then before a row is written; where it raises, none is written, and
                no other process can write one in between either.
        """
        with sqlite_errors(self.path):
            row = {**row, "phase": phase, "process": liveness.register(self._liveness)}
        names, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
        with self.writing() as connection:
            if reuse:
                same = connection.execute(f"{_SAME} (:fingerprint) ORDER BY number DESC", row).fetchall()
                if (earlier := reusable_job([self._entry(one) for one in same])) is not None:
                    return earlier
            if admit is not None:
                admit([self._entry(one) for one in connection.execute(_PAID_SINCE, (since,)).fetchall()])
            number = connection.execute(f"INSERT INTO jobs ({names}) VALUES ({marks})", row).lastrowid
            return self._entry(connection.execute("SELECT * FROM jobs WHERE number = ?", (number,)).fetchone())

    def advance(self, entry: Entry, phase: JobPhase, **columns: Any) -> Entry:
        """Update a row which may enter this phase, leave any other unchanged, and return the row as it is then.

        A change that cannot be written is kept, and written as soon as that works.
        """
        change = Change(entry.number, phase, columns)
        try:
            with self.writing() as connection:
                change.write(connection)
                row = connection.execute("SELECT * FROM jobs WHERE number = ?", (entry.number,)).fetchone()
        except StorageError:
            keep(self.path, change, self._write_kept)
            raise
        if row is None:
            raise StorageError(f"Job {entry.number} is no longer in the journal: it was deleted meanwhile.")
        return self._entry(row)

    def advance_later(self, entry: Entry, phase: JobPhase, **columns: Any) -> Entry:
        """Keep a change of a row, and return the entry as it is with it; it is written with the next change."""
        change = Change(entry.number, phase, columns)
        keep(self.path, change, self._write_kept)
        return replace(entry, **columns, phase=phase) if change.fits(entry.phase) else entry

    def delete(self, entry: Entry) -> None:
        """Remove a row for good."""
        with self.writing() as connection:
            connection.execute("DELETE FROM jobs WHERE number = ?", (entry.number,))

    @contextlib.contextmanager
    def select(self, equal: Mapping[str, Any], phases: Collection[JobPhase] = PHASES) -> Iterator[Iterator[Entry]]:
        """Yield an iterator over the entries with these values and phases, newest first; it reads row by row."""
        stored = stored_phases(phases)
        others = ", ".join(repr(phase) for phase in PHASES if phase not in stored)
        where = " AND ".join([*(f"{name} = :{name}" for name in equal), f"phase NOT IN ({others})"])
        under_way = stored.issubset(UNDER_WAY)
        if under_way:
            where += f" AND phase IN {UNDER_WAY!r}"  # in the words of the index that has those rows alone
        kept = {change.number for change in unwritten(self.path)}
        if kept and (equal or under_way):  # with an OR, SQLite reads every row instead of an index
            numbers = ", ".join(f"({number})" for number in kept)
            where = f"number IN (SELECT number FROM jobs WHERE {where} UNION VALUES {numbers})"
        elif kept:
            where = f"({where}) OR number IN ({', '.join(map(str, kept))})"
        with self._reading() as connection:
            rows = connection.execute(f"SELECT * FROM jobs WHERE {where} ORDER BY number DESC", equal)
            found = (entry for entry in map(self._entry, rows) if entry.phase in phases)
            yield (entry for entry in found if entry.number not in kept or has(entry, equal))

    def count(self, equal: Mapping[str, Any], phases: Collection[JobPhase] = PHASES) -> int:
        """Count the entries with these values and phases; only those whose phase depends on who lives are read."""
        kept = ", ".join(str(change.number) for change in unwritten(self.path))
        reads = f"(phase IN {UNDER_WAY!r}{f' OR number IN ({kept})' if kept else ''})"
        where = " AND ".join([*(f"{name} = :{name}" for name in equal), f"phase IN ({', '.join(map(repr, phases))})"])
        with self._reading() as connection:
            counted = connection.execute(f"SELECT count(*) FROM jobs WHERE NOT {reads} AND {where}", equal)
            rows = connection.execute(f"SELECT * FROM jobs WHERE {reads}")
            others = sum(one.phase in phases and has(one, equal) for one in map(self._entry, rows))
            return int(counted.fetchone()[0]) + others

    def with_fingerprints(self, fingerprints: Sequence[str]) -> list[Entry]:
        """Return the entries with one of these fingerprints, newest first for each, in one connection."""
        found: list[Entry] = []
        with self._reading() as connection:
            for start in range(0, len(fingerprints), _AT_ONCE):
                some = fingerprints[start : start + _AT_ONCE]
                marks = ", ".join("?" * len(some))
                found += map(self._entry, connection.execute(f"{_SAME} ({marks}) ORDER BY number DESC", some))
        return found

    def paid_since(self, since: float) -> list[Entry]:
        """Return the entries of paid jobs since a moment, in seconds since the epoch."""
        with self._reading() as connection:
            return [self._entry(one) for one in connection.execute(_PAID_SINCE, (since,)).fetchall()]

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Open the file for changes; those that could not be written before are written first."""
        if self.connection is not None:
            yield self.connection
            return
        kept = unwritten(self.path)
        with database.writing(self.path, patience=self.patience) as connection:
            for change in kept:
                change.write(connection)
            yield connection
        forget(self.path, kept)

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        if self.connection is not None:
            yield self.connection
            return
        with database.reading(self.path, patience=self.patience) as connection:
            yield connection

    def _write_kept(self) -> None:
        with self.writing():
            pass

    def _entry(self, row: sqlite3.Row) -> Entry:
        columns = dict(row)
        for change in unwritten(self.path, columns["number"]):
            columns = change.apply(columns)
        if isinstance(columns["clip"], str):
            columns["clip"] = data_dir() / columns["clip"]
        inside, process = columns["base_url"] == EMBEDDED_URL, str(columns["process"])
        may_have_died = columns["phase"] in (UNDER_WAY if inside else ("submitting",))
        if may_have_died and not liveness.is_alive(self._liveness, process):
            columns["phase"], columns["error"] = _AFTER_DEATH[inside]
        entry = Entry.from_row(columns)
        outside = inside and entry.phase in UNDER_WAY and not liveness.is_own(process)
        return replace(entry, elsewhere=True) if outside else entry

    @property
    def _liveness(self) -> Path:
        return self.path.parent / "alive"


def phase_of(job: Job) -> JobPhase:
    """Return the phase of a job which the service has accepted."""
    if job.status == COMPLETED:
        return "completed"
    return "failed" if job.status == ERROR else "running"


def columns_of(job: Job) -> dict[str, Any]:
    """Return the columns that hold a snapshot of a job."""
    return {
        "job_id": job.id,
        "status": str(job.status),
        "error": job.error,
        "engine": job.engine,
        "credits_used": job.usage and job.usage.credits_used,
        "usd": job.usage and job.usage.usd,
        "submitted_at": job.submitted_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
    }


def changed_columns(entry: Entry, job: Job) -> dict[str, Any]:
    """Return the columns that a snapshot changes; a known time stays, and None replaces nothing but the error."""
    known = {name: value for name, value in columns_of(job).items() if value is not None or name == "error"}
    return {
        name: value
        for name, value in known.items()
        if value != getattr(entry, name) and not (name.endswith("_at") and getattr(entry, name) is not None)
    }


def has(entry: Entry, equal: Mapping[str, Any]) -> bool:
    """Return whether an entry has these values; a number may be given as text."""
    return all(str(getattr(entry, name)) == str(value) for name, value in equal.items())


def stored_phases(phases: Collection[JobPhase]) -> set[JobPhase]:
    """Return the phases as which rows are stored that are read as one of these.

    A submit cut off is read as unknown, and a preview that ended with its notebook as failed.
    """
    cut_off: Mapping[JobPhase, tuple[JobPhase, ...]] = {"unknown": ("submitting",), "failed": UNDER_WAY}
    return {*phases, *(row for phase in phases for row in cut_off.get(phase, ()))}
