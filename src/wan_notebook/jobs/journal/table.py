"""The table of jobs: one transaction for each change, and the phases that may follow each other."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...client.service import EMBEDDED_URL
from ...errors import StorageError
from ...model.job import COMPLETED, ERROR, Job
from ...runtime.data_dir import data_dir
from . import database, liveness
from .database import sqlite_errors
from .entry import PHASES, UNDER_WAY, Entry, JobPhase, reusable_job

_SAME = "SELECT * FROM jobs WHERE fingerprint IN"
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

    def insert(self, phase: JobPhase, row: Mapping[str, Any], *, reuse: bool = False) -> Entry:
        """Write a new row, in the name of this process, and return it as it stands.

        Args:
            phase: of the job.
            row: the columns.
            reuse: return a row with the same fingerprint that makes this one needless, where there is one, and write
                none; no other process can write one in between.
        """
        with sqlite_errors(self.path):
            row = {**row, "phase": phase, "process": liveness.register(self._liveness)}
        names, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
        with database.writing(self.path) as connection:
            if reuse:
                same = connection.execute(f"{_SAME} (:fingerprint) ORDER BY number DESC", row).fetchall()
                if (earlier := reusable_job([self._entry(one) for one in same])) is not None:
                    return earlier
            number = connection.execute(f"INSERT INTO jobs ({names}) VALUES ({marks})", row).lastrowid
            return self._at(connection, number)

    def advance(self, entry: Entry, phase: JobPhase, **changes: Any) -> Entry:
        """Update a row which may enter this phase, leave any other unchanged, and return the row as it is then.

        A change that the service or the disk will tell again need not outlive a power cut; the job's id must.
        """
        durable = entry.job_id is None
        changes = {**changes, "phase": phase}
        sets = ", ".join(f"{name} = :{name}" for name in changes)
        earlier = ", ".join(repr(one) for one in ALLOWED_FROM[phase])
        with database.writing(self.path, durable=durable) as connection:
            connection.execute(
                f"UPDATE jobs SET {sets} WHERE number = :number AND phase IN ({earlier}, :phase)",
                {**changes, "number": entry.number},
            )
            return self._at(connection, entry.number)

    def delete(self, entry: Entry) -> None:
        """Remove a row for good."""
        with database.writing(self.path) as connection:
            connection.execute("DELETE FROM jobs WHERE number = ?", (entry.number,))

    @contextlib.contextmanager
    def select(self, equal: Mapping[str, Any], phases: Collection[JobPhase] = PHASES) -> Iterator[Iterator[Entry]]:
        """Yield an iterator over the entries with these values and phases, newest first; it reads row by row."""
        others = ", ".join(repr(phase) for phase in PHASES if phase not in stored_phases(phases))
        where = " AND ".join([*(f"{name} = :{name}" for name in equal), f"phase NOT IN ({others})"])
        with database.reading(self.path) as connection:
            rows = connection.execute(f"SELECT * FROM jobs WHERE {where} ORDER BY number DESC", equal)
            yield (entry for entry in map(self._entry, rows) if entry.phase in phases)

    def with_fingerprints(self, fingerprints: Sequence[str]) -> Iterator[Entry]:
        """Yield the entries with one of these fingerprints, newest first for each, in one connection."""
        with database.reading(self.path) as connection:
            for start in range(0, len(fingerprints), _AT_ONCE):
                some = fingerprints[start : start + _AT_ONCE]
                marks = ", ".join("?" * len(some))
                yield from map(self._entry, connection.execute(f"{_SAME} ({marks}) ORDER BY number DESC", some))

    def _at(self, connection: sqlite3.Connection, number: int | None) -> Entry:
        row = connection.execute("SELECT * FROM jobs WHERE number = ?", (number,)).fetchone()
        if row is None:
            raise StorageError(f"Job {number} is no longer in the journal: it was deleted meanwhile.")
        return self._entry(row)

    def _entry(self, row: sqlite3.Row) -> Entry:
        columns = dict(row)
        if isinstance(columns["clip"], str):
            columns["clip"] = data_dir() / columns["clip"]
        inside, process = columns["base_url"] == EMBEDDED_URL, str(columns["process"])
        may_have_died = columns["phase"] in (UNDER_WAY if inside else ("submitting",))
        if may_have_died and not liveness.is_alive(self._liveness, process):
            columns["phase"], columns["error"] = _AFTER_DEATH[inside]
        entry = Entry.from_row(columns)
        outside = inside and entry.phase in UNDER_WAY and not liveness.is_own(process)
        return entry.model_copy(update={"elsewhere": True}) if outside else entry

    @property
    def _liveness(self) -> Path:
        return self.path.parent / "alive"


ALLOWED_FROM: Mapping[JobPhase, tuple[JobPhase, ...]] = {
    "rejected": ("submitting", "unknown"),
    "unknown": ("submitting",),
    "running": ("submitting", "unknown"),
    "completed": ("submitting", "unknown", "running"),
    "failed": ("submitting", "unknown", "running"),
    "saved": ("submitting", "unknown", "running", "completed"),
}
"""The phases from which each may be reached: a stale snapshot, from another process, undoes nothing."""


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


def stored_phases(phases: Collection[JobPhase]) -> set[JobPhase]:
    """Return the phases as which rows are stored that are read as one of these.

    A submit cut off is read as unknown, and a preview that ended with its notebook as failed.
    """
    cut_off: Mapping[JobPhase, tuple[JobPhase, ...]] = {"unknown": ("submitting",), "failed": UNDER_WAY}
    return {*phases, *(row for phase in phases for row in cut_off.get(phase, ()))}
