"""Streaming the frames of a video, one in memory at a time."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import MediaError
from .open import Source, label, opened
from .upright import Upright

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream
    from numpy import uint8
    from numpy.typing import NDArray

_JITTER = 0.0005
"""Seconds by which a stored time may miss the true one, since containers round to milliseconds."""


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture of a video."""

    time: float
    """Seconds since the video's beginning."""
    pixels: NDArray[uint8]
    """H×W×3 RGB, upright."""


def frames(
    source: Source,
    *,
    start: float = 0.0,
    end: float | None = None,
    fps: float | None = None,
    width: int | None = None,
    height: int | None = None,
) -> Iterator[Frame]:
    """Stream the frames of a video, upright.

    Args:
        source: a path, the bytes themselves, or a file object that can seek.
        start: the first second wanted.
        end: the second before which to stop; the video's end when None.
        fps: a constant rate to re-time to, each frame being the one on screen at its time; as stored when None.
        width: columns to scale to; what keeps the aspect when None.
        height: rows to scale to, likewise; both None leave the size as it is.

    Raises:
        MediaError: the source cannot be read, or breaks on the way.
    """
    with _opened_at(source, start) as (container, stream):
        upright = Upright(pixel_aspect=float(stream.sample_aspect_ratio or 1), width=width, height=height)
        step = 1 / float(stream.average_rate or 25)
        decoded = _between(_decoded(container, stream, step), start, end)
        wanted = decoded if fps is None else _retimed(decoded, start, end, fps, step)
        count = 0
        for time, frame in wanted:
            yield Frame(time, upright(frame))
            count += 1
        if count == 0:
            span = f" from {start:g} s to {'its end' if end is None else f'{end:g} s'}" if start or end else ""
            raise MediaError(f"{label(source)} holds no frames{span}.")


@contextlib.contextmanager
def _opened_at(source: Source, start: float) -> Iterator[tuple[InputContainer, VideoStream]]:
    with contextlib.ExitStack() as stack:
        container, stream = stack.enter_context(opened(source))
        # Formats without an index may land anywhere; there the way leads from the beginning.
        if start > 0 and not _sought(container, stream, start):
            stack.close()
            container, stream = stack.enter_context(opened(source))
        yield container, stream


def _sought(container: InputContainer, stream: VideoStream, start: float) -> bool:
    """Go to the last key frame before `start`; return whether that was found."""
    import av

    ticks = round(start / (stream.time_base or 1)) + (stream.start_time or 0)
    try:
        container.seek(ticks, stream=stream)
        landed = next(container.demux(stream), None)
        container.seek(ticks, stream=stream)
    except av.FFmpegError:
        return False
    return landed is not None and landed.is_keyframe and landed.pts is not None and landed.pts <= ticks


def _decoded(container: InputContainer, stream: VideoStream, step: float) -> Iterator[tuple[float, VideoFrame]]:
    zero = float((stream.start_time or 0) * (stream.time_base or 0))
    time = -step
    for frame in container.decode(stream):
        time = time + step if frame.time is None else frame.time - zero
        yield time, frame


def _between(
    decoded: Iterator[tuple[float, VideoFrame]], start: float, end: float | None
) -> Iterator[tuple[float, VideoFrame]]:
    for time, frame in decoded:
        if end is not None and time >= end - _JITTER:
            return
        if time >= start - _JITTER:
            yield time, frame


def _retimed(
    decoded: Iterator[tuple[float, VideoFrame]], start: float, end: float | None, fps: float, step: float
) -> Iterator[tuple[float, VideoFrame]]:
    tick, shown, time = start, None, start
    ticks = (start + number / fps for number in itertools.count(1))
    for time, frame in decoded:
        while shown is not None and tick < time - _JITTER:
            yield tick, shown
            tick = next(ticks)
        shown = frame
    last = time + step if end is None else min(time + step, end)
    while shown is not None and tick < last - _JITTER:
        yield tick, shown
        tick = next(ticks)
