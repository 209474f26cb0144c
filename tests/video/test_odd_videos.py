"""Videos as phones, cameras, broadcasts and joined files have them."""

import io
import struct
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

import av
import numpy as np
import PIL.Image
import pytest
from numpy.typing import NDArray

from wan_notebook.errors import MediaError
from wan_notebook.video.probe import probe
from wan_notebook.video.read import Frame, frames

BT2020, PQ, HLG = 9, 16, 18
"""FFmpeg's numbers of HDR's primaries and matrix, and of its two transfer characteristics."""
RED, GREEN, BLUE, BLACK = (255, 0, 0), (0, 255, 0), (0, 0, 255), (0, 0, 0)


def greys(count: int = 25, width: int = 64, height: int = 48) -> Iterator[NDArray[np.uint8]]:
    """Frames that grow brighter by eight levels each."""
    return (np.full((height, width, 3), 20 + 8 * number, np.uint8) for number in range(count))


def number_of(frame: Frame) -> int:
    """The number of a grey frame, read off the middle of it."""
    height, width, _ = frame.pixels.shape
    return round((float(frame.pixels[height // 2, width // 2].mean()) - 20) / 8)


def encoded(
    pictures: Iterable[NDArray[np.uint8]],
    form: str = "mpegts",
    codec: str = "libx264",
    *,
    times: Iterable[int] = range(10_000),
    aspect: Fraction = Fraction(1),
    **options: str,
) -> bytes:
    """Pictures at 25 frames per second, made without the code that is tested; `times` counts in frames."""
    target = io.BytesIO()
    first, *others = pictures
    with av.open(target, "w", format=form) as container:
        height, width, _ = first.shape
        stream = container.add_stream(codec, rate=25, width=width, height=height, options=options)
        stream.codec_context.sample_aspect_ratio = aspect
        for time, pixels in zip(times, [first, *others], strict=False):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts, frame.time_base = time, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return target.getvalue()


def test_thumbnails_are_no_reference() -> None:
    """Where a small film of a few frames stands before the one that is meant, the latter is read, and its frames."""
    target = io.BytesIO()
    films = [io.BytesIO(encoded(greys(count, width, 48), "mp4")) for count, width in ((2, 48), (25, 64))]
    with av.open(films[0]) as thumbnail, av.open(films[1]) as film, av.open(target, "w", format="matroska") as both:
        streams = [both.add_stream_from_template(one.streams.video[0]) for one in (thumbnail, film)]
        for one, stream in zip((thumbnail, film), streams, strict=True):
            for packet in one.demux():
                if packet.dts is not None:
                    packet.stream = stream
                    both.mux(packet)
    info = probe(target.getvalue())
    assert (info.width, info.frames) == (64, 25)
    assert [number_of(frame) for frame in frames(target.getvalue())] == list(range(25))


# The time line


@pytest.mark.parametrize(("form", "codec"), [("matroska", "libx264"), ("webm", "libvpx"), ("mp4", "libx264")])
def test_late_starts_are_whole(form: str, codec: str) -> None:
    """A video whose clock begins at five seconds is a whole one, and its beginning is second 0."""
    late = encoded(greys(), form, codec, times=range(125, 150))
    info = probe(late)
    assert (info.frames, info.duration, info.fps) == (25, pytest.approx(1, abs=0.01), pytest.approx(25, rel=0.02))
    assert [number_of(frame) for frame in frames(late, start=0.4, end=0.6)] == [10, 11, 12, 13, 14]


def test_false_lengths_are_whole() -> None:
    """A header that announces a longer video makes no file incomplete, as long as none of its parts is."""
    matroska = bytearray(encoded(greys(), "matroska"))
    at = matroska.index(b"\x44\x89\x88") + 3
    matroska[at : at + 8] = struct.pack(">d", 60_000)
    mp4 = bytearray(encoded(greys(), "mp4"))
    at = mp4.index(b"mvhd") + 20
    mp4[at : at + 4] = struct.pack(">I", 60_000)
    for content in (bytes(matroska), bytes(mp4)):
        info = probe(content)
        assert (info.frames, info.duration) == (25, pytest.approx(1, abs=0.01))


def test_joined_streams_go_on() -> None:
    """Of transport streams one behind the other, each of which begins its clock anew, every part is seen in turn."""
    first, second = encoded(greys(12)), encoded(list(greys(24))[12:])
    joined = first + second
    info = probe(joined)
    assert (info.frames, info.fps, info.duration) == (24, pytest.approx(25), pytest.approx(0.96, abs=0.01))
    assert [number_of(frame) for frame in frames(joined)] == list(range(24))
    assert [number_of(frame) for frame in frames(joined, fps=12.5)] == list(range(0, 24, 2))
    assert [number_of(frame) for frame in frames(joined, start=0.6)] == list(range(15, 24))


@pytest.mark.parametrize("held", [0, 4, 9], ids=["first", "middle", "last"])
def test_held_pictures_keep_motion(held: int) -> None:
    """A picture that stays for long slows down none of the others, and stays for its time."""
    pictures = [PIL.Image.fromarray(pixels) for pixels in greys(10)]
    target, times = io.BytesIO(), [3000 if number == held else 100 for number in range(10)]
    pictures[0].save(target, "GIF", save_all=True, append_images=pictures[1:], duration=times)
    info = probe(target.getvalue())
    assert (info.frames, info.fps, info.duration) == (10, pytest.approx(10), pytest.approx(3.9))
    seen = [number_of(frame) for frame in frames(target.getvalue(), fps=info.fps)]
    assert seen == sorted([*range(10), *[held] * 29])


def test_untimed_pictures_are_slow() -> None:
    """A picture of a GIF with a time of 10 ms or less is shown for 100 ms, as browsers show it."""
    pictures = [PIL.Image.fromarray(pixels) for pixels in greys(10)]
    target, times = io.BytesIO(), [10 if number % 2 else 60 for number in range(10)]
    pictures[0].save(target, "GIF", save_all=True, append_images=pictures[1:], duration=times)
    info = probe(target.getvalue())
    assert (info.frames, info.duration) == (10, pytest.approx(0.8))
    seen = [frame.time for frame in frames(target.getvalue())]
    assert seen == pytest.approx([0, 0.06, 0.16, 0.22, 0.32, 0.38, 0.48, 0.54, 0.64, 0.7])
    assert [number_of(frame) for frame in frames(target.getvalue(), start=0.5)] == [7, 8, 9]


# Damage


@pytest.mark.parametrize(("form", "codec"), [("mp4", "libx264"), ("matroska", "mpeg4"), ("webm", "libvpx-vp9")])
def test_damaged_packets_are_skipped(form: str, codec: str) -> None:
    """One packet of nonsense costs a frame or what depends on it, is counted, and ends nothing."""
    content = bytearray(encoded(greys(), form, codec, g="5"))
    with av.open(io.BytesIO(bytes(content))) as container:
        packet = [packet for packet in container.demux(video=0) if packet.size][7]
        at = content.index(bytes(packet))
        content[at : at + packet.size] = b"\xff" * packet.size
    assert probe(bytes(content)).frames == 25
    seen = list(frames(bytes(content)))
    assert 18 <= len(seen) <= 25
    assert seen[-1].damaged >= 1
    assert number_of(seen[-1]) == 24
    assert len(list(frames(bytes(content), fps=25, end=1))) == 25


@pytest.mark.parametrize(("form", "codec"), [("mp4", "libx264"), ("matroska", "libx264"), ("mp4", "mpeg4")])
def test_a_broken_end_is_counted(form: str, codec: str) -> None:
    """Frames that are lost where the last packet is only half there are told with the last one that is seen; a whole
    video has none.
    """
    noise = np.random.default_rng(1)
    whole = encoded([noise.integers(0, 255, (48, 64, 3), np.uint8) for _ in range(25)], form, codec)
    with av.open(io.BytesIO(whole)) as container:
        last = bytes([packet for packet in container.demux(video=0) if packet.size][-1])
    at = whole.index(last)
    seen = list(frames(whole[: at + 5] + b"\xff" * (len(last) - 5) + whole[at + len(last) :]))
    assert seen[-1].damaged == 25 - len(seen) > 0
    assert list(frames(whole))[-1].damaged == 0


# The picture


@pytest.mark.parametrize("second", [(96, 64), (48, 64), (64, 48)], ids=["larger", "turned", "same"])
def test_changing_sizes_are_fitted(second: tuple[int, int]) -> None:
    """Where the frame size changes on the way, all frames have that of the first, and nothing is distorted."""
    white = [np.full((second[1], second[0], 3), 255, np.uint8)] * 3
    seen = [frame.pixels for frame in frames(encoded(greys(3)) + encoded(white))]
    assert {pixels.shape for pixels in seen} == {(48, 64, 3)}
    assert len(seen) == 6
    lit = seen[-1][24].mean(axis=-1) > 128, seen[-1][:, 32].mean(axis=-1) > 128
    shown = second[0] * min(64 / second[0], 48 / second[1]), second[1] * min(64 / second[0], 48 / second[1])
    assert (lit[0].sum(), lit[1].sum()) == pytest.approx(shown, abs=2)


CORNERS = {
    "as stored": ((1, 0, 0, 1), (RED, GREEN, BLUE, BLACK), 0, False),
    "clockwise": ((0, 1, -1, 0), (BLUE, RED, BLACK, GREEN), 90, False),
    "on its head": ((-1, 0, 0, -1), (BLACK, BLUE, GREEN, RED), 180, False),
    "counter-clockwise": ((0, -1, 1, 0), (GREEN, BLACK, RED, BLUE), 270, False),
    "left to right": ((-1, 0, 0, 1), (GREEN, RED, BLACK, BLUE), 0, True),
    "upside down": ((1, 0, 0, -1), (BLUE, BLACK, RED, GREEN), 180, True),
    "along a diagonal": ((0, 1, 1, 0), (RED, BLUE, GREEN, BLACK), 90, True),
    "along the other": ((0, -1, -1, 0), (BLACK, GREEN, BLUE, RED), 270, True),
}
"""Matrices as (x to x, x to y, y to x, y to y), and the corners then seen, from the upper left to the lower right."""


@pytest.mark.parametrize(("matrix", "corners", "rotation", "mirrored"), CORNERS.values(), ids=CORNERS.keys())
def test_every_orientation_is_upright(
    matrix: tuple[int, int, int, int], corners: tuple[object, ...], rotation: int, mirrored: bool
) -> None:
    """Turned or mirrored, a video is seen as a player shows it."""
    pixels = np.zeros((48, 64, 3), np.uint8)
    pixels[:24, :32], pixels[:24, 32:], pixels[24:, :32] = RED, GREEN, BLUE
    content = bytearray(encoded([pixels] * 2, "mp4", crf="5"))
    at = content.index(b"tkhd") + 44
    a, b, c, d = (value << 16 for value in matrix)
    content[at : at + 36] = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    info, seen = probe(bytes(content)), next(frames(bytes(content))).pixels
    assert (info.width, info.height) == seen.shape[1::-1] == ((64, 48) if matrix[0] else (48, 64))
    assert (info.rotation, info.mirrored) == (rotation, mirrored)
    for (row, column), color in zip([(5, 5), (5, -5), (-5, 5), (-5, -5)], corners, strict=True):
        assert np.allclose(seen[row, column], color, atol=40)


def hdr(transfer: int, signal: float, chroma: tuple[int, int] = (512, 512)) -> bytes:
    """Two frames of ten bits in HDR, of this signal from 0 to 1, grey unless the levels of chroma say otherwise."""
    target = io.BytesIO()
    with av.open(target, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=25, width=64, height=48, options={"crf": "5"})
        stream.pix_fmt = "yuv420p10le"
        context: Any = stream.codec_context
        context.color_trc, context.color_primaries, context.colorspace, context.color_range = (
            transfer,
            BT2020,
            BT2020,
            1,
        )
        for number in range(2):
            frame = av.VideoFrame(64, 48, "yuv420p10le")
            frame.pts = number
            for plane, level in zip(frame.planes, (round(64 + 876 * signal), *chroma), strict=True):
                plane.update(np.full(plane.buffer_size // 2, level, np.uint16).tobytes())
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return target.getvalue()


@pytest.mark.parametrize(
    ("transfer", "signal", "level"),
    [(HLG, 0.75, 248), (HLG, 1, 255), (HLG, 0, 0), (HLG, 0.38, 106), (PQ, 0.58, 248), (PQ, 1, 255), (PQ, 0.38, 106)],
)
def test_hdr_becomes_ordinary(transfer: int, signal: float, level: int) -> None:
    """White and middle grey of HDR, as ITU-R BT.2408 has them, look as those of an ordinary video."""
    content = hdr(transfer, signal)
    assert probe(content).hdr
    assert np.allclose(next(frames(content)).pixels[24, 32], level, atol=8)


@pytest.mark.parametrize("transfer", [HLG, PQ])
def test_hdr_keeps_its_colours(transfer: int) -> None:
    """Colours of HDR that are read to be written again, as of a reference in a film, are those that are looked at."""
    content = hdr(transfer, 0.4, chroma=(448, 600))
    looked, written = (next(frames(content, accurate=accurate)).pixels[24, 32] for accurate in (False, True))
    assert np.ptp(looked) > 20
    assert np.allclose(looked, written, atol=2)


# Limits


@pytest.mark.parametrize("aspect", [(60_000, 1), (1, 60_000), (200, 1)])
def test_absurd_pixels_are_refused(aspect: tuple[int, int]) -> None:
    """A small file that would unfold to gigabytes is refused before a frame is decoded."""
    content = bytearray(encoded(greys(2), "mp4", aspect=Fraction(2)))
    at = content.index(b"pasp") + 4
    content[at : at + 8] = struct.pack(">II", *aspect)
    for read in (probe, lambda source: next(frames(source))):
        with pytest.raises(MediaError, match=r"as no camera makes them|pixels; sides up to"):
            read(bytes(content))


def test_ribbons_are_refused() -> None:
    """So are frames of which one side is many times the other."""
    with pytest.raises(MediaError, match="as no camera makes them"):
        probe(encoded([np.zeros((16, 640, 3), np.uint8)] * 2, "mp4"))


def test_broken_clocks_are_refused() -> None:
    """A few frames that are to last for days are not shown for days."""
    with pytest.raises(MediaError, match=r"lasts 40,000 s by its own clock"):
        probe(encoded(greys(3), "matroska", times=[0, 1, 999_999]))


def test_foreign_letters_are_read() -> None:
    """A title in another encoding than UTF-8, as old programs wrote it, keeps no video from being read."""
    target = io.BytesIO()
    with av.open(target, "w", format="matroska") as container:
        stream = container.add_stream("libx264", rate=25, width=64, height=48)
        container.metadata["title"] = "caf_"
        for pixels in greys(2):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode(None))
    assert probe(target.getvalue().replace(b"caf_", b"caf\xe9")).frames == 2
