"""From the performer's mesh to the character's: triangles, limits, lids, lips, light."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from wan_notebook.errors import ModelsMissing
from wan_notebook.faces.find import face_reader
from wan_notebook.faces.mesh import Mesh
from wan_notebook.faces.topology import (
    FOREHEAD,
    INNER_LOWER_LIP,
    INNER_UPPER_LIP,
    LEFT_BROW,
    LIDS,
    LOWER_LIP,
    LOWER_LIP_ROWS,
    MOUTH_CORNERS,
    NOSE,
    OVAL,
    UPPER_LIP_ROWS,
    skin,
)
from wan_notebook.media import samples
from wan_notebook.preview.engine import render, smoothing
from wan_notebook.preview.engine.character import Character, outlined
from wan_notebook.preview.engine.crosstalk import added, counter_turns
from wan_notebook.preview.engine.head import AnimatedHead
from wan_notebook.preview.engine.performance import Performance, shape_curves
from wan_notebook.preview.engine.pose import Pose, euler, matrix
from wan_notebook.preview.engine.raster import draw_map, soften_edge
from wan_notebook.preview.engine.surroundings import HeldEdges, Surroundings, hold, surroundings_of
from wan_notebook.preview.engine.transfer import Transfer, unfolded
from wan_notebook.video.read import frames

from support.engines import notice_texts, rendered
from support.media import FPS, Drawn, filmed
from support.performances import performed

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def performance(drawn: Drawn) -> Performance:
    return performed(drawn.speech, fps=12.5)


def test_triangles_lie_over_earlier_ones() -> None:
    """Each covered pixel shows its place in the source; of two triangles the later one is seen."""
    across, down = (np.full((10, 10), -1, np.float32) for _ in range(2))
    target = np.array([[0, 0], [9, 0], [0, 9], [9, 9]], np.float32)
    source = 2 * target + 1
    draw_map(across, down, np.array([[0, 1, 2], [1, 3, 2]], np.int32), target, source)
    rows, columns = np.mgrid[0:10, 0:10]
    assert np.allclose(across, 2 * columns + 1, atol=1e-3)
    assert np.allclose(down, 2 * rows + 1, atol=1e-3)
    draw_map(across, down, np.array([[0, 1, 2]], np.int32), target, source + 50)
    assert across[0, 0] == pytest.approx(51)
    assert across[9, 9] == pytest.approx(19)


def test_heads_go_beyond_the_edge() -> None:
    """What moves towards an edge of the picture goes beyond it, and what leads away from one stays where it is cut off.

    Where the edge is plain, as a wall above a head, it goes on beyond it, and nothing is drawn out.
    """
    striped = np.zeros((80, 60, 3), np.uint8)
    striped[:, 4::6] = 255  # its upper and lower edge are not plain, its left and right ones are
    framed = np.full((80, 60, 3), 90, np.uint8)
    framed[:, 0] = 20  # a line along an edge, as of a frame, would grow broad
    assert HeldEdges.of(framed, 20.0).held.ravel().tolist() == [True, False, False, False]
    edges = HeldEdges.of(striped, 20.0)
    shares = edges.shares(np.array([[30.0, 0.0], [30.0, 79.0], [0.0, 40.0], [59.0, 40.0], [30.0, 40.0]]))
    up, down, right = ([0.0, -10.0], [0.0, 10.0], [10.0, 0.0])
    assert hold(np.array(5 * [up]), shares)[:, 1].tolist() == [-10, 0, -10, -10, -10]
    assert hold(np.array(5 * [down]), shares)[:, 1].tolist() == [0, 10, 10, 10, 10]
    assert hold(np.array(5 * [right]), shares)[:, 0].tolist() == 5 * [10]


def test_a_moved_head_keeps_its_shape(character: Character) -> None:
    """A head close below the picture's upper edge is as tall after a way up, beyond it, and down, away from it."""
    assert character.mesh is not None
    top = round(float(character.mesh.points[FOREHEAD, 1]) - 0.85 * character.mesh.unit)
    close = Character(character.pixels[top:], None, None, confidence=1.0, faces=1)
    own = character.mesh.points - np.array([0, top, 0])
    near = replace(close, mesh=Mesh(own.astype(np.float32), 1.0))
    surroundings = surroundings_of(near, 0.5)
    height = np.ptp(own[:, 1])
    for way in (-0.5, 0.5):
        moved = surroundings.reached(own + np.array([0, way * near.mesh.unit, 0]))
        assert np.ptp(moved[:, 1]) == pytest.approx(height, rel=0.02)


