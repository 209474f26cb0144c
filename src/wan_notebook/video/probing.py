"""What a video holds, said before anything is done with it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from ..errors import MediaError
from .opening import Source, label, opened
from .upright import upright_size

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream


@dataclass(frozen=True)
class VideoInfo:
    """What a video holds."""

    format: str
    """The container's names, as "mov,mp4,m4a,3gp,3g2,mj2" or "matroska,webm"."""
    codec: str
    """The codec of the pictures, as "h264"."""
    width: int
    """Pixels, as the video is seen: upright, with square pixels."""
    height: int
    fps: float
    """Frames per second, on average where the rate varies."""
    frames: int
    """Counted in the file, not taken from its header."""
    duration: float
    """Seconds."""
    rotation: int
    """Degrees by which a player turns the stored frames clockwise: 0, 90, 180 or 270."""
    has_audio: bool


def probe(source: Source) -> VideoInfo:
    """Return what the video holds; the whole file is walked through, but only its first frame decoded.

    Args:
        source: a path, the bytes themselves, or a file object that can seek.

    Raises:
        MediaError: it is missing, empty, no video, cut short, without frames, or in a codec that cannot be read.
    """
    with opened(source) as (container, stream):
        first = next(container.decode(stream), None)
        if first is None:
            raise MediaError(f"{label(source)} holds no frames.")
        aspect = float(stream.sample_aspect_ratio or 1)
        width, height = upright_size(first, aspect)
        rotation, codec = round(-first.rotation / 90) * 90 % 360, stream.codec_context.name
    with opened(source) as (container, stream):
        frames, duration = _walk(container, stream)
        _refuse_cut(stream, frames, label(source))
        return VideoInfo(
            format=container.format.name,
            codec=codec,
            width=width,
            height=height,
            fps=_fps(stream, frames, duration),
            frames=frames,
            duration=duration,
            rotation=rotation,
            has_audio=bool(container.streams.audio),
        )


def _walk(container: InputContainer, stream: VideoStream) -> tuple[int, float]:
    """Count frames and measure seconds packet by packet, since headers may say nothing or lie."""
    frames, times, length = 0, [], Fraction(0)
    for packet in container.demux(stream):
        if packet.size == 0 or packet.is_discard:
            continue
        frames += 1
        time = packet.pts if packet.pts is not None else packet.dts
        if time is not None:
            times.append(time * packet.time_base)
            length = (packet.duration or 0) * packet.time_base
    seen = max(times) - min(times) if times else Fraction(0)
    if length == 0 and frames > 1:
        length = seen / (frames - 1)
    return frames, float(seen + length)


def _refuse_cut(stream: VideoStream, frames: int, name: str) -> None:
    if stream.frames > frames:
        raise MediaError(
            f"{name} is cut short: it announces {stream.frames} frames and holds {frames}. Copy or download it again."
        )


def _fps(stream: VideoStream, frames: int, duration: float) -> float:
    announced = float(stream.average_rate or 0)
    if duration <= 0:
        return announced or 25.0
    counted = frames / duration
    return announced if abs(announced - counted) <= 0.02 * counted else counted
