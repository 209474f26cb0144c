"""Replace: the head that is cut out, the neck on which it sits, and the steadiness of its border."""

import dataclasses
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from bench.preview import decodings
from wan_notebook.faces.find import face_reader
from wan_notebook.faces.geometry import apply
from wan_notebook.faces.mesh import Mesh
from wan_notebook.faces.topology import CHIN, LEFT_MOUTH, OVAL, RIGHT_MOUTH
from wan_notebook.media import samples
from wan_notebook.media.samples.drawing import painted_figure
from wan_notebook.model.family import REPLACE
from wan_notebook.preview.engine import replace
from wan_notebook.preview.engine.area import HEAD
from wan_notebook.preview.engine.cutout import head_matte
from wan_notebook.preview.engine.headless import HeadlessScene
from wan_notebook.preview.engine.outline import beyond_bare_head
from wan_notebook.preview.engine.smoothing import steadied
from wan_notebook.video.read import frames

from support.engines import rendered
from support.media import FPS, Drawn, filmed, meadow
from support.performances import performed

pytestmark = pytest.mark.slow

_SIZE = (416, 544)
_DETAIL = 40.0


def before_a_wall(name: str, wall: str, size: tuple[int, int] = _SIZE) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Somebody before a wall, and where the person is, 0 or 255.

    Args:
        name: the person's.
        wall: "skin" or "hair" for a wall in that colour on one side, "shelf" for stripes of many colours,
            "light" for a plain one.
        size: width and height in pixels.
    """
    look = samples.PEOPLE[name]
    person = np.asarray(samples.draw(look, samples.Pose(), size)).astype(float)
    figure = painted_figure(look, size)
    inner = (slice(figure.margin, figure.margin + size[1]), slice(figure.margin, figure.margin + size[0]))
    behind = np.asarray(figure.backdrop.convert("RGB"))[inner].astype(float)
    where = (np.abs(person - behind).max(-1) > 6).astype(np.uint8)
    where = cv2.morphologyEx(where, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    rows, columns = np.mgrid[: size[1], : size[0]]
    x, y = (columns - size[0] / 2) / samples.unit(size), (rows - 0.405 * size[1]) / samples.unit(size)
    grain = cv2.GaussianBlur(np.random.default_rng(3).normal(0, 1, size[::-1]), (0, 0), 2) * 25
    walls = {"skin": ((y > 0.3) & (x > 0), look.skin), "hair": ((x < -1) & (x > -2.2), look.hair)}
    if wall == "light":
        behind[:] = 225 + grain[..., None]
    elif wall == "shelf":
        colours = np.array([(40, 60, 120), (180, 40, 30), (220, 210, 180), (90, 110, 60), rgb(look.hair)])
        behind[:] = (
            colours[np.random.default_rng(4).integers(0, len(colours), size[0])[columns // 30]] + grain[..., None]
        )
    else:
        covered, colour = walls[wall]
        behind[covered] = 0.85 * np.array(rgb(colour)) + grain[covered, None]
    share = cv2.GaussianBlur(where.astype(np.float32), (0, 0), 0.7)[..., None]
    return np.clip(person * share + behind * (1 - share), 0, 255).astype(np.uint8), 255 * where


def rgb(colour: str) -> tuple[int, int, int]:
    """Return red, green and blue of "#rrggbb", 0 to 255 each."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return red, green, blue


def face_of(pixels: NDArray[np.uint8]) -> Mesh:
    return face_reader().find(pixels)[0].mesh


def amiss(pixels: NDArray[np.uint8], where: NDArray[np.uint8]) -> tuple[float, float]:
    """Return how much wall is cut out along with a head, and how much of it is missing, in squared eye distances."""
    mesh = face_of(pixels)
    matte = head_matte(pixels, mesh, _DETAIL)
    truth = HEAD.of(np.repeat(where[..., None], 3, 2), mesh, _DETAIL)[..., 0]
    near = np.ones((9, 9), np.uint8)
    _, y = HEAD.grid(_DETAIL)
    missing = 1 - matte[(cv2.erode(truth, near) == 255) & (y < 1) & (y > HEAD.top + 0.3)]
    return float(matte[cv2.dilate(truth, near) == 0].sum()) / _DETAIL**2, float(missing.sum()) / _DETAIL**2


