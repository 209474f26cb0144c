"""Numbers measured on clips whose answers are known."""

import contextlib
import dataclasses
import json
import os
import sys
import time
import tracemalloc
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import psutil
import pytest

from wan_notebook.errors import MediaError, WanError
from wan_notebook.media import samples
from wan_notebook.model.job import COMPLETED, Job, Usage
from wan_notebook.runtime import event_loop
from wan_notebook.runtime.data_dir import data_dir
from wan_notebook.sweeps import metrics
from wan_notebook.sweeps.metrics.appearance import ColourDrift, Sharpness, window_borders
from wan_notebook.video.write import Writer

from support.workers import notebook_pool, notebook_workers

pytestmark = pytest.mark.slow

SIDE = 208
Picture = np.ndarray[Any, np.dtype[np.uint8]]


def written(path: Path, frames: Iterable[Picture], fps: float = 25) -> Path:
    """A clip of these frames, encoded with hardly any loss."""
    pictures = list(frames)
    height, width = pictures[0].shape[:2]
    with Writer(path, width=width, height=height, fps=fps, crf=4, preset="veryfast") as mp4:
        for picture in pictures:
            mp4.write(picture)
    return path


def texture(seed: int = 1) -> Picture:
    """A picture with detail of several sizes and muted colours."""
    noise = np.random.default_rng(seed).normal(size=(SIDE, SIDE, 3)).astype(np.float32)
    mixed = sum(cv2.GaussianBlur(noise, (0, 0), size) * size for size in (2, 5, 12))
    return np.clip(128 + 45 * mixed / np.std(mixed), 0, 255).astype(np.uint8)


def swaying(count: int = 24, sign: float = 1.0, seed: int = 1, frozen: bool = False) -> list[Picture]:
    """A textured disc which circles before a still wall."""
    wall, disc = texture(90 + seed) // 3 + 80, texture(seed)
    rows, columns = np.indices((SIDE, SIDE), dtype=np.float32)
    frames = []
    for number in range(count):
        turn = 0.0 if frozen else 2 * np.pi * number / 16
        x, y = sign * 14 * np.sin(turn), 9 * sign * np.cos(turn)
        moved = cv2.remap(disc, columns - np.float32(x), rows - np.float32(y), cv2.INTER_LINEAR)
        inside = np.hypot(columns - SIDE / 2 - x, rows - SIDE / 2 - y) < 55
        frames.append(np.where(inside[..., None], moved, wall).astype(np.uint8))
    return frames


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return written(tmp_path / "clip.mp4", swaying())


def fidelity(folder: Path, made: list[Picture], wanted: list[Picture]) -> float | None:
    paths = written(folder / "made.mp4", made), written(folder / "wanted.mp4", wanted)
    return metrics.motion_fidelity(*paths)


def test_plain_facts_are_the_files(clip: Path) -> None:
    """The plain facts of a clip are its file's, and what needs another input is left out."""
    measured = metrics.measure(clip)
    assert (measured.frames, measured.fps, measured.seconds) == (24, 25, 24 / 25)
    assert measured.bytes == clip.stat().st_size
    assert len(measured.drift) == 24
    assert [name for name, value in measured.row().items() if value is None] == [
        "wall_seconds",
        "queue_seconds",
        "cost_usd",
        *(name for name in metrics.DEFINITIONS if name.endswith(("_fidelity", "_gain")) and name != "motion_fidelity"),
        "face_lost",
        "likeness",
        "motion_fidelity",
    ]


def test_times_and_cost_match_job(clip: Path) -> None:
    """Waiting in the queue and running count from the submit; the cost is what the service said."""
    usage = Usage(credits_used=800_000)
    job = Job(id="a", status=COMPLETED, submitted_at=100, started_at=107, finished_at=142, usage=usage)
    measured = metrics.measure(clip, job=job)
    assert (measured.wall_seconds, measured.queue_seconds, measured.cost_usd) == (42, 7, 0.4)


def test_steady_colours_do_not_drift(clip: Path) -> None:
    """A clip in steady light has almost no drift, although its subject moves."""
    assert metrics.measure(clip).colour_drift < 1


