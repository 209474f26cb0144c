"""The drawn character and the drawn performance."""

import numpy as np
import pytest
from PIL import Image

from wan_notebook.errors import MediaError
from wan_notebook.media import samples
from wan_notebook.media.samples.drawing import EYE_LINE, painted_figure
from wan_notebook.media.samples.pose import Head
from wan_notebook.video.probe import probe
from wan_notebook.video.read import frames

SMALL = (360, 472)
EVERY_PERSON = pytest.mark.parametrize("person", samples.PEOPLE)
EVERY_PERFORMANCE = pytest.mark.parametrize("performance", samples.PERFORMANCES)


def faces(picture: Image.Image, height: int = 420) -> list[dict[str, int]]:
    """What the frontal-face cascade of scikit-image finds on a small copy."""
    from skimage import data, feature

    small = picture.convert("L").resize((round(picture.width * height / picture.height), height))
    finder = feature.Cascade(data.lbp_frontal_face_cascade_filename())
    found: list[dict[str, int]] = finder.detect_multi_scale(
        np.asarray(small), scale_factor=1.1, step_ratio=1, min_size=(60, 60), max_size=(300, 300)
    )
    return found


def pixels(person: str, **pose: float) -> np.ndarray:
    return np.asarray(samples.draw(samples.PEOPLE[person], samples.Pose(**pose), SMALL)).astype(float)


def changed(person: str, **pose: float) -> np.ndarray:
    """Where a pose changes the picture, in eye distances from the point between the eyes: left, top, right, bottom."""
    rows, columns = np.nonzero(np.abs(pixels(person, **pose) - pixels(person)).max(axis=2) > 24)
    unit = samples.unit(SMALL)
    x, y = (columns - SMALL[0] / 2) / unit, (rows - EYE_LINE * SMALL[1]) / unit
    return np.array([x.min(), y.min(), x.max(), y.max()])


@EVERY_PERSON
def test_a_character_has_one_face(person: str) -> None:
    """Each character is a portrait in which a frontal-face cascade finds one face at most sizes, a cartoon's too."""
    picture = Image.open(samples.character(person))
    assert (picture.format, picture.size) == ("PNG", (832, 1088))
    assert [len(faces(picture, height)) for height in (360, 380, 400, 420)].count(1) >= 3


