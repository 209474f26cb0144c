"""Expression and pose, read off meshes: of drawn people at known poses, and of meshes that were moved."""

import dataclasses
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from wan_notebook.faces.expression import Reading, curves
from wan_notebook.faces.eyes import Eyes, SeenEye
from wan_notebook.faces.find import face_reader
from wan_notebook.faces.mesh import Mesh
from wan_notebook.media import samples

LENGTHS = ("mouth_open", "mouth_width", "protrusion", "eye_left", "brow_inner", "brow_right", "corner_left")


def face(person: str = "ada", **pose: float) -> Mesh:
    """The mesh of a drawn person."""
    pixels = np.asarray(samples.draw(samples.PEOPLE[person], samples.Pose(**pose), (480, 624)))
    return face_reader().find(pixels)[0].mesh


def turned(mesh: Mesh, degrees: float) -> Mesh:
    """The same face, turned to the right of the picture about its middle."""
    angle, middle = np.radians(degrees), mesh.points.mean(0)
    turn = np.array([[np.cos(angle), 0, -np.sin(angle)], [0, 1, 0], [np.sin(angle), 0, np.cos(angle)]])
    return Mesh(((mesh.points - middle) @ turn.T + middle).astype(np.float32), mesh.presence)


def moved(mesh: Mesh, points: tuple[int, ...], by: tuple[float, float, float]) -> Mesh:
    """The face with some points moved, in distances of the eyes' corners along its own axes."""
    changed = mesh.points.astype(float)
    changed[list(points)] += mesh.unit * (mesh.axes @ np.array(by))
    return Mesh(changed.astype(np.float32), mesh.presence)


@pytest.fixture(scope="module")
def rest() -> Mesh:
    """A drawn face that looks at us."""
    return face()


def test_turning_opens_no_mouth(rest: Mesh) -> None:
    """A head turned by 40 degrees has the expression that it had, and its yaw has grown by 40."""
    before, after = Reading.of(rest), Reading.of(turned(rest, 40))
    assert [getattr(after, name) for name in LENGTHS] == pytest.approx([getattr(before, name) for name in LENGTHS])
    assert after.yaw - before.yaw == pytest.approx(40, abs=1)


def test_drawn_mouths_open(rest: Mesh) -> None:
    """A drawn mouth that opens by half, then wholly, is read so, and no eye shuts with it."""
    at_rest = Reading.of(rest)
    half, whole = (Reading.of(face(mouth=opening)).against(at_rest) for opening in (0.5, 1.0))
    assert 0.12 < half.jaw_open < 0.6 * whole.jaw_open < 0.3
    assert max(whole.lid_left, whole.lid_right) < 0.2


@pytest.mark.parametrize("person", ["ada", "pip"])
def test_drawn_eyes_shut(person: str) -> None:
    """Lids that close by steps are read so, step by step, and are shut in the end."""

    def seen(blink: float) -> Reading:
        pixels = np.asarray(samples.draw(samples.PEOPLE[person], samples.Pose(blink=blink), (480, 624)))
        mesh = face_reader().find(pixels)[0].mesh
        return Reading.of(mesh, face_reader().eyes(pixels, mesh))

    open_eyes = seen(0)
    lids = [seen(blink).against(open_eyes) for blink in (0.0, 0.5, 0.75, 1.0)]
    for side in ([one.lid_left for one in lids], [one.lid_right for one in lids]):
        assert side == sorted(side)
        assert side[0] == 0
        assert side[-1] > 0.9


def test_eyes_that_look_alike_are_read_once() -> None:
    """From frame to frame an eye is read again when it looks otherwise: no blink is missed, and a still eye is."""

    def frames() -> Iterator[NDArray[np.uint8]]:
        for number in range(20):
            # Eyes that blink about frame 10 on a head that sways by a few pixels.
            blink = max(0.0, 1 - abs(number - 10) / 3)
            pose = samples.Pose(blink=blink, head_x=0.02 * np.sin(number / 5))
            yield np.asarray(samples.draw(samples.PEOPLE["ada"], pose, (480, 624)))

    seen = SeenEye(), SeenEye()
    readings, anew = [], []
    mesh = face()
    for pixels in frames():
        mesh = face_reader().fit(pixels, mesh.region)
        readings.append(Reading.of(mesh, face_reader().eyes(pixels, mesh, seen)).eye_left)
        anew.append(Reading.of(mesh, face_reader().eyes(pixels, mesh)).eye_left)
    assert np.corrcoef(readings, anew)[0, 1] > 0.99
    assert sum(eye.readings for eye in seen) < 30  # of 40


def test_eyes_are_known_again() -> None:
    """An eye that shuts and opens again and again is read once open and once shut."""
    seen = SeenEye(), SeenEye()
    gaps = []
    for number in range(8):
        pose = samples.Pose(blink=number % 2)
        pixels = np.asarray(samples.draw(samples.PEOPLE["ada"], pose, (480, 624)))
        mesh = face()
        gaps.append(Reading.of(mesh, face_reader().eyes(pixels, mesh, seen)).eye_left)
    assert [eye.readings for eye in seen] == [2, 2]
    assert max(gaps[1::2]) < 0.5 * min(gaps[::2])


