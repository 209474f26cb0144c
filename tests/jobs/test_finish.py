"""A clip that is finished: a new file with its settings beside it, and the bought one as it was."""

import concurrent.futures
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from wan_notebook.errors import InvalidRequest, MediaError, WanError
from wan_notebook.jobs import finish as finishing
from wan_notebook.jobs.clip import open_clip
from wan_notebook.jobs.finish import Wish, finished_clip
from wan_notebook.jobs.recipe import Input, Recipe
from wan_notebook.model.family import REPLACE
from wan_notebook.runtime import event_loop
from wan_notebook.runtime.data_dir import subfolder
from wan_notebook.sweeps.metrics import measure
from wan_notebook.video.probe import probe
from wan_notebook.video.read import frames
from wan_notebook.video.write import Writer

from support.clips import clip_of
from support.displays import Displayed
from support.media import filmed, meadow, sounding
from support.workers import notebook_workers


def slide(count: int, *, drift: bool = False) -> Any:
    """A bar that slides over a wall of many levels; with a drift, all turns brighter after the first window."""
    wall = np.tile(np.linspace(40, 200, 96, dtype=np.uint8)[None, :, None], (64, 1, 3))
    for number in range(count):
        frame = wall.copy()
        cv2.rectangle(frame, (20 + number % 40, 20), (30 + number % 40, 60), (200, 30, 30), -1)
        yield np.clip(frame.astype(int) + drift * max(0, number - 77) // 4, 0, 255).astype(np.uint8)


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    """A reference at 24 frames per second, with a second cut off at its beginning before it was sent at 16."""
    return sounding(filmed(slide(48), tmp_path / "silent.mp4", fps=24), tmp_path / "dance.mp4")


def made_files() -> list[str]:
    """The names of the files that finishing has left."""
    return sorted(path.name for path in subfolder("clips").iterdir() if "finished" in path.name or "part" in path.name)


def test_clip_gets_all_frames_back(reference: Path) -> None:
    """At the reference's rate a clip has exactly its frames from where it was trimmed, each like the one it stands for,
    and its settings beside it.
    """
    clip = clip_of(reference, start=0.5, fps=16)
    bought = clip.path.read_bytes()
    made = clip.finish(fps="reference")
    info, trimmed = probe(made.path), [frame.pixels for frame in frames(reference, start=0.5)]
    assert (info.fps, info.frames) == (24, 36) == (24, len(trimmed))
    wrong = [
        np.abs(one.pixels.astype(int) - truth).mean() for one, truth in zip(frames(made.path), trimmed, strict=True)
    ]
    assert max(wrong[:-1]) < 4
    assert clip.path.read_bytes() == bought
    assert open_clip(made.path) == made
    assert made.changes == ["24 fps"]
    assert made.finished is not None
    assert made.finished["of"] == clip.path.name


@pytest.mark.parametrize("varies", [False, True])
def test_cut_stays_at_its_frame(tmp_path: Path, varies: bool) -> None:
    """At the reference's rate its cuts are at the same frames as in it, though fewer were sent."""
    fps, shots = 30000 / 1001, [meadow(seed=1)] * 31 + [meadow(seed=2)] * 31 + [meadow(seed=3)] * 29
    times = [(number + 0.4 * (number % 3 == 1)) / fps for number in range(len(shots))] if varies else None
    with Writer(tmp_path / "shots.mp4", width=320, height=240, fps=fps, times=times) as writer:
        for picture in shots:
            writer.write(picture)
    made = clip_of(tmp_path / "shots.mp4", fps=16).finish(fps="reference")
    shown = [frame.pixels.astype(int) for frame in frames(made.path)]
    truth = [frame.pixels for frame in frames(tmp_path / "shots.mp4")]
    wrong = [np.abs(one - other).mean() for one, other in zip(shown, truth, strict=True)]
    assert [number for number, error in enumerate(wrong) if error > 8] == []


def test_finished_once(reference: Path) -> None:
    """The same wish gives the file that exists, and one that the clip fulfils already gives the clip itself."""
    clip = clip_of(reference, fps=12)
    made = clip.finish(fps=24)
    before = made.path.stat().st_mtime_ns
    assert clip.finish(fps=24) == made
    assert made.path.stat().st_mtime_ns == before
    assert clip.finish(fps=12) is clip


def test_sound_of_reference(reference: Path) -> None:
    """The reference's sound is laid under a clip without any, and refused where there is none."""
    clip = clip_of(reference, start=0.5, sound=False)
    assert not probe(clip.path).has_audio
    assert probe(clip.finish(sound="reference").path).has_audio
    silent = clip_of(reference.with_name("silent.mp4"))
    with pytest.raises(MediaError, match=r"silent\.mp4 has no sound"):
        silent.finish(sound="reference")


def test_colours_are_steadied(tmp_path: Path) -> None:
    """A drift of the colours is nearly gone, and the metric shows it before and after."""
    reference = filmed(slide(180), tmp_path / "dance.mp4", fps=25)
    drifted = filmed(slide(180, drift=True), tmp_path / "drifted.mp4", fps=25)
    clip = clip_of(reference, drifted)
    made = clip.finish(colours="steady")
    before, after = (measure(one.path).colour_drift for one in (clip, made))
    assert before > 5
    assert after < 0.15 * before
    assert made.finished is not None
    assert made.finished["result"]["drift"] > 15


def test_replace_takes_its_references_colours(tmp_path: Path) -> None:
    """In Replace a clip that is off as a whole gets the colours of its reference's background."""
    reference = filmed(slide(30), tmp_path / "dance.mp4", fps=25)
    bright = [np.minimum(frame, 237) + np.uint8(18) for frame in slide(30)]
    clip = clip_of(reference, filmed(bright, tmp_path / "bright.mp4", fps=25), model=REPLACE.id)
    made = clip.finish(colours="steady")
    truth, before, after = (
        np.mean([frame.pixels.mean() for frame in frames(path, accurate=True)])
        for path in (reference, clip.path, made.path)
    )
    assert before - truth > 15
    assert abs(after - truth) < 2


def test_unknown_reference_is_told(reference: Path) -> None:
    """Where the reference is unknown, elsewhere, gone or another file, the message says so and how to name it."""
    clip = clip_of(reference, fps=12)
    assert clip.recipe is not None
    with pytest.raises(MediaError, match=r"not known\. Name it: clip\.finish\(…, reference="):
        replace(clip, request=None, recipe=None).finish(fps="reference")
    web = Recipe(video=Input(url="https://example.org/dance.mp4"))
    with pytest.raises(MediaError, match="is not on this machine"):
        replace(clip, recipe=web).finish(fps="reference")
    moved = reference.rename(reference.with_name("moved.mp4"))
    with pytest.raises(MediaError, match="is not there any more"):
        clip.finish(fps="reference")
    assert probe(clip.finish(fps="reference", reference=moved).path).frames == 48
    reference.write_bytes(moved.with_name("silent.mp4").read_bytes())
    with pytest.raises(MediaError, match=r"dance\.mp4 has changed"):
        clip.finish(fps="reference")


def test_video_of_another_length_is_no_reference(tmp_path: Path, reference: Path) -> None:
    """Another video that is shorter or longer than the clip is refused with both lengths; one that is so by a frame or
    two is not, since services return some too many or too few, nor is the very one from which the clip was made.
    """
    clip = clip_of(reference, fps=16)
    short, nearly, long = (filmed(slide(count), tmp_path / f"{count}.mp4", fps=24) for count in (36, 45, 96))
    with pytest.raises(MediaError, match=r"36\.mp4 has 1\.5 s for this clip of 2 s.* Name the video .* a rate:"):
        clip.finish(fps="reference", reference=short)
    with pytest.raises(MediaError, match=r"96\.mp4 has 4 s for this clip of 2 s.* last frame would stand"):
        clip.finish(fps="reference", reference=long)
    assert probe(clip.finish(fps="reference", reference=nearly).path).frames == 45
    half = clip_of(reference, filmed(slide(16), tmp_path / "half.mp4", fps=16), fps=16)
    assert probe(half.finish(fps="reference", reference=reference).path).frames == 48


def test_replace_wants_its_reference(tmp_path: Path, reference: Path) -> None:
    """In Replace the reference's background is the measure: it is prepared once more where it is gone, and refused
    where that cannot be; Move goes without.
    """
    clip = clip_of(reference, model=REPLACE.id, fps=12)
    assert clip.reference is not None
    clip.reference.unlink()
    assert clip.finish(colours="steady").changes == ["steady colours"]
    assert clip.reference is not None
    clip.reference.unlink()
    reference.unlink()
    with pytest.raises(MediaError, match="is not there any more"):
        replace(clip, path=filmed(slide(5), tmp_path / "other.mp4")).finish(colours="steady")
    move = replace(clip.request, model="move") if clip.request else None
    assert replace(clip, request=move, recipe=None).finish(colours="steady").path.exists()


def test_odd_clips_are_put_right(tmp_path: Path, reference: Path) -> None:
    """A clip with a frame too few, at another rate, in another size, or of a single frame gets the reference's rate
    and number all the same.
    """
    for name, count, fps in (("short", 31, 16), ("slow", 32, 15), ("fast", 60, 30), ("single", 1, 16)):
        clip = clip_of(reference, filmed(slide(count), tmp_path / f"{name}.mp4", fps=fps), fps=16)
        info = probe(clip.finish(fps="reference").path)
        assert (info.fps, info.frames) == (24, 48), name


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({}, "Nothing is to be done"),
        ({"fps": "full"}, r"fps is 'full', but must be \"reference\" or a number from 1 to 120"),
        ({"fps": 0}, "from 1 to 120"),
        ({"fps": True}, "from 1 to 120"),
        ({"colours": True}, "colours is True"),
        ({"sound": "off"}, "sound is 'off'"),
    ],
)
def test_bad_wishes_are_refused(reference: Path, wish: Any, said: str) -> None:
    """A wish that makes no sense names the field, what came and what is allowed."""
    with pytest.raises(InvalidRequest, match=said):
        clip_of(reference).finish(**wish)


