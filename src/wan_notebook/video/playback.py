"""Whether a video plays to its end: every frame is decoded, about a hundred of 720p in a second on two cores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import MediaError
from .open import VideoSource, open_video
from .probe import walk_through

if TYPE_CHECKING:
    from av.container import InputContainer
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


def play(source: VideoSource, name: str) -> Playback:
    """Decode all frames of a video, showing none.

    Args:
        source: a path, the bytes themselves, or a file object that can seek.
        name: of the video, in the sentence.
    """
    try:
        walk_through(source, name)
        refusal = ""
    except MediaError as error:
        refusal = error.message
    try:
        with open_video(source, name) as (container, stream):
            frames, damage = _decode(container, stream)
    except MediaError as error:
        frames, damage = 0, error.message
    return Playback(frames, refusal or (damage and f"{name} {damage}"))


def _decode(container: InputContainer, stream: VideoStream) -> tuple[int, str]:
    import av

    packets = frames = damaged = behind = 0
    times: list[float] = []
    for packet in container.demux():
        behind = max(behind, (packet.pos or 0) + packet.size)
        times += [] if packet.pts is None else [float(packet.pts * packet.time_base)]
        if packet.stream_index != stream.index:
            continue
        packets += packet.size > 0
        try:
            decoded = packet.decode()
        except av.FFmpegError:
            decoded, damaged = [], damaged + 1
        frames += len(decoded)
        damaged += sum(frame.is_corrupt for frame in decoded if isinstance(frame, av.VideoFrame))
    expected, announced = max(packets, stream.frames), (container.duration or 0) / av.time_base
    played = max(times, default=0.0) - min(times, default=0.0)
    if damaged:
        return frames, f"is damaged in {damaged:,} of {packets:,} places"
    if not frames:
        return 0, "holds no frames"
    if frames < (1 - _SLACK) * expected:
        return frames, f"shows {frames:,} of {expected:,} frames"
    if played < (1 - _SLACK) * announced - _STEP and container.size - behind > max(_INDEX, _TAIL * container.size):
        return frames, f"ends after {played:.1f} of {announced:.1f} s, before data that cannot be read"
    return frames, ""