def test_drawn_heads_move(rest: Mesh) -> None:
    """A head that is tilted by 18 degrees and moved by an eye distance is read so."""
    seen = Reading.of(face(roll=18, head_x=1, head_y=-0.5)).against(Reading.of(rest))
    assert 180 * seen.roll == pytest.approx(18, abs=2)
    eyes = samples.unit((480, 624)) / rest.unit
    assert (5 * seen.x, 5 * seen.y) == pytest.approx((eyes, -eyes / 2), abs=0.1)


@pytest.mark.parametrize("person", ["ada", "noor", "theo"])
def test_drawn_faces_move_as_peoples(person: str) -> None:
    """A turn, a nod, a smile and brows that are raised, where no fringe hides them, are read as such."""
    at_rest = Reading.of(face(person))
    left, right = (Reading.of(face(person, yaw=yaw)).yaw - at_rest.yaw for yaw in (-15, 15))
    assert -15 < left < -6 < 6 < right < 15
    up, down = (Reading.of(face(person, pitch=pitch)).pitch - at_rest.pitch for pitch in (-12, 12))
    assert -12 < up < -4 < 4 < down < 12
    smiling = Reading.of(face(person, smile=1)).against(at_rest)
    assert min(smiling.smile_left, smiling.smile_right) > 0.05
    assert smiling.mouth_width > 0.1
    surprised = Reading.of(face(person, brows=0.6)).against(at_rest)
    assert min(surprised.brow_outer_left, surprised.brow_outer_right) > 0


def test_sides_are_the_pictures(rest: Mesh) -> None:
    """What moves at the left of the picture is read at the left, and nothing at the right."""
    at_rest = Reading.of(rest)
    raised = Reading.of(moved(moved(rest, (105,), (0, -0.06, 0)), (61,), (0, -0.06, 0))).against(at_rest)
    assert (raised.brow_outer_left, raised.smile_left) == pytest.approx((0.5, 0.4), abs=0.1)
    assert (raised.brow_outer_right, raised.smile_right) == pytest.approx((0, 0), abs=1e-4)
    gap = rest.points[145] - rest.points[159]
    shut = Mesh(rest.points.copy(), 1.0)
    shut.points[159] += 0.8 * gap
    assert Reading.of(shut).against(at_rest).lid_left > 0.9
    assert Reading.of(shut).against(at_rest).lid_right == 0


def test_lips_push_forward(rest: Mesh) -> None:
    """Lips that narrow and stand out are a pucker, lips that widen are none."""
    at_rest = Reading.of(rest)
    narrow = moved(moved(rest, (61,), (0.08, 0, 0)), (291,), (-0.08, 0, 0))
    pouting = Reading.of(moved(narrow, (0, 17), (0, 0, -0.1))).against(at_rest)
    assert pouting.pucker > 0.5
    assert pouting.mouth_width < -0.5
    assert Reading.of(moved(rest, (291,), (0.1, 0, 0))).against(at_rest).pucker < 0.05


def test_gaze_follows_irises(rest: Mesh) -> None:
    """Irises that move right by a quarter of the eye's width move the gaze by half."""
    corners = rest.points[[33, 133, 362, 263], :2].reshape(2, 2, 2)
    middles, widths = corners.mean(1), np.diff(corners, axis=1)[:, 0]
    ahead = np.repeat(middles[:, None], 5, axis=1).astype(np.float32)
    aside = (ahead + widths[:, None] / 4).astype(np.float32)
    rims = np.ones((2, 16, 2), np.float32)
    seen = Reading.of(rest, Eyes(rims, aside)).against(Reading.of(rest, Eyes(rims, ahead)))
    assert (seen.gaze_x, seen.gaze_y) == pytest.approx((0.5, 0), abs=1e-3)
    assert Reading.of(rest).gaze_x == 0


def test_coefficients_stay_in_range(rest: Mesh) -> None:
    """Whatever a mesh shows, each coefficient is from -1 to 1."""
    random = np.random.default_rng(1)
    for size in (1, 50, 5000):
        points = rest.points + random.normal(0, size, rest.points.shape).astype(np.float32)
        values = dataclasses.astuple(Reading.of(Mesh(points, 1.0)).against(Reading.of(rest)))
        assert all(-1 <= value <= 1 for value in values)
    flat = Reading.of(Mesh(np.zeros((468, 3), np.float32), 0.0)).against(Reading.of(rest))
    assert all(-1 <= value <= 1 for value in dataclasses.astuple(flat))


def test_lost_frames_are_unknown(rest: Mesh) -> None:
    """A frame without a face leaves a gap in each curve, and no frame at all an empty one."""
    seen = curves([Reading.of(rest), None, Reading.of(rest)])
    assert np.isnan(seen["mouth_open"]).tolist() == [False, True, False]
    assert seen["yaw"][0] == seen["yaw"][2]
    assert len(curves([])["yaw"]) == 0
