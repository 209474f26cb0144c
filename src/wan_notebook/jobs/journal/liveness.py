"""Which notebooks are alive: each holds a lock which the system lets go when its process ends, however it ends.

A process id would not do: after a restart another process, or the new kernel itself, may have the same one.
"""

from __future__ import annotations

import atexit
import os
import threading
import uuid
from pathlib import Path

from ...runtime.file_lock import FileLock, remove_if_dead, remove_locked

_held: dict[Path, tuple[str, FileLock]] = {}
"""The name and the lock of this process in each folder."""
_lock = threading.Lock()


def register(folder: Path) -> str:
    """Return this process's name in the folder; on first use take its lock, and remove the files of dead processes.

    Raises:
        OSError: the folder cannot be written, or its drive has no locks.
    """
    folder = folder.resolve()
    with _lock:
        if folder not in _held:
            folder.mkdir(parents=True, exist_ok=True)
            for other in folder.iterdir():
                remove_if_dead(other)
            name = uuid.uuid4().hex
            lock = FileLock.take(folder / name)
            assert lock is not None, "nobody else knows this name"
            _held[folder] = name, lock
        return _held[folder][0]


def is_own(name: str) -> bool:
    """Return whether this is the name of this process, in whatever folder."""
    with _lock:
        return any(name == held for held, _ in _held.values())


def is_alive(folder: Path, name: str) -> bool:
    """Return whether the process of this name still runs; the file of a dead one is removed."""
    return is_own(name) or (name.isalnum() and not remove_if_dead(folder / name))


@atexit.register
def _leave() -> None:
    for folder, (name, lock) in _held.items():
        remove_locked(folder / name, lock)


def _forget() -> None:
    """Let a forked child take a name and a lock of its own: it may have been forked while another thread held one."""
    global _lock
    _lock = threading.Lock()
    _held.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
