"""Bringing a clip home: to a temporary file, checked whole and playable, and only then under its name."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import BinaryIO

from .. import video
from ..errors import DownloadFailed, MediaError, StorageError
from ..home import replacing
from ..job import Job
from .answers import Answer, Silence
from .wire import Wire

Report = Callable[[int, int | None], None]

_LARGEST_CLIP = 4_000_000_000
"""Bytes; the family's clips have some ten million."""


class Download:
    """The way of one clip onto the disk, through as many attempts as it takes.

    Args:
        wire: where the bytes come through.
        job: the finished job.
        target: the file to make.
        report: called with the bytes so far and, where known, all of them.
    """

    def __init__(self, wire: Wire, job: Job, target: Path, report: Report | None) -> None:
        self._wire, self._job, self._target, self._report = wire, job, target, report
        self._attempts = 0
        self._hopeless = False

    def worth(self, error: BaseException) -> bool:
        """Whether another attempt may end better than with this error."""
        return isinstance(error, DownloadFailed) and not self._hopeless

    async def attempt(self, renewed: Callable[[Job], Awaitable[Job]]) -> Path:
        """Try once, asking for a fresh address first when it is not the first time.

        Raises:
            DownloadFailed: it did not come, or what came is no clip.
        """
        self._attempts += 1
        if self._attempts > 1 or not self._job.video:
            self._job = await renewed(self._job)
        if not self._job.video:
            raise self._failed("the service does not say where it lies")
        try:
            with replacing(self._target) as partial:
                await self._fill(partial, self._job.video)
        except StorageError as error:
            raise self._hopelessly(str(error).rstrip(".")) from None
        return self._target

    async def _fill(self, partial: Path, url: str) -> None:
        with partial.open("wb") as file:
            outcome = await self._wire.pull(url, lambda head, chunks: self._receive(head, chunks, file))
        if isinstance(outcome, Silence):
            raise self._failed(outcome.why)
        try:
            await asyncio.to_thread(video.probe, partial)
        except MediaError as error:
            said = str(error).replace(partial.name, "the file").rstrip(".")
            raise self._failed(f"what came is no clip that plays ({said})") from None

    async def _receive(self, head: Answer, chunks: AsyncIterator[bytes], file: BinaryIO) -> None:
        if not head.good:
            raise self._failed(f"its address answered with HTTP {head.status}")
        expected, received = _length(head), 0
        self._refuse_too_large(expected or 0)
        self._refuse_no_room(expected or 0)
        async for chunk in chunks:
            received += len(chunk)
            self._refuse_too_large(received)
            self._write(file, chunk)
            if self._report:
                self._report(received, expected)
        if expected is not None and received != expected:
            raise self._failed(f"only {received:,} of {expected:,} bytes came")

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


def _length(head: Answer) -> int | None:
    announced = head.headers.get("content-length", "")
    return int(announced) if announced.isdecimal() and "content-encoding" not in head.headers else None
