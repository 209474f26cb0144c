"""Downloads of clips: to a temporary file, checked whole and playable, and only then under their name."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeAlias

from ..errors import DownloadFailed, StorageError
from ..media.store import sha256_of
from ..model.job import Job
from ..runtime import daemon_threads
from ..runtime.data_dir import atomic_write
from ..runtime.event_loop import in_daemon_thread
from .responses import NoResponse, Response
from .retry import ATTEMPTS, backoff
from .transport import Transport

if TYPE_CHECKING:
    from ..video.playback import Playback

_LARGEST_CLIP = 4_000_000_000
"""Bytes; the family's clips have some ten million."""
_OVERSTATED = 0.1
"""Share of its announced bytes that a whole clip may lack at most."""
_PARTIAL_CONTENT, _RANGE_NOT_SATISFIABLE = 206, 416
_MOST_PARTS = 10_000
"""Answers of which a clip may be put together; a server that sends a byte at a time would never come to its end."""


Complete: TypeAlias = "Callable[[Path, Playback], None]"
"""Takes a file that has come whole and plays, and what was seen of it, in a thread; then the file gets its name."""


async def download(
    transport: Transport,
    job: Job,
    target: Path,
    *,
    complete: Complete,
    refresh: Callable[[Job], Awaitable[Job]],
    sleep: Callable[[float], Awaitable[None]],
    random: Callable[[], float],
) -> Path:
    """Save the clip of a finished job, in a few attempts; each continues where the last one broke.

    Args:
        transport: fetches the file.
        job: a completed one.
        target: the file to make; its folder exists.
        complete: adds what is ours to the file.
        refresh: fetches the job anew, since the address of its clip expires.
        sleep: waits so many seconds between two attempts.
        random: from 0 to 1.

    Raises:
        DownloadFailed: the clip could not be fetched or written, or does not play to its end; a damaged one is kept
            beside the target.
    """
    clip, fruitless = ClipDownload(transport, job, target, complete), 0
    try:
        with atomic_write(target) as partial:
            while True:
                if clip.attempts or not clip.job.video:
                    clip.job = await refresh(clip.job)
                try:
                    await clip.attempt(partial)
                    break
                except DownloadFailed as error:
                    fruitless = 1 if clip.advanced else fruitless + 1
                    if clip.hopeless or fruitless == ATTEMPTS:
                        if await clip.complete_if_all_there(partial):
                            break
                        raise (clip.kept_apart(partial, error) if clip.playable else error) from None
                    await sleep(backoff(error, fruitless, random))
    except StorageError as error:
        raise clip.failed(str(error).rstrip(".")) from None
    return target


@dataclass(frozen=True)
class Received:
    """The part of a file that has arrived so far."""

    size: int = 0
    """Bytes."""
    total: int | None = None
    """Bytes of the whole file, where known."""
    validator: str = ""
    """The server's own name for these very bytes, or the time of their last change."""
    compressed: bool = False
    """Whether bytes on the way are others than those in the file, so that the rest cannot be asked for."""

    @property
    def whole(self) -> bool:
        """Whether nothing is missing, as far as that is known."""
        return self.total is None or self.size == self.total

    @property
    def range_headers(self) -> dict[str, str]:
        """The headers that ask for the rest, or for the whole file where it has changed meanwhile."""
        if not self.size or self.compressed or not (self.validator or self.total):
            return {}
        return {"Range": f"bytes={self.size}-"} | ({"If-Range": self.validator} if self.validator else {})

    def is_continued_by(self, head: Response) -> bool:
        """Return whether an answer holds the bytes that follow, of the same file."""
        start, total = content_range(head)
        same_length = total == self.total or None in (total, self.total)
        return start == self.size and validator(head) == self.validator and same_length


