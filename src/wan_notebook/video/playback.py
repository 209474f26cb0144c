"""Whether a video plays to its end: every frame is decoded, about a hundred of 720p in a second on two cores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import MediaError
from .open import VideoSource
from .probe import walk_through

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.stream import VideoStream

_SLACK = 0.1
"""Share of frames, and of the announced time, that may be missing without harm: some belong to no picture of their own,
and some headers round up."""
_STEP = 0.5
"""Seconds for which the last picture may stay."""
_TAIL, _INDEX = 0.05, 1_000
"""Share of a file, and bytes, behind its last packet, from which on something other than an index lies there."""


@dataclass(frozen=True)
class Playback:
    """The result of playing a video through."""

    frames: int
    """Frames that were shown, damaged ones included."""
    damage: str
    """Why it does not play to its end, as a sentence; empty where it does."""
    description: str = ""
    """From its metadata."""


def play(source: VideoSource, name: str) -> Playback:
    """Decode all frames of a video, showing none.

    Args:
        source: a path, the bytes themselves, or a file object that can seek.
        name: of the video, in the sentence.
    """
    decoder, refusal = _Decoder(), ""
    try:
        walk_through(source, name, decoder.take)
    except MediaError as error:
        refusal = error.message
    damage = refusal or (decoder.damage and f"{name} {decoder.damage}")
    return Playback(decoder.frames, damage, decoder.description)


class _Decoder:
    """Decodes packets, and remembers what came of them."""

    def __init__(self) -> None:
        self.frames, self.description = 0, ""
        self._packets = self._damaged = self._end = self._announced_frames = self._size = 0
        self._announced = 0.0
        self._times: list[float] = []

    def take(self, container: InputContainer, stream: VideoStream, packet: Packet[Any]) -> None:
        """Decode the next packet; one without bytes is the last."""
        import av

        self.description = container.metadata.get("description", "")
        self._size, self._announced_frames = container.size, stream.frames
        self._announced = (container.duration or 0) / av.time_base
        self._end = max(self._end, (packet.pos or 0) + packet.size)
        self._times += [] if packet.pts is None else [float(packet.pts * packet.time_base)]
        if packet.stream_index != stream.index:
            return
        self._packets += packet.size > 0
        try:
            decoded = packet.decode()
        except av.FFmpegError:
            decoded, self._damaged = [], self._damaged + 1
        self.frames += len(decoded)
        self._damaged += sum(frame.is_corrupt for frame in decoded if isinstance(frame, av.VideoFrame))

    @property
    def damage(self) -> str:
        """Why the video does not play to its end, as the end of a sentence; empty where it does."""
        expected, rest = max(self._packets, self._announced_frames), self._size - self._end
        played = max(self._times, default=0.0) - min(self._times, default=0.0)
        if self._damaged:
            return f"is damaged in {self._damaged:,} of {self._packets:,} places"
        if not self.frames:
            return "holds no frames"
        if self.frames < (1 - _SLACK) * expected:
            return f"shows {self.frames:,} of {expected:,} frames"
        if played < (1 - _SLACK) * self._announced - _STEP and rest > max(_INDEX, _TAIL * self._size):
            return f"ends after {played:.1f} of {self._announced:.1f} s, before data that cannot be read"
        return ""
