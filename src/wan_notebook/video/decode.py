"""Decoding a stream on one continuous time line, past jumps of its clock and past damaged packets."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

_TS_DISCONT = 0x200
"""FFmpeg's flag of formats whose clock may jump."""
_LEAP = 10.0
"""Seconds beyond which such a clock has jumped forward, as FFmpeg's own tool has it."""
SHORTEST, UNTIMED = 0.01, 0.1
"""Seconds up to which browsers take an animation's picture for one without a time, and for which they then show it."""


@dataclass(frozen=True)
class DecodedFrame:
    """A frame as it came from the decoder."""

    time: float
    """Seconds since the video's beginning."""
    duration: float
    """Seconds for which it is on screen, as far as the file says; else one step of the stream."""
    frame: VideoFrame
    damaged: int
    """Packets and frames up to here that are damaged, with the last one also those behind it: the former are left out,
    the latter shown as they came."""


def decode(container: InputContainer, stream: VideoStream) -> Iterator[DecodedFrame]:
    """Decode the frames of a stream from where the container stands; a damaged packet is left out."""
    zero, tick = stream.start_time or 0, float(stream.time_base or 0)
    step = 1 / float(stream.average_rate or 25)
    damaged, time, latest = 0, -step, None
    for frame in decode_past_damage(container, stream):
        if frame is not None and latest is not None:
            yield latest
        if frame is None or frame.is_corrupt:
            damaged += 1
        if frame is not None:
            time = time + step if frame.pts is None else (frame.pts - zero) * tick
            latest = DecodedFrame(time, (frame.duration or 0) * tick or step, frame, damaged)
    # What is damaged behind the last frame has no later one to be told with.
    if latest is not None:
        yield replace(latest, damaged=damaged)


def decode_past_damage(container: InputContainer, stream: Any) -> Iterator[Any]:
    """Decode a stream of pictures or sound on its time line; None in place of each packet that cannot be decoded."""
    import av

    timeline, waiting, failed = Timeline(container), set[int](), 0
    for packet in container.demux(stream):
        timeline.straighten(packet)
        if packet.size and packet.pts is not None and not packet.is_discard:
            waiting.add(packet.pts)
        try:
            for frame in packet.decode():
                waiting, failed = {pts for pts in waiting if frame.pts is not None and pts > frame.pts}, 0
                yield frame
        except av.FFmpegError:
            # Several threads tell of it with a later packet, or with none.
            if packet.pts in waiting:
                waiting.remove(packet.pts)
            else:
                failed += 1
            yield None
    if stream.type == "video":
        # Where the last packet is damaged, a decoder with several threads drops those before it without an error.
        yield from itertools.repeat(None, len(waiting) - failed)


class Timeline:
    """Sets packets on one time line: where recordings were joined, the second begins where the first ends.

    Args:
        container: the one that the packets are read from, in their order.
    """

    def __init__(self, container: InputContainer) -> None:
        self._leaps = is_discontinuous(container)
        self._is_gif = container.format.name == "gif"
        self._shifts: dict[int, int] = {}
        self._latest: dict[int, int] = {}

    def straighten(self, packet: Packet[Any]) -> None:
        """Shift the times of a stream's next packet."""
        index, step = packet.stream_index, packet.duration or 0
        shift, latest = self._shifts.get(index, 0), self._latest.get(index)
        if packet.dts is not None and latest is not None:
            gap = packet.dts + shift - latest
            if gap < 0 or (self._leaps and gap * packet.time_base > _LEAP):
                shift = self._shifts[index] = latest + step - packet.dts
        if packet.dts is not None:
            packet.dts = self._latest[index] = packet.dts + shift
        if packet.pts is not None:
            packet.pts += shift
        if self._is_gif and step and step * packet.time_base <= SHORTEST:
            packet.duration = round(UNTIMED / packet.time_base)
            self._shifts[index] = shift + packet.duration - step


def is_discontinuous(container: InputContainer) -> bool:
    """Whether the clock of a container's format may jump, as where broadcasts were joined."""
    return bool(container.format.flags & _TS_DISCONT)


def is_retimed(container: InputContainer) -> bool:
    """Whether a Timeline gives packets other times than the file does, so that its times are no place to seek to."""
    return is_discontinuous(container) or container.format.name == "gif"
