"""Bringing a clip home: to a temporary file, checked whole and playable, and only then under its name."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from .. import video
from ..errors import DownloadFailed, MediaError, StorageError
from ..model.job import Job
from ..runtime.data_dir import atomic_write
from .responses import NoResponse, Response
from .transport import Transport

Report = Callable[[int, int | None], None]
Attempt = Callable[[], Awaitable[None]]
Renewed = Callable[[Job], Awaitable[Job]]

_LARGEST_CLIP = 4_000_000_000
"""Bytes; the family's clips have some ten million."""
_PART, _NO_SUCH_PART = 206, 416


@dataclass(frozen=True)
class _Had:
    """What came of a file before its connection broke."""

    received: int = 0
    etag: str = ""
    """The server's own name for these very bytes; without one, nothing tells that the rest would fit."""

    @property
    def wish(self) -> dict[str, str]:
        """The headers that ask for the rest, or for all of it where it is no longer the same file."""
        known = self.received and self.etag
        return {"Range": f"bytes={self.received}-", "If-Range": self.etag} if known else {}

    def goes_on(self, head: Response) -> bool:
        """Whether an answer holds exactly what follows."""
        told = head.headers.get("content-range", "")
        return head.headers.get("etag") == self.etag and told.startswith(f"bytes {self.received}-")


class Download:
    """The way of one clip onto the disk, through as many attempts as it takes; each goes on where the last one broke.

    Args:
        wire: where the bytes come through.
        job: the finished job.
        target: the file to make.
        report: called with the bytes so far and, where known, all of them.
    """

    def __init__(self, wire: Transport, job: Job, target: Path, report: Report | None) -> None:
        self._wire, self._job, self._target, self._report = wire, job, target, report
        self._attempts = 0
        self._hopeless = False
        self._had = _Had()

    def worth(self, error: BaseException) -> bool:
        """Whether another attempt may end better than with this error."""
        return isinstance(error, DownloadFailed) and not self._hopeless

    async def bring(self, repeated: Callable[[Attempt], Awaitable[None]], renewed: Renewed) -> Path:
        """Bring the clip home.

        Args:
            repeated: makes an attempt, and others while their failure is worth it.
            renewed: asks for a fresh address of the clip.

        Raises:
            DownloadFailed: it did not come, or what came is no clip.
        """
        try:
            with atomic_write(self._target) as partial:
                await repeated(lambda: self._attempt(partial, renewed))
        except StorageError as error:
            raise self._hopelessly(str(error).rstrip(".")) from None
        return self._target

    async def _attempt(self, partial: Path, renewed: Renewed) -> None:
        self._attempts += 1
        if self._attempts > 1 or not self._job.video:
            self._job = await renewed(self._job)
        if not self._job.video:
            raise self._failed("the service does not say where it lies")
        with partial.open("r+b") as file:
            outcome = await self._wire.pull(
                self._job.video, lambda head, chunks: self._receive(head, chunks, file), headers=self._had.wish
            )
        if isinstance(outcome, NoResponse):
            raise self._failed(outcome.why)
        try:
            await asyncio.to_thread(video.probe, partial)
        except MediaError as error:
            self._had = _Had()
            said = str(error).replace(partial.name, "the file").rstrip(".")
            raise self._failed(f"what came is no clip that plays ({said})") from None

    async def _receive(self, head: Response, chunks: AsyncIterator[bytes], file: BinaryIO) -> None:
        received, length = self._begin(head), _length(head)
        expected = None if length is None else received + length
        self._refuse_too_large(expected or 0)
        self._refuse_no_room(length or 0)
        file.seek(received)
        file.truncate()
        async for chunk in chunks:
            self._write(file, chunk)
            received += len(chunk)
            self._had = _Had(received, _strong_etag(head))
            self._refuse_too_large(received)
            if self._report:
                self._report(received, expected)
        if expected is not None and received != expected:
            raise self._failed(f"only {received:,} of {expected:,} bytes came")

    def _begin(self, head: Response) -> int:
        """Return where in the file an answer begins."""
        had, asked = self._had, self._had.wish
        if head.good and not (asked and head.status == _PART):
            return 0
        if head.good and had.goes_on(head):
            return had.received
        if head.good or head.status == _NO_SUCH_PART:
            self._had = _Had()
        raise self._failed(f"its address answered with HTTP {head.status}")

    def _write(self, file: BinaryIO, chunk: bytes) -> None:
        try:
            file.write(chunk)
        except OSError as error:
            raise self._hopelessly(f"it cannot be written ({error.strerror})") from None

    def _refuse_too_large(self, size: int) -> None:
        if size > _LARGEST_CLIP:
            raise self._hopelessly(f"its {size / 1e9:.1f} GB are more than any clip has")

    def _refuse_no_room(self, size: int) -> None:
        if size > shutil.disk_usage(self._target.parent).free:
            raise self._hopelessly(f"the disk has no room for {size / 1e6:,.0f} MB")

    def _hopelessly(self, why: str) -> DownloadFailed:
        self._hopeless = True
        return self._failed(why)

    def _failed(self, why: str) -> DownloadFailed:
        job = self._job
        again = f'The job is done; wan.resume("{job.id}") tries again.'
        return DownloadFailed(f"The clip of job {job.id} could not be saved: {why}. {again}", job)


def _strong_etag(head: Response) -> str:
    etag = head.headers.get("etag", "")
    return "" if etag.startswith("W/") or "content-encoding" in head.headers else etag


def _length(head: Response) -> int | None:
    announced = head.headers.get("content-length", "")
    return int(announced) if announced.isdecimal() and "content-encoding" not in head.headers else None
