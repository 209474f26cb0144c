"""A drawn character's mouth: where the picture has it, whatever the mesh supposes."""

import cv2
import numpy as np
import pytest
from skimage import data

from wan_notebook.faces.detect import FaceBox
from wan_notebook.faces.find import Face, FaceReader, face_reader
from wan_notebook.faces.mesh import Mesh
from wan_notebook.faces.topology import (
    INNER_LOWER_LIP,
    INNER_UPPER_LIP,
    LEFT_MOUTH,
    LOWER_LIP,
    NOSE_TIP,
    OVAL,
    RIGHT_MOUTH,
    UPPER_LIP,
)
from wan_notebook.media import samples
from wan_notebook.preview.engine.character import find_character, open_picture
from wan_notebook.preview.engine.drawn_mouth import with_drawn_chin, with_drawn_mouth

pytestmark = pytest.mark.slow

BRIDGE = 6
"""The point of the mesh between the eyes."""
SKIN, LINE, TONGUE = (250, 222, 200), (90, 40, 40), (225, 120, 120)


@pytest.fixture(scope="module")
def mesh() -> Mesh:
    character = find_character(open_picture(samples.character("ada")), "480p", face_reader())
    assert character.mesh is not None
    return character.mesh


def drawn(
    mesh: Mesh, size: tuple[float, float], up: float, skin: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """A flat face with a mouth of a width and a height in units, so far above the mesh's; and the mouth's middle."""
    pixels = np.full((640, 640, 3), SKIN, np.uint8) if skin is None else skin.copy()
    middle = mesh.points[[UPPER_LIP, LOWER_LIP], :2].mean(0) - (0, up * mesh.unit)
    place = (middle.astype(float).tolist(), (size[0] * mesh.unit, size[1] * mesh.unit), 0.0)
    if size[1]:
        cv2.ellipse(pixels, place, TONGUE, -1, cv2.LINE_AA)
        cv2.ellipse(pixels, place, LINE, 2, cv2.LINE_AA)
    else:
        reach = np.array([size[0] * mesh.unit / 2, 0])
        left, right = ((middle + way * reach).round().astype(int).tolist() for way in (-1, 1))
        cv2.line(pixels, left, right, LINE, 2, cv2.LINE_AA)
    return pixels, middle


SMALL = [((0.25, 0.16), 0.0), ((0.2, 0.12), 0.1), ((0.3, 0.0), 0.1), ((0.22, 0.1), -0.06)]


@pytest.mark.parametrize(("size", "up"), SMALL)
def test_lips_go_to_the_drawn_mouth(mesh: Mesh, size: tuple[float, float], up: float) -> None:
    """Of a flat face whose mouth is smaller than the mesh's, above or below it, the lips come to lie upon the mouth."""
    pixels, middle = drawn(mesh, size, up)
    found = (with_drawn_mouth(pixels, mesh.points.astype(float))[:, :2] - middle) / mesh.unit
    np.testing.assert_allclose(found[[LEFT_MOUTH, RIGHT_MOUTH], 0], [-size[0] / 2, size[0] / 2], atol=0.04)
    assert found[UPPER_LIP] == pytest.approx((0, -size[1] / 2), abs=0.04)
    assert found[LOWER_LIP] == pytest.approx((0, size[1] / 2), abs=0.04)
    assert (found[list(INNER_LOWER_LIP), 1] >= found[list(INNER_UPPER_LIP), 1] - 1e-3).all()


def test_lines_have_lips_that_touch(mesh: Mesh) -> None:
    """Where a mouth is but a line, its lips are not apart, in depth either."""
    pixels, _ = drawn(mesh, (0.3, 0.0), 0.1)
    found = with_drawn_mouth(pixels, mesh.points.astype(float))
    assert np.linalg.norm(found[UPPER_LIP] - found[LOWER_LIP]) < 0.01 * mesh.unit


def test_a_comic_opens_its_drawn_mouth() -> None:
    """Of a picture whose lower face is flat, the mesh sees too wide a mouth: the character has the drawn one."""
    found = find_character(open_picture(samples.character("ada")), "480p", face_reader())
    assert found.mesh is not None
    outline = found.mesh.points[list(OVAL), :2].round().astype(np.int32)
    lower = cv2.fillConvexPoly(np.zeros(found.pixels.shape[:2], np.uint8), cv2.convexHull(outline), 1) > 0
    lower[: round(float(found.mesh.points[BRIDGE, 1] + 0.12 * found.mesh.unit))] = False
    flat = np.where(lower[..., None], np.array(SKIN, np.uint8), found.pixels)
    cv2.circle(flat, found.mesh.points[NOSE_TIP, :2].round().astype(int).tolist(), 2, LINE, -1)
    pixels, middle = drawn(found.mesh, (0.2, 0.12), 0.1, flat)
    character = find_character(pixels, "480p", face_reader())
    comic, (seen, *_) = character.mesh, face_reader().find_in_still(pixels)
    assert comic is not None
    assert character.flat
    own, read = ((one.points[[LEFT_MOUTH, RIGHT_MOUTH], 0] - middle[0]) / found.mesh.unit for one in (comic, seen.mesh))
    assert np.ptp(read) > 0.4
    assert np.abs(own).max() < 0.2


def test_a_doubtful_comic_has_its_drawn_chin(mesh: Mesh) -> None:
    """Of a face that is hardly a person's, whose drawn mouth lies above the mesh's lips, the lower face is shortened.

    A person's is not.
    """
    outline = cv2.convexHull(mesh.points[list(OVAL), :2].round().astype(np.int32))
    face = np.full((640, 640, 3), (120, 60, 90), np.uint8)
    cv2.fillConvexPoly(face, outline, SKIN)
    pixels, middle = drawn(mesh, (0.25, 0.16), 0.3, face)
    cut = round(float(mesh.points[LOWER_LIP, 1] - 0.1 * mesh.unit))
    pixels[cut:] = (120, 60, 90)

    class Reader(FaceReader):
        """Sees the mesh in it, however surely."""

        confidence = 0.4

        def find_in_still(self, pixels: np.ndarray) -> list[Face]:
            eyes = mesh.face_points.left_eye, mesh.face_points.right_eye
            box = FaceBox(0, 0, *pixels.shape[1::-1], 0.8, eyes, mesh.face_points.mouth)
            return [Face(box, mesh, self.confidence)]

    doubtful = find_character(pixels, "640p", Reader())
    Reader.confidence = 0.8
    sure = find_character(pixels, "640p", Reader())
    lips = [UPPER_LIP, LOWER_LIP]
    assert doubtful.flat
    for character, near in ((doubtful, 0.05), (sure, None)):
        assert character.mesh is not None
        off = float(np.linalg.norm(character.mesh.points[lips, :2].mean(0) - middle) / mesh.unit)
        assert off < near if near else off > 0.2


def test_other_mouths_stay(mesh: Mesh) -> None:
    """Lips stay where the mesh has them on a photograph, on skin that is not flat, and on a face without a mouth."""
    points = mesh.points.astype(float)
    pixels, _ = drawn(mesh, (0.25, 0.16), 0.1)
    noise = np.random.default_rng(1).normal(0, 12, pixels.shape)
    rough = np.clip(pixels + cv2.GaussianBlur(noise, (0, 0), 2) * 4, 0, 255).astype(np.uint8)
    for other in (rough, np.full_like(pixels, SKIN)):
        np.testing.assert_array_equal(with_drawn_mouth(other, points), points)
        assert with_drawn_chin(other, points) is None
    (face, *_) = face_reader().find(data.astronaut())
    seen = face.mesh.points.astype(float)
    np.testing.assert_array_equal(with_drawn_mouth(data.astronaut(), seen), seen)
