"""Expression and pose, read off meshes: of drawn people at known poses, and of meshes that were moved."""

import dataclasses
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from wan_notebook.faces.expression import SHUT, Reading, curves
from wan_notebook.faces.find import face_reader
from wan_notebook.faces.mesh import Eyes, Mesh, SeenEyes
from wan_notebook.media import samples

LENGTHS = ("mouth_open", "mouth_width", "eye_left", "brow_left", "brow_right", "corner_left")


def face(**pose: float) -> Mesh:
    """The mesh of a drawn person."""
    pixels = np.asarray(samples.draw(samples.PEOPLE["ada"], samples.Pose(**pose), (480, 624)))
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


def closed(gap: float, opened: float) -> float:
    """How far an eye is shut: 0 is open as at rest, 1 shut."""
    return (opened - gap) / (opened - SHUT)


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
    half, whole = (Reading.of(face(mouth=opening)) for opening in (0.5, 1.0))
    gaps = half.mouth_open - at_rest.mouth_open, whole.mouth_open - at_rest.mouth_open
    assert 0.06 < gaps[0] < 0.6 * gaps[1] < 0.15
    assert max(closed(whole.eye_left, at_rest.eye_left), closed(whole.eye_right, at_rest.eye_right)) < 0.2


@pytest.mark.parametrize("person", ["ada", "pip"])
def test_drawn_eyes_shut(person: str) -> None:
    """Lids that close by steps are read so, step by step, and are shut in the end."""

    def seen(blink: float) -> Reading:
        pixels = np.asarray(samples.draw(samples.PEOPLE[person], samples.Pose(blink=blink), (480, 624)))
        mesh = face_reader().find(pixels)[0].mesh
        return Reading.of(mesh, face_reader().eyes(pixels, mesh))

    open_eyes = seen(0)
    seen_eyes = [seen(blink) for blink in (0.0, 0.5, 0.75, 1.0)]
    for eye in ("eye_left", "eye_right"):
        side = [closed(getattr(one, eye), getattr(open_eyes, eye)) for one in seen_eyes]
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

    seen: SeenEyes = {}
    readings, anew, changes = [], [], 0
    mesh = face()
    for pixels in frames():
        mesh = face_reader().fit(pixels, mesh.region)
        before = dict(seen)
        readings.append(Reading.of(mesh, face_reader().eyes(pixels, mesh, seen)).eye_left)
        anew.append(Reading.of(mesh, face_reader().eyes(pixels, mesh)).eye_left)
        changes += sum(before.get(eye) is not now for eye, now in seen.items())
    assert np.corrcoef(readings, anew)[0, 1] > 0.99
    assert changes < 30  # of 40


def test_drawn_heads_move(rest: Mesh) -> None:
    """A head that is tilted by 18 degrees and moved by an eye distance is read so."""
    before, after = Reading.of(rest), Reading.of(face(roll=18, head_x=1, head_y=-0.5))
    assert after.roll - before.roll == pytest.approx(18, abs=2)
    eyes = samples.unit((480, 624))
    assert (after.x - before.x, after.y - before.y) == pytest.approx((eyes, -eyes / 2), abs=0.1 * rest.unit)


def test_sides_are_the_pictures(rest: Mesh) -> None:
    """What moves at the left of the picture is read at the left, and nothing at the right."""
    at_rest = Reading.of(rest)
    raised = Reading.of(moved(moved(rest, (105,), (0, -0.06, 0)), (61,), (0, -0.06, 0)))
    assert raised.brow_left - at_rest.brow_left == pytest.approx(0.06, abs=0.012)
    assert raised.corner_left - at_rest.corner_left == pytest.approx(0.06, abs=0.015)
    assert (raised.brow_right, raised.corner_right) == pytest.approx((at_rest.brow_right, at_rest.corner_right))
    gap = rest.points[145] - rest.points[159]
    shut = Mesh(rest.points.copy(), 1.0)
    shut.points[159] += 0.8 * gap
    assert closed(Reading.of(shut).eye_left, at_rest.eye_left) > 0.9
    assert Reading.of(shut).eye_right == at_rest.eye_right


def test_gaze_follows_irises(rest: Mesh) -> None:
    """Irises that move right by a quarter of the eye's width move the gaze by half."""
    corners = rest.points[[33, 133, 362, 263], :2].reshape(2, 2, 2)
    middles, widths = corners.mean(1), np.diff(corners, axis=1)[:, 0]
    ahead = np.repeat(middles[:, None], 5, axis=1).astype(np.float32)
    aside = (ahead + widths[:, None] / 4).astype(np.float32)
    rims = np.ones((2, 16, 2), np.float32)
    before, after = Reading.of(rest, Eyes(rims, ahead)), Reading.of(rest, Eyes(rims, aside))
    assert (after.gaze_x - before.gaze_x, after.gaze_y - before.gaze_y) == pytest.approx((0.5, 0), abs=1e-3)
    assert Reading.of(rest).gaze_x == 0


def test_readings_are_numbers(rest: Mesh) -> None:
    """Whatever a mesh shows, each measure is a number."""
    random = np.random.default_rng(1)
    for size in (1, 50, 5000):
        points = rest.points + random.normal(0, size, rest.points.shape).astype(np.float32)
        assert np.isfinite(dataclasses.astuple(Reading.of(Mesh(points, 1.0)))).all()
    assert np.isfinite(dataclasses.astuple(Reading.of(Mesh(np.zeros((468, 3), np.float32), 0.0)))).all()


def test_lost_frames_are_unknown(rest: Mesh) -> None:
    """A frame without a face leaves a gap in each curve, and no frame at all an empty one."""
    seen = curves([Reading.of(rest), None, Reading.of(rest)])
    assert np.isnan(seen["mouth_open"]).tolist() == [False, True, False]
    assert seen["yaw"][0] == seen["yaw"][2]
    assert len(curves([])["yaw"]) == 0
