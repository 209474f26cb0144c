"""The service's temporary files: their folder, and how much of the disk they may fill."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from ...runtime.temporary_folder import TemporaryFolder

QUOTA = 6_000_000_000
"""Bytes of all files together: uploads, inputs that wait, the clip in the making, and finished clips."""


class QuotaExceeded(Exception):
    """The files would need more room than the service has."""


class ServiceFiles:
    """A temporary folder whose room is reserved before anything is written into it.

    Args:
        quota: bytes that may be reserved in all.
        set_aside: bytes of these that are never given away: for files whose size is known only when they are whole.
    """

    def __init__(self, quota: int = QUOTA, *, set_aside: int = 0) -> None:
        self._temporary = TemporaryFolder()
        self.folder = self._temporary.path
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
        """Remove all files."""
        self._temporary.remove()


def size_of(folder: Path) -> int:
    """Return the bytes of the files in a folder."""
    return sum(path.stat().st_size for path in folder.iterdir())