def test_drift_shows_at_a_window(tmp_path: Path) -> None:
    """Grey that turns lighter with the second window is 9.6 ΔE away from there on: L* 63.2 against 53.6."""
    greys = [np.full((64, 64, 3), 128 if number < 76 else 153, np.uint8) for number in range(100)]
    measured = metrics.measure(written(tmp_path / "drifting.mp4", greys))
    assert measured.window_borders == (76,)
    assert max(measured.drift[:76]) < 0.5
    assert measured.drift[76] == pytest.approx(9.6, abs=0.5)
    assert measured.colour_drift == pytest.approx(9.6, abs=0.5)


def test_drift_grows_with_the_cast() -> None:
    """The further a colour wanders, the larger its distance from the first frame."""
    drift = ColourDrift()
    for red in (100, 120, 140, 160):
        drift.update(np.full((32, 32, 3), (red, 100, 100), np.uint8))
    assert drift.series[0] == 0
    assert list(drift.series) == sorted(drift.series)
    assert drift.series == tuple(round(one, 2) for one in drift.series)


def test_windows_share_a_frame() -> None:
    """Windows of 77 frames with one in common begin at every 76th frame."""
    assert window_borders(77) == ()
    assert window_borders(78) == (76,)
    assert window_borders(300) == (76, 152, 228)


def test_a_shuffled_clip_is_unstable(tmp_path: Path) -> None:
    """The same frames in another order foretell each other badly; a still clip foretells itself wholly."""
    frames = swaying()
    order = np.random.default_rng(3).permutation(len(frames))
    steady, shuffled, still = (
        metrics.measure(written(tmp_path / f"{name}.mp4", chosen)).temporal_stability
        for name, chosen in (
            ("steady", frames),
            ("shuffled", [frames[number] for number in order]),
            ("still", frames[:1] * 6),
        )
    )
    assert steady is not None
    assert shuffled is not None
    assert still is not None
    assert shuffled < steady - 2
    assert still > 45


def test_motion_alone_is_not_unstable(tmp_path: Path) -> None:
    """A scene that glides by steadily foretells itself, once its motion is followed."""
    scene = cv2.resize(texture(5), (2 * SIDE, SIDE))
    gliding = [scene[:, 4 * number : 4 * number + SIDE] for number in range(10)]
    measured = metrics.measure(written(tmp_path / "gliding.mp4", gliding)).temporal_stability
    unfollowed = 10 * np.log10(255**2 / np.mean((gliding[0].astype(float) - gliding[1]) ** 2))
    assert measured is not None
    assert measured > unfollowed + 5


def test_flicker_is_unstable(tmp_path: Path) -> None:
    """Light that changes by 20 grey levels from frame to frame costs stability: 20·log₁₀(255 ÷ 20) is 22.1 dB."""
    frames = [np.full((SIDE, SIDE, 3), 120 + 20 * (number % 2), np.uint8) for number in range(8)]
    measured = metrics.measure(written(tmp_path / "flicker.mp4", frames))
    assert measured.temporal_stability == pytest.approx(22.1, abs=0.6)


def test_blur_is_less_sharp(tmp_path: Path) -> None:
    """The more a clip is blurred, the less sharp it is."""
    values = []
    for blur in (0.01, 1.5, 4.0):
        frames = [cv2.GaussianBlur(frame, (0, 0), blur) for frame in swaying(6)]
        values.append(metrics.measure(written(tmp_path / f"{blur}.mp4", frames)).sharpness)
    assert values[0] > 1.1 * values[1]
    assert values[1] > 1.5 * values[2]


def test_sharpness_of_stripes() -> None:
    """Stripes one pixel wide and 50 grey levels apart have a Laplacian of ±100 everywhere, so a variance of 10,000."""
    stripes = np.repeat(np.tile(np.uint8([100, 150]), (20, 10))[..., None], 3, axis=2)
    sharpness = Sharpness()
    sharpness.update(stripes)
    assert sharpness.value == pytest.approx(10_000)


