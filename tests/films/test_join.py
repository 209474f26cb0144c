"""Joining a film: all frames of the reference, each cut at its frame, sound in step, and nothing half-written."""

import dataclasses
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from wan_notebook.errors import StorageError
from wan_notebook.films import join as joining
from wan_notebook.films.join import Part, join
from wan_notebook.films.shots import Footage, shots_between
from wan_notebook.media.preparation import Preparation
from wan_notebook.media.prepare import prepared_video
from wan_notebook.media.video import Video, video
from wan_notebook.video.read import frames
from wan_notebook.video.write import Writer

from support.drives import on_a_full_drive
from support.media import meadow

SIZE = (96, 64)
CUTS = (37, 80)
COUNT = 120
STEP = 0.6
"""Pixels by which the bar moves from frame to frame."""
RATE = 48_000


def numbered(number: int, size: tuple[int, int] = SIZE) -> NDArray[np.uint8]:
    """A frame that carries its number as the place of a bright bar, on a ground that changes with each shot."""
    ground = (30, 120, 70)[sum(number >= cut for cut in CUTS)]
    frame = np.full((size[1], size[0], 3), ground, np.uint8)
    away = np.abs(np.arange(size[0]) - (10 + STEP * number))
    frame[4:28] = (16 + 215 * np.clip(6 - away, 0, 1))[None, :, None].astype(np.uint8)
    return frame


def read(pixels: NDArray[np.uint8]) -> float:
    """The number that a frame carries; between two frames, one between theirs."""
    high, wide = pixels.shape[0] / SIZE[1], pixels.shape[1] / SIZE[0]
    row = pixels[int(8 * high) : int(24 * high)].mean((0, 2)).clip(60) - 60
    place = float((row * np.arange(len(row))).sum() / row.sum())
    return ((place + 0.5) / wide - 0.5 - 10) / STEP


def shot_of(pixels: NDArray[np.uint8]) -> int:
    """Which shot the ground of a frame belongs to."""
    ground = pixels[int(pixels.shape[0] * 0.6) : int(pixels.shape[0] * 0.9)].mean()
    return int(np.argmin(np.abs(np.array([30, 120, 70]) - ground)))


def times_of(fps: float, varies: bool) -> list[float]:
    steps = np.full(COUNT, 1 / fps)
    if varies:
        steps *= np.random.default_rng(5).choice([0.6, 1.0, 1.9], COUNT)
    return [0.0, *np.cumsum(steps)[:-1].tolist()]