def test_a_sample_is_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second call finds the file of the first."""
    first = samples.character()
    monkeypatch.setattr(samples, "draw", None)
    assert samples.character() == first


@EVERY_PERSON
def test_drawing_is_deterministic(person: str) -> None:
    """Drawn anew from nothing, a pose gives the same pixels."""
    pose = {"head_x": 0.1, "roll": 4.0, "yaw": 10.0, "mouth": 0.6, "blink": 0.3, "brows": 1.0, "sway": -0.1}
    first = pixels(person, **pose)
    painted_figure.cache_clear()
    assert np.array_equal(pixels(person, **pose), first)


@pytest.mark.slow
@EVERY_PERFORMANCE
def test_a_reference_plays_its_curves(performance: str) -> None:
    """A reference has one frame per value of its curves, a face in each that is looked at, and is small."""
    path = samples.reference(performance, seconds=3)
    info = probe(path)
    assert (info.width, info.height, info.fps, info.frames, info.codec) == (480, 624, 25, 75, "h264")
    assert len(samples.curves(performance, seconds=3).mouth) == 75
    seen = [faces(Image.fromarray(frame.pixels), 360) for frame in list(frames(path))[::15]]
    assert all(seen)
    assert path.stat().st_size < 300_000


def test_curves_agree_at_any_rate() -> None:
    """At the same second a performance does the same at any rate, and a longer one repeats."""
    slow, fast, long = (samples.curves("hello", s, fps) for s, fps in ((3, 10), (3, 20), (6, 10)))
    assert np.allclose(slow.roll, fast.roll[::2])
    assert np.allclose(long.mouth[30:], slow.mouth)


@EVERY_PERFORMANCE
def test_a_performance_starts_at_rest(performance: str) -> None:
    """A performance starts upright with closed lips and open eyes, and moves head, mouth and lids widely."""
    curves = samples.curves(performance)
    start = curves.pose(0)
    assert [round(v, 6) for v in (start.head_x, start.head_y, start.roll, start.yaw, start.mouth, start.blink)] == [
        0
    ] * 6
    assert curves.mouth.max() > 0.7
    assert curves.blink.max() > 0.95
    assert np.ptp(curves.roll) > 2.5
    assert min(curves.mouth.min(), curves.blink.min()) >= 0
    assert max(curves.mouth.max(), curves.blink.max()) <= 1


def test_curves_are_read_only() -> None:
    """The truth stays what was drawn."""
    with pytest.raises(ValueError, match="read-only"):
        samples.curves().mouth[0] = 1


@EVERY_PERSON
def test_a_pose_moves_the_head(person: str) -> None:
    """A head moved by 0.2 eye distances is the same head, found that many pixels aside."""
    unit = samples.unit(SMALL)
    step = round(0.2 * unit)
    rows, columns = round(EYE_LINE * SMALL[1]), SMALL[0] // 2
    reach = round(0.6 * unit)
    still = pixels(person)[rows - reach : rows + reach, columns - reach : columns + reach]
    moved = pixels(person, head_x=step / unit, head_y=-step / unit)
    there = moved[rows - reach - step : rows + reach - step, columns - reach + step : columns + reach + step]
    assert np.abs(there - still).mean() < 1


@EVERY_PERSON
def test_roll_turns_about_the_eyes(person: str) -> None:
    """Ten degrees of roll turn the face clockwise by that much about the point between the eyes."""
    middle = (SMALL[0] / 2, EYE_LINE * SMALL[1])
    upright = Image.fromarray(pixels(person).astype(np.uint8))
    turned = np.asarray(upright.rotate(-10, Image.Resampling.BICUBIC, center=middle)).astype(float)
    reach, (x, y) = round(0.7 * samples.unit(SMALL)), (round(middle[0]), round(middle[1]))
    face = np.s_[y - reach : y + reach, x - reach : x + reach]
    assert np.abs(turned[face] - pixels(person, roll=10)[face]).mean() < 3


def test_a_turn_is_of_a_solid_head() -> None:
    """A face that turns by 20 degrees slides its nose before the eyes, and shows less of its far half."""
    left, right, nose, far, near = Head(samples.Pose(yaw=20)).seen(
        np.array([(-0.5, 0), (0.5, 0), (0, 0.62), (0.9, 0.4), (-0.9, 0.4)])
    )
    assert np.allclose((left + right) / 2, 0, atol=0.02)
    assert 0.9 < right[0] - left[0] < 0.97
    assert 0.12 < nose[0] < 0.18
    assert far[0] - right[0] < 0.3 < 0.4 < left[0] - near[0]


@pytest.mark.parametrize("calm", [True, False])
def test_what_is_seen_is_found(calm: bool) -> None:
    """The point of the head that is seen at a place is seen there."""
    points = np.stack(np.meshgrid(np.linspace(-1.1, 1.1, 12), np.linspace(-1.6, 1.7, 12)), axis=-1).reshape(-1, 2)
    posed = Head(samples.Pose(0.2, -0.1, roll=6, yaw=18, pitch=-8, mouth=0.5, brows=1, smile=0.5))
    places = (posed.seen if calm else posed.skin)(points)
    assert np.abs(posed.behind(places, calm=calm) - points).max() < 0.02


@EVERY_PERSON
def test_a_smile_widens_the_mouth(person: str) -> None:
    """A full smile changes cheeks, mouth and lids, and nothing of brows and forehead."""
    left, top, right, bottom = changed(person, smile=1)
    assert -1.3 < left < -0.5
    assert 0.5 < right < 1.3
    assert top > -0.2
    assert 1.0 < bottom < 1.6


@EVERY_PERSON
def test_an_open_mouth_shows_inside(person: str) -> None:
    """Closed lips show nothing of the mouth's dark inside, open ones the more the wider they are."""
    dark = [(np.abs(pixels(person, mouth=m) - (74, 22, 24)).max(axis=2) < 8).sum() for m in (0, 0.5, 1)]
    assert dark[0] < 5 < 50 < dark[1] < dark[2]


@EVERY_PERSON
def test_a_blink_changes_eyes_only(person: str) -> None:
    """Closing the eyes changes nothing but a band across the eyes."""
    left, top, right, bottom = changed(person, blink=1)
    assert -0.95 < left < -0.6
    assert 0.6 < right < 0.95
    assert -0.35 < top < 0
    assert 0 < bottom < 0.35


@EVERY_PERSON
def test_mouths_change_the_lower_face(person: str) -> None:
    """Opening the mouth changes mouth and jaw, and nothing in the upper half of the face."""
    _, top, _, bottom = changed(person, mouth=1)
    assert top > 0.4
    assert 1.5 < bottom < 2.3


def test_unknown_names_are_refused() -> None:
    """A wrong person or performance is answered with the right ones."""
    with pytest.raises(MediaError, match=r"no person 'eve'\. There are ada, noor"):
        samples.character("eve")
    with pytest.raises(MediaError, match=r"no performance 'dance'\. There are hello, nod"):
        samples.reference("dance")


@pytest.mark.parametrize(("seconds", "fps"), [(0, 25), (-1, 25), (1e9, 25), (3, 0), (3, 1e6), (float("nan"), 25)])
def test_impossible_lengths_are_refused(seconds: float, fps: float) -> None:
    """A length or rate out of range is refused before anything is drawn."""
    with pytest.raises(MediaError, match="cannot be drawn"):
        samples.reference(seconds=seconds, fps=fps)
