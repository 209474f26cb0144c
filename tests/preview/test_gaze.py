"""Glances: where a character's irises go, and that its lids stay where they are."""

import cv2
import numpy as np
import pytest

from wan_notebook.faces.find import face_reader
from wan_notebook.media import samples
from wan_notebook.preview.engine.character import Character, find_character, open_picture
from wan_notebook.preview.engine.eye_motion import evened_lids, glances, lid_openness
from wan_notebook.preview.engine.eyes import Eyes
from wan_notebook.preview.engine.pose import Pose
from wan_notebook.preview.engine.transfer import FaceFrame


def test_shut_eyes_look_nowhere() -> None:
    """An iris that is seen lower while lids go over it is no glance; one that is seen aside is."""
    gaze, lids = np.zeros((9, 2)), np.ones((9, 2))
    gaze[2, 0], gaze[5:7, 1], lids[5:7] = 0.3, 0.2, 0.1
    looks = glances(gaze, lids)
    assert looks[2] == pytest.approx((0.15, 0))
    assert np.abs(looks[3:]).max() == 0


def test_no_eye_shuts_by_a_glance() -> None:
    """Lids that are seen nearer to each other as eyes look aside have not moved; a wink has, and so has a blink."""
    lids = np.array([[0.6, 1.0], [0.2, 1.0], [0.1, 0.1]])
    evened = evened_lids(lids, np.array([0.24, 0.0, -0.24]))
    assert evened == pytest.approx(np.array([[1.0, 1.0], [0.2, 1.0], [0.1, 0.1]]))


def test_slight_difference_is_no_wink() -> None:
    """Lids that shut, one a little ahead of the other, shut alike; those of a wink or a squint do not."""
    lids = np.array([[0.65, 0.4], [0.3, 0.0], [1.0, 0.1], [0.05, 0.9], [1.05, 0.6]])
    evened = evened_lids(lids, np.zeros(5))
    np.testing.assert_allclose(np.ptp(evened[:2], axis=1), 0, atol=1e-6)
    np.testing.assert_allclose(evened.mean(1), lids.mean(1), atol=1e-6)
    np.testing.assert_allclose(evened[2:], lids[2:], atol=1e-6)


def test_narrow_eyes_do_not_flutter() -> None:
    """Narrow eyes, read with noise, stay as open as they are, and shut where they do; so do large ones."""
    noise = np.random.default_rng(2).normal(0, 0.012, (60, 2))
    for opened, shut in ((0.18, 0.05), (0.4, 0.12)):
        lids = lid_openness(opened + noise, np.arange(20))
        assert lids.std() < 0.2
        assert lids.mean() == pytest.approx(1, abs=0.15)
        blinking = opened + noise
        blinking[40:43] = shut
        assert lid_openness(blinking, np.arange(20))[40:43].max() < 0.1


@pytest.fixture(scope="module")
def character() -> Character:
    return find_character(open_picture(samples.character("noor")), "480p", face_reader())


def drawn(character: Character, gaze: tuple[float, float]) -> np.ndarray:
    """The character with its eyes looking aside, its face unmoved."""
    assert character.mesh is not None
    points, pixels = character.mesh.points.astype(float), character.pixels.copy()
    Eyes(character).draw(pixels, FaceFrame(Pose(np.eye(3), 1.0, (0.0, 0.0)), points, points, 0.0, gaze))
    return pixels


@pytest.mark.slow
@pytest.mark.parametrize("aside", [0.1, 0.25, -0.25])
def test_irises_look_aside(character: Character, aside: float) -> None:
    """Irises go as far as they are told, and white shows where they were."""
    assert character.eyes is not None
    assert character.mesh is not None
    rest, looking = drawn(character, (0.0, 0.0)), drawn(character, (aside, 0.0))
    for iris, corners in zip(character.eyes.irises, ((33, 133), (362, 263)), strict=True):
        (x, y), radius = iris[0], float(np.linalg.norm(iris[1:] - iris[0], axis=1).mean())
        width = float(np.linalg.norm(np.subtract(*character.mesh.points[list(corners), :2])))
        top, left, side = round(y - 0.5 * radius), round(x - radius), round(2 * radius)
        own = rest[top : top + round(1.2 * radius), left : left + side]
        row = looking[top : top + round(1.2 * radius), left - side : left + 2 * side]
        match = cv2.matchTemplate(row, own, cv2.TM_SQDIFF_NORMED)[0]
        assert match.argmin() - side == pytest.approx(aside * width, abs=1.5)
        # The iris, which was there, is at 30 and less.
        left_behind = looking[round(y + 0.3 * radius), round(x - np.sign(aside) * 0.5 * radius)]
        assert abs(aside) < 0.25 or left_behind.min() > 80
