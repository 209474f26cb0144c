"""A file on its way in from the browser, written straight to disk, piece by piece, and checked at the end."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
from pathlib import Path

from ..errors import MediaError, StorageError
from ..media.store import sha256_of
from ..runtime.data_dir import subfolder

_KEPT_NAME = 100
_ARRIVING = ".arriving-"
_ABANDONED = 24 * 3600


class Upload:
    """One file coming in; at no time is more than one piece of it in memory.

    Args:
        name: what the browser calls the file.
        size: bytes it will have.

    Raises:
        MediaError: it is empty.
        StorageError: it does not fit on the disk, or the data directory cannot be written.
    """

    def __init__(self, name: str, size: int) -> None:
        if size <= 0:
            raise MediaError(f"{name} is empty; choose another file.")
        self.name = safe_name(name)
        self.size = size
        self._folder = subfolder("uploads")
        if shutil.disk_usage(self._folder).free < size:
            raise StorageError(
                f"{name} does not fit on the disk of the notebook's kernel. Make room in {self._folder}."
            )
        _remove_abandoned(self._folder)
        self._pieces: dict[int, int] = {}
        handle, partial = tempfile.mkstemp(prefix=_ARRIVING, dir=self._folder)
        os.close(handle)
        self._partial = Path(partial)

    @property
    def received(self) -> int:
        """Bytes that have arrived."""
        return sum(self._pieces.values())

    def write(self, offset: int, piece: bytes | memoryview) -> None:
        """Put a piece in its place; pieces may come in any order, and twice.

        Raises:
            MediaError: it lies outside of the file.
            StorageError: the disk is full.
        """
        length = memoryview(piece).nbytes
        if offset < 0 or offset + length > self.size:
            raise MediaError(f"{self.name} changed while it was read; choose it again.")
        try:
            with self._partial.open("r+b") as file:
                file.seek(offset)
                file.write(piece)
        except OSError as error:
            raise StorageError(f"{self.name} cannot be written to {self._folder} ({error.strerror}).") from None
        self._pieces[offset] = length

    def finish(self, sha256: str) -> Path:
        """Return where the file now lies: under its own name, in a folder named by its content.

        Args:
            sha256: the browser's own digest of what it sent, in hexadecimal.

        Raises:
            MediaError: it did not arrive as it was sent; nothing of it is kept.
        """
        found = sha256_of(self._partial)
        if self.received != self.size or found != sha256:
            self.discard()
            raise MediaError(f"{self.name} did not arrive whole; choose it again.")
        target = self._folder / found[:16] / self.name
        try:
            target.parent.mkdir(exist_ok=True)
            self._partial.replace(target)
        except OSError as error:
            self.discard()
            raise StorageError(f"{target} cannot be written ({error.strerror}).") from None
        return target

    def discard(self) -> None:
        """Keep nothing of what has arrived."""
        self._partial.unlink(missing_ok=True)


def _remove_abandoned(folder: Path) -> None:
    """Remove what a kernel left that ended while a file came in."""
    for partial in folder.glob(f"{_ARRIVING}*"):
        if partial.stat().st_mtime < time.time() - _ABANDONED:
            partial.unlink(missing_ok=True)


def safe_name(name: str) -> str:
    """Return the last part of a file's name, without what a file system or a terminal could stumble over."""
    last = re.split(r"[/\\]", name)[-1]
    plain = re.sub(r'[\x00-\x1f\x7f<>:"|?*]', "", last).strip(" .")
    stem, dot, suffix = plain.rpartition(".")
    return f"{stem[:_KEPT_NAME]}{dot}{suffix[:10]}" if stem else plain[:_KEPT_NAME] or "file"
