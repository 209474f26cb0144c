"""The troubles of the journal's file, in plain words with their remedies."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from ..errors import JournalDamaged, StorageError

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
def explained(path: Path) -> Iterator[None]:
    """Turn what SQLite and the system complain of into a StorageError that says what to do."""
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
    """Return SQLite's complaint as an error that says what to do."""
    said = str(error).lower()
    what = next((ours for theirs, ours in _REMEDIES if theirs in said), "cannot be used")
    if what == "is damaged":
        return JournalDamaged(
            f"The journal {path} is damaged. wan_notebook.journal.Journal().set_aside() keeps it under another name "
            "and begins a new one with what can still be read; saved clips stay where they are.",
            path,
        )
    return StorageError(f"The journal {path} {what} ({error}).")
