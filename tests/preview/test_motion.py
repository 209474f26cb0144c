"""How truly the preview repeats a motion that is known; tests/bench/motion.py measures the same for more."""

from collections.abc import Iterator
from itertools import islice, pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from bench.preview import farther
from wan_notebook.faces.find import face_reader
from wan_notebook.media import samples
from wan_notebook.model.family import REPLACE
from wan_notebook.preview.engine.character import find_character, frame_size, open_picture
from wan_notebook.preview.engine.rest import calm_frames
from wan_notebook.video.read import frames

from support.engines import rendered
from support.fidelity import Agreement
from support.media import FPS, PERFORMANCE, Drawn, filmed
from support.performances import performed
from support.ruler import CLOSED, GAPE, RAISED, SMILE, Ruler, Seen, drawn_marks

pytestmark = pytest.mark.slow

TRUTH = samples.curves(PERFORMANCE, 3.0, FPS)


@pytest.fixture(scope="module")
def clip(drawn: Drawn) -> list[np.ndarray]:
    return list(rendered(drawn.ada, drawn.speech, num_inference_steps=20))


@pytest.fixture(scope="module")
def still(drawn: Drawn) -> np.ndarray:
    return find_character(open_picture(drawn.ada), "480p", face_reader()).pixels


@pytest.fixture(scope="module")
def seen(clip: list[np.ndarray], still: np.ndarray) -> Seen:
    return Ruler(still, drawn_marks(samples.PEOPLE["ada"], (still.shape[1], still.shape[0]))).measure(clip)


def test_the_ruler_reads_drawn_motion() -> None:
    """What is read off true drawings is what was drawn: neither brows nor a turn are taken for the head's motion."""
    size, truth = samples.REFERENCE_SIZE, samples.curves("wonder", 3.0, FPS)
    person = samples.PEOPLE["noor"]
    still, *clip = (
        np.asarray(samples.draw(person, pose, size))
        for pose in (samples.Pose(), *(truth.pose(number) for number in range(len(truth.time))))
    )
    seen = Ruler(still, drawn_marks(person, size)).measure(clip)
    units = {"mouth": GAPE, "brows": RAISED}
    for curve in ("head_x", "head_y", "roll", "mouth", "blink", "yaw", "pitch", "brows"):
        found = Agreement.of(getattr(seen, curve), getattr(truth, curve) * units.get(curve, 1))
        assert found.correlation >= (0.97 if curve == "pitch" else 0.99), curve
        assert 0.88 <= found.gain <= (1.2 if curve == "pitch" else 1.1), curve
    closed = truth.mouth < CLOSED
    smile = Agreement.of(seen.smile[closed], SMILE * truth.smile[closed])
    assert smile.correlation >= 0.9
    assert 0.75 <= smile.gain <= 1.3


@pytest.mark.parametrize(
    ("curve", "correlation"), [("head_x", 0.97), ("head_y", 0.94), ("roll", 0.98), ("mouth", 0.96), ("blink", 0.96)]
)
def test_the_motion_is_repeated(curve: str, correlation: float, seen: Seen) -> None:
    """What is read off the frames follows the performance that was drawn, and goes about as far."""
    truth = getattr(TRUTH, curve) * (GAPE if curve == "mouth" else 1)
    found = Agreement.of(getattr(seen, curve), truth)
    assert found.correlation >= correlation
    assert 0.55 <= found.gain <= 1.3


def test_a_head_keeps_its_place_and_size() -> None:
    """A face whose eyes shut and whose mouth opens is read no lower for that, and no head grows from frame to frame."""
    truth = samples.curves("wonder", 3.0)
    performance = performed(samples.reference("wonder", 3.0), sigma=0.25)
    assert Agreement.of(performance.moves[:, 1], truth.head_y).correlation >= 0.965
    assert np.diff(performance.moves[:, 2]).std() <= 0.002


def test_a_tilted_character_moves_level(drawn: Drawn, tmp_path: Path) -> None:
    """Up and down are the picture's own, however the character holds its head in it."""
    with Image.open(drawn.ada) as picture:
        middle, tilt = (picture.width / 2, 0.405 * picture.height), 14
        tilted = picture.convert("RGB").rotate(-tilt, Image.Resampling.BICUBIC, center=middle, fillcolor="#f2d3b8")
    tilted.save(tmp_path / "tilted.png")
    made = rendered(tmp_path / "tilted.png", drawn.speech, num_inference_steps=20)
    still = find_character(open_picture(tmp_path / "tilted.png"), "480p", face_reader()).pixels
    turn = cv2.getRotationMatrix2D((still.shape[1] / 2, 0.405 * still.shape[0]), -tilt, 1)
    marks = drawn_marks(samples.PEOPLE["ada"], (still.shape[1], still.shape[0])).placed(turn)
    seen = Ruler(still, marks).measure(made)
    assert Agreement.of(seen.head_y, TRUTH.head_y).correlation >= 0.9


