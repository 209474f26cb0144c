"""The service's temporary files: their folder, how much of the disk they may fill, and what dead services left."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

from ...runtime.file_lock import FileLock
from .render_job import FOLDER_PREFIX

QUOTA = 6_000_000_000
"""Bytes of all files together: uploads, inputs that wait, the clip in the making, and finished clips."""
_LOCK = "lock"
"""The file which a living service keeps locked in its folder."""


class QuotaExceeded(Exception):
    """The files would need more room than the service has."""


class ServiceFiles:
    """A temporary folder whose room is reserved before anything is written into it.

    It is removed by close(), by the worker process of a service that was killed, or at the start of the next service.

    Args:
        quota: bytes that may be reserved in all.
        set_aside: bytes of these that are never given away: for files whose size is known only when they are whole.
    """

    def __init__(self, quota: int = QUOTA, *, set_aside: int = 0) -> None:
        remove_abandoned(Path(tempfile.gettempdir()))
        self._temporary, self._lock = locked_folder()
        self.folder = Path(self._temporary.name)
        self._room = quota - set_aside
        self._reserved: dict[Path, int] = {}

    def reserve(self, path: Path, size: int) -> None:
        """Reserve room for a file or a folder, in place of what was reserved for it before.

        Args:
            path: what will be written.
            size: its bytes at most.

        Raises:
            QuotaExceeded: there is not so much left; what was reserved before stays so.
        """
        others = sum(self._reserved.values()) - self._reserved.get(path, 0)
        if size and others + size > self._room:
            raise QuotaExceeded
        self._reserved[path] = size

    def new_folder(self, size: int) -> Path:
        """Return a new folder within which so many bytes may be written.

        Raises:
            QuotaExceeded: there is not so much left.
            OSError: the disk has no room for it.
        """
        folder = self.folder / f"request-{os.urandom(8).hex()}"
        self.reserve(folder, size)
        try:
            folder.mkdir()
        except OSError:
            self.remove(folder)
            raise
        return folder

    def remove(self, path: Path) -> None:
        """Remove a file or a folder, and give its room back."""
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
        self._reserved.pop(path, None)

    def close(self) -> None:
        """Remove all files, and let go of the folder."""
        self._lock.release()
        self._temporary.cleanup()


def size_of(folder: Path) -> int:
    """Return the bytes of the files in a folder."""
    return sum(path.stat().st_size for path in folder.iterdir())


def locked_folder() -> tuple[tempfile.TemporaryDirectory[str], FileLock]:
    """Return a new folder, and the lock in it that shows for as long as this process lives that it is in use."""
    while True:
        temporary = tempfile.TemporaryDirectory(prefix=FOLDER_PREFIX, ignore_cleanup_errors=True)
        # Another service that starts in this very instant may take it for abandoned, and remove it.
        with contextlib.suppress(FileNotFoundError):
            if (lock := FileLock.take(Path(temporary.name) / _LOCK)) is not None:
                return temporary, lock


def remove_abandoned(parent: Path) -> None:
    """Remove the folders of services that were killed before they could do so; one without a lock is none of theirs."""
    for folder in parent.glob(f"{FOLDER_PREFIX}*"):
        lock = None
        with contextlib.suppress(OSError):
            if not folder.is_symlink() and not (folder / _LOCK).is_symlink():
                lock = FileLock.take(folder / _LOCK, create=False)
        if lock is not None:
            lock.release()
            shutil.rmtree(folder, ignore_errors=True)
