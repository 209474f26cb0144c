"""Cuts: the same in the notice, in a film's plan and in the preview, to the frame; dissolves as such."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from wan_notebook import media
from wan_notebook.films.shots import find_shots
from wan_notebook.media import checks, samples
from wan_notebook.media.checks import CheckInput, Notice, VideoAnalysis
from wan_notebook.media.checks.cuts import Transition, TransitionFinder, transitions_in
from wan_notebook.media.video import Video

from support import films
from support.films import Scene
from support.media import filmed, meadow


@pytest.fixture
def no_faces(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the preview's libraries are not installed, since no face matters here."""
    monkeypatch.setitem(sys.modules, "wan_notebook.faces.find", None)


def notice_of_cuts(chosen: Video) -> Notice:
    """The notice that offers to animate shot by shot."""
    found = checks.check(CheckInput(video=chosen), video_analysis=checks.analyze_video(chosen))
    return next(notice for notice in found if notice.topic == "cuts")


@pytest.mark.usefixtures("no_faces")
def test_notice_and_plan_name_the_same(tmp_path: Path) -> None:
    """The notice names the cuts at which a film is divided, also within one take, and no flash; both to the frame."""
    takes = (Scene("theo", "hello", 60), Scene("noor", "hello", 51, 46), Scene("noor", "hello", 44, 30, flashes=(20,)))
    fps = 30000 / 1001
    chosen = media.video(films.film(tmp_path / "film.mp4", takes, fps=fps, size=(96, 128)))
    analysis = checks.analyze_video(chosen)
    shots = find_shots(chosen, longest=4.81).shots
    planned = [*(shot.begin for shot in shots[1:]), *(cut for shot in shots for cut in shot.cuts)]
    assert sorted(planned) == films.cuts(takes) == [60, 111]
    assert analysis is not None
    assert analysis.cuts == pytest.approx([cut / fps for cut in films.cuts(takes)], abs=2e-3)
    notice = notice_of_cuts(chosen)
    assert notice.text.startswith("The video has 2 cuts, at 2, 3.7 s")


@pytest.mark.usefixtures("no_faces")
def test_dissolve_is_noticed_as_such(tmp_path: Path) -> None:
    """A dissolve is named with its middle, beside the cuts, and is where a shot ends for the remedy."""
    takes = (Scene("theo", "hello", 70), Scene("ada", "nod", 40, 14, dissolves=True), Scene("noor", "hello", 30, 30))
    chosen = media.video(films.film(tmp_path / "film.mp4", takes, size=(96, 128)))
    notice = notice_of_cuts(chosen)
    assert notice.text.startswith("The video has a cut, at 4.4 s, and a dissolve, at 2.84 s; motion")
    assert notice.change == {"start": 0.0, "end": pytest.approx(2.8, abs=0.05)}


def test_a_cut_is_told_to_its_frame() -> None:
    """A cut at the second frame is told at its own second, and the remedy begins there."""
    film = Video("", name="film.mp4", duration=8.0, frames=200, fps=25.0, width=480, height=480)
    found = checks.check(CheckInput(video=film), video_analysis=VideoAnalysis(0.5, 50, (0.04, 3.12), ()))
    notice = next(notice for notice in found if notice.topic == "cuts")
    assert notice.text.startswith("The video has 2 cuts, at 0.04, 3.12 s;")
    assert notice.remedy == "Keep the longest shot, 3.12 to 8 s"


def test_only_what_was_looked_at_is_told() -> None:
    """Where only the beginning of a film was looked at, its cuts are named as such, and the rest is no shot."""
    film = Video("", name="film.mp4", duration=900.0, frames=22500, fps=25.0, width=1920, height=1080)
    analysis = VideoAnalysis(0.5, 50, (20.0, 290.0), (), end=300.0)
    found = checks.check(CheckInput(video=film), video_analysis=analysis)
    notice = next(notice for notice in found if notice.topic == "cuts")
    assert notice.text.startswith("The video has 2 cuts, at 20, 290 s;")
    assert notice.text.endswith("It was looked at up to 5 min 0 s.")
    assert notice.change == {"start": 20.0, "end": 30.0}
    one = checks.check(CheckInput(video=film), video_analysis=replace(analysis, cuts=(20.0,)))
    assert [notice.moments for notice in one if notice.topic == "cuts"] == [(19.9, 20.0)]


