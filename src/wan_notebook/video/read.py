"""Streaming the frames of a video, one in memory at a time."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..errors import MediaError
from .decode import DecodedFrame, decode, is_retimed
from .open import MAX_FRAMES, VideoSource, display_name, open_video
from .upright import Upright

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream
    from numpy import uint8
    from numpy.typing import NDArray

_JITTER = 0.0005
"""Seconds by which a stored time may miss the true one, since containers round to milliseconds."""


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture of a video, and its time."""

    time: float
    """Seconds since the video's beginning."""
    pixels: NDArray[uint8]
    """H×W×3 RGB, upright."""
    damaged: int = 0
    """Stored frames up to this one that are damaged: left out, or shown as far as they could be decoded."""


def frames(
    source: VideoSource,
    *,
    start: float = 0.0,
    end: float | None = None,
    fps: float | None = None,
    width: int | None = None,
    height: int | None = None,
    accurate: bool = False,
    on_stored: Callable[[Frame], None] | None = None,
    stored_height: int | None = None,
) -> Iterator[Frame]:
    """Yield the frames of a video, upright.

    Args:
        source: a path, the bytes themselves, or a file object that can seek.
        start: the first second wanted.
        end: the second before which to stop; the video's end when None.
        fps: a constant rate to re-time to, each frame being the one on screen at its time; as stored when None.
        width: columns to scale to; the aspect is kept when None.
        height: rows to scale to, likewise; both None leave the size as it is.
        accurate: whether levels are rounded to the nearest, for what is written again, rather than mostly down.
        on_stored: is given each stored frame on the way, also one that re-timing leaves out.
        stored_height: rows to which those are scaled.

    Raises:
        MediaError: the source cannot be read, or breaks on the way.
    """
    with open_at(source, start) as (container, stream):
        aspect = float(stream.sample_aspect_ratio or 1)
        upright = Upright(pixel_aspect=aspect, width=width, height=height, accurate=accurate)
        decoded = between(decode(container, stream), start, end)
        if on_stored is not None:
            decoded = _showing(decoded, Upright(pixel_aspect=aspect, height=stored_height), on_stored)
        wanted = decoded if fps is None else retime(decoded, start, end, fps)
        count = 0
        for shown in wanted:
            yield Frame(shown.time, upright(shown.frame), shown.damaged)
            count += 1
            if count > MAX_FRAMES:
                raise MediaError(f"{display_name(source)} holds more than {MAX_FRAMES:,} frames. Trim it first.")
        if count == 0:
            span = f" from {start:g} s to {'its end' if end is None else f'{end:g} s'}" if start or end else ""
            raise MediaError(f"{display_name(source)} holds no frames{span}.")


def _showing(
    decoded: Iterator[DecodedFrame], upright: Upright, on_stored: Callable[[Frame], None]
) -> Iterator[DecodedFrame]:
    """Yield the same frames, each after it was given away upright."""
    for shown in decoded:
        on_stored(Frame(shown.time, upright(shown.frame), shown.damaged))
        yield shown


def frame_times(source: VideoSource, *, start: float = 0.0, end: float | None = None) -> tuple[float, ...]:
    """Return the second of each frame of a video, as frames() has them, without the pixels.

    Raises:
        MediaError: the source cannot be read, or holds no frames there.
    """
    with open_at(source, start) as (container, stream):
        times = tuple(frame.time for frame in between(decode(container, stream), start, end))
    if not times:
        raise MediaError(f"{display_name(source)} holds no frames from {start:g} s on.")
    return times


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

    if is_retimed(container):
        return False
    ticks = round(start / (stream.time_base or 1)) + (stream.start_time or 0)
    try:
        container.seek(ticks, stream=stream)
        landed = next(container.demux(stream), None)
        container.seek(ticks, stream=stream)
    except av.FFmpegError:
        return False
    return landed is not None and landed.is_keyframe and landed.pts is not None and landed.pts <= ticks


def between(decoded: Iterator[DecodedFrame], start: float, end: float | None) -> Iterator[DecodedFrame]:
    """Yield the frames from one second on, and before another."""
    for frame in decoded:
        if end is not None and frame.time >= end - _JITTER:
            return
        if frame.time >= start - _JITTER:
            yield frame


def retime(decoded: Iterator[DecodedFrame], start: float, end: float | None, fps: float) -> Iterator[DecodedFrame]:
    """Yield for each tick of a constant rate the frame that is on screen then; the last one for its own duration."""
    tick, shown = start, None
    ticks = (start + number / fps for number in itertools.count(1))
    for frame in decoded:
        while shown is not None and tick < frame.time - _JITTER:
            yield replace(shown, time=tick)
            tick = next(ticks)
        shown = frame
    last = shown.time + shown.duration if shown else start
    last = last if end is None else min(last, end)
    while shown is not None and tick < last - _JITTER:
        yield replace(shown, time=tick)
        tick = next(ticks)