def test_the_background_stays(clip: list[np.ndarray], still: np.ndarray) -> None:
    """An eye distance away from the person no pixel changes by more than two grey levels."""
    outside = farther("ada", (still.shape[1], still.shape[0]))
    outside[-50:] = False  # where the mark is
    assert outside.mean() > 0.1
    assert max(np.abs(frame[outside].astype(int) - still[outside]).max() for frame in clip) <= 2


def arriving(drawn: Drawn) -> Iterator[np.ndarray]:
    """Somebody whose face is hidden at first, and who comes nearer from the left upper corner."""
    for number, frame in enumerate(islice(frames(drawn.speech), 24)):
        near = min(1.0, 0.5 + 0.03 * number)
        small = cv2.resize(frame.pixels, None, fx=near, fy=near, interpolation=cv2.INTER_AREA)
        scene = np.full_like(frame.pixels, 200)
        scene[: small.shape[0], : small.shape[1]] = small if number >= 7 else 160
        yield scene


def test_late_face_makes_no_leap(drawn: Drawn, tmp_path: Path) -> None:
    """Until the face is seen, the character keeps still in the pose with which it then begins."""
    made = rendered(drawn.ada, filmed(arriving(drawn), tmp_path / "arriving.mp4", FPS))
    small = [cv2.resize(frame, (60, 78), interpolation=cv2.INTER_AREA).astype(int) for frame in made]
    steps = [np.abs(now - before).mean() for before, now in pairwise(small)]
    assert max(steps[:7]) < 0.5
    assert steps[7] < 5
    assert max(steps[8:]) > 0.5


def test_replace_keeps_the_scene(drawn: Drawn) -> None:
    """The performer's head gives way to the character's; clothes and background stay the reference's."""
    made = list(rendered(drawn.ada, drawn.glimpse, model=REPLACE.id))
    width, height = frame_size(*samples.REFERENCE_SIZE, "480p")
    scene = [cv2.resize(frame.pixels, (width, height)).astype(int) for frame in frames(drawn.glimpse, accurate=True)]
    changed = np.mean([np.abs(a - b).mean(-1) for a, b in zip(made, scene, strict=True)], axis=0)
    unit = samples.unit((width, height))
    eyes = round(0.405 * height)
    face = changed[eyes - round(unit) : eyes + round(unit), width // 2 - round(unit) : width // 2 + round(unit)]
    assert face.mean() > 15
    assert changed[: round(0.5 * unit)].max() <= 2
    assert changed[eyes + round(3 * unit) : -50].max() <= 2


def test_laugh_of_most_frames_is_no_rest() -> None:
    """Somebody who laughs through most of a clip rests where the lips are shut, narrower than the laugh."""
    shut = np.arange(100) < 30
    read = {"mouth_open": np.where(shut, 0.03, 0.17), "mouth_width": np.where(shut, 0.56, 0.77)}
    read |= {name: np.full(100, 0.3) for name in ("eye_left", "eye_right")}
    read |= {name: np.zeros(100) for name in ("gaze_x", "gaze_y")}
    read |= {name: np.where(shut, 2.0, 0.0) for name in ("yaw", "pitch")}
    assert calm_frames(read, np.zeros(len(read["yaw"]))).max() < 30


def test_rest_is_one_expression() -> None:
    """A laugh that is held as calmly as shut lips is no part of the face at rest, where those are seen more often."""
    still = {name: np.zeros(100) for name in ("yaw", "mouth_open", "mouth_width", "gaze_x", "gaze_y")}
    lids = {name: np.full(100, 0.3) for name in ("eye_left", "eye_right")}
    read = still | lids | {"pitch": np.resize([15.0, -15.0], 100)}
    read["pitch"][[20, 33, 47, 60, 71, 90]] = 0.0
    read["mouth_open"][[20, 60]], read["mouth_open"][[33, 47, 71, 90]] = 0.2, 0.02
    assert set(calm_frames(read, np.zeros(len(read["yaw"])))) == {33, 47, 71, 90}


def test_a_glance_is_no_rest() -> None:
    """Eyes that look aside make no face at rest, however calm it is."""
    read = {name: np.zeros(100) for name in ("yaw", "pitch", "mouth_open", "mouth_width", "gaze_x", "gaze_y")}
    read |= {name: np.full(100, 0.3) for name in ("eye_left", "eye_right")}
    read["gaze_x"][:20] = 0.5
    assert calm_frames(read, np.zeros(len(read["yaw"]))).min() >= 20
