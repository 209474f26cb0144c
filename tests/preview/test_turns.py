"""How far a character's head turns, and what is seen of one that turns far."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from skimage import data

from wan_notebook.faces.detect import FaceBox
from wan_notebook.faces.find import Face, FaceReader, face_reader
from wan_notebook.faces.mesh import Mesh, head_centre
from wan_notebook.faces.topology import LOWER_LIP, NOSE_TIP, OVAL, UPPER_LIP, UPPER_LIP_ROWS
from wan_notebook.media import samples
from wan_notebook.preview.engine.aside import without_faults_aside
from wan_notebook.preview.engine.character import Character, find_character, open_picture
from wan_notebook.preview.engine.flatness import is_flat
from wan_notebook.preview.engine.head import AnimatedHead
from wan_notebook.preview.engine.modes import render_move
from wan_notebook.preview.engine.performance import Performance
from wan_notebook.preview.engine.pose import Pose, euler, matrix
from wan_notebook.preview.engine.surroundings import surroundings_of
from wan_notebook.preview.engine.transfer import Transfer

from support.media import Drawn
from support.performances import performed

pytestmark = pytest.mark.slow

SIDES = [
    (0.0, False, 0.75, 0.75),
    (0.0, True, 0.37, 0.37),
    (0.45, False, 0.38, 0.5),
    (-0.45, False, 0.5, 0.38),
    (1.0, False, 0.04, 0.08),
]
"""How far a face looks to the right in its picture, whether it is flat, and how far it turns to either side."""


@pytest.fixture(scope="module")
def performance(drawn: Drawn) -> Performance:
    return performed(drawn.glimpse, fps=12.5)


def test_turns_are_limited_softly(character: Character, performance: Performance) -> None:
    """A head that turns right about is held where one picture still shows it, and small turns are followed whole."""
    assert character.mesh is not None
    for asked, least, most in ((0.2, 0.19, 0.21), (1.3, 0.6, 0.76)):
        turned = np.broadcast_to(matrix(asked, 0, 0) @ performance.rest.axes, performance.axes.shape)
        pose = Transfer(character.mesh, replace(performance, axes=np.array(turned))).pose(0)
        yaw = euler(pose.rotation @ character.mesh.axes)[0] - euler(character.mesh.axes)[0]
        assert least < yaw < most


@pytest.mark.parametrize(("own", "flat", "left", "right"), SIDES)
def test_heads_turn_as_far_as_pictures_show(
    character: Character, performance: Performance, own: float, flat: bool, left: float, right: float
) -> None:
    """A face turned aside goes little farther and hardly back to the cheek that it hides; a flat one half as far."""
    assert character.mesh is not None
    aside = Mesh(np.asarray(character.mesh.points @ matrix(own, 0, 0).T, np.float32), 1.0)
    for asked, most in ((-1.5, -left), (1.5, right)):
        axes = np.broadcast_to(matrix(asked, 0, 0) @ performance.rest.axes, performance.axes.shape)
        pose = Transfer(aside, replace(performance, axes=np.array(axes)), flat=flat).pose(0)
        assert euler(pose.rotation @ aside.axes)[0] - euler(aside.axes)[0] == pytest.approx(most, abs=0.03)


def test_heads_pass_the_middle_smoothly(character: Character, performance: Performance) -> None:
    """A face turned aside, whose expression is seen as a turn, does not jump where the performer changes sides."""
    assert character.mesh is not None
    aside = Mesh(np.asarray(character.mesh.points @ matrix(0.6, 0, 0).T, np.float32), 1.0)
    yaws = []
    for asked in (-0.001, 0.001):
        axes = np.broadcast_to(matrix(asked, 0, 0) @ performance.rest.axes, performance.axes.shape)
        against = np.full((len(performance.seen), 2), 0.05)
        pose = Transfer(aside, replace(performance, axes=np.array(axes)), turns=against).pose(0)
        yaws.append(euler(pose.rotation @ aside.axes)[0])
    assert yaws[1] - yaws[0] == pytest.approx(0.002, abs=0.001)


def test_flatly_drawn_faces_are_told() -> None:
    """A face of one colour is flat, also with a mouth, a nose and freckles; shaded ones and photographs are not."""
    ada = find_character(open_picture(samples.character("ada")), "480p", face_reader())
    assert ada.mesh is not None
    flat = np.full_like(ada.pixels, (250, 222, 200))
    for x, y in ada.mesh.points[[NOSE_TIP, 50, 280, *UPPER_LIP_ROWS[0]], :2].round().astype(int).tolist():
        cv2.circle(flat, (x, y), 3, (90, 40, 40), -1)
    assert is_flat(flat, ada.mesh)
    photograph = find_character(data.astronaut(), "480p", face_reader())
    assert not ada.flat
    assert not photograph.flat


def test_flat_faces_have_flat_cheeks(character: Character) -> None:
    """The cheeks of a flatly drawn face lie in the same places, but hardly half as far behind its eyes."""
    pixels = np.full_like(character.pixels, (120, 60, 90))
    assert character.mesh is not None
    outline = cv2.convexHull(character.mesh.points[list(OVAL), :2].round().astype(np.int32))
    cv2.fillConvexPoly(pixels, outline, (250, 222, 200))

    class Reader(FaceReader):
        """Sees the mesh in whatever picture."""

        def find_in_still(self, pixels: np.ndarray) -> list[Face]:
            assert character.mesh is not None
            box = FaceBox(0, 0, *pixels.shape[1::-1], 0.8, ((0, 0), (1, 0)), (0, 1))
            return [Face(box, character.mesh, 0.8)]

    flat, deep = (find_character(picture, "480p", Reader()).mesh for picture in (pixels, character.pixels))
    assert flat is not None
    assert deep is not None
    (nose, *ears), (own_nose, *own_ears) = (
        mesh.points[[NOSE_TIP, 234, 454], 2] - head_centre(mesh.points)[2] for mesh in (flat, deep)
    )
    assert nose == pytest.approx(own_nose, abs=0.01 * deep.unit)
    assert (np.array(ears) < 0.6 * np.array(own_ears)).all()
    np.testing.assert_allclose(flat.points[[234, 454], :2], deep.points[[234, 454], :2], atol=0.02 * deep.unit)


@pytest.mark.parametrize("yaw", [-0.75, 0.75])
def test_no_pieces_float_beside_turned_heads(character: Character, performance: Performance, yaw: float) -> None:
    """A head that turns as far as any stays in one piece: nothing of it is left beside the cheek that turns away."""
    assert character.mesh is not None
    pixels = np.full_like(character.pixels, 255)
    middle = character.mesh.points[:, :2].mean(0) - (0, 0.2 * character.mesh.unit)
    size = np.array([2.6, 3.2]) * character.mesh.unit
    cv2.ellipse(pixels, (middle.astype(float).tolist(), size.astype(float).tolist(), 0.0), (40, 30, 30), -1)
    dark = replace(character, pixels=pixels)
    rotation = character.mesh.axes @ matrix(yaw, 0, 0) @ character.mesh.axes.T
    mesh = (character.mesh.points - head_centre(character.mesh.points)) @ rotation.T + head_centre(
        character.mesh.points
    )
    face = replace(Transfer(character.mesh, performance).frame(0), pose=Pose(rotation, 1.0, (0.0, 0.0)), mesh=mesh)
    turned, _ = AnimatedHead(dark, performance, surroundings_of(dark, 0.1)).render(0, face)
    _, _, stats, _ = cv2.connectedComponentsWithStats((turned.max(-1) < 128).astype(np.uint8))
    assert sorted(stats[1:, cv2.CC_STAT_AREA])[:-1] == []


def test_flat_characters_turn_half_as_far(character: Character, performance: Performance) -> None:
    """In a clip, the same head turns less where its picture is drawn flatly."""
    still = performance.without_expression()
    axes = np.repeat((matrix(1.0, 0, 0) @ performance.rest.axes)[None], len(still.seen), axis=0)
    turned = replace(still, axes=axes, moves=np.zeros_like(still.moves))
    yaws = []
    for flat in (False, True):
        pixels = next(render_move(replace(character, flat=flat), turned, 12.5, face_reader()))
        (seen, *_) = face_reader().find(pixels)
        yaws.append(euler(seen.mesh.axes)[0])
    assert yaws[1] < 0.75 * yaws[0]


@pytest.mark.parametrize(("fps", "moved"), [(8.0, (0.0, 0.05)), (25.0, (0.06, 0.1))])
def test_faces_far_aside_have_a_rest_of_their_own(fps: float, moved: tuple[float, float]) -> None:
    """Who looks far aside for a second, with a still face, moves the character's less than was read, and speaks there.

    Of a glance it is not known whether its face is still.
    """

    def frame(**pose: float) -> np.ndarray:
        return np.asarray(samples.draw(samples.PEOPLE["theo"], samples.Pose(**pose), (320, 416)))

    looks = [frame(yaw=-25.0)] * 12 + [frame(yaw=25.0)] * 9 + [frame(yaw=25.0, mouth=0.6)] * 3
    shapes = performed(looks, fps=fps).shapes.astype(float)
    assert moved[0] < np.abs(shapes[16:20]).max() < moved[1]
    assert shapes[-1, LOWER_LIP, 1] - shapes[-1, UPPER_LIP, 1] > 0.07


def test_small_turns_stay_as_they_were_read() -> None:
    """Of faces that turn by less than 28° from the rest nothing is taken for a fault."""
    random = np.random.default_rng(1)
    shapes, yaws = random.normal(size=(60, 468, 3)).astype(np.float32), random.uniform(-0.24, 0.24, 60)
    calm = np.array([int(np.abs(yaws).argmin())])
    kept = without_faults_aside(shapes.copy(), yaws - yaws[calm], np.zeros(60), calm, 5.0)
    np.testing.assert_array_equal(kept, shapes)