def test_the_same_motion_agrees(tmp_path: Path) -> None:
    """A clip repeats its own motion wholly, and another subject that moves alike almost wholly."""
    assert fidelity(tmp_path, swaying(), swaying()) == pytest.approx(1)
    other = fidelity(tmp_path, swaying(seed=2), swaying())
    assert other is not None
    assert other > 0.8


def test_the_opposite_motion_disagrees(tmp_path: Path) -> None:
    """Going left where the reference goes right counts against the clip."""
    opposite = fidelity(tmp_path, swaying(sign=-1), swaying())
    assert opposite is not None
    assert opposite < -0.7


def test_framing_does_not_matter(tmp_path: Path) -> None:
    """A subject half as large, in a corner and at another rate, that moves alike still agrees."""
    wall = np.full((SIDE, SIDE, 3), 110, np.uint8)
    wall[::7] = 90
    made = []
    for frame in swaying()[::2]:
        corner = wall.copy()
        corner[60:164, 30:134] = cv2.resize(frame, (104, 104), interpolation=cv2.INTER_AREA)
        made.append(corner)
    clip = written(tmp_path / "small.mp4", made, fps=12.5)
    agreed = metrics.motion_fidelity(clip, written(tmp_path / "wanted.mp4", swaying()))
    assert agreed is not None
    assert agreed > 0.7


def test_camera_motion_does_not_count(tmp_path: Path) -> None:
    """A camera that sways over a still scene as the subject should have done repeats none of its motion."""
    scene = cv2.resize(texture(5), (2 * SIDE, 2 * SIDE))
    sways = [2 * np.pi * number / 16 for number in range(24)]
    corners = [(round(104 - 9 * np.cos(turn)), round(104 - 14 * np.sin(turn))) for turn in sways]
    swayed = fidelity(tmp_path, [scene[y : y + SIDE, x : x + SIDE] for y, x in corners], swaying())
    assert swayed is not None
    assert swayed < 0.4


def test_a_still_clip_repeats_nothing(tmp_path: Path) -> None:
    """A clip that stands still has a fidelity of about 0; to a reference that stands still there is none."""
    still = swaying(12, frozen=True)
    followed = fidelity(tmp_path, still, swaying(12))
    assert followed == pytest.approx(0, abs=0.2)
    assert fidelity(tmp_path, swaying(12), still) is None


def test_drawn_motions_are_distinguished() -> None:
    """A drawn character who does what the performer does agrees in all parts; one who does something else in none."""
    wanted = samples.reference("hello", seconds=1.5)
    same = metrics.measure(samples.reference("hello", seconds=1.5, person="ada"), wanted, samples.character("ada"))
    other = metrics.measure(samples.reference("nod", seconds=1.5, person="ada"), wanted, samples.character("pip"))
    assert same.motion_fidelity is not None
    assert other.motion_fidelity is not None
    assert same.motion_fidelity > 0.7 > 0.5 > other.motion_fidelity
    for name in ("mouth", "lids", "pose", "expression"):
        agreed, otherwise = (getattr(one, f"{name}_fidelity") for one in (same, other))
        assert agreed > 0.8, name
        assert otherwise is None or otherwise < 0.5, name
    assert same.mouth_gain is not None
    assert 0.6 < same.mouth_gain < 1.7
    assert same.face_lost == 0


def test_likeness_in_another_framing(tmp_path: Path) -> None:
    """A character who is two thirds as large in the clip, and elsewhere in it, is as like as ever."""
    portrait = cv2.resize(np.asarray(samples.draw(samples.PEOPLE["noor"], samples.Pose(), (360, 480))), (240, 320))
    scene = cv2.resize(texture(3), (480, 480))
    scene[140:460, 30:270] = portrait
    measured = metrics.measure(written(tmp_path / "scene.mp4", [scene] * 2), character=samples.character("noor"))
    assert measured.likeness is not None
    assert measured.likeness > 0.7


