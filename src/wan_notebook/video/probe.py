"""The properties of a video, read before anything is done with it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ..errors import MediaError
from .open import VideoSource, display_name, open_video
from .upright import quarter_turns, upright_size

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.stream import VideoStream

_SLACK = 0.25
"""Seconds by which a whole file may be shorter than it announces."""


@dataclass(frozen=True)
class VideoInfo:
    """The properties of a video."""

    format: str
    """The container's names, as "mov,mp4,m4a,3gp,3g2,mj2" or "matroska,webm"."""
    codec: str
    """The codec of the pictures, as "h264"."""
    width: int
    """Pixels, as the video is seen: upright, with square pixels; so for the height."""
    height: int
    fps: float
    """Frames per second, on average where the rate varies."""
    frames: int
    """Counted in the file, not taken from its header."""
    duration: float
    """Seconds from the first frame to the end of the last."""
    rotation: int
    """Degrees by which a player turns the stored frames clockwise: 0, 90, 180 or 270."""
    has_audio: bool
    """Whether there is any sound."""


def probe(source: VideoSource, *, name: str = "") -> VideoInfo:
    """Return the properties of a video; the whole file is walked through, but only its first frame decoded.

    Args:
        source: a path, the bytes themselves, or a file object that can seek.
        name: its name in messages; the file's own when empty.

    Raises:
        MediaError: it is missing, empty, no video, cut short, without frames, or in a codec that cannot be read.
    """
    name = name or display_name(source)
    with open_video(source, name) as (container, stream):
        walk = walk_packets(container, stream)
        if is_cut_short(container, stream, walk):
            raise MediaError(f"{name} is cut short: data at its end is missing. Copy or download it again.")
    with open_video(source, name) as (container, stream):
        first = next(container.decode(stream), None)
        if first is None:
            raise MediaError(f"{name} holds no frames.")
        width, height = upright_size(first, float(stream.sample_aspect_ratio or 1))
        return VideoInfo(
            format=container.format.name,
            codec=stream.codec_context.codec.canonical_name,
            width=width,
            height=height,
            fps=frame_rate(stream, walk),
            frames=walk.frames,
            duration=float(walk.duration),
            rotation=-90 * quarter_turns(first) % 360,
            has_audio=bool(container.streams.audio),
        )


@dataclass(frozen=True)
class _Walk:
    """The facts gathered on the way through all packets, since headers may say nothing or lie."""

    frames: int
    duration: Fraction
    """Seconds from the first frame to the end of the last."""
    end: Fraction
    """The second at which the last packet of any stream ends, counted from the beginning of the first."""
    broken_end: bool
    """Whether the last packet is not whole."""


def walk_packets(container: InputContainer, stream: VideoStream) -> _Walk:
    """Read all packets of a container without decoding them, and gather the facts about its pictures."""
    frames, broken, pictures, all_streams = 0, False, _Span(), _Span()
    for packet in container.demux():
        if packet.size == 0 or packet.is_discard:
            continue
        broken = packet.is_corrupt
        all_streams.add(packet)
        if packet.stream_index == stream.index:
            frames += 1
            pictures.add(packet)
    return _Walk(frames, pictures.seconds(frames), all_streams.seconds(), broken)


class _Span:
    """The time that packets cover, gathered while they pass."""

    def __init__(self) -> None:
        self._first: Fraction | None = None
        self._last = self._end = Fraction(0)

    def add(self, packet: Packet[Any]) -> None:
        time = packet.pts if packet.pts is not None else packet.dts
        if time is None:
            return
        begin = time * packet.time_base
        self._first = begin if self._first is None else min(self._first, begin)
        self._last = max(self._last, begin)
        self._end = max(self._end, begin + (packet.duration or 0) * packet.time_base)

    def seconds(self, frames: int = 0) -> Fraction:
        """Return the seconds from the first packet to the end of the last, whose own length may have to be guessed."""
        seen = self._last - (self._first or 0)
        if self._end == self._last and frames > 1:
            return seen + seen / (frames - 1)
        return self._end - (self._first or 0)


def is_cut_short(container: InputContainer, stream: VideoStream, walk: _Walk) -> bool:
    """Whether the end of a file is missing, as far as its format tells."""
    names = container.format.name.split(",")
    if "avi" in names:
        return walk.broken_end or stream.frames - walk.frames > max(2, 0.02 * walk.frames)
    # Other formats state no length, and the library's guess at it may be far off.
    announced = (container.duration or 0) / 1_000_000 if {"mp4", "matroska"} & set(names) else 0.0
    return walk.broken_end or announced - walk.end > max(_SLACK, 0.02 * walk.end)


def frame_rate(stream: VideoStream, walk: _Walk) -> float:
    """Return the frames per second: those announced if the packets bear them out, else those counted."""
    announced = float(stream.average_rate or 0)
    if not walk.duration:
        return announced or 25.0
    counted = float(walk.frames / walk.duration)
    return announced if abs(announced - counted) <= 0.02 * counted else counted
