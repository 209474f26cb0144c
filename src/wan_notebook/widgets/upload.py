"""One upload from the browser: written to disk piece by piece, and checked at the end."""

from __future__ import annotations

import shutil
from pathlib import Path

from ..errors import MediaError, StorageError
from ..media.store import safe_name, sha256_of
from ..runtime.data_dir import PartialFile, subfolder


class Upload:
    """A file that is being uploaded; at no time is more than one piece of it in memory.

    Args:
        name: the file's name in the browser.
        size: bytes that it will have.
        modified: when it was last changed, as the browser says; with name and size it tells the file chosen again.

    Raises:
        MediaError: it is empty.
        StorageError: it does not fit on the disk, or the data directory cannot be written.
    """

    def __init__(self, name: str, size: int, modified: object = None) -> None:
        if size <= 0:
            raise MediaError(f"{name} is empty; choose another file.")
        self.source = (name, size, modified)
        """Equal for uploads of what is most likely the same file; finish() proves it."""
        self.name = safe_name(name)
        self.size = size
        self._folder = subfolder("uploads")
        if shutil.disk_usage(self._folder).free < size:
            raise StorageError(
                f"{name} does not fit on the disk of the notebook's kernel. Make room in {self._folder}."
            )
        self._arrived: list[tuple[int, int]] = []
        self._file = PartialFile(self._folder)
        self.partial = self._file.path
        """The file on disk, until finish() has moved it."""

    @property
    def received(self) -> int:
        """The number of bytes that have arrived."""
        return sum(stop - start for start, stop in self._arrived)

    @property
    def missing(self) -> list[tuple[int, int]]:
        """The ranges that have not arrived yet, each from its first byte up to the one after its last."""
        starts = [0, *(stop for _start, stop in self._arrived)]
        stops = [*(start for start, _stop in self._arrived), self.size]
        return [(start, stop) for start, stop in zip(starts, stops, strict=True) if start < stop]

    def write(self, offset: int, piece: bytes | memoryview) -> None:
        """Write a piece at its offset; pieces may come in any order, in any size, and twice.

        Raises:
            MediaError: it lies outside of the file.
            StorageError: the disk is full.
        """
        length = memoryview(piece).nbytes
        if offset < 0 or offset + length > self.size:
            raise MediaError(f"{self.name} changed while it was read; choose it again.")
        try:
            with self.partial.open("r+b") as file:
                file.seek(offset)
                file.write(piece)
        except OSError as error:
            raise StorageError(f"{self.name} cannot be written to {self._folder} ({error.strerror}).") from None
        self._note_arrival(offset, offset + length)

    def _note_arrival(self, start: int, stop: int) -> None:
        apart = [span for span in self._arrived if span[1] < start or stop < span[0]]
        joined = [(start, stop), *(span for span in self._arrived if span not in apart)]
        whole = min(start for start, _stop in joined), max(stop for _start, stop in joined)
        self._arrived = sorted([*apart, whole])

    def finish(self, sha256: str) -> Path:
        """Check the file, move it into a folder named by its content, and return its path.

        Args:
            sha256: the browser's own digest of what it sent, in hexadecimal.

        Raises:
            MediaError: it did not arrive as it was sent; nothing of it is kept.
        """
        found = sha256_of(self.partial)
        if self.received != self.size or found != sha256:
            self.discard()
            raise MediaError(f"{self.name} did not arrive whole; choose it again.")
        target = self._folder / found[:16] / self.name
        try:
            target.parent.mkdir(exist_ok=True)
            self._file.move(target)
        except OSError as error:
            self.discard()
            raise StorageError(f"{target} cannot be written ({error.strerror}).") from None
        return target

    def discard(self) -> None:
        """Remove the bytes that have arrived."""
        self._file.discard()