def test_likeness_tells_people_apart(tmp_path: Path) -> None:
    """The character is more like itself, in another light and expression, than like anybody else who is drawn."""
    face = np.asarray(samples.draw(samples.PEOPLE["ada"], samples.Pose(mouth=0.6, roll=6), (480, 624)))
    dimmed = written(tmp_path / "dimmed.mp4", [np.uint8(0.92 * face)] * 2)
    found = {name: metrics.measure(dimmed, character=samples.character(name)).likeness for name in samples.PEOPLE}
    assert max(found, key=lambda name: found[name] or 0) == "ada"
    assert found["ada"] is not None
    assert found["ada"] > 0.5 > max(value or 0 for name, value in found.items() if name != "ada")


def test_likeness_without_a_face(tmp_path: Path) -> None:
    """Where character or clip have no face, nothing is said of a face."""
    from PIL import Image

    still = written(tmp_path / "still.mp4", swaying(12, frozen=True))
    Image.fromarray(swaying(1)[0]).save(tmp_path / "disc.png")
    face = np.asarray(samples.draw(samples.PEOPLE["ada"], samples.Pose(), (240, 312)))
    wanted = written(tmp_path / "wanted.mp4", [face] * 12)
    for character, lost in ((tmp_path / "disc.png", None), (samples.character("ada"), 1.0)):
        measured = metrics.measure(still, wanted, character)
        assert (measured.likeness, measured.expression_fidelity, measured.face_lost) == (None, None, lost)


def test_still_parts_have_no_fidelity(tmp_path: Path) -> None:
    """Of a face that only blinks nothing else is compared, since noise would decide; the rates may differ."""
    people = {}
    for name, rate in (("theo", 15), ("ada", 10)):
        blinks = (0.5 - 0.5 * np.cos(4 * number / rate) for number in range(2 * rate))
        faces = [np.asarray(samples.draw(samples.PEOPLE[name], samples.Pose(blink=b), (240, 312))) for b in blinks]
        people[name] = written(tmp_path / f"{name}.mp4", faces, fps=rate)
    measured = metrics.measure(people["theo"], people["ada"])
    assert measured.lids_fidelity is not None
    assert measured.lids_fidelity > 0.9
    assert measured.expression_fidelity == measured.lids_fidelity
    assert (measured.mouth_fidelity, measured.brows_gain, measured.pose_gain) == (None, None, None)
    ((name, made, wanted),) = measured.curves
    assert (name, len(made), len(wanted)) == ("lids", 20, 20)


def test_lost_faces_are_counted(tmp_path: Path) -> None:
    """Of two seconds in which the clip's face is covered for one, half of the frames have lost it."""
    face = np.asarray(samples.draw(samples.PEOPLE["ada"], samples.Pose(), (240, 312)))
    covered = face.copy()
    covered[60:220, 50:190] = (120, 100, 90)
    clip, wanted = (
        written(tmp_path / name, [face] * 15 + [second] * 15, fps=15)
        for name, second in (("made.mp4", covered), ("wanted.mp4", face))
    )
    assert metrics.measure(clip, wanted).face_lost == pytest.approx(0.5, abs=0.05)


def test_no_face_is_kept() -> None:
    """What is written down of faces are numbers of agreement, and curves without any size: no mesh, and no distance.

    The curve of a reference is in memory once, however many clips were measured by it.
    """
    made, wanted = samples.reference("hello", seconds=1.0, person="ada"), samples.reference("hello", seconds=1.0)
    in_background(made, wanted, samples.character("ada"))
    (kept,) = data_dir().glob("measures/*.json")
    fields = json.loads(kept.read_text(encoding="utf-8"))
    assert set(fields) == {field.name for field in dataclasses.fields(metrics.Metrics)}
    one, other = (metrics.Metrics.from_json(json.loads(json.dumps(fields))) for _ in range(2))
    assert all(a is b for (_, _, a), (_, _, b) in zip(one.curves, other.curves, strict=True))
    assert {name for name, value in fields.items() if isinstance(value, list)} == {"drift", "window_borders", "curves"}
    for _, clip, reference in fields["curves"]:
        assert len(clip) == len(reference) == 15
        assert (np.median(reference), np.std(reference)) == pytest.approx((0, 1), abs=0.1)