def test_edges_are_soft() -> None:
    """What was drawn by whole pixels goes over into what lies behind it by degrees; beside and within it stays."""
    rows, columns = np.mgrid[0:40, 0:40]
    drawn = np.hypot(rows - 19.5, columns - 19.5) < 12
    behind = np.full((40, 40, 3), 40, np.uint8)
    pixels = np.where(drawn[..., None], 200, behind).astype(np.uint8)
    soften_edge(pixels, drawn, behind)
    assert set(pixels[~drawn].ravel()) == {40}
    assert set(pixels[np.hypot(rows - 19.5, columns - 19.5) < 9].ravel()) == {200}
    assert len(set(pixels[drawn].ravel())) > 4


def test_skin_has_three_holes() -> None:
    """The triangles are one sheet without gaps but for two eyes and a mouth, each edge shared by two of them."""
    edges = np.sort(skin()[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    different, counts = np.unique(edges, axis=0, return_counts=True)
    assert counts.max() == 2
    assert 468 - len(different) + len(skin()) == 1 - 3


def at_rest(character: Character) -> np.ndarray:
    assert character.mesh is not None
    return (character.mesh.points - character.mesh.points.mean(0)) @ character.mesh.axes / character.mesh.unit


def areas(points: np.ndarray) -> np.ndarray:
    (ax, ay), (bx, by), (cx, cy) = (points[skin()[:, corner], :2].T for corner in range(3))
    return (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)


def test_folded_skin_is_evened_out(character: Character) -> None:
    """A point that is pushed far over its neighbours is brought back between them."""
    rest = at_rest(character)
    pushed = rest.copy()
    pushed[205] += (0.6, 0, 0)

    def folded(points: np.ndarray) -> int:
        return int((areas(points) < 0).sum())

    assert folded(pushed) > folded(rest) + 3
    assert folded(unfolded(pushed, rest)) <= folded(rest) + 2


def test_thin_lips_are_not_torn(character: Character, performance: Performance) -> None:
    """Where a mouth opens wide, little of the skin at its corners is drawn out to many times its area."""
    rest = at_rest(character)
    opened = rest + 1.5 * performance.shapes[performance.mouth.argmax()].astype(float)
    corners = np.isin(skin(), MOUTH_CORNERS).any(1)

    def torn(points: np.ndarray) -> int:
        return int(((areas(points) / areas(rest))[corners] > 3).sum())

    assert torn(opened) > 20
    assert torn(unfolded(opened, rest)) < 8


def test_lids_shut_and_lips_meet(character: Character, performance: Performance) -> None:
    """Where the performer's eyes are shut the character's are, whatever else moves, and lips never cross."""
    assert character.mesh is not None
    transfer = Transfer(character.mesh, replace(performance, lids=np.zeros_like(performance.lids)))
    own = character.mesh.points
    for number in range(len(performance.seen)):
        still = transfer.frame(number).still
        for upper, lower in LIDS:
            gap, before = (np.linalg.norm(p[list(upper)] - p[list(lower)], axis=-1).mean() for p in (still, own))
            assert gap < 0.05 * before
        level = (still - still.mean(0)) @ character.mesh.axes
        apart = level[list(INNER_LOWER_LIP), 1] - level[list(INNER_UPPER_LIP), 1]
        assert apart.min() > -1e-6


def test_pressed_lips_stay_whole(character: Character, performance: Performance) -> None:
    """Lips that are pressed give way as a whole: none is rolled in over its own red, nor is its skin folded."""
    assert character.mesh is not None
    pressed = np.zeros_like(performance.shapes)
    for rows, way in ((UPPER_LIP_ROWS, 0.03), (LOWER_LIP_ROWS, -0.03)):
        pressed[:, [row[1:-1] for row in rows], 1] = way
    transfer = Transfer(character.mesh, replace(performance, shapes=pressed))
    still = (transfer.frame(0).still - character.mesh.points.mean(0)) @ character.mesh.axes / character.mesh.unit
    before = at_rest(character)
    for inner, *_, outer in (UPPER_LIP_ROWS, LOWER_LIP_ROWS):
        thick, thick_before = (np.abs(p[list(outer), 1] - p[list(inner), 1])[2:-2] for p in (still, before))
        assert (thick > 0.85 * thick_before).all()
    lips = np.isin(skin(), [UPPER_LIP_ROWS, LOWER_LIP_ROWS]).any(1) & (areas(before) > 1e-5)
    assert (areas(still)[lips] < 0).sum() <= 3


def test_no_cheek_is_hidden_behind_itself(character: Character) -> None:
    """The outline of a face that looks aside encloses it, in a profile without spikes, and from the front as read."""
    assert character.mesh is not None
    front, unit = character.mesh.points, character.mesh.unit
    aside = np.asarray((front - front.mean(0)) @ matrix(0.6, 0, 0).T, np.float32)

    def outside(points: np.ndarray) -> float:
        """How far the mesh lies beyond its outline, in units."""
        outline = points[list(OVAL), :2].copy()
        return -min(cv2.pointPolygonTest(outline, (float(x), float(y)), True) for x, y in points[:, :2]) / unit

    assert outside(aside) > 0.05
    assert outside(outlined(aside)) < 0.01
    assert np.abs(outlined(front) - front).max() < 0.03 * unit
    for yaw in np.linspace(-1.3, 1.3, 27):
        profile = np.asarray((front - front.mean(0)) @ matrix(yaw, 0, 0).T, np.float32)
        low, high = profile[:, :2].min(0) - 0.12 * unit, profile[:, :2].max(0) + 0.12 * unit
        assert (outlined(profile)[:, :2] > low).all()
        assert (outlined(profile)[:, :2] < high).all()


def test_cutouts_are_not_mirrored(character: Character, performance: Performance) -> None:
    """What of a cut-out moves away from its edge comes in no second time from beyond it."""
    assert character.mesh is not None
    height, width = character.pixels.shape[:2]
    matte = np.zeros((height, width), np.uint8)
    matte[:, width - 60 : width - 20] = 255
    head = AnimatedHead(character, performance, Surroundings(character.mesh, (width, height)), matte)
    face = Transfer(character.mesh, performance).frame(0)
    aside = replace(face, pose=Pose(np.eye(3), 1.0, (-100.0, 0.0)), mesh=character.mesh.points - [100.0, 0, 0])
    _, moved = head.render(0, aside)
    assert moved[:, width - 150].max() == 255
    assert moved[:, width - 110 :].max() == 0


def test_noses_do_not_grow(character: Character, performance: Performance) -> None:
    """Where a pursed mouth pulls at the nose, the character's is pulled as far, and its lips by more than was read."""
    assert character.mesh is not None
    pulled = np.zeros_like(performance.shapes)
    pulled[..., 1] = 0.04
    transfer = Transfer(character.mesh, replace(performance, shapes=pulled, mouth=np.zeros_like(performance.mouth)))
    moved = (transfer.frame(0).still - character.mesh.points) @ character.mesh.axes[:, 1] / character.mesh.unit
    assert moved[list(NOSE)].max() < 0.055
    assert moved[LOWER_LIP] > 0.07


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_turned_videos_move_no_head_otherwise(character: Character, performance: Performance, quarters: int) -> None:
    """Of a video that was taken with the phone turned, a head goes and tilts as it does of the same one upright."""
    assert character.mesh is not None
    turn = matrix(0.0, 0.0, quarters * np.pi / 2)
    turned = replace(
        performance,
        axes=turn @ performance.axes,
        moves=np.column_stack([performance.moves[:, :2] @ turn[:2, :2].T, performance.moves[:, 2]]),
        rest=Mesh(np.asarray(performance.rest.points @ turn.T, np.float32), 1.0),
    )
    for number in range(0, len(performance.seen), 5):
        one, other = (Transfer(character.mesh, each).pose(number) for each in (performance, turned))
        assert other.rotation == pytest.approx(one.rotation, abs=1e-3)
        assert other.move == pytest.approx(one.move, abs=0.1)


def test_mouth_is_no_nod() -> None:
    """What a mouth is seen to add to a nod is foretold from a few frames, and noise is not taken for any of it."""
    random, numbers = np.random.default_rng(1), np.arange(0, 160, 10)
    mouth, turns = np.abs(np.sin(np.arange(160) / 9))[:, None], random.normal(size=(160, 3))
    nod, noise = 0.05 * mouth[:, 0], random.normal(0, 0.01, 160)
    found = np.column_stack([nod + 0.1 * turns[:, 0] + 0.1 * noise, noise])
    foretold = added(found[numbers], numbers, mouth, turns)
    assert (foretold[:, 0] - nod).std() < 0.1 * nod.std()
    assert foretold[:, 1].std() < 0.2 * noise.std()


def test_expressions_tilt_no_head(character: Character, performance: Performance) -> None:
    """A head is turned and nods against what its expression is seen to add, and tilts as the performer's does."""
    assert character.mesh is not None
    turns = np.full((len(performance.seen), 2), 0.02)
    poses = [Transfer(character.mesh, performance, turns=added).pose(0) for added in (None, turns)]
    plain, turned = (np.array(euler(pose.rotation @ character.mesh.axes)) for pose in poses)
    assert turned - plain == pytest.approx([0.02, 0.02, 0.0], abs=1e-9)


@pytest.mark.parametrize(("stride", "times", "most"), [(1, 1, 19), (2, 1, 9), (1, 4, 64), (2, 4, 10)])
def test_one_frame_of_two_is_read_back(
    stride: int, times: int, most: int, character: Character, performance: Performance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One frame of two tells what a short clip's expression adds to the head's yaw and pitch in each of them.

    One of four does so where every second frame of the performance was read. Of longer clips 64 do, and 10.
    """
    reader, numbers = face_reader(), []
    read = reader.read
    monkeypatch.setattr(reader, "read", lambda pixels, region: numbers.append(1) or read(pixels, region))
    curves = {name: curve for name, curve in vars(performance).items() if isinstance(curve, np.ndarray)}
    longer = {name: np.concatenate(times * [curve]) for name, curve in curves.items()}
    longer["mouths"] = times * performance.mouths
    turns = counter_turns(character, replace(performance, **longer, stride=stride), reader)
    assert turns.shape == (times * len(performance.seen), 2)
    assert len(numbers) == most


def test_depth_that_no_picture_shows_turns_head(character: Character, performance: Performance) -> None:
    """A performer whose forehead goes back is read as looking up; no picture shows that depth, so the head looks up."""
    still = performance.without_expression()
    back = 0.03 * np.sin(np.arange(len(still.seen)) / 3)
    shapes = still.shapes.copy()
    shapes[:, FOREHEAD, 2] = back
    nods = counter_turns(character, replace(still, shapes=shapes), face_reader())[:, 1]
    assert np.corrcoef(nods, back)[0, 1] < -0.9
    assert np.ptp(nods) > 0.01


@pytest.mark.parametrize("turns", [(0.3, -0.2, 0.5), (-0.6, 0.4, -0.1), (0.0, 0.0, 0.0)])
def test_axes_give_their_turns(turns: tuple[float, float, float]) -> None:
    """The axes made of yaw, pitch and roll are read back as these."""
    assert euler(matrix(*turns)) == pytest.approx(turns, abs=1e-9)


def test_quick_brows_are_followed() -> None:
    """Brows that rise for two frames are seen to rise by more than half, and what trembles by less than half."""
    shapes, moving = np.zeros((40, 468, 3), np.float32), list(LEFT_BROW)
    shapes[20:22, moving, 1] = -0.02
    shapes[:, moving, 0] = 0.01 * (-1) ** np.arange(40)[:, None]

    def curve(rows: np.ndarray, least: float = 0.0) -> np.ndarray:
        return smoothing.smoothed(rows.reshape(len(rows), -1).astype(float), least)

    found = shape_curves(shapes, np.array([0, 1]), curve)
    assert (found[20:22, moving, 1] < -0.01).all()
    assert np.abs(found[5:-5, moving, 0] - found[5:-5, moving, 0].mean()).max() < 0.005


def test_unseen_frames_are_filled() -> None:
    """Between two frames that show the face lies a straight way; before the first and after the last it rests."""
    seen = np.array([False, True, False, False, True, False])
    assert smoothing.filled(np.array([[1.0], [4.0]]), seen).ravel().tolist() == [1, 1, 2, 3, 4, 4]


def test_cuts_are_not_smoothed_over() -> None:
    """What was before a cut has no part in what comes after it."""
    rows = np.repeat([[0.0], [1.0]], 5, axis=0)
    assert np.allclose(smoothing.smoothed(rows, 1.0, [5]), rows)
    assert 0 < smoothing.smoothed(rows, 1.0)[4, 0] < 0.5


def test_grey_pictures_stay_grey(drawn: Drawn, tmp_path: Path) -> None:
    """The mouth that opens in a grey photograph has no colour either."""
    Image.open(drawn.ada).convert("L").convert("RGB").save(tmp_path / "grey.png")
    spread = max(int(np.ptp(frame, axis=2).max()) for frame in rendered(tmp_path / "grey.png", drawn.glimpse))
    assert spread <= 2


def test_missing_models_move_the_whole(drawn: Drawn, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the face models cannot be had there is a clip all the same, and a sentence tells what is missing."""

    def missing(*_arguments: object, **_options: object) -> None:
        raise ModelsMissing("The face models are missing: no network. Get them with: wan-notebook models")

    monkeypatch.setattr(render, "get_models", missing)
    clip = rendered(drawn.ada, drawn.glimpse)
    assert len(list(clip)) == 6
    assert any("moves as a whole. The face models are missing: no network." in text for text in notice_texts(clip))


def test_performer_is_found_after_a_cut(drawn: Drawn) -> None:
    """A reference whose scene is empty for a while is read before it and after it."""
    shown = [frame.pixels for frame in frames(drawn.speech)][:5]
    footage = [*shown, *[np.full_like(shown[0], 90)] * 5, *[np.roll(one, 60, axis=1) for one in shown]]
    found = performed(footage, fps=12.5, cuts=[5, 10])
    assert found.seen.tolist() == [True] * 5 + [False] * 5 + [True] * 5


def test_hidden_mouth_shows_no_hand(drawn: Drawn, tmp_path: Path) -> None:
    """While something hides the performer's face, none of it shows between the character's lips."""
    shown = [frame.pixels.copy() for frame in frames(drawn.speech)][:20]
    for pixels in shown[9:14]:
        cv2.ellipse(pixels, (pixels.shape[1] // 2, pixels.shape[0] // 2), (150, 190), 0, 0, 360, (0, 255, 0), -1)
    clip = list(rendered(drawn.ada, filmed(shown, tmp_path / "hand.mp4", FPS), num_inference_steps=20))
    lips = np.array([frame[310:390, 190:290] for frame in clip]).astype(int)
    dark = (lips.max(-1) < 90).sum((1, 2))
    assert dark[9:14].min() > 50  # the mouth was open when the hand came, and stays so
    assert (lips[..., 1] - lips[..., 0]).max() < 60


def test_samples_are_large_enough() -> None:
    """The drawn people are read by the models that read photographs, surely and as one face each."""
    for person in samples.PEOPLE:
        faces = face_reader().find(np.asarray(Image.open(samples.character(person)).convert("RGB")))
        assert [face.confidence > 0.8 for face in faces] == [True]
