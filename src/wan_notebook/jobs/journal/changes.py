"""Changes of a job's row: which phase may follow which, and those that are not written yet.

What a poll tells of a job is written together with the next change, since the disk takes longer than the poll. And a
paid job goes on although the disk is full or another notebook does not let go of the journal. What became of it is
kept in memory meanwhile, counts in this notebook as if it were written, and is written as soon as that works.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import os
import sqlite3
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import StorageError
from ...runtime import event_loop

if TYPE_CHECKING:
    from .entry import JobPhase

ALLOWED_FROM: Mapping[JobPhase, tuple[JobPhase, ...]] = {
    "rejected": ("submitting", "unknown"),
    "unknown": ("submitting",),
    "running": ("submitting", "unknown"),
    "completed": ("submitting", "unknown", "running"),
    "failed": ("submitting", "unknown", "running"),
    "saved": ("submitting", "unknown", "running", "completed"),
}
"""The phases from which each may be reached: a stale snapshot, from another process, undoes nothing."""

_PAUSE = 2.0
"""Seconds between two attempts to write what is kept."""


@dataclass(frozen=True)
class Change:
    """A phase that a job entered, and the columns that changed with it."""

    number: int
    phase: JobPhase
    columns: Mapping[str, Any]

    def write(self, connection: sqlite3.Connection) -> None:
        """Update the row, if it may enter this phase."""
        columns = {**self.columns, "phase": self.phase}
        sets = ", ".join(f"{name} = :{name}" for name in columns)
        earlier = ", ".join(repr(one) for one in ALLOWED_FROM[self.phase])
        connection.execute(
            f"UPDATE jobs SET {sets} WHERE number = :number AND phase IN ({earlier}, :phase)",
            {**columns, "number": self.number},
        )

    def apply(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return a row as it would be after write()."""
        fits = row["number"] == self.number and self.fits(row["phase"])
        return {**row, **self.columns, "phase": self.phase} if fits else row

    def fits(self, phase: JobPhase) -> bool:
        """Return whether a job in this phase may enter that of the change."""
        return phase in (*ALLOWED_FROM[self.phase], self.phase)


@dataclass
class _Kept:
    """The changes of one file that are not written."""

    write: Callable[[], object]
    changes: list[Change] = field(default_factory=list)
    repeating: bool = False
    """Whether somebody attempts to write them."""


_kept: dict[Path, _Kept] = {}
_lock = threading.Lock()


def unwritten(path: Path, number: int | None = None) -> tuple[Change, ...]:
    """Return the changes of a file, or of one of its rows, that are not written yet, in their order."""
    kept = _kept.get(path)
    if kept is None:
        return ()
    with _lock:
        return tuple(change for change in kept.changes if number in (None, change.number))


def keep(path: Path, change: Change, write: Callable[[], object]) -> None:
    """Keep a change that is to be written later.

    Args:
        path: the file.
        change: the change.
        write: writes all changes of the file that are kept; called every two seconds until it succeeds, and once more
            when the process ends in order.
    """
    with _lock:
        kept = _kept.setdefault(path, _Kept(write))
        if change not in kept.changes:
            kept.changes.append(change)
        first, kept.repeating = not kept.repeating, True
    if first:
        event_loop.start(_repeat(kept))


def forget(path: Path, written: tuple[Change, ...]) -> None:
    """Keep these changes no longer: they are written."""
    with _lock:
        if path in _kept:
            _kept[path].changes[:] = [one for one in _kept[path].changes if one not in written]


async def _repeat(kept: _Kept) -> None:
    while True:
        await asyncio.sleep(_PAUSE)
        with _lock:
            kept.repeating = bool(kept.changes)
        if not kept.repeating:
            return
        with contextlib.suppress(StorageError):  # was reported when the change was made
            await event_loop.in_daemon_thread(kept.write)


def _leave_to_parent() -> None:
    """Forget in a forked child what its parent will write: the lock may have been held while it was forked."""
    global _lock
    _lock = threading.Lock()
    _kept.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_to_parent)


@atexit.register
def _write_all() -> None:
    for kept in [one for one in _kept.values() if one.changes]:
        with contextlib.suppress(StorageError):
            kept.write()