def test_missing_models_leave_faces_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the face models all else is measured, and once they are here, the same files are measured again."""
    with monkeypatch.context() as patch:
        patch.setenv("WAN_NOTEBOOK_MODELS", str(tmp_path))
        without = in_background(samples.reference("hello", seconds=1.0), samples.reference("hello", seconds=1.0))
        assert (without.expression_fidelity, without.motion_fidelity) == (None, pytest.approx(1))
    again = in_background(samples.reference("hello", seconds=1.0), samples.reference("hello", seconds=1.0))
    assert again.expression_fidelity == pytest.approx(1)


def test_one_frame_is_measured(tmp_path: Path) -> None:
    """A clip of one frame has no stability and no motion, and does not fail."""
    one = written(tmp_path / "one.mp4", swaying(1))
    measured = metrics.measure(one, one)
    assert (measured.frames, measured.temporal_stability, measured.motion_fidelity) == (1, None, None)
    assert measured.drift == (0.0,)


def test_threads_measure_the_same(clip: Path) -> None:
    """The numbers do not depend on the thread, nor on what is measured beside."""
    with ThreadPoolExecutor(2) as pool:
        assert len(set(pool.map(metrics.measure, [clip, clip, clip]))) == 1


def test_memory_does_not_grow(tmp_path: Path) -> None:
    """Ten times as many frames need hardly more memory: some kilobytes for the numbers of each."""
    frames = swaying(16)
    peaks = []
    for times in (1, 1, 10):
        path = written(tmp_path / f"{times}.mp4", frames * times)
        tracemalloc.start()
        metrics.measure(path, path)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[2] - peaks[1] < 144 * 15_000


def test_an_unreadable_file_is_named(clip: Path, tmp_path: Path) -> None:
    """A missing or broken file ends with a plain message."""
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no video")
    with pytest.raises(MediaError, match=r"broken\.mp4"):
        metrics.measure(broken)
    with pytest.raises(MediaError, match=r"gone\.mp4"):
        metrics.measure(clip, tmp_path / "gone.mp4")
    with pytest.raises(MediaError, match=r"broken\.mp4"):
        metrics.measure(clip, character=broken)


def test_a_missing_library_is_named(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without OpenCV the message tells how to get it."""
    monkeypatch.setitem(sys.modules, "cv2", None)
    with pytest.raises(WanError, match="pip install"):
        metrics.measure(clip)


def in_background(*paths: Path | None, job: Job | None = None) -> metrics.Metrics:
    return event_loop.wait(beginning(*paths, job=job), 60)


def beginning(*paths: Path | None, job: Job | None = None) -> Future[metrics.Metrics]:
    return event_loop.start(metrics.measure_in_background(notebook_pool(), *paths, job=job))


def test_the_background_measures_the_same(clip: Path) -> None:
    """The numbers that come from the other process are those of this one."""
    job = Job(id="a", status=COMPLETED, submitted_at=100, finished_at=142)
    measured = in_background(clip, clip, samples.character(), job=job)
    assert measured == metrics.measure(clip, clip, samples.character(), job)


def test_a_broken_clip_delays_none(clip: Path, tmp_path: Path) -> None:
    """A broken clip has no numbers, the error says why, and the next clip is measured."""
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no video")
    waiting = [beginning(path) for path in (broken, clip)]
    with pytest.raises(MediaError, match=r"broken\.mp4"):
        event_loop.wait(waiting[0], 60)
    assert event_loop.wait(waiting[1], 60) == metrics.measure(clip)


