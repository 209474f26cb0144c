"""Which notebooks are alive: each holds a lock which the system lets go when its process ends, however it ends.

A process id would not do: after a restart another process, or the new kernel itself, may have the same one. The lock is
that of an empty SQLite file, since it works alike on every system and is not inherited by a forked child.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import sqlite3
import threading
import uuid
from pathlib import Path

_held: dict[tuple[int, Path], tuple[str, sqlite3.Connection]] = {}
"""The lock of this process in each folder; a forked child has another process id and takes one of its own."""
_lock = threading.Lock()


def register(folder: Path) -> str:
    """Return this process's name in the folder, taking its lock on first use."""
    with _lock:
        key = (os.getpid(), folder.resolve())
        if key not in _held:
            folder.mkdir(parents=True, exist_ok=True)
            name = uuid.uuid4().hex
            _held[key] = name, lock_file(folder, name, create=True)
        return _held[key][0]


def is_own(name: str) -> bool:
    """Return whether this is the name of this process, in whatever folder."""
    with _lock:
        return any(name == held for (process, _), (held, _) in _held.items() if process == os.getpid())


def is_alive(folder: Path, name: str) -> bool:
    """Return whether the process of this name still runs; the file of a dead one is removed."""
    with _lock:
        if any(name == held for held, _ in _held.values()):
            return True
    if not name.isalnum() or not (folder / name).exists():
        return False
    try:
        lock_file(folder, name, create=False).close()
    except sqlite3.Error as refused:
        return "locked" in str(refused)
    _remove(folder / name)
    return False


def lock_file(folder: Path, name: str, *, create: bool) -> sqlite3.Connection:
    """Lock the file of a process, and return the connection that holds the lock.

    Raises:
        sqlite3.Error: another process holds it, or there is no such file.
    """
    mode = "rwc" if create else "rw"
    uri = f"{(folder / name).resolve().as_uri()}?mode={mode}"
    connection = sqlite3.connect(uri, uri=True, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


@atexit.register
def _leave() -> None:
    """Release the locks of a process that ends in order; a forked child leaves its parent's locks alone."""
    for (process, folder), (name, connection) in _held.items():
        if process == os.getpid():
            connection.close()
            _remove(folder / name)


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):  # whoever else looks later removes it
        path.unlink()


def _forget() -> None:
    """Let a forked child take a lock of its own: it may have been forked while another thread held this one."""
    global _lock
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