@pytest.mark.parametrize(("name", "wall"), [("pip", "skin"), ("pip", "hair"), ("ada", "skin"), ("noor", "hair")])
def test_walls_are_left_behind(name: str, wall: str) -> None:
    """Of a wall in the colour of skin or hair nothing is cut out along, and the hair is whole."""
    assert max(amiss(*before_a_wall(name, wall))) < 0.1


@pytest.mark.parametrize("name", ["pip", "theo"])
def test_no_more_than_a_head_is_taken(name: str) -> None:
    """Of a shelf in all sorts of colours, the hair's among them, hardly more than a book stays beside a head."""
    assert max(amiss(*before_a_wall(name, "shelf", (480, 480)))) < 0.3


def test_large_hair_is_whole() -> None:
    """Hair that reaches the picture's edge is no background for that."""
    assert max(amiss(*before_a_wall("noor", "light", (480, 480)))) < 0.1


def test_hair_hangs_over_dark_clothes() -> None:
    """Of long dark hair that hangs before a dark dress, as in old paintings, no part is taken for the dress."""
    pixels, where = before_a_wall("ada", "light")
    face, (height, width) = face_of(pixels), where.shape
    own, (x, y) = HEAD.of(pixels, face, _DETAIL), HEAD.grid(_DETAIL)
    hair = (own.max(-1) < 130) & (own[..., 0] > own[..., 2] + 5) & (np.abs(x) > 0.95) & (y > 1) & (y < 1.6)
    places = np.stack(np.meshgrid(np.arange(width), np.arange(height)), -1).reshape(-1, 2).astype(float)
    low = apply(face.face_points.to_units, places)[:, 1].reshape(height, width) > 1.4
    dress = np.clip(np.random.default_rng(0).normal((60, 35, 22), 10, pixels.shape), 0, 255).astype(np.uint8)
    dark = np.where((low & (pixels.min(-1) > 150))[..., None], dress, pixels) // 2
    assert head_matte(dark, face_of(dark), _DETAIL)[hair].mean() > 0.9


def test_no_wall_bites_into_the_temples() -> None:
    """Beside the eyes a head is cut out without gaps, also where hair and the wall beside it are alike in places."""
    pixels, where = before_a_wall("ada", "shelf")
    mesh = face_of(pixels)
    truth = HEAD.of(np.repeat(where[..., None], 3, 2), mesh, _DETAIL)[..., 0]
    _, y = HEAD.grid(_DETAIL)
    temples = (cv2.erode(truth, np.ones((5, 5), np.uint8)) == 255) & (np.abs(y) < 0.9)
    temples &= beyond_bare_head(mesh, HEAD, _DETAIL) < 0.12
    assert (1 - head_matte(pixels, mesh, _DETAIL))[temples].sum() / _DETAIL**2 < 0.05


def test_same_head_is_cut_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was cut out of a picture is remembered: the next cells of a sweep need not wait for it."""
    pixels, _ = before_a_wall("pip", "skin")
    mesh = face_of(pixels)
    first = head_matte(pixels, mesh, _DETAIL)
    monkeypatch.delattr(cv2, "grabCut")
    assert np.array_equal(head_matte(pixels, mesh, _DETAIL), first)


@pytest.mark.parametrize("name", ["ada", "noor"])
def test_nothing_of_a_turned_head_is_left(name: str) -> None:
    """Of a performer's hair nothing shows beside the new head, however wide it is, and however the performer turns."""
    turns = np.linspace(0, 25, 12)
    pictures = [np.asarray(samples.draw(samples.PEOPLE[name], samples.Pose(yaw=turn), _SIZE)) for turn in turns]
    scene, (_, y) = HeadlessScene(performed(pictures, fps=FPS)), HEAD.grid(_DETAIL)
    dye = np.array([255, 0, 255])
    for number in (0, 6, 11):
        mesh = face_of(pictures[number])
        head = ((head_matte(pictures[number], mesh, _DETAIL) > 0.9) & (y < 0.4)).astype(np.uint8)
        where = cv2.warpAffine(head, HEAD.to_pixels(mesh, _DETAIL), _SIZE)[..., None] > 0
        dyed = np.where(where, dye.astype(np.uint8), pictures[number])
        left = np.abs(scene.without_head(number, dyed, 1.0).astype(int) - dye).max(-1) < 90
        assert left.sum() < 0.1 * mesh.face_points.eye_distance**2


