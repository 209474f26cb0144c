"""Downloads of clips: to a temporary file, checked whole and playable, and only then under their name."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ..errors import DownloadFailed, MediaError, StorageError
from ..model.formatting import resume_call
from ..model.job import Job
from ..runtime.data_dir import atomic_write
from .responses import NoResponse, Response
from .retry import retry
from .transport import Transport

_LARGEST_CLIP = 4_000_000_000
"""Bytes; the family's clips have some ten million."""
_PARTIAL_CONTENT, _RANGE_NOT_SATISFIABLE = 206, 416


async def download(
    transport: Transport,
    job: Job,
    target: Path,
    *,
    refresh: Callable[[Job], Awaitable[Job]],
    sleep: Callable[[float], Awaitable[None]],
    random: Callable[[], float],
) -> Path:
    """Save the clip of a finished job, in a few attempts; each continues where the last one broke.

    Args:
        transport: fetches the file.
        job: a completed one.
        target: the file to make; its folder exists.
        refresh: fetches the job anew, since the address of its clip expires.
        sleep: waits so many seconds between two attempts.
        random: from 0 to 1.

    Raises:
        DownloadFailed: the clip could not be fetched or written, or does not play.
    """
    clip = ClipDownload(transport, job, target)

    async def attempt() -> None:
        if clip.attempts or not clip.job.video:
            clip.job = await refresh(clip.job)
        await clip.attempt(partial)

    def should_retry(error: BaseException) -> bool:
        return isinstance(error, DownloadFailed) and not clip.hopeless

    try:
        with atomic_write(target) as partial:
            await retry(attempt, should_retry=should_retry, sleep=sleep, random=random)
    except StorageError as error:
        raise clip.failed(str(error).rstrip(".")) from None
    return target


@dataclass(frozen=True)
class Received:
    """The part of a file that arrived before its connection broke."""

    size: int = 0
    """Bytes."""
    etag: str = ""
    """The server's own name for these very bytes; without one, nothing tells that the rest would fit."""

    @property
    def range_headers(self) -> dict[str, str]:
        """The headers that ask for the rest, or for the whole file where it has changed meanwhile."""
        known = self.size and self.etag
        return {"Range": f"bytes={self.size}-", "If-Range": self.etag} if known else {}

    def is_continued_by(self, head: Response) -> bool:
        """Return whether an answer holds exactly the bytes that follow."""
        content_range = head.headers.get("content-range", "")
        return head.headers.get("etag") == self.etag and content_range.startswith(f"bytes {self.size}-")


class ClipDownload:
    """The state of a download between its attempts.

    Args:
        transport: fetches the file.
        job: the finished job.
        target: the file to make.
    """

    def __init__(self, transport: Transport, job: Job, target: Path) -> None:
        self.job = job
        self.attempts = 0
        self.hopeless = False
        """Whether another attempt would fail as well."""
        self._transport, self._target = transport, target
        self._received = Received()

    async def attempt(self, partial: Path) -> None:
        """Fetch the clip, or the rest of it, into `partial`, and check that it plays.

        Raises:
            DownloadFailed: with the reason.
        """
        from ..video.probe import probe

        self.attempts += 1
        if not self.job.video:
            raise self.failed("the service does not say where it lies")
        with partial.open("r+b") as file:
            outcome = await self._transport.stream(
                self.job.video,
                lambda head, chunks: self._receive(head, chunks, file),
                headers=self._received.range_headers,
            )
        if isinstance(outcome, NoResponse):
            raise self.failed(outcome.reason)
        try:
            await asyncio.to_thread(probe, partial)
        except MediaError as error:
            self._received = Received()
            reason = str(error).replace(partial.name, "the file").rstrip(".")
            raise self.failed(f"what came is no clip that plays ({reason})") from None

    def failed(self, reason: str, *, hopeless: bool = False) -> DownloadFailed:
        """Return the error of a failed attempt.

        Args:
            reason: part of a sentence.
            hopeless: whether another attempt would fail as well.
        """
        self.hopeless = hopeless
        again = f"The job is done; {resume_call(self.job.id)} tries again."
        return DownloadFailed(f"The clip of job {self.job.id} could not be saved: {reason}. {again}", self.job)

    async def _receive(self, head: Response, chunks: AsyncIterator[bytes], file: BinaryIO) -> None:
        received, length = self._offset(head), content_length(head)
        expected = None if length is None else received + length
        self._refuse_too_large(expected or 0)
        if (length or 0) > shutil.disk_usage(self._target.parent).free:
            raise self.failed(f"the disk has no room for {(length or 0) / 1e6:,.0f} MB", hopeless=True)
        file.seek(received)
        file.truncate()
        async for chunk in chunks:
            try:
                file.write(chunk)
            except OSError as error:
                raise self.failed(f"it cannot be written ({error.strerror})", hopeless=True) from None
            received += len(chunk)
            self._received = Received(received, strong_etag(head))
            self._refuse_too_large(received)
        if expected is not None and received != expected:
            raise self.failed(f"only {received:,} of {expected:,} bytes came")

    def _offset(self, head: Response) -> int:
        """Return the offset in the file, in bytes, at which an answer begins."""
        before = self._received
        if head.is_success and not (before.range_headers and head.status == _PARTIAL_CONTENT):
            return 0
        if head.is_success and before.is_continued_by(head):
            return before.size
        if head.is_success or head.status == _RANGE_NOT_SATISFIABLE:
            self._received = Received()
        raise self.failed(f"its address answered with HTTP {head.status}")

    def _refuse_too_large(self, size: int) -> None:
        if size > _LARGEST_CLIP:
            raise self.failed(f"its {size / 1e9:.1f} GB are more than any clip has", hopeless=True)


def strong_etag(head: Response) -> str:
    """Return the ETag of an answer where it names its very bytes; else an empty text."""
    etag = head.headers.get("etag", "")
    return "" if etag.startswith("W/") or "content-encoding" in head.headers else etag


def content_length(head: Response) -> int | None:
    """Return the length of an answer in bytes; None where it is not announced, or that of compressed data."""
    announced = head.headers.get("content-length", "")
    return int(announced) if announced.isdecimal() and "content-encoding" not in head.headers else None