def reader_of(path: Path) -> psutil.Process:
    """The process that has a file open, once there is one."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        for worker in notebook_workers():
            with contextlib.suppress(psutil.NoSuchProcess):
                if any(Path(file.path) == path for file in worker.open_files()):
                    return worker
    pytest.fail("The file was never opened.")


def test_a_death_costs_a_retry(clip: Path, tmp_path: Path) -> None:
    """When the process dies while it measures, the clip is measured once more; when that dies too, it is told."""
    grey = (np.full((SIDE, SIDE, 3), number % 250, np.uint8) for number in range(900))
    long = written(tmp_path / "long.mp4", grey)
    waiting = beginning(long)
    first = reader_of(long)
    first.kill()
    psutil.wait_procs([first])
    second = reader_of(long)
    assert second.pid != first.pid
    second.kill()
    with pytest.raises(WanError, match=r"The process that measures clips ended unexpectedly \(SIGKILL.*\), twice"):
        event_loop.wait(waiting, 60)
    assert in_background(clip) == metrics.measure(clip)


def test_an_idle_death_costs_nothing(clip: Path) -> None:
    """A process that was ended between two clips is replaced."""
    in_background(clip, clip)
    for worker in notebook_workers():
        worker.kill()
    assert in_background(clip) == metrics.measure(clip)


def cached_file() -> Path:
    """The one file in which numbers are kept."""
    (path,) = (data_dir() / "measures").iterdir()
    return path


def test_the_same_files_measured_once(clip: Path) -> None:
    """The numbers of a clip are kept, and returned again; its times are those of the job that is asked about."""
    assert in_background(clip) == metrics.measure(clip)
    cached_file().write_text(json.dumps(json.loads(cached_file().read_text()) | {"sharpness": 7.0}))
    job = Job(id="a", status=COMPLETED, submitted_at=100, finished_at=142)
    again = in_background(clip, job=job)
    assert (again.sharpness, again.wall_seconds) == (7.0, 42)


def test_a_changed_clip_measured_again(clip: Path) -> None:
    """So is one whose kept numbers cannot be read any more."""
    measured = in_background(clip)
    cached_file().write_text("{")
    assert in_background(clip) == measured
    cached_file().write_text(json.dumps(json.loads(cached_file().read_text()) | {"sharpness": 7.0}))
    os.utime(clip, (1, 1))
    assert in_background(clip) == measured


def test_measuring_without_a_data_directory(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a data directory to write to, a clip is measured all the same."""
    clip.with_name("taken").write_text("a file where the folder should be")
    monkeypatch.setenv("WAN_NOTEBOOK_HOME", str(clip.with_name("taken")))
    assert in_background(clip) == metrics.measure(clip)


def test_curves_take_little_memory() -> None:
    """The numbers of a clip of five seconds, with its curves, take eight kilobytes of a sweep's memory."""
    random = np.random.default_rng(1)
    wanted, count = random.normal(0, 1, (4, 125)), 500
    plain = dict.fromkeys(metrics.DEFINITIONS, 1.0) | {"window_borders": [76]}
    tracemalloc.start()
    kept = []
    for _ in range(count):
        made = wanted + random.normal(0, 0.3, wanted.shape)
        curves = zip(("mouth", "lids", "brows", "pose"), made.round(2).tolist(), wanted.round(2).tolist(), strict=True)
        drift = random.gamma(2, 1, 125).round(2).tolist()
        kept.append(metrics.Metrics.from_json(plain | {"curves": list(curves), "drift": drift}))
    size = tracemalloc.get_traced_memory()[0] / count
    tracemalloc.stop()
    assert len(kept) == count
    assert size < 8_000


def test_every_number_is_defined() -> None:
    """Each number has a title, a unit, a formula and a direction, in the order of a table."""
    series = {"drift", "window_borders", "curves"}
    names = [field.name for field in dataclasses.fields(metrics.Metrics) if field.name not in series]
    assert list(metrics.DEFINITIONS) == names
    assert all(
        definition.title and definition.unit and definition.formula for definition in metrics.DEFINITIONS.values()
    )
    assert metrics.DEFINITIONS["colour_drift"].better == "lower"
    assert metrics.DEFINITIONS["motion_fidelity"].better == "higher"


def test_definition_reads_as_sentence() -> None:
    """As the last line of a cell it says what the number is, which direction is better, its source and its limits."""
    assert repr(metrics.DEFINITIONS["wall_seconds"]) == (
        "Wall time (s, lower is better): from submitting the job to seeing it finished"
    )
    source = "\nSource: Pech-Pacheco et al., Diatom autofocusing in brightfield microscopy (ICPR 2000)"
    assert f"{source}\nCaution: Grain" in repr(metrics.DEFINITIONS["sharpness"])
    assert "the head of the reference is still" in metrics.DEFINITIONS["motion_fidelity"].caution
    assert repr(metrics.DEFINITIONS["frames"]) == "Frames (frames): counted in the file"