def test_the_neck_stays_the_performers(drawn: Drawn) -> None:
    """The performer's head is painted over down to the chin, also of a mouth that opens; the neck below is not."""
    pictures = [frame.pixels for frame in frames(drawn.speech)]
    performance = performed(pictures, fps=FPS)
    scene = HeadlessScene(performance)
    widest = int(performance.mouth.argmax())
    for number in (performance.heads[0].number, widest):
        mesh = face_of(pictures[number])
        changed = np.abs(scene.without_head(number, pictures[number], 1.0).astype(int) - pictures[number])
        part = HEAD.of(changed.astype(np.uint8), mesh, _DETAIL).mean(-1)
        x, y = HEAD.grid(_DETAIL)
        chin = apply(mesh.face_points.to_units, mesh.points[CHIN : CHIN + 1, :2].astype(float))[0, 1]
        assert part[(np.abs(x) < 0.2) & (np.abs(y - chin) < 0.05)].mean() > 5
        assert part[(np.abs(x) < 0.2) & (np.abs(y - chin - 0.45) < 0.05)].mean() < 2


def test_no_second_jaw_line(drawn: Drawn) -> None:
    """Where a round mouth tells of a jaw that hangs lower than the mesh of the face, its edge there is painted over."""
    pictures = [frame.pixels for frame in frames(drawn.speech)]
    performance = performed(pictures, fps=FPS)
    number = performance.heads[0].number
    mesh, (x, y) = face_of(pictures[number]), HEAD.grid(_DETAIL)
    chin = apply(mesh.face_points.to_units, mesh.points[CHIN : CHIN + 1, :2].astype(float))[0, 1]
    line = (np.abs(x) < 0.3) & (np.abs(y - chin - 0.2) < 0.04)
    to_frame = HEAD.to_pixels(mesh, _DETAIL)
    share = cv2.warpAffine(line.astype(np.float32), to_frame, pictures[number].shape[1::-1])[..., None]
    shown = (pictures[number] * (1 - 0.7 * share)).astype(np.uint8)
    shapes = performance.shapes.copy()
    shapes[:, [LEFT_MOUTH, RIGHT_MOUTH], 0] += np.array([0.1, -0.1], np.float16)
    scene = HeadlessScene(dataclasses.replace(performance, shapes=shapes))
    left = [
        HEAD.of(one, mesh, _DETAIL)[line].astype(int).mean()
        for one in (pictures[number], shown, scene.without_head(number, shown, 1.0))
    ]
    assert left[0] - left[1] > 40
    assert left[0] - left[2] < 15


def test_collars_do_not_smoke(drawn: Drawn) -> None:
    """A dark collar that touches the jaw stays as it is, and darkens nothing above it, however the mouth opens."""
    plain = [frame.pixels for frame in frames(drawn.speech)]
    x, y = HEAD.grid(_DETAIL)
    calm = face_of(plain[0])
    chin = apply(calm.face_points.to_units, calm.points[CHIN : CHIN + 1, :2].astype(float))[0, 1]
    top = chin - 0.35
    collar = ((np.abs(x) > 0.8) & (np.abs(x) < 1.8) & (y > top)).astype(np.uint8)
    where = cv2.warpAffine(collar, HEAD.to_pixels(calm, _DETAIL), plain[0].shape[1::-1])
    dark = [np.where(where[..., None] > 0, np.uint8(25), pixels) for pixels in plain]
    performance = performed(dark, fps=FPS)
    scene = HeadlessScene(performance)
    beside = (np.abs(x) > 0.6) & (np.abs(x) < 1.3)
    for number in (performance.heads[0].number, int(performance.mouth.argmax())):
        changed, without = (scene.without_head(number, of[number], 1.0) for of in (dark, plain))
        above, own = (HEAD.of(one, calm, _DETAIL).astype(int).mean(-1) for one in (changed, without))
        assert (own - above)[beside & (y > top - 0.5) & (y < top - 0.05)].mean() < 3
        assert above[(np.abs(x) > 1.0) & (np.abs(x) < 1.3) & (y > top + 0.1) & (y < top + 0.3)].mean() < 40


