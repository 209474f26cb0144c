"""The table of jobs: entries in and out, one transaction for each."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import StorageError
from ..home import home
from . import database, presence
from .entry import PHASES, Entry, Phase
from .events import EARLIER, stored
from .troubles import explained


@dataclass(frozen=True)
class Rows:
    """The jobs in one file.

    Every method raises StorageError where the file cannot be read or written.
    """

    path: Path

    def insert(self, phase: Phase, row: Mapping[str, Any]) -> Entry:
        """Write a new row, in the name of this process, and return it as it stands."""
        with explained(self.path):
            row = {**row, "phase": phase, "process": presence.mine(self._presence)}
        names, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
        with database.writing(self.path) as connection:
            number = connection.execute(f"INSERT INTO jobs ({names}) VALUES ({marks})", row).lastrowid
            return self._at(connection, number)

    def advance(self, entry: Entry, phase: Phase, **changes: Any) -> Entry:
        """Change a row which may reach this phase, leave one that is further on alone, and return it as it stands.

        News that the service or the disk will tell again need not outlive a power cut; the job's id must.
        """
        durable = entry.job_id is None
        changes = {**changes, "phase": phase}
        sets = ", ".join(f"{name} = :{name}" for name in changes)
        earlier = ", ".join(repr(one) for one in EARLIER[phase])
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
    def select(self, equal: Mapping[str, Any], phases: Collection[Phase] = PHASES) -> Iterator[Iterator[Entry]]:
        """Yield the entries with these values and phases, newest first; what is not asked for is not read."""
        others = ", ".join(repr(phase) for phase in PHASES if phase not in stored(phases))
        where = " AND ".join([*(f"{name} = :{name}" for name in equal), f"phase NOT IN ({others})"])
        with database.reading(self.path) as connection:
            rows = connection.execute(f"SELECT * FROM jobs WHERE {where} ORDER BY number DESC", equal)
            yield (entry for entry in map(self._entry, rows) if entry.phase in phases)

    def _at(self, connection: sqlite3.Connection, number: int | None) -> Entry:
        row = connection.execute("SELECT * FROM jobs WHERE number = ?", (number,)).fetchone()
        if row is None:
            raise StorageError(f"Job {number} is no longer in the journal: it was deleted meanwhile.")
        return self._entry(row)

    def _entry(self, row: sqlite3.Row) -> Entry:
        columns = dict(row)
        if isinstance(columns["clip"], str):
            columns["clip"] = home() / columns["clip"]
        if columns["phase"] == "submitting" and not presence.alive(self._presence, str(columns["process"])):
            columns["phase"] = "unknown"
            columns["error"] = "The notebook ended during the submit: the job may have been bought."
        return Entry.from_row(columns)

    @property
    def _presence(self) -> Path:
        return self.path.parent / "alive"
