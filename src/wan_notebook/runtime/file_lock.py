"""Locks on files, which the system lets go when their process ends, however it ends.

POSIX's record locks, which SQLite uses, would not do: a process loses those of a file as soon as any part of it opens
that file and closes it again, as copying or zipping its folder does. These belong to the one opening that took them.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from pathlib import Path

_held: set[int] = set()
"""Descriptors of this process's locks."""


class FileLock:
    """A lock on a file, held until it is released.

    Args:
        descriptor: the opening that holds it.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        _held.add(descriptor)

    @classmethod
    def take(cls, path: Path, *, create: bool = True) -> FileLock | None:
        """Lock a file, and return the lock; None where another holds it.

        Args:
            path: the file; nothing is written to it, and a copy of it is not locked.
            create: whether to make the file where there is none.

        Raises:
            OSError: the file cannot be opened, or its drive has no locks.
        """
        while True:
            descriptor = _open(path, create=create)
            try:
                if not _try_lock(descriptor):
                    os.close(descriptor)
                    return None
                if _is_at(path, descriptor):
                    return cls(descriptor)
            except BaseException:
                os.close(descriptor)
                raise
            os.close(descriptor)  # it was removed between opening and locking it: the next opening makes it anew

    def release(self) -> None:
        """Let the lock go, also in the name of a forked child that has inherited it."""
        if self._descriptor in _held:
            _held.discard(self._descriptor)
            _unlock(self._descriptor)
            os.close(self._descriptor)


def remove_if_dead(path: Path) -> bool:
    """Remove a file that a process kept locked for as long as it lived; return whether that process has surely died."""
    try:
        lock = FileLock.take(path, create=False)
    except FileNotFoundError:
        return True
    except OSError:
        return False  # nobody can tell
    if lock is not None:
        remove_locked(path, lock)
    return lock is not None


def remove_locked(path: Path, lock: FileLock) -> None:
    """Remove a file, and let go its lock."""
    if os.name == "nt":
        lock.release()  # there no file is removed that is open
    with contextlib.suppress(OSError):  # whoever else looks later removes it
        path.unlink()
    lock.release()


def _open(path: Path, *, create: bool) -> int:
    flags = os.O_CREAT if create else 0
    try:
        return os.open(path, os.O_RDWR | flags, 0o666)
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise
        return os.open(path, os.O_RDONLY)  # a file of another user, or of a folder that is only read


def _is_at(path: Path, descriptor: int) -> bool:
    with contextlib.suppress(FileNotFoundError):
        return os.path.samestat(os.stat(path), os.fstat(descriptor))
    return False


if sys.platform == "win32":
    import msvcrt

    _BEYOND = 1 << 30
    """The byte that is locked: far behind the end, since nobody could read a locked byte, nor copy its file."""

    def _try_lock(descriptor: int) -> bool:
        os.lseek(descriptor, _BEYOND, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True

    def _unlock(descriptor: int) -> None:
        os.lseek(descriptor, _BEYOND, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)

    def _leave_to_parent() -> None:
        """Close the locks that a forked child inherited: with them open, they would outlive the parent."""
        for descriptor in _held:
            os.close(descriptor)
        _held.clear()

    os.register_at_fork(after_in_child=_leave_to_parent)
