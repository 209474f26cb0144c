"""Temporary folders that are removed also when their process was killed: by its workers, or at the next start."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from pathlib import Path

from .file_lock import FileLock

_PREFIX = "wan-notebook-"
"""The beginning of the name of each such folder."""
_LOCK = "lock"
"""The file which a living process keeps locked in its folder."""


class TemporaryFolder:
    """A temporary folder of this process.

    Raises:
        OSError: the disk has no room for it.
    """

    def __init__(self) -> None:
        remove_abandoned()
        self._temporary, self._lock = locked_folder()
        self.path = Path(self._temporary.name)

    def remove(self) -> None:
        """Remove the folder and all that is in it."""
        self._lock.release()
        self._temporary.cleanup()


def locked_folder() -> tuple[tempfile.TemporaryDirectory[str], FileLock]:
    """Return a new folder, and the lock in it that shows for as long as this process lives that it is in use."""
    while True:
        temporary = tempfile.TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True)
        # Another process that starts in this very instant may take it for abandoned, and remove it.
        with contextlib.suppress(FileNotFoundError):
            if (lock := FileLock.take(Path(temporary.name) / _LOCK)) is not None:
                return temporary, lock


def remove_abandoned() -> None:
    """Remove the folders of processes that were killed before they could do so; one without a lock is none of them."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        lock = None
        with contextlib.suppress(OSError):
            if not folder.is_symlink() and not (folder / _LOCK).is_symlink():
                lock = FileLock.take(folder / _LOCK, create=False)
        if lock is not None:
            lock.release()
            shutil.rmtree(folder, ignore_errors=True)
