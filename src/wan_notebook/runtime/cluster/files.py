"""Files that travel to a cluster's worker: named by their content, sent once to each, and kept there for a while."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import shutil
import uuid
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from ..digest import digest_of
from ..event_loop import within
from ..temporary_folder import TemporaryFolder

UNFIT = "UnfitWorker"
"""The name of a failure that is the worker's own, and none of the task."""
_KEPT = 1_000_000_000
"""Bytes that are kept of files that came; the one used longest ago goes first."""
_PATIENCE = 120.0
"""Seconds for which a worker waits for a file."""


@dataclass(frozen=True)
class TravellingFile:
    """A file by its content."""

    name: str
    digest: str
    """The SHA-256 of its content."""

    @classmethod
    def of(cls, path: Path) -> TravellingFile:
        """Return what names a file of this machine.

        Raises:
            OSError: it cannot be read.
        """
        return cls(path.name, digest_of(path))


class FileStore:
    """The files that came to a worker; it belongs to one event loop."""

    def __init__(self) -> None:
        self._temporary = TemporaryFolder()
        self.folder = self._temporary.path
        self._sizes: OrderedDict[str, int] = OrderedDict()
        self._awaited: dict[str, asyncio.Future[None]] = {}

    async def fetch(self, digests: Iterable[str], ask: Callable[[list[str]], None]) -> None:
        """Have files here.

        Args:
            digests: of the files.
            ask: is called with those that are not here.

        Raises:
            asyncio.TimeoutError: they did not come.
        """
        missing = [digest for digest in dict.fromkeys(digests) if digest not in self._sizes]
        coming = [self._awaited.setdefault(one, asyncio.get_running_loop().create_future()) for one in missing]
        if missing:
            ask(missing)
        for one in coming:
            await within(_PATIENCE, asyncio.shield(one))

    async def receive(self, digest: str, content: bytes) -> None:
        """Take a file that came, as long as it is the one that it should be."""
        partial = self.folder / f"{digest}-{uuid.uuid4()}"
        if await asyncio.to_thread(_write_checked, partial, digest, content):
            partial.replace(self.folder / digest)
            self._sizes[digest] = len(content)
            self._make_room()
            if (awaited := self._awaited.pop(digest, None)) is not None:
                awaited.set_result(None)

    def _make_room(self) -> None:
        for oldest in list(self._sizes)[:-1]:
            if sum(self._sizes.values()) <= _KEPT:
                return
            del self._sizes[oldest]
            (self.folder / oldest).unlink(missing_ok=True)

    def put(self, digest: str, target: Path) -> None:
        """Let a file that is here stand at a path as well; it stays there when it is no longer kept.

        Raises:
            OSError: it cannot.
        """
        self._sizes.move_to_end(digest)
        try:
            os.link(self.folder / digest, target)
        except OSError:  # a disk without links
            shutil.copyfile(self.folder / digest, target)

    def close(self) -> None:
        """Remove all files."""
        with contextlib.suppress(OSError):
            self._temporary.remove()


def _write_checked(path: Path, digest: str, content: bytes) -> bool:
    """Write a file if its content is that of the digest; return whether it is."""
    right = hashlib.sha256(content).hexdigest() == digest
    if right:
        path.write_bytes(content)
    return right