class ClipDownload:
    """The state of a download between its attempts.

    Args:
        transport: fetches the file.
        job: the finished job.
        target: the file to make.
        complete: adds what is ours to the file.
    """

    def __init__(self, transport: Transport, job: Job, target: Path, complete: Complete) -> None:
        self.job = job
        self.attempts = 0
        self.hopeless = False
        """Whether another attempt would fail as well."""
        self.advanced = False
        """Whether the last attempt went on where the one before had ended."""
        self.playable = False
        """Whether what came last does not play to its end, and shows something all the same."""
        self._transport, self._target, self._complete = transport, target, complete
        self._received = Received()
        self._parts = 0
        self._came_before = ""

    async def attempt(self, partial: Path) -> None:
        """Fetch the clip, or the rest of it, into `partial`, and check that it plays to its end.

        Raises:
            DownloadFailed: with the reason.
        """
        self.attempts += 1
        self.advanced = self.playable = False
        if not self.job.video:
            raise self.failed("the service does not say where it lies")
        await self._fetch_part(self.job.video, partial)
        while not self._received.whole:
            before = self._received.size
            await self._fetch_part(self.job.video, partial)
            if self._received.size <= before:
                raise self.failed(f"only {self._received.size:,} of {self._received.total:,} bytes came")
        await in_daemon_thread(lambda: self._check(partial), daemon_threads.decode)

    async def complete_if_all_there(self, partial: Path) -> bool:
        """Return whether all of it plays to its end, and complete it then.

        Some servers announce a little more than they ever send.
        """
        size, total = self._received.size, self._received.total or self._received.size
        # A file cut between two of its fragments plays to its end as well.
        if self.hopeless or size < (1 - _OVERSTATED) * total or not size:
            return False
        return not (await in_daemon_thread(lambda: self._play(partial), daemon_threads.decode)).damage

    def _play(self, partial: Path) -> Playback:
        from ..video.playback import play

        playback = play(partial, "the file")
        if not playback.damage:
            self._complete(partial, playback)
        return playback

    def _check(self, partial: Path) -> None:
        playback = self._play(partial)
        if playback.damage:
            self._received, self.playable = Received(), playback.frames > 0
            digest = sha256_of(partial)
            # What came twice is what the service has, and a third time would be no other.
            hopeless, self._came_before = digest == self._came_before, digest
            raise self.failed(f"what came is no clip that plays ({playback.damage.rstrip('.')})", hopeless=hopeless)

    def failed(self, reason: str, *, hopeless: bool = False) -> DownloadFailed:
        """Return the error of a failed attempt.

        Args:
            reason: part of a sentence.
            hopeless: whether another attempt would fail as well.
        """
        self.hopeless = hopeless
        again = f"The job is done; {self._transport.service.resume_call(self.job.id)} tries again."
        return DownloadFailed(f"The clip of job {self.job.id} could not be saved: {reason}. {again}", self.job)

    def kept_apart(self, partial: Path, error: DownloadFailed) -> DownloadFailed:
        """Move a clip that does not play to its end beside the target, and return its error with that place.

        Raises:
            OSError: it cannot be moved there.
        """
        kept = self._target.with_name(f"{self._target.stem}-damaged{self._target.suffix}")
        os.replace(partial, kept)
        return DownloadFailed(f"{error} What came is kept as {kept}; it is not bought again by itself.", self.job)

    async def _fetch_part(self, url: str, partial: Path) -> None:
        before, asked = self._received.size, self._received.range_headers
        self._parts += 1
        if self._parts > _MOST_PARTS:
            raise self.failed(f"it came in more than {_MOST_PARTS:,} parts", hopeless=True)
        try:
            with partial.open("r+b") as file:
                outcome = await self._transport.stream(
                    url, lambda head, chunks: self._receive(head, chunks, file), headers=asked
                )
        finally:
            self.advanced = self.advanced or (bool(asked) and self._received.size > before)
        if isinstance(outcome, NoResponse):
            raise self.failed(outcome.reason)

    async def _receive(self, head: Response, chunks: AsyncIterator[bytes], file: BinaryIO) -> None:
        received, length = self._offset(head), content_length(head)
        expected = None if length is None else received + length
        self._refuse_too_large(expected or 0)
        if (length or 0) > shutil.disk_usage(self._target.parent).free:
            raise self.failed(f"the disk has no room for {(length or 0) / 1e6:,.0f} MB", hopeless=True)
        total = content_range(head)[1] or expected
        file.seek(received)
        file.truncate()
        async for chunk in chunks:
            try:
                file.write(chunk)
            except OSError as error:
                raise self.failed(f"it cannot be written ({error.strerror})", hopeless=True) from None
            received += len(chunk)
            self._received = Received(received, total, validator(head), compressed="content-encoding" in head.headers)
            self._refuse_too_large(received)
        if expected is not None and received != expected:
            raise self.failed(f"only {received:,} of {expected:,} bytes came")

    def _offset(self, head: Response) -> int:
        """Return the offset in the file, in bytes, at which an answer begins."""
        before = self._received
        asked = bool(before.range_headers)
        if head.is_success and (head.status != _PARTIAL_CONTENT or (not asked and not content_range(head)[0])):
            return 0
        if head.is_success and before.is_continued_by(head):
            return before.size
        if head.is_success or head.status == _RANGE_NOT_SATISFIABLE:
            self._received = Received()
        raise self.failed(f"its address answered with HTTP {head.status}")

    def _refuse_too_large(self, size: int) -> None:
        if size > _LARGEST_CLIP:
            raise self.failed(f"its {size / 1e9:.1f} GB are more than any clip has", hopeless=True)


def validator(head: Response) -> str:
    """Return the ETag of an answer where it names its very bytes, else the time of their last change, if any."""
    etag = head.headers.get("etag", "")
    return head.headers.get("last-modified", "") if etag.startswith("W/") or not etag else etag


def content_range(head: Response) -> tuple[int | None, int | None]:
    """Return the first byte of a partial answer, and the length of the whole file; None where they are not told."""
    found = _CONTENT_RANGE.match(head.headers.get("content-range", ""))
    return (int(found[1]), int(found[2]) if found[2].isdecimal() else None) if found else (None, None)


_CONTENT_RANGE = re.compile(r"bytes (\d{1,15})-\d{1,15}/(\d{1,15}|\*)$", re.ASCII | re.IGNORECASE)


def content_length(head: Response) -> int | None:
    """Return the length of an answer in bytes; None where it is not announced, or that of compressed data."""
    announced = head.headers.get("content-length", "")
    return int(announced) if announced.isdecimal() and "content-encoding" not in head.headers else None