def test_a_jaw_at_the_collar_leaves_a_neck(drawn: Drawn) -> None:
    """Where an open mouth lowers the chin to a white collar, the neck behind it has the skin of the other frames."""
    pictures = [frame.pixels for frame in frames(drawn.speech)]
    meshes = [face_of(pixels) for pixels in pictures]
    calm, (x, y) = meshes[0], HEAD.grid(_DETAIL)
    chin = apply(calm.face_points.to_units, calm.points[CHIN : CHIN + 1, :2].astype(float))[0, 1]
    to_frame, size = HEAD.to_pixels(calm, _DETAIL), pictures[0].shape[1::-1]
    collar = cv2.warpAffine(((np.abs(x) < 1.8) & (y > chin + 0.2)).astype(np.uint8), to_frame, size)
    for pixels, mesh in zip(pictures, meshes, strict=True):
        face = np.zeros(size[::-1], np.uint8)
        low = mesh.points[list(OVAL), :2] + np.array([0, 0.15 * mesh.face_points.eye_distance])
        cv2.fillConvexPoly(face, cv2.convexHull(low.round().astype(np.int32)), 1)
        pixels[(collar > 0) & (face == 0)] = 245
    performance = performed(pictures, fps=FPS)
    widest = int(performance.mouth.argmax())
    neck = (np.abs(x) < 0.3) & (y > chin + 0.02) & (y < chin + 0.12)
    skin = HEAD.of(pictures[performance.heads[0].number], calm, _DETAIL)[neck].mean(0)
    without = HeadlessScene(performance).without_head(widest, pictures[widest], 1.0)
    filled = HEAD.of(without, calm, _DETAIL)[neck].mean(0)
    assert np.linalg.norm(filled - skin) < 0.2 * np.linalg.norm(245 - skin)


def test_no_head_where_nobody_is(drawn: Drawn, tmp_path: Path) -> None:
    """A scene in which the performer is never seen stays as it is, also in its levels: no head hangs in it."""
    shown = [frame.pixels for frame in frames(drawn.glimpse)]
    empty = [cv2.resize(meadow(), shown[0].shape[1::-1])] * 8
    video = filmed([*empty, *shown], tmp_path / "film.mp4")
    made = list(rendered(drawn.ada, video, model=REPLACE.id))
    height, width = made[0].shape[:2]
    scene = [frame.pixels.astype(int) for frame in frames(video, width=width, height=height, accurate=True)]
    changed = [np.abs(one[:400, :300] - other[:400, :300]).mean() for one, other in zip(made, scene, strict=True)]
    assert max(changed[:8]) < 0.5
    assert min(changed[8:]) > 3


def test_reference_is_decoded_twice(drawn: Drawn) -> None:
    """Once to read its motion, once to lay the head on its frames: what else is needed of it is kept."""
    with decodings() as passes:
        made = list(rendered(drawn.pip, drawn.speech, model=REPLACE.id))
    assert [one.frames for one in passes] == [len(made)] * 2


def test_tremor_is_taken_away() -> None:
    """A head that trembles is steadied; one that leaps, or moves quickly, does so in the same frame and as far."""
    rng, time = np.random.default_rng(5), np.arange(100) / 25
    path = np.stack([np.zeros(100), 30 * np.sin(4 * np.pi * time), np.where(time < 2, 0.0, 40.0)], axis=1)
    steady = steadied(path + rng.normal(0, 0.3, path.shape), 2.0)
    flicker = np.abs(np.diff(steady[:, 0], 2)).mean() / np.abs(np.diff(rng.normal(0, 0.3, 100), 2)).mean()
    assert flicker < 0.4
    assert np.abs(steady - path)[:, 1].max() < 2.5
    assert np.abs(steady - path)[:, 2].max() < 1.5


def test_replaced_heads_do_not_tremble(drawn: Drawn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the camera's noise makes the readings of a still performer tremble, the head is laid steadily."""
    still = np.asarray(samples.draw(samples.PEOPLE["theo"], samples.Pose(), samples.REFERENCE_SIZE)).astype(float)
    noise = np.random.default_rng(2)
    video = filmed(
        [np.clip(still + noise.normal(0, 25, still.shape), 0, 255).astype(np.uint8) for _ in range(20)],
        tmp_path / "noisy.mp4",
        FPS,
    )

    def tremor() -> float:
        made = np.array([frame.mean(-1) for frame in rendered(drawn.pip, video, model=REPLACE.id)])
        height, width = made.shape[1:]
        unit, eyes, middle = samples.unit((width, height)), 0.405 * height, width / 2
        hair = made[:, round(eyes - 1.4 * unit) : round(eyes - 0.8 * unit), round(middle - unit) : round(middle + unit)]
        return float(np.abs(np.diff(hair, 2, axis=0)).mean())

    steady = tremor()
    monkeypatch.setattr(replace, "steadied", lambda rows, _sigma: rows)
    assert steady < 0.7 * tremor()
