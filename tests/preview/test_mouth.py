"""The performer's mouth in a picture of another kind: one that is dark, or soft."""

import cv2
import numpy as np
import pytest

from wan_notebook.faces.find import face_reader
from wan_notebook.faces.mesh import Mesh
from wan_notebook.media import samples
from wan_notebook.preview.engine.character import Character, find_character, open_picture
from wan_notebook.preview.engine.head import AnimatedHead
from wan_notebook.preview.engine.performance import MOUTH_RING, Performance
from wan_notebook.preview.engine.softness import softness
from wan_notebook.preview.engine.surroundings import Surroundings
from wan_notebook.preview.engine.transfer import Transfer

from support.media import PERFORMANCE
from support.performances import performed

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    return open_picture(samples.character("ada"))


@pytest.fixture(scope="module")
def speech() -> Performance:
    return performed(samples.reference(PERFORMANCE, 2.0, 25), sigma=0.6)


def shown(character: Character, performance: Performance) -> tuple[np.ndarray, np.ndarray]:
    """Return the frame in which the mouth is widest open, and which of its pixels lie between the lips."""
    assert character.mesh is not None
    number = int(performance.mouth.argmax())
    face = Transfer(character.mesh, performance).frame(number)
    surroundings = Surroundings(character.mesh, character.pixels.shape[1::-1])
    pixels, _ = AnimatedHead(character, performance, surroundings).render(number, face)
    within = np.zeros(pixels.shape[:2], np.uint8)
    cv2.fillPoly(within, [np.round(face.mesh[list(MOUTH_RING), :2]).astype(np.int32)], 1)
    return pixels, cv2.erode(within, np.ones((3, 3), np.uint8)) > 0


def sharpest(pixels: np.ndarray, within: np.ndarray) -> float:
    """Return the clearest edge of a part of a frame."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return float(cv2.magnitude(cv2.Sobel(grey, -1, 1, 0), cv2.Sobel(grey, -1, 0, 1))[within].max())


def test_soft_picture_soft_mouth(picture: np.ndarray, speech: Performance) -> None:
    """In a picture that is out of focus, what shows between the lips is out of focus as well."""
    reader = face_reader()
    sharp = find_character(picture, "480p", reader)
    soft = find_character(cv2.GaussianBlur(picture, (0, 0), 4 * picture.shape[1] / 480), "480p", reader)
    assert sharpest(*shown(soft, speech)) < 0.5 * sharpest(*shown(sharp, speech))


def test_softness_is_measured(picture: np.ndarray) -> None:
    """A face's softness is about that of the Gaussian by which its picture was blurred; sharp ones have none."""
    sharp = find_character(picture, "480p", face_reader())
    assert sharp.mesh is not None
    assert softness(sharp.pixels, sharp.mesh) < 1.5
    for blur in (2.0, 3.0, 5.0):
        blurred = cv2.GaussianBlur(sharp.pixels, (0, 0), blur)
        assert softness(blurred, sharp.mesh) == pytest.approx(blur, rel=0.3)


@pytest.mark.parametrize(("levels", "soft"), [(200, 1.5), (0, 0.0)])
def test_clean_drawing_is_sharp(levels: int, soft: float) -> None:
    """Flat faces with few fine lines are sharp, however little of them is line, or without any."""
    drawn = np.full((480, 480, 3), 230, np.uint8)
    for x in (170, 310):
        cv2.circle(drawn, (x, 200), 20, (230 - levels,) * 3, 3, cv2.LINE_AA)
    cv2.line(drawn, (210, 340), (270, 340), (230 - levels,) * 3, 3, cv2.LINE_AA)
    face = Mesh(np.array([[60, 60, 0], [420, 420, 0]], np.float32), 1.0)
    assert softness(drawn, face) <= soft


def test_dark_picture_pale_mouth(picture: np.ndarray, speech: Performance) -> None:
    """In the dark a mouth does not glow: it has less colour than in the light, as everything has."""
    reader = face_reader()
    chroma = []
    for light in (1.0, 0.3):
        character = find_character((picture * light).astype(np.uint8), "480p", reader)
        pixels, within = shown(character, speech)
        lab = cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
        chroma.append(float(np.hypot(*lab[within][:, 1:].T).mean()))
    assert chroma[1] < 0.75 * chroma[0]
