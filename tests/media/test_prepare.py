"""Preparing a reference before it is paid for."""

import asyncio
import dataclasses
import io
import json
import struct
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import PIL.Image
import pytest

from wan_notebook import media
from wan_notebook.errors import InvalidRequest, MediaError, WanError
from wan_notebook.media import Picture, Video
from wan_notebook.media.preparation import Preparation
from wan_notebook.media.prepare import (
    expected_video,
    prepare_in_background,
    prepare_task,
    prepared_picture,
    prepared_video,
    savings_text,
)
from wan_notebook.model.job import Request
from wan_notebook.runtime.data_dir import data_dir
from wan_notebook.runtime.task import Message, OnMessage, Task
from wan_notebook.video.read import frames
from wan_notebook.video.write import Writer

from support.media import filmed, meadow
from support.workers import notebook_pool, notebook_workers

REQUEST = Request(image_url="https://example.org/hero.png", video_url="https://example.org/dance.mp4")
RED, GREEN, BLUE = (220, 30, 30), (30, 180, 30), (30, 30, 220)


def halves(width: int, height: int) -> np.ndarray:
    """Red on the left, green in the middle half, blue on the right."""
    pixels = np.full((height, width, 3), GREEN, np.uint8)
    pixels[:, : width // 4], pixels[:, width - width // 4 :] = RED, BLUE
    return pixels


@pytest.fixture
def silent(tmp_path: Path) -> Video:
    """Two seconds of 320×160 at 30 frames per second; each frame's middle is brighter than the one before."""
    path = tmp_path / "dance.mp4"
    with Writer(path, width=320, height=160, fps=30) as writer:
        for number in range(60):
            pixels = halves(320, 160)
            pixels[60:100, 140:180] = 4 * number
            writer.write(pixels)
    return media.video(path)


@pytest.fixture
def reference(silent: Video, tmp_path: Path) -> Video:
    """The same with a tone in its second half."""
    path = tmp_path / "loud.mp4"
    assert silent.path is not None
    with av.open(str(silent.path)) as source, av.open(str(path), "w") as target:
        pictures, audio = target.add_stream_from_template(source.streams.video[0]), target.add_stream("aac", rate=48000)
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = pictures
                target.mux(packet)
        wave = (8000 * np.sin(np.arange(96000) / 20) * (np.arange(96000) > 48000)).astype(np.int16)
        tone = av.AudioFrame.from_ndarray(np.repeat(wave, 2)[None], format="s16", layout="stereo")
        tone.sample_rate = 48000
        target.mux(audio.encode(tone))
        target.mux(audio.encode(None))
    return media.video(path)


def numbers(video: Video) -> list[int]:
    """The numbers of these frames in the original, read from the brightness of their middle."""
    assert video.path is not None
    seen = [frame.pixels for frame in frames(video.path)]
    height, width, _ = seen[0].shape
    return [round(float(pixels[height // 2, width // 2].mean()) / 4) for pixels in seen]


# The video


def test_a_video_is_trimmed(silent: Video) -> None:
    """Start and end are seconds of the original."""
    made = prepared_video(silent, Preparation(start=0.5, end=1.0))
    assert (made.frames, made.duration, made.fps) == (15, 0.5, 30)
    assert numbers(made) == pytest.approx(list(range(15, 30)), abs=1)


def test_a_video_is_retimed(silent: Video) -> None:
    """At a lower rate, frames are left out and the length stays."""
    made = prepared_video(silent, Preparation(fps=15))
    assert (made.frames, made.duration, made.fps) == (30, 2.0, 15)
    assert numbers(made) == pytest.approx(list(range(0, 60, 2)), abs=1)


@pytest.mark.parametrize("preparation", [Preparation(fps=15), Preparation(short_side=120)])
def test_a_video_keeps_its_levels(preparation: Preparation, tmp_path: Path) -> None:
    """What is sent is as bright as the video that was chosen, within half a level, channel by channel."""
    smooth = np.repeat(np.repeat(meadow((80, 60)), 4, 0), 4, 1)
    chosen = media.video(filmed([smooth] * 6, tmp_path / "meadow.mp4", fps=30))
    made = prepared_video(chosen, preparation)
    assert chosen.path
    assert made.path
    before, after = (next(frames(one.path, accurate=True)).pixels.mean((0, 1)) for one in (chosen, made))
    assert before == pytest.approx(after, abs=0.5)


def test_a_video_never_grows(silent: Video) -> None:
    """A rate or a size above the video's own changes nothing."""
    assert prepared_video(silent, Preparation(fps=60, short_side=720)) is silent


def test_a_video_is_scaled(silent: Video) -> None:
    """The short side is as chosen, the aspect stays, and both sides are even."""
    made = prepared_video(silent, Preparation(short_side=90))
    assert (made.width, made.height) == (180, 90)
    made = prepared_video(silent, Preparation(short_side=83))
    assert (made.width % 2, made.height % 2) == (0, 0)


@pytest.mark.parametrize(
    ("aspect", "fit", "size", "left"),
    [
        (1.0, "crop", (160, 160), GREEN),
        (1.0, "pad", (320, 320), RED),
        (4.0, "crop", (320, 80), RED),
        (4.0, "pad", (640, 160), (0, 0, 0)),
    ],
)
def test_a_video_is_fitted(silent: Video, aspect: float, fit: str, size: tuple[int, int], left: object) -> None:
    """To another aspect, a video is cut around its middle or set on black."""
    made = prepared_video(silent, Preparation(aspect=aspect, fit=fit))
    assert (made.width, made.height) == size
    assert made.path is not None
    pixels = next(frames(made.path)).pixels
    assert np.allclose(pixels[size[1] // 2, 4], left, atol=12)


@pytest.mark.parametrize(("focus", "seen"), [((0.0, 0.5), RED), ((0.5, 0.5), GREEN), ((1.0, 0.5), BLUE)])
def test_a_crop_keeps_its_focus(silent: Video, focus: tuple[float, float], seen: object) -> None:
    """What is cut away lies on the other side."""
    made = prepared_video(silent, Preparation(aspect=0.5, focus=focus, end=0.2))
    assert made.path is not None
    assert np.allclose(next(frames(made.path)).pixels[20, 40], seen, atol=12)


def test_a_portrait_keeps_its_head(tmp_path: Path) -> None:
    """A tall picture that becomes square loses its lower part rather than its upper one."""
    path = tmp_path / "portrait.png"
    PIL.Image.fromarray(np.rot90(halves(400, 200), -1)).save(path)
    made = prepared_picture(media.picture(path), Preparation(aspect=1))
    pixels = np.asarray(PIL.Image.open(made.path))
    assert np.allclose(pixels[5, 100], RED, atol=3)
    assert np.allclose(pixels[195, 100], GREEN, atol=3)


def test_fitting_comes_before_scaling(silent: Video) -> None:
    """The short side is that of the fitted video."""
    made = prepared_video(silent, Preparation(aspect=9 / 16, short_side=72))
    assert (made.width, made.height) == (72, 128)


def test_nearly_equal_aspects_are_equal(silent: Video) -> None:
    """A hair's breadth is not cut."""
    assert prepared_video(silent, Preparation(aspect=2.018)) is silent


def test_a_rotated_video_becomes_upright(silent: Video) -> None:
    """A phone's video, whose frames only are marked as lying, is written upright when an MP4 is asked for."""
    assert silent.path is not None
    content = bytearray(silent.path.read_bytes())
    matrix = content.index(b"tkhd") + 44
    content[matrix : matrix + 36] = struct.pack(">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30)
    lying = media.video(bytes(content))
    assert (lying.width, lying.height, lying.rotation) == (160, 320, 90)
    made = prepared_video(lying, Preparation(mp4=True))
    assert (made.width, made.height, made.rotation, made.frames) == (160, 320, 0, 60)
    assert prepared_video(made, Preparation(mp4=True)) is made


def test_another_format_becomes_mp4(silent: Video) -> None:
    """A browser's recording is written anew for services that take MP4 alone."""
    assert silent.path is not None
    target = io.BytesIO()
    with av.open(str(silent.path)) as source, av.open(target, "w", format="matroska") as container:
        stream = container.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                container.mux(packet)
    matroska = media.video(target.getvalue())
    assert prepared_video(matroska, Preparation()) is matroska
    made = prepared_video(matroska, Preparation(mp4=True))
    assert made.format is not None
    assert "mp4" in made.format
    # Matroska rounds times to milliseconds, so the rate is not known to the last digit.
    assert made.frames == pytest.approx(60, abs=1)


def test_sound_is_kept_or_dropped(reference: Video) -> None:
    """The sound is kept in step, or left out when the user says so."""
    with av.open(str(prepared_video(reference, Preparation(start=0.5)).path)) as container:
        loud = [frame.time for frame in container.decode(audio=0) if np.abs(frame.to_ndarray()).max() > 0.1]
    assert loud[0] == pytest.approx(0.5, abs=0.05)
    assert not prepared_video(reference, Preparation(sound=False)).has_audio


def test_a_preparation_is_made_once(silent: Video) -> None:
    """The same input and the same values give the same file, untouched since; other values another."""
    first = prepared_video(silent, Preparation(start=1, fps=15))
    assert first.path is not None
    made_at = first.path.stat().st_mtime_ns
    assert prepared_video(silent, Preparation(start=1.0, fps=15.0, end=99)) == first
    assert first.path.stat().st_mtime_ns == made_at
    assert prepared_video(silent, Preparation(fps=10)).path != first.path


def test_the_original_is_only_read(silent: Video) -> None:
    """Its bytes are the same afterwards."""
    assert silent.path is not None
    before = silent.path.read_bytes()
    prepared_video(silent, Preparation(fps=10, short_side=90))
    assert silent.path.read_bytes() == before


def test_expectations_match_the_result(reference: Video) -> None:
    """The expectation has the frames, rate and size of the video that is then made."""
    for preparation in (
        Preparation(),
        Preparation(start=0.3, end=1.7, fps=16),
        Preparation(fps=7, short_side=100, aspect=1, sound=False),
    ):
        expected, made = expected_video(reference, preparation), prepared_video(reference, preparation)
        assert (expected.width, expected.height, expected.frames, expected.has_audio) == (
            made.width,
            made.height,
            made.frames,
            made.has_audio,
        )
        assert (expected.fps, expected.duration) == pytest.approx((made.fps, made.duration))


class PoolWith:
    """The pool of the notebook, with something that happens around each task."""

    def __init__(self, before: Callable[[], Awaitable[object]] | None = None, on_message: OnMessage | None = None):
        self._before, self._on_message = before, on_message or (lambda _message: None)

    async def run(self, task: Task) -> Any:
        if self._before is not None:
            await self._before()
        return await notebook_pool().run(task, self._on_message)


def test_interruption_leaves_no_file(
    silent: Video, monkeypatch: pytest.MonkeyPatch, interrupt_next_wait: Callable[[], None]
) -> None:
    """Half a video is never taken for the prepared one."""
    half: list[Path] = []

    async def hang() -> None:
        half.extend((data_dir() / "inputs").iterdir())
        interrupt_next_wait()
        await asyncio.Event().wait()

    monkeypatch.setattr("wan_notebook.media.prepare.shared_pool", lambda: PoolWith(hang))
    with pytest.raises(KeyboardInterrupt):
        prepared_video(silent, Preparation(fps=10))
    assert half
    assert list((data_dir() / "inputs").iterdir()) == []


def test_cancelled_preparation_ends(silent: Video, tmp_path: Path) -> None:
    """The worker looks between two frames whether its video is still wanted, and leaves none."""
    target, fitting = tmp_path / "half.mp4", {"scaled": [320, 160], "final": [320, 160], "focus": [0.5, 0.5]}
    task = {"start": 0.0, "end": 2.0, "fps": 10.0, "has_audio": False, "crf": 18, "fitting": fitting}
    files = {"original": str(silent.path), "target": str(target)}
    with pytest.raises(WanError, match="It was cancelled"):
        prepare_task(task | files, lambda **_message: None, lambda: True)
    assert not target.exists()


def test_crash_costs_a_retry(silent: Video, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the process that prepares dies, another one begins anew, and the notebook goes on."""
    begun: list[Message] = []

    def kill_first(message: Message) -> None:
        begun.append(message)
        if len(begun) == 1:
            for worker in notebook_workers():
                worker.kill()

    monkeypatch.setattr("wan_notebook.media.prepare.shared_pool", lambda: PoolWith(on_message=kill_first))
    assert prepared_video(silent, Preparation(fps=10)).frames == 20
    assert len(begun) == 2


def test_earlier_piece_stays(silent: Video, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two notebooks that prepare the same at once, the second leaves the file in place that the first has read."""
    early: list[Video] = []

    async def overtake() -> None:
        with monkeypatch.context() as other:
            other.setattr("wan_notebook.media.prepare.shared_pool", notebook_pool)
            other.setattr("wan_notebook.media.prepare._CRF", 30)
            early.append(await prepare_in_background(silent, Preparation(fps=10)))

    with monkeypatch.context() as patch:
        patch.setattr("wan_notebook.media.prepare.shared_pool", lambda: PoolWith(overtake))
        assert prepared_video(silent, Preparation(fps=10)) == early[0]
    assert len(list((data_dir() / "inputs").iterdir())) == 1


# The picture


def test_a_picture_is_fitted(tmp_path: Path) -> None:
    """A picture is scaled and fitted by the same values, kept in its format, and the original stays."""
    path = tmp_path / "hero.png"
    PIL.Image.fromarray(halves(400, 200)).save(path)
    made = prepared_picture(media.picture(path), Preparation(aspect=1, short_side=100))
    assert (made.width, made.height, made.format, made.name) == (100, 100, "PNG", "hero-prepared.png")
    assert np.allclose(PIL.Image.open(made.path).getpixel((2, 50)), GREEN, atol=3)
    assert PIL.Image.open(path).size == (400, 200)


def test_a_fitting_picture_stays(tmp_path: Path) -> None:
    """Where there is nothing to do, the same picture comes back."""
    path = tmp_path / "hero.png"
    PIL.Image.fromarray(halves(400, 200)).save(path)
    picture = media.picture(path)
    assert prepared_picture(picture, Preparation(aspect=2, short_side=480, fps=16)) is picture


# Refusals


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"start": -1}, "start is -1, but must be a second from 0 on"),
        ({"start": 3, "end": 2}, r"end is 2, but must be a second after start \(3\)"),
        ({"end": "5"}, "end is '5', but must be a number"),
        ({"start": None}, "start is None, but must be a number"),
        ({"fps": float("nan")}, "fps is nan, but must be from 1 to 120"),
        ({"focus": 0.5}, "focus is 0.5, but must be two shares"),
        ({"fps": 0}, "fps is 0, but must be from 1 to 120"),
        ({"short_side": 10}, "short_side is 10, but must be from 64"),
        ({"aspect": 40}, "aspect is 40, but must be width over height"),
        ({"focus": (0.5, 2)}, r"focus is \(0.5, 2\), but must be two shares"),
        ({"fit": "stretch"}, "fit is 'stretch', but must be crop or pad"),
    ],
)
def test_impossible_values_are_refused(values: dict[str, object], message: str) -> None:
    """Each message names the value, what came and what is allowed."""
    with pytest.raises(InvalidRequest, match=message):
        Preparation(**values)


def test_a_preparation_survives_json() -> None:
    """From the journal it comes back as the same value."""
    preparation = Preparation(start=1, end=2.5, fps=16, focus=(0.2, 0.4))
    assert Preparation(**json.loads(json.dumps(dataclasses.asdict(preparation)))) == preparation


def test_an_empty_stretch_is_refused(silent: Video) -> None:
    """Nothing is made of nothing."""
    with pytest.raises(MediaError, match=r"dance\.mp4 ends at 2 s, and nothing of it is left from 5 s on"):
        prepared_video(silent, Preparation(start=5))
    with pytest.raises(MediaError, match=r"From 1\.23 s to 1\.24 s there are no two frames of dance\.mp4"):
        prepared_video(silent, Preparation(start=1.23456, end=1.24))


def test_a_web_address_is_refused() -> None:
    """What only the service reads cannot be changed here."""
    with pytest.raises(MediaError, match="Download it and choose the file"):
        prepared_video(Video(url="https://example.org/dance.mp4", name="dance.mp4"), Preparation(fps=16))
    with pytest.raises(MediaError, match="Download it and choose the file"):
        prepared_picture(Picture(url="https://example.org/hero.png", name="hero.png"), Preparation(aspect=1))


def test_a_changed_file_is_refused(silent: Video) -> None:
    """The preparation is that of the video which was chosen, or none."""
    assert silent.path is not None
    content = bytearray(silent.path.read_bytes())
    content[-1] ^= 1
    silent.path.write_bytes(content)
    with pytest.raises(MediaError, match="has changed since it was chosen"):
        prepared_video(silent, Preparation(fps=10))


def test_change_during_preparation_is_refused(silent: Video, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing made of two files is kept under the name of the first."""
    assert silent.path is not None
    path, before = silent.path, silent.path.read_bytes()

    async def change() -> None:
        path.write_bytes(before + b"more")

    monkeypatch.setattr("wan_notebook.media.prepare.shared_pool", lambda: PoolWith(change))
    with pytest.raises(MediaError, match="has changed since it was chosen"):
        prepared_video(silent, Preparation(fps=10))
    monkeypatch.undo()
    path.write_bytes(before)
    assert prepared_video(silent, Preparation(fps=10)).frames == 20


# The saving


def test_savings_are_a_sentence() -> None:
    """Length, rate, short side, size and price, before and after."""
    before = Video("file:///a.mp4", "a.mp4", 48_000_000, "0", 1920, 1080, 60.0, 720, 12.0)
    after = Video("file:///b.mp4", "b.mp4", 900_000, "1", 854, 480, 16.0, 80, 5.0)
    assert savings_text(before, after, REQUEST) == (
        "12 s at 60 fps, 1080p, 48 MB, about $1.80 → 5 s at 16 fps, 480p, 900 kB, about $0.20"
    )
    assert savings_text(before, after, REQUEST, paid=False) == (
        "12 s at 60 fps, 1080p, 48 MB → 5 s at 16 fps, 480p, 900 kB"
    )


def test_savings_are_known_beforehand(silent: Video) -> None:
    """An expectation is as good as the video, but for the size of its file."""
    words = savings_text(silent, expected_video(silent, Preparation(end=1, fps=16, short_side=80)), REQUEST)
    assert words.endswith(" → 1 s at 16 fps, 80p, about $0.04")


def test_held_pictures_are_expected(tmp_path: Path) -> None:
    """A GIF whose last picture stays is prepared with the frames, and for the price, that were told beforehand."""
    pictures = [PIL.Image.fromarray(np.full((48, 64, 3), 20 * number, np.uint8)) for number in range(10)]
    path = tmp_path / "held.gif"
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=[100] * 9 + [1500])
    chosen = media.video(path)
    assert expected_video(chosen, Preparation()).frames == 10
    for preparation in (Preparation(mp4=True), Preparation(end=1.2, fps=8)):
        assert prepared_video(chosen, preparation).frames == expected_video(chosen, preparation).frames
    assert expected_video(chosen, Preparation(mp4=True)).frames == 24


@pytest.mark.parametrize("mark", ["hdr", "mirrored"])
def test_marked_videos_become_plain(silent: Video, mark: str) -> None:
    """What only a mark in the file says of its frames is carried out when an MP4 is asked for."""
    marked = dataclasses.replace(silent, **{mark: True})
    made = prepared_video(marked, Preparation(mp4=True))
    assert (made.hdr, made.mirrored) == (False, False)
    assert made.path != marked.path
    assert prepared_video(marked, Preparation()) is marked
