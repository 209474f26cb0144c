"""Whose face moves: one that is found, one that is marked, the largest of several, or none."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from wan_notebook.errors import MediaError
from wan_notebook.media import samples
from wan_notebook.model.family import REPLACE

from support.engines import notice_texts, rendered
from support.media import FPS, PERFORMANCE, Drawn, drifting, filmed, meadow, stored

pytestmark = pytest.mark.slow


def beast(path: Path) -> Path:
    """A head that no model has seen the like of, eyes at (50, 120) and (270, 120), mouth at (160, 320)."""
    picture = meadow((320, 400)).copy()
    cv2.ellipse(picture, (160, 210), (150, 180), 0, 0, 360, (150, 160, 190), -1)
    for eye in ((50, 120), (270, 120)):
        cv2.circle(picture, eye, 10, (30, 30, 40), -1)
    for nostril in ((130, 240), (190, 240)):
        cv2.circle(picture, nostril, 8, (60, 50, 60), -1)
    cv2.ellipse(picture, (160, 300), (70, 20), 0, 0, 180, (90, 40, 60), 4)
    return stored(picture, path)


def test_the_largest_face_is_taken(drawn: Drawn, tmp_path: Path) -> None:
    """Beside a face half as large again, the smaller one keeps still, and a notice tells of both."""
    large, small = (Image.open(look).resize(size) for look, size in ((drawn.ada, (416, 544)), (drawn.pip, (277, 363))))
    both = Image.new("RGB", (700, 544), (225, 185, 155))
    both.paste(small, (0, 181))
    both.paste(large, (284, 0))
    both.save(tmp_path / "both.png")
    clip = rendered(tmp_path / "both.png", drawn.glimpse)
    found = clip.report
    assert found["picture"]["faces"] == 2
    assert any(text.startswith("2 faces were found in the picture.") for text in notice_texts(clip))
    assert min(x for x, _ in found["picture"]["points"]) > 284 * found["width"] / 700


def test_pictures_without_faces_move(tmp_path: Path) -> None:
    """A picture of nobody sways as the reference does, to the same side, and a notice says why."""
    bush = stored(meadow(seed=2), tmp_path / "bush.png")
    clip = rendered(bush, filmed(drifting(), tmp_path / "meadow.mp4"))
    frames = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY).astype(np.float32) for frame in clip]
    middle = (slice(120, 360), slice(160, 480))
    (across, down), _ = cv2.phaseCorrelate(frames[0][middle], frames[-1][middle])
    assert across > 10
    assert abs(down) < 5
    assert notice_texts(clip)[0].startswith("No face was found in the picture, so it moves as a whole.")


def test_points_replace_a_missing_face(drawn: Drawn, tmp_path: Path) -> None:
    """Where eyes and mouth are marked, a beast opens its mouth; without marks it has none."""
    animal = beast(tmp_path / "beast.png")
    marks = [(50, 120), (270, 120), (160, 320)]
    assert rendered(animal, drawn.glimpse).report["picture"]["points"] is None
    marked = rendered(animal, drawn.speech, marks)
    assert marked.report["picture"]["points"] == [[75.0, 182.4], [405.0, 182.4], [240.0, 486.4]]
    opened = [np.abs(frame[440:620, 225:255].astype(int) - (150, 160, 190)).max(-1) > 60 for frame in marked]
    gaps = np.array(opened).sum((1, 2))
    assert np.corrcoef(gaps, samples.curves(PERFORMANCE, 3.0, FPS).mouth)[0, 1] > 0.88


def test_points_in_any_order(drawn: Drawn) -> None:
    """Left and right eye may be mistaken for each other."""
    marks = [(480, 440), (350, 440), (416, 590)]
    (left, _), (right, _), _ = rendered(drawn.ada, drawn.glimpse, marks).report["picture"]["points"]
    assert left < right


@pytest.mark.parametrize("marks", [[(10, 10), (12, 10), (11, 30)], [(100, 300), (200, 300), (150, 200)]])
def test_impossible_points_are_refused(marks: list[tuple[int, int]], drawn: Drawn) -> None:
    """Eyes in one place, or a mouth above them, give a message that says what is wanted."""
    with pytest.raises(MediaError, match="give the two eyes, apart, and the mouth below them"):
        rendered(drawn.ada, drawn.glimpse, marks)


def test_replace_needs_both_faces(drawn: Drawn, tmp_path: Path) -> None:
    """Replace needs a face on either side, and says which is missing."""
    nobody = stored(meadow(), tmp_path / "meadow.png")
    with pytest.raises(MediaError, match="no face in the picture"):
        rendered(nobody, drawn.glimpse, model=REPLACE.id)
    with pytest.raises(MediaError, match="no face in the reference"):
        rendered(drawn.ada, filmed(drifting(), tmp_path / "meadow.mp4"), model=REPLACE.id)


def talking() -> Iterator[np.ndarray]:
    """Somebody who keeps still but for the mouth."""
    for opening in (0, 0, 0, 0.4, 0.8, 1, 0.8, 0.4, 0, 0):
        yield np.asarray(samples.draw(samples.PEOPLE["theo"], samples.Pose(mouth=opening), samples.REFERENCE_SIZE))


def test_a_small_face_keeps_still(drawn: Drawn, tmp_path: Path) -> None:
    """Below sixteen pixels between the eyes a mouth keeps still that would else open, and a notice says why."""
    far = Image.new("RGB", (480, 480), (225, 185, 155))
    far.paste(Image.open(drawn.ada).resize((92, 120)), (194, 200))
    far.save(tmp_path / "far.png")
    reference = filmed(talking(), tmp_path / "talking.mp4")
    small = rendered(tmp_path / "far.png", reference, [(232.7, 248.6), (247.3, 248.6), (240, 265.2)])
    assert any("neither speaks nor blinks" in notice for notice in notice_texts(small))
    quiet, loud = (np.array(list(made)).astype(int) for made in (small, rendered(drawn.ada, reference)))
    assert np.abs(quiet - quiet[0])[:, 260:272, 234:246].max() < 40
    assert np.abs(loud - loud[0])[:, 330:370, 210:270].max() > 60
