"""Finding faces in pictures and reading their meshes, where the eyes and mouths truly are."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from skimage import data

from wan_notebook.faces.find import Face, face_reader
from wan_notebook.media import samples

Pixels = NDArray[np.uint8]
ASTRONAUT = ((203.0, 100.5), (246.5, 102.5), (223.0, 149.5))
"""Eyes and mouth of scikit-image's astronaut, 512 × 512 pixels, marked by hand."""


def portrait(name: str, width: int, **pose: float) -> Pixels:
    """A drawn person, head and shoulders."""
    return np.asarray(samples.draw(samples.PEOPLE[name], samples.Pose(**pose), (width, round(1.3 * width))))


def sure(pixels: Pixels) -> list[Face]:
    """The faces that surely are a person's."""
    return [face for face in face_reader().find(pixels) if face.confidence >= 0.5]


def pasted(heads: list[Pixels], size: tuple[int, int], places: list[tuple[int, int]]) -> Pixels:
    """Heads side by side on a plain wall."""
    wall = Image.new("RGB", size, (96, 120, 112))
    for head, place in zip(heads, places, strict=True):
        wall.paste(Image.fromarray(head), place)
    return np.asarray(wall)


def off(face: Face, points: tuple[tuple[float, float], ...]) -> float:
    """How far the mesh's eyes and mouth lie from the true ones at most, in distances of the eyes."""
    seen = face.mesh.face_points
    pairs = zip((seen.left_eye, seen.right_eye, seen.mouth), points, strict=True)
    return max(float(np.hypot(a[0] - b[0], a[1] - b[1])) for a, b in pairs) / seen.eye_distance


def test_a_photograph_is_read() -> None:
    """Of a photograph of one person one face is found, surely, with eyes and mouth where a hand has marked them."""
    (face,) = sure(data.astronaut())
    assert face.confidence > 0.8
    assert off(face, ASTRONAUT) < 0.12


@pytest.mark.parametrize(("name", "share"), [("noor", 0.8), ("noor", 0.95), ("ada", 0.8), ("theo", 0.8)])
def test_a_face_that_fills_its_picture_is_read(name: str, share: float) -> None:
    """A face is found where it is also in a picture that ends at its edges, or within them."""
    pixels = portrait(name, 480)
    mesh = sure(pixels)[0].mesh
    low, high = mesh.points[:, :2].min(0), mesh.points[:, :2].max(0)
    reach = share * (high - low).max() / 2
    left, top = np.maximum(0, mesh.middle - reach).astype(int)
    right, bottom = (mesh.middle + reach).astype(int)
    (face,) = sure(np.ascontiguousarray(pixels[top:bottom, left:right]))
    whole = mesh.face_points
    places = [(x - left, y - top) for x, y in (whole.left_eye, whole.right_eye, whole.mouth)]
    assert off(face, tuple(places)) < 0.15


@pytest.mark.parametrize("angle", [90, 120, 150, 180, 210, 240, 270])
def test_a_picture_on_its_side_is_read(angle: float) -> None:
    """However far a picture is turned, eyes and mouth are found where they are."""
    turn = cv2.getRotationMatrix2D((256, 256), -angle, 1)
    turn[:, 2] += 106  # to the middle of a square that holds all of it
    pixels = cv2.warpAffine(data.astronaut(), turn, (724, 724), borderMode=cv2.BORDER_REPLICATE)
    (face,) = sure(np.asarray(pixels, np.uint8))
    places = cv2.transform(np.array([ASTRONAUT]), turn)[0].tolist()
    assert off(face, tuple((x, y) for x, y in places)) < 0.15


@pytest.mark.parametrize("name", list(samples.PEOPLE))
@pytest.mark.parametrize("roll", [0.0, 25.0, 180.0])
def test_drawn_people_are_read(name: str, roll: float) -> None:
    """Eyes and mouth of each drawn person are found where they were drawn, upright, tilted and upside down."""
    face, *others = sure(portrait(name, 480, roll=roll))
    assert not others
    angle, unit, middle = np.radians(roll), samples.unit((480, 624)), np.array([240, 0.405 * 624])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    drawn = np.array([(-0.5, 0), (0.5, 0), (0, 1.14)]) * unit @ turn.T + middle
    assert off(face, tuple((float(x), float(y)) for x, y in drawn)) < 0.2


@pytest.mark.parametrize("width", [40, 100, 1600])
def test_faces_of_any_size(width: int) -> None:
    """A face of a dozen pixels in a large picture is found as well as one that fills it."""
    head = portrait("theo", width)
    size = max(640, head.shape[1]), max(480, head.shape[0])
    (face,) = sure(pasted([head], size, [(size[0] - head.shape[1], size[1] - head.shape[0])]))
    assert face.mesh.unit == pytest.approx(0.158 * 1.48 * width, rel=0.25)


