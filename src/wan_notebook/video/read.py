"""Streaming the frames of a video, one in memory at a time."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from ..errors import MediaError
from .open import VideoSource, display_name, open_video
from .upright import Upright

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream
    from numpy import uint8
    from numpy.typing import NDArray

    TimedFrame: TypeAlias = tuple[float, VideoFrame]
    """A decoded frame and its second."""

_JITTER = 0.0005
"""Seconds by which a stored time may miss the true one, since containers round to milliseconds."""


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture of a video, and its time."""

    time: float
    """Seconds since the video's beginning."""
    pixels: NDArray[uint8]
    """H×W×3 RGB, upright."""


def frames(
    source: VideoSource,
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
        width: columns to scale to; the aspect is kept when None.
        height: rows to scale to, likewise; both None leave the size as it is.

    Raises:
        MediaError: the source cannot be read, or breaks on the way.
    """
    with open_at(source, start) as (container, stream):
        upright = Upright(pixel_aspect=float(stream.sample_aspect_ratio or 1), width=width, height=height)
        step = 1 / float(stream.average_rate or 25)
        decoded = between(decode(container, stream, step), start, end)
        wanted = decoded if fps is None else retime(decoded, start, end, fps, step)
        count = 0
        for time, frame in wanted:
            yield Frame(time, upright(frame))
            count += 1
        if count == 0:
            span = f" from {start:g} s to {'its end' if end is None else f'{end:g} s'}" if start or end else ""
            raise MediaError(f"{display_name(source)} holds no frames{span}.")


@contextlib.contextmanager
def open_at(source: VideoSource, start: float) -> Iterator[tuple[InputContainer, VideoStream]]:
    """Open a source so that decoding begins at or before a second, near it where the format has an index."""
    with contextlib.ExitStack() as stack:
        container, stream = stack.enter_context(open_video(source))
        # Formats without an index may land anywhere; then decoding starts at the beginning.
        if start > 0 and not seek(container, stream, start):
            stack.close()
            container, stream = stack.enter_context(open_video(source))
        yield container, stream


def seek(container: InputContainer, stream: VideoStream, start: float) -> bool:
    """Go to the last key frame before a second; return whether that was found."""
    import av

    ticks = round(start / (stream.time_base or 1)) + (stream.start_time or 0)
    try:
        container.seek(ticks, stream=stream)
        landed = next(container.demux(stream), None)
        container.seek(ticks, stream=stream)
    except av.FFmpegError:
        return False
    return landed is not None and landed.is_keyframe and landed.pts is not None and landed.pts <= ticks


def decode(container: InputContainer, stream: VideoStream, step: float) -> Iterator[TimedFrame]:
    """Decode the frames with their seconds since the video's beginning; those without a time follow by a step."""
    zero = float((stream.start_time or 0) * (stream.time_base or 0))
    time = -step
    for frame in container.decode(stream):
        time = time + step if frame.time is None else frame.time - zero
        yield time, frame


def between(decoded: Iterator[TimedFrame], start: float, end: float | None) -> Iterator[TimedFrame]:
    """Yield the frames from one second on, and before another."""
    for time, frame in decoded:
        if end is not None and time >= end - _JITTER:
            return
        if time >= start - _JITTER:
            yield time, frame


def retime(
    decoded: Iterator[TimedFrame], start: float, end: float | None, fps: float, step: float
) -> Iterator[TimedFrame]:
    """Yield for each tick of a constant rate the frame that is on screen then; the last is on screen for a step."""
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
