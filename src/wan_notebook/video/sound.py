"""Carrying the sound of one video into another: copied where MP4 can hold it, else encoded again to AAC."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

from ..errors import MediaError
from .decode import Timeline, decode_past_damage
from .open import VideoSource, display_name, open_video

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer, OutputContainer
    from av.packet import Packet

    Packets: TypeAlias = Iterator[tuple[float, Packet[Any]]]
    """Packets with the second at which each begins."""

_COPIED = ("aac", "mp3")
"""Codecs which every browser plays inside an MP4."""
_RATE = 48_000
_GAP = _RATE // 10
"""Samples missing in the source beyond which the sound is set in step again."""


def sound_packets(source: VideoSource, output: OutputContainer, start: float = 0.0) -> Packets:
    """Yield the packets of a video's sound, none where it has none.

    The first step adds the audio stream to `output`, so it is taken before anything is muxed.

    Args:
        source: the video whose sound is taken.
        output: the open MP4.
        start: the second of the source's pictures which becomes second 0.

    Raises:
        MediaError: the sound cannot be read.
    """
    with open_video(source) as (container, pictures):
        if not container.streams.audio:
            return
        audio = container.streams.audio[0]
        if audio.codec_context is None:
            raise MediaError(
                f"The sound of {display_name(source)} is in a codec that cannot be read here. Go without sound."
            )
        zero = start + float((pictures.start_time or 0) * (pictures.time_base or 0))
        if audio.codec_context.name in _COPIED:
            yield from copy_packets(container, audio, output, zero)
        else:
            yield from encode_packets(container, audio, output, zero)


def copy_packets(container: InputContainer, audio: AudioStream, output: OutputContainer, zero: float) -> Packets:
    """Yield the packets as they are, from the source's second `zero` on, shifted to begin at 0."""
    stream, timeline = output.add_stream_from_template(audio), Timeline(container)
    for packet in container.demux(audio):
        timeline.straighten(packet)
        if packet.pts is None or packet.dts is None:
            continue
        shift = round(zero / packet.time_base)
        packet.pts, packet.dts, packet.stream = packet.pts - shift, packet.dts - shift, stream
        if packet.pts >= 0:
            yield float(packet.pts * packet.time_base), packet


def encode_packets(container: InputContainer, audio: AudioStream, output: OutputContainer, zero: float) -> Packets:
    """Decode the sound and yield it as AAC in stereo, from the source's second `zero` on."""
    from av.audio.resampler import AudioResampler

    stream = output.add_stream("aac", rate=_RATE, bit_rate=128_000)
    resampler, position = AudioResampler(format="fltp", layout="stereo", rate=_RATE), -_RATE
    for decoded in decode_past_damage(container, audio):
        if decoded is None:
            continue
        begin = round(((decoded.time or 0.0) - zero) * _RATE)
        if begin < 0:
            continue
        # Times in some containers jitter by a millisecond, which the encoder would take for going backward,
        # so samples are counted; only the first one and a gap are set by their time.
        position = begin if begin - position > _GAP else position
        for frame in resampler.resample(decoded):
            frame.pts, frame.time_base = position, Fraction(1, _RATE)
            position += frame.samples
            yield from _timed(stream.encode(frame))
    yield from _timed(stream.encode(None))


def _timed(packets: list[Packet[Any]]) -> Packets:
    for packet in packets:
        yield float((packet.pts or 0) * packet.time_base), packet