def test_a_distant_face_is_one() -> None:
    """A face of a dozen pixels, which parts of the picture show in different sizes, is one face."""
    head = Image.fromarray(data.astronaut()[30:200, 140:310])
    for pixels in range(10, 17):
        for left in (301, 305, 309):
            small = np.asarray(head.resize((2 * pixels, 2 * pixels), Image.Resampling.LANCZOS))
            assert len(face_reader().find(pasted([small], (640, 480), [(left, 200)]))) <= 1


def test_everybody_is_found() -> None:
    """Of people of several sizes all are found, the largest first."""
    heads = [portrait("ada", 120), portrait("pip", 220), portrait("noor", 160)]
    found = sure(pasted(heads, (620, 300), [(10, 100), (180, 10), (430, 60)]))
    assert [round(face.box.middle[0] / 620, 1) for face in found] == pytest.approx([0.5, 0.8, 0.1], abs=0.05)


def test_known_faces_are_left_out() -> None:
    """Of two faces of which one is known the other is found."""
    heads = [portrait("ada", 300), portrait("theo", 300)]
    pixels = pasted(heads, (640, 420), [(10, 10), (320, 10)])
    left, right = sorted(sure(pixels), key=lambda face: face.box.x)
    (found,) = face_reader().find(pixels, known=[left.mesh])
    assert found.box == right.box


def test_half_a_face_is_at_the_edge() -> None:
    """A face that the edge cuts is found, or not, and nothing fails; its mesh may reach beyond the picture."""
    whole = portrait("ada", 480)
    for left in (200, 280, 400):
        for face in sure(np.ascontiguousarray(whole[:, left:])):
            assert np.isfinite(face.mesh.points).all()
            assert face.box.x < 480 - left


@pytest.mark.parametrize("name", ["coffee", "coins", "brick", "grass"])
def test_things_are_no_people(name: str) -> None:
    """In pictures of things nobody is surely found."""
    picture = getattr(data, name)()
    assert sure(np.asarray(Image.fromarray(picture).convert("RGB").resize((320, 240)))) == []


def test_faces_unlike_a_persons_are_doubtful() -> None:
    """A face of no person's proportions is found in a still picture, where it is, and not surely."""
    wide = cv2.resize(data.astronaut()[:300], None, fx=2.2, fy=1)
    assert sure(wide) == []
    (face,) = face_reader().find_in_still(wide)
    assert 0 < face.confidence < 0.5
    assert off(face, tuple((2.2 * x, y) for x, y in ASTRONAUT)) < 0.2


def test_mesh_beside_a_face_is_none() -> None:
    """On an animal on whose face no mesh comes to lie none is laid elsewhere, as over one of its eyes."""
    for size in (300, 451, 600):
        cat = Image.fromarray(data.chelsea()).resize((size, size * 2 // 3))
        assert face_reader().find_in_still(np.asarray(cat)) == []


@pytest.mark.parametrize("shape", [(1, 1), (2, 300), (300, 1), (31, 31)])
def test_slivers_have_nobody(shape: tuple[int, int]) -> None:
    """Pictures of a few pixels show nobody."""
    assert sure(np.full((*shape, 3), 128, np.uint8)) == []


def test_what_is_nobody_in_a_mirror_is_doubted() -> None:
    """A toy on which the mesh surely lies, its mouth on a shut eye, is no person: in a mirror it shows none."""
    hair, skin = (6, 11, 82), (214, 164, 187)
    toy = np.full((480, 480, 3), (177, 97, 167), np.uint8)
    cv2.ellipse(toy, (240, 230), (114, 118), 0, 0, 360, hair, -1)
    cv2.ellipse(toy, (240, 260), (94, 81), 0, 0, 360, skin, -1)
    for place, size, thick in (((194, 257), (18, 13), 6), ((285, 257), (18, 11), 2)):
        cv2.ellipse(toy, place, size, 0, 180, 360, hair, thick)
    cv2.ellipse(toy, (194, 232), (18, 7), -15.47, 200, 340, hair, 4)
    cv2.ellipse(toy, (240, 304), (25, 15), -4.87, 0, 180, (150, 30, 40), -1)
    cv2.circle(toy, (240, 271), 4, hair, -1)
    tilted = cv2.warpAffine(
        toy, cv2.getRotationMatrix2D((240, 240), -7.7, 1), (480, 480), borderMode=cv2.BORDER_REPLICATE
    )
    pixels = np.asarray(cv2.GaussianBlur(tilted, (0, 0), 1.4), np.uint8)
    assert max(face.mesh.presence for face in face_reader().find(pixels)) > 0.9
    assert [face for face in face_reader().find_in_still(pixels) if face.confidence > 0.5] == []
