"""Reading and writing video."""

import gc
import io
import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import PIL.Image
import pytest
from av.stream import Disposition
from av.video.reformatter import ColorRange, Colorspace

from wan_notebook.errors import MediaError, StorageError
from wan_notebook.video.probe import probe
from wan_notebook.video.read import Frame, frames
from wan_notebook.video.write import Writer

QUARTER_TURN_CLOCKWISE = struct.pack(">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30)
"""The display matrix of a phone held upright."""


def grey(number: int) -> int:
    """How bright frame `number` of a ramp is; the ramp begins anew after 25 frames."""
    return 20 + 8 * (number % 25)


def ramp(path: Path, *, width: int = 64, height: int = 48, fps: float = 25, count: int = 25, **options: object) -> Path:
    """A clip whose grey grows with its frames, with a red left upper corner."""
    with Writer(path, width=width, height=height, fps=fps, **options) as writer:
        for number in range(count):
            writer.write(picture(width, height, number))
    return path


def picture(width: int, height: int, number: int) -> np.ndarray:
    pixels = np.full((height, width, 3), grey(number), np.uint8)
    pixels[: height // 3, : width // 3] = (255, 0, 0)
    return pixels


def number_of(frame: Frame) -> int:
    """The number of a frame of the ramp, read off its grey."""
    height, width, _ = frame.pixels.shape
    return round((float(frame.pixels[height // 2 :, width // 2 :].mean()) - 20) / 8)


class Pipe(io.RawIOBase):
    """Where a browser's recorder writes to: nothing written can be changed later."""

    def __init__(self) -> None:
        self.content = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, block: object) -> int:
        self.content += bytes(block)
        return len(bytes(block))


def encoded(form: str, codec: str, *, sound: str = "", aspect: int = 1, live: bool = False, count: int = 25) -> bytes:
    """The ramp in another format, with a tone of one second, made without the code that is tested."""
    target = Pipe() if live else io.BytesIO()
    with av.open(target, "w", format=form, options={"live": "1"} if live else {}) as container:
        pictures = container.add_stream(codec, rate=25, width=64, height=48)
        pictures.codec_context.sample_aspect_ratio = Fraction(aspect)
        audio = container.add_stream(sound, rate=48000) if sound else None
        container.start_encoding()
        for number in range(count):
            frame = av.VideoFrame.from_ndarray(picture(64, 48, number), format="rgb24")
            frame.pts = number
            container.mux(pictures.encode(frame))
            if audio:
                container.mux(audio.encode(tone(number)))
        container.mux(pictures.encode(None))
        if audio:
            container.mux(audio.encode(None))
    return bytes(target.content) if isinstance(target, Pipe) else target.getvalue()


def tone(number: int) -> av.AudioFrame:
    """The sound beside frame `number`: silence up to the tenth, then 440 Hz."""
    times = np.arange(number * 1920, (number + 1) * 1920) / 48000
    wave = ((8000 if number >= 10 else 0) * np.sin(2 * np.pi * 440 * times)).astype(np.int16)
    frame = av.AudioFrame.from_ndarray(np.repeat(wave, 2)[None], format="s16", layout="stereo")
    frame.sample_rate, frame.pts, frame.time_base = 48000, number * 1920, Fraction(1, 48000)
    return frame


def heard(path: Path) -> tuple[str, list[tuple[float, bool]]]:
    """The codec of a clip's sound, and for each piece of it the second and whether it is loud."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        pieces = [(frame.time, float(np.abs(frame.to_ndarray()).max()) > 0.1) for frame in container.decode(stream)]
        return stream.codec_context.codec.canonical_name, pieces


def packets(content: bytes) -> list[bytes]:
    """The sound of a clip as it is stored."""
    with av.open(io.BytesIO(content)) as container:
        return [bytes(packet) for packet in container.demux(audio=0) if packet.size]


# Writing


def test_written_frames_are_read(tmp_path: Path) -> None:
    """A written clip has the size, rate, length and pictures that were asked for."""
    clip = ramp(tmp_path / "clip.mp4")
    info = probe(clip)
    assert (info.width, info.height, info.fps, info.frames, info.duration) == (64, 48, 25, 25, 1.0)
    assert (info.codec, info.has_audio, info.rotation) == ("h264", False, 0)
    assert [number_of(frame) for frame in frames(clip)] == list(range(25))
    assert [frame.time for frame in frames(clip)][:3] == pytest.approx([0, 0.04, 0.08])


def test_colours_survive_encoding(tmp_path: Path) -> None:
    """What is written in a colour is read in the same colour, whatever the size."""
    colours = [(200, 30, 40), (30, 180, 60), (40, 50, 210), (220, 170, 140)]
    for width, height in ((64, 48), (1280, 720)):
        pixels = np.repeat(np.array([colours], np.uint8), height, 0).repeat(width // 4, 1)
        with Writer(tmp_path / "clip.mp4", width=width, height=height, fps=5) as writer:
            writer.write(pixels)
        first = next(frames(tmp_path / "clip.mp4"))
        seen = [first.pixels[height // 2, width // 8 + width // 4 * column] for column in range(4)]
        assert np.allclose(seen, colours, atol=4)


@pytest.mark.parametrize(("height", "space"), [(480, Colorspace.ITU601), (720, Colorspace.ITU709)])
def test_untagged_colours_as_in_players(height: int, space: Colorspace) -> None:
    """Without a word on its colours, a small video is taken for BT.601 and a high definition for BT.709."""
    target = io.BytesIO()
    with av.open(target, "w", format="matroska") as container:
        stream = container.add_stream("libx264", rate=25, width=height * 4 // 3, height=height, options={"crf": "5"})
        rgb = av.VideoFrame.from_ndarray(np.full((height, height * 4 // 3, 3), (200, 30, 40), np.uint8), format="rgb24")
        frame = rgb.reformat(format="yuv420p", dst_colorspace=space, dst_color_range=ColorRange.MPEG)
        frame.colorspace, frame.color_range = 2, 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    first = next(frames(target.getvalue()))
    assert np.allclose(first.pixels[height // 2, height // 2], (200, 30, 40), atol=4)


def test_the_index_is_in_front(tmp_path: Path) -> None:
    """The index stands before the pictures, the pixels are yuv420p, and the comment is kept."""
    clip = ramp(tmp_path / "clip.mp4", comment="made by hand")
    content = clip.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")
    with av.open(str(clip)) as container:
        assert container.streams.video[0].codec_context.pix_fmt == "yuv420p"
        assert container.metadata["comment"] == "made by hand"


def test_a_broadcast_rate_is_kept(tmp_path: Path) -> None:
    """29.97 frames per second do not become 30."""
    assert probe(ramp(tmp_path / "clip.mp4", fps=30000 / 1001)).fps == pytest.approx(30000 / 1001)


def test_name_is_never_an_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A colon in a file's name does not turn it into a protocol, neither in writing nor in reading."""
    monkeypatch.chdir(tmp_path)
    assert probe(ramp(Path("concat:clip.mp4"))).frames == 25
    assert (tmp_path / "concat:clip.mp4").exists()


@pytest.mark.parametrize(
    ("codec", "form", "sound"),
    [("libx264", "mp4", "aac"), ("libvpx", "webm", "libopus"), ("libx264", "mov", "pcm_s16le")],
)
def test_sound_goes_along(tmp_path: Path, codec: str, form: str, sound: str) -> None:
    """The sound of another video goes along from a chosen second on, in step, and ends with the pictures."""
    source = tmp_path / "source"
    source.write_bytes(encoded(form, codec, sound=sound))
    kept, pieces = heard(ramp(tmp_path / "clip.mp4", count=10, sound_from=source, sound_start=0.2))
    assert kept == "aac"
    assert pieces[0][0] == pytest.approx(0, abs=0.05)
    assert pieces[-1][0] == pytest.approx(0.4, abs=0.05)
    assert next(time for time, loud in pieces if loud) == pytest.approx(0.2, abs=0.05)


def test_suitable_sound_is_copied(tmp_path: Path) -> None:
    """AAC stays as it was encoded, to the last bit."""
    source = tmp_path / "source.mp4"
    source.write_bytes(encoded("mp4", "libx264", sound="aac"))
    copied = packets(ramp(tmp_path / "clip.mp4", sound_from=source).read_bytes())
    assert len(copied) > 40
    assert set(copied) <= set(packets(source.read_bytes()))


def test_silence_stays_silent(tmp_path: Path) -> None:
    """A video without sound is as good a source of it as any."""
    silent = ramp(tmp_path / "silent.mp4")
    assert not probe(ramp(tmp_path / "clip.mp4", sound_from=silent)).has_audio


def test_odd_sides_are_refused(tmp_path: Path) -> None:
    """A size that H.264 cannot hold is refused with the nearest one that it can."""
    with pytest.raises(MediaError, match="Use 64×48"):
        Writer(tmp_path / "clip.mp4", width=65, height=49, fps=25)


def test_an_unlikely_rate_is_refused(tmp_path: Path) -> None:
    """No frames per second is no rate."""
    with pytest.raises(MediaError, match="0 frames per second"):
        Writer(tmp_path / "clip.mp4", width=64, height=48, fps=0)


@pytest.mark.parametrize("pixels", [np.zeros((48, 64), np.uint8), np.zeros((48, 64, 3)), None], ids=repr)
def test_wrong_frames_are_refused(tmp_path: Path, pixels: object) -> None:
    """The message says what a frame must be."""
    with (
        pytest.raises(MediaError, match=r"uint8 of shape \(48, 64, 3\)"),
        Writer(tmp_path / "clip.mp4", width=64, height=48, fps=25) as writer,
    ):
        writer.write(pixels)
    assert list(tmp_path.iterdir()) == []


def write_many_and_a_broken_one(writer: Writer) -> None:
    for number in range(100):
        writer.write(picture(64, 48, number))
    assert writer.path.exists()
    writer.write(picture(32, 24, 1))


def test_failing_leaves_no_file(tmp_path: Path) -> None:
    """Half a clip is never taken for a clip."""
    clip = tmp_path / "clip.mp4"
    with pytest.raises(MediaError), Writer(clip, width=64, height=48, fps=25) as writer:
        write_many_and_a_broken_one(writer)
    assert not clip.exists()


def test_clip_without_frames_is_refused(tmp_path: Path) -> None:
    """Nothing written is an error, not an empty file."""
    clip = tmp_path / "clip.mp4"
    with pytest.raises(MediaError, match="No frame was written"), Writer(clip, width=64, height=48, fps=25):
        pass
    assert not clip.exists()


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    """Where nothing can be written, the message has the path and the system's reason."""
    with pytest.raises(StorageError, match=r"nowhere.*No such file or directory"):
        ramp(tmp_path / "nowhere" / "clip.mp4")


# Reading


@pytest.mark.parametrize(
    ("form", "codec"),
    [("matroska", "libx264"), ("avi", "mpeg4"), ("mov", "libx264"), ("mpegts", "libx264"), ("webm", "libvpx")],
)
def test_other_formats_are_read(form: str, codec: str) -> None:
    """The usual containers hold the same second of pictures."""
    source = encoded(form, codec)
    info = probe(source)
    assert (info.width, info.height, info.frames, info.fps) == (64, 48, 25, pytest.approx(25))
    assert info.duration == pytest.approx(1, abs=0.05)
    assert len(list(frames(source))) == 25


def test_recordings_are_measured_by_frames() -> None:
    """WebM from a browser's recorder states no duration and no frame count; both are found in its packets."""
    source = encoded("webm", "libvpx", sound="libopus", live=True)
    with av.open(io.BytesIO(source)) as container:
        assert (container.duration, container.streams.video[0].frames) == (None, 0)
    info = probe(source)
    assert (info.frames, info.duration, info.fps, info.has_audio) == (25, pytest.approx(1), pytest.approx(25), True)


def test_pictures_at_one_time(tmp_path: Path) -> None:
    """Pictures that a careless recorder gave one time are all written, in their order."""
    times = [0.0, 0.04, 0.04, 0.12, 0.12, 0.12, 0.16]
    with Writer(tmp_path / "clip.mp4", width=64, height=48, fps=25, times=times) as writer:
        for number in range(len(times)):
            writer.write(np.full((48, 64, 3), 30 * number, np.uint8))
    shown = list(frames(tmp_path / "clip.mp4"))
    assert [frame.time for frame in shown] == pytest.approx(times, abs=0.001)
    assert [round(frame.pixels.mean() / 30) for frame in shown] == list(range(len(times)))


def test_rotated_videos_are_upright(tmp_path: Path) -> None:
    """Size and pictures are those that a player shows, turned by the file's display matrix."""
    content = bytearray(ramp(tmp_path / "clip.mp4").read_bytes())
    matrix = content.index(b"tkhd") + 44
    content[matrix : matrix + 36] = QUARTER_TURN_CLOCKWISE
    info = probe(bytes(content))
    assert (info.width, info.height, info.rotation) == (48, 64, 90)
    pixels = next(frames(bytes(content))).pixels
    assert pixels.shape == (64, 48, 3)
    corner_is_red = [
        pixels[row, column, 0] - int(pixels[row, column, 2]) > 100 for row in (3, -4) for column in (3, -4)
    ]
    assert corner_is_red == [False, True, False, False]


def test_read_frames_leave_the_memory(tmp_path: Path) -> None:
    """However long a video is, no more than a few of its frames are in memory, though Python looks for no cycles."""
    path = ramp(tmp_path / "long.mp4", count=50)
    gc.collect()
    gc.disable()
    try:
        for _ in frames(path):
            pass
        kept = sum(isinstance(one, av.VideoFrame) for one in gc.get_objects())
    finally:
        gc.enable()
    assert kept < 5


def test_wide_pixels_are_stretched() -> None:
    """A video with wide pixels is seen in its full width."""
    source = encoded("matroska", "libx264", aspect=2)
    assert (probe(source).width, next(frames(source)).pixels.shape) == (128, (48, 128, 3))


def test_frames_of_a_chosen_height(tmp_path: Path) -> None:
    """A height scales both sides."""
    clip = ramp(tmp_path / "clip.mp4")
    assert next(frames(clip, height=24)).pixels.shape == (24, 32, 3)


@pytest.mark.parametrize("form", ["mp4", "mpegts"])
def test_a_stretch_is_read(form: str) -> None:
    """Start and end choose frames by their time, with an index or without one."""
    stretch = list(frames(encoded(form, "libx264"), start=0.4, end=0.6))
    assert [number_of(frame) for frame in stretch] == [10, 11, 12, 13, 14]
    assert [frame.time for frame in stretch] == pytest.approx([0.4, 0.44, 0.48, 0.52, 0.56])


def test_seeking_skips_earlier_frames(tmp_path: Path) -> None:
    """Where there is an index, reading begins near the start that was asked for."""

    class Counted(io.BytesIO):
        count = 0

        def read(self, size: int | None = -1) -> bytes:
            block = super().read(size)
            self.count += len(block)
            return block

    noise = np.random.default_rng(0).integers(0, 255, (96, 128, 3), np.uint8)
    with Writer(tmp_path / "noise.mp4", width=128, height=96, fps=100, preset="ultrafast") as writer:
        for number in range(600):
            writer.write(np.roll(noise, 7 * number, axis=1))
    source = Counted((tmp_path / "noise.mp4").read_bytes())
    assert next(frames(source, start=5.9)).time == pytest.approx(5.9)
    assert source.count < len(source.getvalue()) / 2


def test_frames_are_re_timed(tmp_path: Path) -> None:
    """At another rate, each frame is the one on screen at its time, and the length stays."""
    clip = ramp(tmp_path / "clip.mp4")
    slower = list(frames(clip, fps=10))
    assert [frame.time for frame in slower] == pytest.approx([number / 10 for number in range(10)])
    assert [number_of(frame) for frame in slower] == [0, 2, 5, 7, 10, 12, 15, 17, 20, 22]
    assert [number_of(frame) for frame in frames(clip, fps=50)][:6] == [0, 0, 1, 1, 2, 2]
    assert len(list(frames(clip, fps=10, start=0.2, end=0.7))) == 5


def test_path_bytes_file_agree(tmp_path: Path) -> None:
    """A video is read from wherever it is; a file object stays open."""
    clip = ramp(tmp_path / "clip.mp4")
    with clip.open("rb") as file:
        assert probe(clip) == probe(clip.read_bytes()) == probe(file)
        assert not file.closed


# Refusing


def test_other_files_are_refused(tmp_path: Path) -> None:
    """Each message names the file, says what is wrong with it, and quotes no library."""
    text, empty, png = tmp_path / "text.mp4", tmp_path / "empty.mp4", tmp_path / "png.mp4"
    text.write_text("not a video" * 99)
    empty.touch()
    PIL.Image.new("RGB", (64, 48)).save(png, "PNG")
    for source, reason in (
        (text, r"text\.mp4 cannot be read"),
        (png, r"png\.mp4 cannot be read"),
        (empty, r"empty\.mp4 is empty"),
        (tmp_path, "is a folder"),
        (tmp_path / "none.mp4", "There is no file"),
        (b"", "The video is empty"),
    ):
        with pytest.raises(MediaError, match=reason):
            probe(source)
        with pytest.raises(MediaError, match=reason):
            next(frames(source))


def test_a_playlist_opens_nothing_else(tmp_path: Path) -> None:
    """A file that only points to others is refused, whatever they are."""
    clip = ramp(tmp_path / "clip.mp4")
    for playlist in (f"ffconcat version 1.0\nfile '{clip}'\n", f"#EXTM3U\n#EXTINF:1,\n{clip}\n#EXT-X-ENDLIST\n"):
        with pytest.raises(MediaError, match="no video"):
            probe(playlist.encode())


@pytest.mark.parametrize("share", [0.4, 0.5, 0.6, 0.7, 0.8])
@pytest.mark.parametrize("form", ["mp4", "avi", "matroska"])
def test_truncated_videos_are_refused(form: str, share: float) -> None:
    """A file that lacks its end is not taken for a shorter video."""
    whole = encoded(form, "mpeg4", count=75)
    assert probe(whole).frames == 75
    with pytest.raises(MediaError, match=r"cut short|copied whole"):
        probe(whole[: int(len(whole) * share)])


def test_a_truncated_frame_is_noticed(tmp_path: Path) -> None:
    """Where the index stands in front, even a few bytes missing at the end are seen."""
    with pytest.raises(MediaError, match="cut short"):
        probe(ramp(tmp_path / "clip.mp4").read_bytes()[:-10])


def test_an_index_alone_is_refused(tmp_path: Path) -> None:
    """A clip whose index stands in front, and whose end never arrived, is not taken for a shorter one."""
    content = ramp(tmp_path / "clip.mp4").read_bytes()
    with pytest.raises(MediaError, match="cut short"):
        probe(content[: content.index(b"mdat") + 500])


@pytest.mark.parametrize("cover", [False, True], ids=["bare", "with a cover"])
def test_sound_alone_is_no_video(cover: bool) -> None:
    """A song is refused for what it is, and the picture on its cover is no video."""
    target, jpeg = io.BytesIO(), io.BytesIO()
    PIL.Image.new("RGB", (64, 64)).save(jpeg, "JPEG")
    jpeg.seek(0)
    with av.open(jpeg) as picture, av.open(target, "w", format="mp4") as container:
        audio = container.add_stream("aac", rate=48000)
        if cover:
            stream = container.add_stream_from_template(picture.streams.video[0])
            stream.disposition = Disposition.attached_pic.value
        container.mux(audio.encode(tone(0)))
        for packet in picture.demux() if cover else ():
            if packet.dts is not None:
                packet.stream = stream
                container.mux(packet)
        container.mux(audio.encode(None))
    with pytest.raises(MediaError, match="no pictures, only sound"):
        probe(target.getvalue())


def test_no_frames_is_refused() -> None:
    """A file with all its headers and no picture is no video."""
    with pytest.raises(MediaError, match="holds no frames"):
        probe(encoded("avi", "mpeg4", count=0))


def test_beyond_the_end_is_refused(tmp_path: Path) -> None:
    """Where nothing is left to read, the message names the stretch."""
    with pytest.raises(MediaError, match="no frames from 5 s to its end"):
        list(frames(ramp(tmp_path / "clip.mp4"), start=5))


def test_stored_frames_pass_by(tmp_path: Path) -> None:
    """Who takes fewer frames than are stored is given each of those as well, small and at its own time."""
    path, passed = tmp_path / "clip.mp4", []
    with Writer(path, width=32, height=64, fps=24) as writer:
        for number in range(24):
            writer.write(np.full((64, 32, 3), 10 * number, np.uint8))
    taken = list(frames(path, fps=12, end=0.5, on_stored=passed.append, stored_height=16))
    assert len(taken) == 6
    assert [frame.time for frame in passed] == pytest.approx([number / 24 for number in range(12)], abs=1e-3)
    assert {frame.pixels.shape for frame in passed} == {(16, 8, 3)}
    assert [frame.pixels.mean() for frame in passed] == pytest.approx([10 * number for number in range(12)], abs=3)