def clicks(times: Sequence[float]) -> list[float]:
    return [times[number] for number in (3, COUNT // 2, COUNT - 8)]


def filmed(path: Path, fps: float, *, varies: bool = False, sound: float = 1.0, codec: str = "aac") -> Video:
    """A reference with clicks near its beginning, middle and end.

    Args:
        path: to write.
        fps: frames per second.
        varies: whether their pace does.
        sound: length of the sound over that of the pictures.
        codec: of the sound.
    """
    times = times_of(fps, varies)
    silent = path.with_name("silent.mp4")
    with Writer(silent, width=SIZE[0], height=SIZE[1], fps=fps, times=times if varies else None) as writer:
        for number in range(COUNT):
            writer.write(numbered(number))
    wave = np.zeros(int((times[-1] + 1 / fps) * sound * RATE), np.int16)
    for at in clicks(times):
        wave[int(at * RATE) : int(at * RATE) + 240] = 20_000
    with av.open(str(silent)) as source, av.open(str(path), "w") as target:
        pictures, audio = target.add_stream_from_template(source.streams.video[0]), target.add_stream(codec, rate=RATE)
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = pictures
                target.mux(packet)
        tone = av.AudioFrame.from_ndarray(np.repeat(wave, 2)[None], format="s16", layout="stereo")
        tone.sample_rate = RATE
        target.mux(audio.encode(tone))
        target.mux(audio.encode(None))
    return video(path)


def heard(path: Path) -> list[float]:
    """The seconds, counted from the first picture, at which clicks begin."""
    with av.open(str(path)) as container:
        begin = float((container.streams.video[0].start_time or 0) * container.streams.video[0].time_base)
        resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
        found: list[float] = []
        for frame in container.decode(audio=0):
            for part in resampler.resample(frame):
                loud = np.flatnonzero(np.abs(part.to_ndarray()[0].astype(int)) > 6_000)
                for time in (float(frame.time or 0) - begin + loud / RATE).tolist():
                    if not found or time - found[-1] > 0.1:
                        found.append(time)
    return found


def footage(chosen: Video) -> Footage:
    assert chosen.path is not None
    times = [frame.time for frame in frames(chosen.path)]
    stop = max(chosen.duration or 0, times[-1] + 1e-3)
    return Footage(tuple(times), stop, tuple(shots_between(times, stop, dict.fromkeys(CUTS, "cut"))))


def parts(chosen: Video, found: Footage, folder: Path, fps: float = 16) -> list[Part]:
    """The parts of a film whose service gives back what it was sent."""
    made = []
    for shot in found.shots:
        end = None if shot.end == len(found.times) else shot.stop
        sent = prepared_video(chosen, Preparation(start=shot.start, end=end, fps=fps, sound=False))
        assert sent.path is not None
        made.append(Part(shot, sent, Path(shutil.copy(sent.path, folder / f"clip-{shot.begin}.mp4"))))
    return made


def recoded(path: Path, shown: Sequence[int], fps: float, size: tuple[int, int] = SIZE) -> None:
    """Replace a clip by some of its own frames, at another rate or size."""
    pixels = [frame.pixels for frame in frames(path, width=size[0], height=size[1])]
    with Writer(path.with_suffix(".new.mp4"), width=size[0], height=size[1], fps=fps) as writer:
        for number in shown:
            writer.write(pixels[number])
    path.with_suffix(".new.mp4").replace(path)


def check(path: Path, found: Footage, within: float = 1.2) -> None:
    """Every frame is there, at its time, of its shot, and shows its moment, in the worst case within some frames."""
    shown = list(frames(path))
    assert len(shown) == COUNT
    assert [frame.time for frame in shown] == pytest.approx(found.times, abs=0.003)
    assert [shot_of(frame.pixels) for frame in shown] == [sum(n >= cut for cut in CUTS) for n in range(COUNT)]
    away = [abs(read(frame.pixels) - number) for number, frame in enumerate(shown)]
    assert np.median(away) <= 0.25
    assert max(away) <= within  # the last frame that was sent of a shot stands to its end


@pytest.mark.parametrize(
    ("fps", "varies"), [(24000 / 1001, False), (30000 / 1001, False), (60000 / 1001, False), (25, True)]
)
@pytest.mark.parametrize("codec", ["aac", "pcm_s16le"])
def test_frames_cuts_and_sound(tmp_path: Path, fps: float, varies: bool, codec: str) -> None:
    """A joined film has each frame of the reference at its time, cuts at their frames, and sound within a frame."""
    chosen = filmed(tmp_path / ("film.mp4" if codec == "aac" else "film.mkv"), fps, varies=varies, codec=codec)
    found = footage(chosen)
    joined = join(chosen, found, parts(chosen, found, tmp_path), tmp_path / "joined.mp4")
    assert joined.frames == COUNT
    assert joined.notes == ()
    check(joined.path, found, within=4 if fps > 31 or varies else 1.2)
    assert chosen.path is not None
    assert len(heard(chosen.path)) == 3
    assert heard(joined.path) == pytest.approx(heard(chosen.path), abs=0.5 / fps)


@pytest.mark.parametrize("sound", [0.6, 1.4])
def test_sound_of_another_length(tmp_path: Path, sound: float) -> None:
    """Sound that ends before the pictures ends there, and sound that goes on beyond ends with them."""
    chosen = filmed(tmp_path / "film.mp4", 25, sound=sound)
    found = footage(chosen)
    joined = join(chosen, found, parts(chosen, found, tmp_path), tmp_path / "joined.mp4")
    check(joined.path, found)
    with av.open(str(joined.path)) as container:
        audio = container.streams.audio[0]
        assert float(audio.duration * audio.time_base) == pytest.approx(COUNT / 25 * min(sound, 1), abs=0.05)


def test_odd_clips_are_put_right(tmp_path: Path) -> None:
    """A clip with a frame too few, of another rate or of another size is put right, and that is said."""
    chosen = filmed(tmp_path / "film.mp4", 25)
    found = footage(chosen)
    made = parts(chosen, found, tmp_path)
    counts = [part.sent.frames or 0 for part in made if part.sent]
    first, second, third = (part.clip for part in made if part.clip)
    recoded(first, range(counts[0] - 1), 16)
    recoded(second, [round(n * 2 / 3) for n in range(int(counts[1] * 1.5) - 1)], 24)
    recoded(third, [*range(counts[2]), counts[2] - 1], 16, size=(192, 128))
    joined = join(chosen, found, made, tmp_path / "joined.mp4")
    check(joined.path, found, within=3)
    said = [note for _, note in joined.notes]
    assert f"{counts[0] - 1} of {counts[0]} frames came; the last one is shown for those that are missing." in said
    assert any("at 24 fps" in note for note in said)
    assert f"{counts[2] + 1} frames came for {counts[2]}; those beyond are left out." in said
    assert {number for number, note in joined.notes if "pixels are set" in note} in ({2}, {0, 1})


def test_half_a_clip_is_not_stretched(tmp_path: Path) -> None:
    """Frames are shown at their times, and the last one stands for what did not come; what was done is said."""
    chosen = filmed(tmp_path / "film.mp4", 25)
    found = footage(chosen)
    made = parts(chosen, found, tmp_path)
    counts = [part.sent.frames or 0 for part in made if part.sent]
    first, second, third = (part.clip for part in made if part.clip)
    recoded(first, range(counts[0]), 24)
    half = counts[1] // 2
    recoded(second, range(half), 16)
    recoded(third, [0], 16)
    joined = join(chosen, found, made, tmp_path / "joined.mp4")
    shown = [read(frame.pixels) for frame in frames(joined.path)]
    begin, (_, end) = CUTS[0], CUTS
    came = begin + round(half / 16 * 25) - 2
    assert shown[:came] == pytest.approx(range(came), abs=1.2)
    assert shown[came + 2 : end] == pytest.approx([shown[end - 1]] * (end - came - 2), abs=0.3)
    assert shown[end - 1] == pytest.approx(came, abs=1.5)
    assert shown[end:] == pytest.approx([end] * (COUNT - end), abs=0.5)
    seconds = joining.second((counts[1] - half) / 16)
    rates = f"{half} frames at 16 fps came for {counts[1]} at 16"
    stands = f"each is shown at its time, and the last one stands for the {seconds} s that did not come"
    assert joined.notes == (
        (0, "Its frames came at 24 fps in place of 16; each is shown at its time."),
        (1, f"{rates}; {stands}."),
        (2, f"1 frame at 16 fps came for {counts[2]} at 16; it stands still for the whole shot."),
    )


def test_parts_without_clip(tmp_path: Path) -> None:
    """A shot without a clip is as in the reference, frame by frame, or black."""
    chosen = filmed(tmp_path / "film.mp4", 25)
    found = footage(chosen)
    one, two, three = found.shots
    joined = join(chosen, found, [Part(one), Part(two, black=True), Part(three)], tmp_path / "joined.mp4")
    shown = [frame.pixels for frame in frames(joined.path)]
    kept = [number for number in range(COUNT) if not one.end <= number < two.end]
    assert [read(shown[number]) for number in kept] == pytest.approx(kept, abs=1)
    assert max(shown[number].max() for number in range(one.end, two.end)) < 8


@pytest.mark.parametrize("fps", [16, 12.5, 11, 10])
def test_joined_shots_keep_their_cut(tmp_path: Path, fps: float) -> None:
    """Where two short shots were sent as one, the picture jumps at the frame at which the reference does."""
    chosen = filmed(tmp_path / "film.mp4", 25)
    times = footage(chosen).times
    stop = COUNT / 25
    whole = shots_between(times, stop, {CUTS[0]: "cut"})
    last = joining.Shot(CUTS[0], COUNT, times[CUTS[0]], stop, "cut", (CUTS[1],))
    found = Footage(times, stop, (whole[0], last))
    joined = join(chosen, found, parts(chosen, found, tmp_path, fps), tmp_path / "joined.mp4")
    check(joined.path, found, within=2.5)


NO_ROOM = """
import resource, signal, sys
from pathlib import Path
from wan_notebook.errors import StorageError
from wan_notebook.films.join import Part, join
from wan_notebook.media.video import video
from films.test_join import footage
chosen = video(sys.argv[1])
found = footage(chosen)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    join(chosen, found, [Part(shot) for shot in found.shots], Path(sys.argv[2]))
except StorageError as error:
    print(error)
"""


@pytest.mark.systems("linux", "darwin")
def test_no_room_leaves_nothing(tmp_path: Path) -> None:
    """Where the film cannot be written to its end, that is told, and an earlier film stays with nothing beside it."""
    chosen = filmed(tmp_path / "film.mp4", 25)
    folder = tmp_path / "films"
    folder.mkdir()
    (folder / "joined.mp4").write_bytes(b"earlier")
    assert chosen.path is not None
    command = [sys.executable, "-c", NO_ROOM, str(chosen.path), str(folder / "joined.mp4")]
    paths = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": paths})
    assert "cannot be written" in done.stdout
    assert [one.name for one in folder.iterdir()] == ["joined.mp4"]
    assert (folder / "joined.mp4").read_bytes() == b"earlier"


def test_full_disk_is_told_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A drive that has surely no room for the film is told of before any work, with what stays."""
    chosen = filmed(tmp_path / "film.mp4", 25)
    found = footage(chosen)
    monkeypatch.setattr(joining, "_BYTES_PER_PIXEL", 1e7)
    with pytest.raises(StorageError, match="The film takes about"):
        join(chosen, found, [Part(shot) for shot in found.shots], tmp_path / "joined.mp4")


@pytest.mark.systems("linux")  # others have no drive that is always full
def test_full_drive_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the drive is full in the middle of the joining, that is told, and an earlier film stays as it is."""
    chosen = filmed(tmp_path / "film.mp4", 25)
    found = footage(chosen)
    folder = tmp_path / "films"
    folder.mkdir()
    (folder / "joined.mp4").write_bytes(b"earlier")
    monkeypatch.setattr(joining, "atomic_write", on_a_full_drive)
    with pytest.raises(StorageError, match="No space left on device"):
        join(chosen, found, [Part(shot) for shot in found.shots], folder / "joined.mp4")
    assert [one.name for one in folder.iterdir()] == ["joined.mp4"]
    assert (folder / "joined.mp4").read_bytes() == b"earlier"


def test_drift_within_a_long_shot(tmp_path: Path) -> None:
    """A shot that is longer than a window is steadied in the film, and that is said; before its 78th frame it stays."""
    chosen = filmed(tmp_path / "film.mp4", 25)
    times = footage(chosen).times
    found = Footage(times, COUNT / 25, tuple(shots_between(times, COUNT / 25, {})))
    (part,) = parts(chosen, found, tmp_path, fps=25)
    ground = meadow(SIZE, seed=4).astype(float)
    assert part.clip
    with Writer(part.clip, width=SIZE[0], height=SIZE[1], fps=25, crf=8) as writer:
        for number in range(COUNT):
            shown = ground + np.array([0.4, -0.2, 0.3]) * max(0, number - 76)
            shown[20:44, number % 60 : number % 60 + 12] = 200
            writer.write(shown.clip(0, 255).astype(np.uint8))
    joined = join(chosen, found, [part], tmp_path / "joined.mp4")
    before, after = (
        np.array([frame.pixels[:16].mean((0, 1)) for frame in frames(path)]) for path in (part.clip, joined.path)
    )
    drifted, left = (np.abs(some[-8:].mean(0) - some[0]).sum() for some in (before, after))
    assert drifted > 25
    assert left < 0.15 * drifted
    assert np.abs(after[:77] - before[:77]).max() < 1
    assert "colours are set right by up to" in joined.notes[0][1]


def staged(chosen: Video, found: Footage, folder: Path, added: Sequence[float]) -> list[Part]:
    """Parts in Move: a bar moves before one background, to whose red each shot adds some levels."""
    ground = meadow(SIZE, seed=4).astype(float)
    made = parts(chosen, found, folder)
    for part, red in zip(made, added, strict=True):
        assert part.clip
        assert part.sent
        with Writer(part.clip, width=SIZE[0], height=SIZE[1], fps=16, crf=8) as writer:
            for number in range(part.sent.frames or 0):
                shown = ground + np.array([red, 0, 0])
                shown[20:44, number % 60 : number % 60 + 12] = 200
                writer.write(shown.clip(0, 255).astype(np.uint8))
    return [dataclasses.replace(part, like=0) for part in made]


def test_shots_share_their_colours(tmp_path: Path) -> None:
    """Shots of one character in Move are brought to the colours of the first, and that is said; equal ones stay."""
    chosen = filmed(tmp_path / "film.mp4", 25)
    found = footage(chosen)
    made = staged(chosen, found, tmp_path, (0, 12, 0))
    joined = join(chosen, found, made, tmp_path / "joined.mp4")
    corner = [frame.pixels[:16, :, 0].mean() for frame in frames(joined.path)]
    means = [np.mean(corner[shot.begin : shot.end]) for shot in found.shots]
    assert means == pytest.approx([means[0]] * 3, abs=1)
    assert [number for number, note in joined.notes if "colours" in note] == [1]
    assert "by up to 12 of 255 levels" in joined.notes[0][1]
    apart = join(chosen, found, [dataclasses.replace(part, like=None) for part in made], tmp_path / "apart.mp4")
    before = [frame.pixels[:16, :, 0].mean() for frame in frames(apart.path)]
    assert np.mean(before[found.shots[1].begin : found.shots[1].end]) > means[0] + 9


def test_replace_has_the_references_colours(tmp_path: Path) -> None:
    """A shot in Replace is brought to the reference's own background, and that is said; one that has it stays."""
    chosen = filmed(tmp_path / "film.mp4", 25)
    found = footage(chosen)
    made = [dataclasses.replace(part, replaces=True) for part in parts(chosen, found, tmp_path)]
    unshifted = join(chosen, found, made, tmp_path / "unshifted.mp4")
    assert unshifted.notes == ()
    assert made[1].clip
    shifted = [np.minimum(frame.pixels, 237) + np.uint8(18) for frame in frames(made[1].clip, accurate=True)]
    with Writer(made[1].clip, width=SIZE[0], height=SIZE[1], fps=16, crf=8) as writer:
        for pixels in shifted:
            writer.write(pixels)
    joined = join(chosen, found, made, tmp_path / "joined.mp4")
    grounds = [np.array([frame.pixels[40:].mean() for frame in frames(one.path)]) for one in (unshifted, joined)]
    assert np.abs(grounds[1] - grounds[0]).max() < 2
    assert [number for number, note in joined.notes if "colours are set right" in note] == [1]