@pytest.mark.slow
def test_every_cut_to_the_frame(tmp_path: Path) -> None:
    """Of a drawn minute all nine cuts are found to the frame, both dissolves as such, and nothing else is a cut."""
    found = transitions_in(films.film(tmp_path / "film.mp4"))
    assert [one.frame for one in found if one.kind == "cut"] == films.cuts()
    assert [one.frame for one in found if one.kind == "dissolve"] == pytest.approx(films.dissolves(), abs=1)


def test_blended_cut_is_one(tmp_path: Path) -> None:
    """A cut under one frame that is blended of both shots is found once, and a flash of white is none."""
    one, other = (meadow(seed=seed) for seed in (1, 2))
    blended, white = np.uint8(one // 2 + other // 2), np.full_like(one, 250)
    shown = [one] * 20 + [blended] + [other] * 20 + [white] * 3 + [other] * 20
    assert transitions_in(filmed(shown, tmp_path / "film.mp4")) == (Transition(21),)


def test_slow_pan_is_no_dissolve(tmp_path: Path) -> None:
    """A camera that pans slowly over something soft, which looks like a blend, is one shot."""
    wide = meadow((160, 60))
    shown = [np.ascontiguousarray(wide[6:54, number // 2 : number // 2 + 64]) for number in range(80)]
    assert transitions_in(filmed(shown, tmp_path / "film.mp4", fps=25)) == ()


@pytest.mark.parametrize("hold", [4, 6])
def test_held_frames_are_no_cuts(tmp_path: Path, hold: int) -> None:
    """Where each picture is shown several times, as in a video of few frames brought to a high rate, a step of a take
    is no cut; one that is a cut is found.
    """
    takes = (Scene("theo", "hello", 60), Scene("noor", "nod", 36, 10))
    drawn = list(films.pictures(takes, (96, 128)))[::hold]
    path = filmed([picture for picture in drawn for _ in range(hold)], tmp_path / "film.mp4", fps=25)
    assert transitions_in(path) == (Transition(60),)


@pytest.mark.parametrize("frames", [1, 2, 3])
def test_flash_hides_no_cut(tmp_path: Path, frames: int) -> None:
    """A cut under a flash of white is found once, at the first frame after it; a flash within a take is none."""
    takes = (Scene("theo", "hello", 30), Scene("noor", "nod", 20, 10))
    shown = list(films.pictures(takes, (96, 128)))
    for begin in (15, 30):
        shown[begin : begin + frames] = [np.full_like(shown[0], 250)] * frames
    assert transitions_in(filmed(shown, tmp_path / "film.mp4", fps=25)) == (Transition(30 + frames),)


def montage(lengths: Sequence[int], people: Sequence[str], *, goes_on: bool) -> tuple[Scene, ...]:
    """Shots of so many frames of people in turn; each goes on where it was left, or begins somewhere else."""
    begins = dict.fromkeys(people, 0)
    shots = []
    for number, length in enumerate(lengths):
        person = people[number % len(people)]
        shots.append(Scene(person, "hello", length, begins[person]))
        begins[person] = (begins[person] + (length if goes_on else 31)) % 75
    return tuple(shots)


@pytest.mark.parametrize("goes_on", [True, False], ids=["back to the same take", "elsewhere"])
@pytest.mark.parametrize("people", [("theo", "ada"), ("noor", "pip", "theo")], ids=" ".join)
def test_fast_montage(tmp_path: Path, people: tuple[str, ...], goes_on: bool) -> None:
    """Every cut between shots of 4 to 12 frames is found, also back to a picture that was seen just before."""
    shots = montage([12, 4, 4, 5, 6, 8, 4, 7, 11, 9, 4, 6, 5, 10, 4, 4, 8, 6, 12], people, goes_on=goes_on)
    path = films.film(tmp_path / "film.mp4", shots, size=(96, 128))
    assert [one.frame for one in transitions_in(path)] == films.cuts(shots)


FLASHES = {
    "white": lambda picture: np.full_like(picture, 250),
    "black": np.zeros_like,
    "glare": lambda picture: np.clip(picture * 1.9 + 50, 0, 255).astype(np.uint8),
    "red": lambda picture: np.clip(picture * [1.6, 0.5, 0.5], 0, 255).astype(np.uint8),
}


@pytest.mark.parametrize("flash", FLASHES)
@pytest.mark.parametrize("frames", [1, 3, 4, 5])
def test_flashes_are_no_shots(tmp_path: Path, flash: str, frames: int) -> None:
    """Light, or nothing, that covers a take again and again for some frames makes no shots of it."""
    shown = list(films.pictures((Scene("noor", "hello", 75),), (96, 128)))
    for begin in (12, 27, 40, 56):
        for number in range(begin, begin + frames):
            shown[number] = FLASHES[flash](shown[number])
    assert transitions_in(filmed(shown, tmp_path / "film.mp4", fps=25)) == ()


def test_stage_lights_are_no_cuts(tmp_path: Path) -> None:
    """Light that changes its colour at once, again and again, makes no shots of one take."""
    lights = np.array([[1.6, 0.5, 0.5], [0.5, 1.6, 0.5], [0.5, 0.5, 1.6]])
    drawn = films.pictures((Scene("ada", "hello", 75),), (96, 128))
    shown = [
        np.clip(picture * lights[number // 9 % 3], 0, 255).astype(np.uint8) for number, picture in enumerate(drawn)
    ]
    assert transitions_in(filmed(shown, tmp_path / "film.mp4", fps=25)) == ()


@pytest.mark.parametrize("backwards", [False, True])
def test_quick_move_at_an_end_is_no_cut(backwards: bool) -> None:
    """Somebody who moves quickly as a video begins, or as it ends, and is calm otherwise, makes no cut."""
    places = [0.0, -0.3, -0.42, *(-0.42 + 0.012 * (number % 3) for number in range(40))]
    pictures = [np.asarray(samples.draw(samples.PEOPLE["theo"], samples.Pose(head_x=x), (96, 128))) for x in places]
    finder = TransitionFinder()
    for picture in reversed(pictures) if backwards else pictures:
        finder.add(picture[::2, ::2])
    assert finder.found() == ()


def found(pictures: Sequence[NDArray[np.uint8]]) -> tuple[Transition, ...]:
    """The transitions of pictures as they are, one after another."""
    finder = TransitionFinder()
    for picture in pictures:
        finder.add(picture)
    return finder.found()


def close_up(person: str, pose: samples.Pose) -> NDArray[np.uint8]:
    """A face that fills the picture, which is 48 × 64 pixels."""
    drawn = samples.draw(samples.PEOPLE[person], pose, (96, 128))
    return np.asarray(drawn.crop((16, 20, 80, 105)).resize((48, 64)))


@pytest.mark.parametrize("quick", [(0.03, 0.08, 0.2, 0.08, 0.03), (0.02, 0.22, 0.22, 0.02)], ids=["swells", "at once"])
@pytest.mark.parametrize("person", ["theo", "noor"])
def test_whip_of_head_is_no_cut(person: str, quick: tuple[float, ...]) -> None:
    """Somebody who talks, and once throws the head aside within some frames, makes no cut."""
    hello = samples.curves("hello", 3.0, 25)
    places = np.cumsum([*[0.0] * 30, *quick, *[0.0] * 35])
    poses = [replace(hello.pose(number), head_x=x, yaw=30 * x) for number, x in enumerate(places)]
    assert found([close_up(person, pose) for pose in poses]) == ()


@pytest.mark.parametrize("person", samples.PEOPLE)
def test_tiny_picture_of_a_nod_is_no_cut(person: str) -> None:
    """In a picture of 48 × 64 pixels nobody who talks, nods and blinks makes a cut."""
    nod = samples.curves("nod", 3.0, 25)
    tiny = [np.asarray(samples.draw(samples.PEOPLE[person], nod.pose(number), (48, 64))) for number in range(75)]
    assert found(tiny) == ()


@pytest.mark.parametrize("jump", [0, 15])
def test_judder_is_no_cut(jump: int) -> None:
    """Where a conversion of the rate leaves frames out and shows others twice, its leaps are no cuts; a cut is one."""
    take = [close_up("noor", samples.Pose(head_x=x, yaw=25 * x)) for x in 0.5 * np.sin(np.arange(110) / 9)]
    ways = [3 if number % 6 == 0 else 0 if number % 6 == 1 else 1 for number in range(75)]
    ways[45] += jump
    assert found([take[number] for number in np.cumsum(ways)]) == ((Transition(45),) if jump else ())


def test_cut_from_a_still_picture_to_another() -> None:
    """Where nothing moves before a change, or after it, not even by noise, a cut is found all the same."""
    stills = [close_up("theo", samples.Pose(head_x=x)) for x in (0.0, 0.4)]
    assert found([stills[0]] * 30 + [stills[1]] * 30) == (Transition(30),)