def test_missing_or_broken_clip(reference: Path) -> None:
    """A clip that is gone or damaged is told as any video is, and nothing is left."""
    clip = clip_of(reference)
    clip.path.write_bytes(clip.path.read_bytes()[:3000])
    with pytest.raises(MediaError):
        clip.finish(fps=50)
    clip.path.unlink()
    with pytest.raises(MediaError, match="There is no file"):
        clip.finish(fps=50)
    assert made_files() == []


def test_bar_in_a_notebook(reference: Path, displayed: Displayed) -> None:
    """In a notebook a status bar of ours follows the work, and a saved notebook has its last words."""
    clip_of(reference, fps=16).finish(fps=24)
    shown = [displayed.get_nowait()[0] for _ in range(displayed.qsize())]
    assert sum("application/vnd.jupyter.widget-view+json" in bundle for bundle in shown) == 1
    assert shown[-1]["text/plain"] == "Finished"


def test_interrupt_leaves_nothing(reference: Path, interrupt_next_wait: Callable[[], None]) -> None:
    """The interrupt button ends the work in the other process too, says so, and nothing half-written stays."""
    clip = clip_of(filmed(slide(600), reference.with_name("long.mp4"), fps=12))
    is_done = finishing._is_done

    def interrupted_on_the_way(future: Any) -> bool:
        if made_files():  # something is being written
            interrupt_next_wait()
        return is_done(future)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(finishing, "_is_done", interrupted_on_the_way)
        with pytest.raises(KeyboardInterrupt, match="nothing half-made is left"):
            clip.finish(fps=120)
    assert made_files() == []
    assert probe(clip.finish(fps=13).path).frames == 650


