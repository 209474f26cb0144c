"""The properties of a video, read before anything is done with it."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ..errors import MediaError
from .decode import Timeline, decode
from .open import MAX_FRAMES, VideoSource, display_name, open_source, open_video
from .truncation import is_truncated
from .upright import is_hdr, orientation_of, upright_size

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.stream import VideoStream

MAX_SECONDS = 4 * 3600.0
"""Seconds beyond which a video is refused unread: no film is longer, and a broken clock is."""
MAX_DECODED_PIXELS = 20_000_000_000
"""Frames times pixels, about two minutes of decoding: five minutes in 1080p at 30 frames per second."""
_LEAST_PIXELS = 65_536
_HELD = 0.8
"""Share of the average step between frames below which the usual one shows that some frames are held."""


@dataclass(frozen=True)
class VideoInfo:
    """The properties of a video."""

    format: str
    """The container's names, as "mov,mp4,m4a,3gp,3g2,mj2" or "matroska,webm"."""
    codec: str
    """The codec of the pictures, as "h264"."""
    pixel_format: str
    """FFmpeg's name of how pixels are stored, as "yuv420p"."""
    width: int
    """Pixels, as the video is seen: upright, with square pixels; so for the height."""
    height: int
    fps: float
    """Frames per second: on average where the rate varies, at their usual pace where some are held."""
    frames: int
    """Counted in the file, not taken from its header."""
    duration: float
    """Seconds from the first frame to the end of the last."""
    rotation: int
    """Degrees by which a player turns the stored frames clockwise: 0, 90, 180 or 270."""
    mirrored: bool
    """Whether it changes left and right before it turns them."""
    hdr: bool
    """Whether it is in PQ or HLG, which looks washed out where a reader does not know them."""
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
    form, walk = walk_through(source, name)
    with open_video(source, name) as (container, stream):
        decoded = next(decode(container, stream), None)
        if decoded is None:
            raise MediaError(f"{name} holds no frames.")
        orientation = orientation_of(decoded.frame)
        width, height = upright_size(decoded.frame, orientation, float(stream.sample_aspect_ratio or 1))
        return VideoInfo(
            format=form,
            codec=stream.codec_context.codec.canonical_name,
            pixel_format=decoded.frame.format.name,
            width=width,
            height=height,
            fps=frame_rate(stream, walk),
            frames=walk.frames,
            duration=walk.duration,
            rotation=orientation.rotation,
            mirrored=orientation.mirrored,
            hdr=is_hdr(decoded.frame),
            has_audio=bool(container.streams.audio),
        )


@dataclass(frozen=True)
class Walk:
    """The facts gathered on the way through all packets, since headers may say nothing or lie."""

    frames: int
    duration: float
    """Seconds from the first frame to the end of the last."""
    step: float
    """Seconds from one frame to the next, in the middle of all such steps."""
    broken_end: bool
    """Whether the last packet is not whole."""


OnPacket = Callable[["InputContainer", "VideoStream", "Packet[Any]"], None]
"""Takes each packet of a container, whose stream of pictures is the one named."""


def walk_through(source: VideoSource, name: str, on_packet: OnPacket = lambda *_: None) -> tuple[str, Walk]:
    """Walk through a whole file and decode nothing; return its format's names, and the facts gathered.

    Args:
        source: a path, the bytes themselves, or a file object that can seek.
        name: of the video, in messages.
        on_packet: is called with every packet.

    Raises:
        MediaError: it is missing, empty, no video, cut short, too long, or in a codec that cannot be read.
    """
    with open_video(source, name) as (container, stream):
        form = container.format.name
        walk = walk_packets(container, stream, name, on_packet)
    if walk.duration > MAX_SECONDS:
        raise MediaError(f"{name} lasts {walk.duration:,.0f} s by its own clock. Cut out the part that matters first.")
    with open_source(source, name) as file:
        if walk.broken_end or is_truncated(file, form):
            raise MediaError(f"{name} is cut short: data at its end is missing. Copy or download it again.")
    return form, walk


def walk_packets(container: InputContainer, stream: VideoStream, name: str, on_packet: OnPacket) -> Walk:
    """Read all packets of a container without decoding them, and gather the facts about its pictures.

    Arguments as for walk_through().

    Raises:
        MediaError: there are more than MAX_FRAMES pictures.
    """
    broken, begins, end, timeline = False, [], 0, Timeline(container)
    for packet in container.demux():
        on_packet(container, stream, packet)
        if packet.size == 0 or packet.is_discard:
            continue
        broken = packet.is_corrupt
        if packet.stream_index != stream.index:
            continue
        timeline.straighten(packet)
        begin = packet.pts if packet.pts is not None else packet.dts
        begins.append(begin if begin is not None else end)
        end = max(end, begins[-1] + (packet.duration or 0))
        if len(begins) > MAX_FRAMES:
            raise MediaError(f"{name} has more than {MAX_FRAMES:,} frames. Cut out the part that matters first.")
    if not begins:
        return Walk(0, 0.0, 0.0, broken)
    begins.sort()
    steps = [later - earlier for earlier, later in itertools.pairwise(begins)]
    step = statistics.median(steps) if steps else 0
    # Where the file does not say how long the last picture stays, it stays as long as the others.
    end = end if end > begins[-1] else begins[-1] + round((begins[-1] - begins[0]) / max(1, len(steps)))
    tick = Fraction(stream.time_base or 0)
    return Walk(len(begins), float((end - begins[0]) * tick), step * float(tick), broken)


def frame_rate(stream: VideoStream, walk: Walk) -> float:
    """Return the frames per second: those announced if the packets bear them out, else those counted.

    Where pictures are held for long, the average would drop most of the others, and their own pace counts.
    """
    announced = float(stream.average_rate or 0)
    if not walk.duration:
        return announced or 25.0
    counted = walk.frames / walk.duration
    if walk.step and walk.step * counted < _HELD:
        counted = 1 / walk.step
    return announced if abs(announced - counted) <= 0.02 * counted else counted


def decoded_pixels(frames: int, width: int, height: int) -> int:
    """Return the work of decoding so many frames, in pixels; a small frame has a price of its own."""
    return frames * max(width * height, _LEAST_PIXELS)