def test_interrupt_before_it_begins(reference: Path) -> None:
    """The interrupt button ends also what the event loop has not come to yet."""
    clip, begin = clip_of(reference), threading.Event()

    def interrupted_at_once(future: concurrent.futures.Future[Any]) -> bool:
        future.add_done_callback(lambda _: begin.set())
        raise KeyboardInterrupt

    event_loop.loop().call_soon_threadsafe(begin.wait)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(finishing, "_is_done", interrupted_at_once)
        with pytest.raises(KeyboardInterrupt, match="nothing half-made is left"):
            clip.finish(fps=24)
    assert made_files() == []


def test_killed_worker_leaves_nothing(reference: Path) -> None:
    """Where the other process dies on the way, twice, that is told, nothing half-written stays, the next one works."""
    clip = clip_of(filmed(slide(600), reference.with_name("long.mp4"), fps=12))

    def kill(share: float, _what: str) -> None:
        if share > 0.4:
            for worker in notebook_workers():
                worker.kill()

    with pytest.raises(WanError, match=r"The process that finishes clips ended unexpectedly .* twice"):
        event_loop.wait(event_loop.start(finished_clip(clip, Wish(fps=120), kill)), 60)
    assert made_files() == []
    assert probe(clip.finish(fps=13).path).frames == 650
