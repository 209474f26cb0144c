"""The picture around the face: hair, neck and shoulders that follow the head, and a background that gives way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ...faces.geometry import smoothstep
from ...faces.mesh import Mesh, head_centre
from ...faces.topology import OVAL
from .character import Character, find_silhouette
from .pose import posed
from .transfer import FaceFrame

Floats = NDArray[np.float32]
Maps = tuple[Floats, Floats]
"""Columns and rows of the picture, each H×W."""

_STEP = 8
"""The field is worked out for cells of so many pixels, in the middle of each."""
_HALF = (_STEP - 1) / (2 * _STEP)
"""How far a cell's middle lies from its first pixel's, in cells, as cv2.resize takes it."""
_BEYOND = np.arange(_STEP // 2, dtype=np.float32) + np.float32(0.5)
"""Pixels from a cell's middle to those of the pixels that follow, up to the cell's end."""
_ROUNDS, _CAREFUL_ROUNDS, _CAREFUL = 6, 40, np.float32(0.3)
"""How often the place is looked for from which a cell came; how often more where that is not found, and by what share
of the way."""
_MISSED = 0.25
"""Cells by which that place may be missed."""
_CHIN_REACH = 0.45
"""How far beyond its outline, in radii of the face, the skin follows a jaw that opens."""
_RIM, _ALONG, _PLAIN = 4, 8, 16.0
"""Pixels of a picture's edge whose outermost and innermost ones are compared, pixels between two along it that are, and
the grey levels by which nineteen of twenty pairs must differ less where it is plain: drawn out, it shows no stripes and
no line of a frame. A head may be as near as ten pixels."""


@dataclass(frozen=True)
class HeldEdges:
    """The edges of a picture from which nothing leads away, since nothing is beyond them that could come after."""

    size: tuple[int, int]
    """Width and height of the picture in pixels."""
    reach: float
    """Pixels within which they are felt."""
    held: NDArray[np.bool_]
    """Whether left and upper edge are held, and right and lower one, 2×2."""

    @classmethod
    def of(cls, pixels: NDArray[np.uint8], reach: float) -> HeldEdges:
        """Return those along which a picture, H×W×3, is not plain: a plain wall goes on beyond the edge as it ends."""
        upright = pixels.swapaxes(0, 1)
        rims = pixels[:, :_RIM], upright[:, :_RIM], pixels[:, : -_RIM - 1 : -1], upright[:, : -_RIM - 1 : -1]
        held = [not _is_plain(rim) for rim in rims]
        return cls((pixels.shape[1], pixels.shape[0]), reach, np.array(held).reshape(2, 2))

    def shares(self, places: NDArray[Any]) -> tuple[Floats, Floats]:
        """Return how much places, …×2, move of what leads right or down, and of what leads left or up, for hold().

        It is the less the nearer they lie to a held edge from which that leads.
        """
        ways = places, np.array(self.size) - 1 - places
        right, left = (
            np.where(felt, smoothstep(0.0, self.reach, away), np.float32(1))
            for felt, away in zip(self.held, ways, strict=True)
        )
        return right, left


def hold(moves: NDArray[Any], shares: tuple[Floats, Floats]) -> NDArray[Any]:
    """Return moves, …×2, as far as their places take part in them, by HeldEdges.shares()."""
    return np.asarray(moves * np.where(moves > 0, *shares))


def _is_plain(rim: NDArray[np.uint8]) -> bool:
    """Whether an edge, N×_RIM×3 from without, changes so little along it and inwards that it can be drawn out."""
    smooth = cv2.blur(np.ascontiguousarray(rim[:, [0, -1]]), (1, _ALONG)).astype(np.float32)
    along, inwards = smooth[_ALONG:, 0] - smooth[:-_ALONG, 0], smooth[:, 1] - smooth[:, 0]
    return all(float(np.percentile(np.abs(steps).max(1), 95)) < _PLAIN for steps in (along, inwards))


class Surroundings:
    """Moves hair, neck, shoulders and background about a character's face.

    Args:
        mesh: the face, in pixels of the picture.
        size: width and height of the picture in pixels.
        share: how much of the person's motion each place of the grid takes part in, from person_shares(); everything
            moves with the head when None.
        edges: of the picture that are held; none when None.
    """

    def __init__(
        self, mesh: Mesh, size: tuple[int, int], share: Floats | None = None, edges: HeldEdges | None = None
    ) -> None:
        self._size = size
        self._unit, self._own = mesh.unit, mesh.points.astype(float)
        self._centre = head_centre(mesh.points)
        columns, rows = self._columns, self._rows = _grid(size)
        # The same memory for each frame: to get and clear it takes as long as to fill it.
        self._maps = [np.empty((_STEP * columns.shape[0], _STEP * columns.shape[1]), np.float32) for _ in range(2)]
        self._places = np.stack([columns, rows], -1)
        self._cells = self._places / np.float32(_STEP) - np.float32(_HALF)
        self._share = np.ones_like(columns) if share is None else share
        place = (columns - np.float32(self._centre[0]), rows - np.float32(self._centre[1]), self._around(mesh))
        down = mesh.axes[:2, 1] / (np.linalg.norm(mesh.axes[:2, 1]) + 1e-9)
        below = ((columns - self._centre[0]) * down[0] + (rows - self._centre[1]) * down[1]) / mesh.unit
        above = np.ones_like(columns) if share is None else smoothstep(2.3, 1.35, below)
        self._head = (self._share * above)[..., None] * np.stack([*place, np.ones_like(columns)], -1)
        self._body = (self._share * (1 - above))[..., None]
        self._held = edges.shares(self._places) if edges is not None else None
        self._face_held = edges.shares(self._own[:, :2]) if edges is not None else None
        at = (self._own[:, :2].astype(np.float32) / _STEP - np.float32(_HALF))[:, None]
        self._face_share = cv2.remap(self._share, at, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)[:, 0]

    def _around(self, mesh: Mesh) -> Floats:
        """Place the grid about the face's outline, and return how deep each of its places lies."""
        outline = mesh.points[list(OVAL)].astype(float)
        middle = outline[:, :2].mean(0)
        angles = np.arctan2(*(outline[:, :2] - middle).T[::-1])
        order = np.argsort(angles)
        around = np.concatenate([angles[order] - 2 * np.pi, angles[order], angles[order] + 2 * np.pi])
        radii = np.tile(np.hypot(*(outline[order, :2] - middle).T), 3)
        away_x, away_y = self._columns - middle[0], self._rows - middle[1]
        angle = np.arctan2(away_y, away_x)
        ratio = np.hypot(away_x, away_y) / np.interp(angle, around, radii)
        at = np.interp(angle, around, np.arange(len(around)))
        self._outline = np.asarray(OVAL)[order]
        follow = smoothstep(1 + _CHIN_REACH, 1.0, ratio)
        self._near = np.flatnonzero(follow)
        first, follow = at.ravel()[self._near], (self._share * follow).ravel()[self._near, None].astype(np.float32)
        between = (first % 1)[:, None].astype(np.float32)
        self._jaw = [
            (first.astype(int) % len(order), follow * (1 - between)),
            ((first.astype(int) + 1) % len(order), follow * between),
        ]
        deep = outline[order, 2] - self._centre[2]
        # Hair and ears lie behind the face's outline, the farther out the farther behind.
        depth = np.interp(angle, around, np.tile(deep, 3)) + 0.5 * self._unit * np.clip(ratio - 1, 0, 0.6)
        return np.asarray(depth, np.float32)

    def reached(self, mesh: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how far the points of the face get that shall go to these places, N×3."""
        moves = self._face_share[:, None] * (mesh - self._own)
        if self._face_held is not None:
            moves[:, :2] = hold(moves[:, :2], self._face_held)
        return np.asarray(self._own + moves)

    def maps(self, face: FaceFrame, body: tuple[float, float]) -> Maps:
        """Return where each pixel of a frame comes from: columns and rows of the picture, until the next call.

        Args:
            face: the face in the frame.
            body: how far the shoulders have moved to the right and down, in pixels.
        """
        sources = self._places - _STEP * self._came_from(self._moves(face, body) / np.float32(_STEP))
        for axis, source in enumerate(self._maps):
            cv2.resize(sources[..., axis], source.shape[::-1], source, interpolation=cv2.INTER_LINEAR)
            # Beyond the middles of the outermost cells it stays as it is there; a place goes on.
            along = source.T if axis else source
            along[:, : len(_BEYOND)] -= _BEYOND[::-1]
            along[:, -len(_BEYOND) :] += _BEYOND
        width, height = self._size
        across, down = (np.ascontiguousarray(moved[:height, :width]) for moved in self._maps)
        return across, down

    def _came_from(self, field: Floats) -> Floats:
        """Return by what each cell was moved that comes to lie in one of the grid, in cells, as this field moves it."""

        def moved_there(back: Floats) -> Floats:
            at = self._cells - back
            return np.asarray(cv2.remap(field, at, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))

        back = field
        for _ in range(_ROUNDS):
            back = moved_there(back)
        # Where the field draws the picture out to more than twice its size, beside a cheek that turns far away, whole
        # steps leap ever farther past the place, and pieces of the head would float beside it.
        for _ in range(_CAREFUL_ROUNDS):
            missed = moved_there(back) - back
            if np.abs(missed).max() < _MISSED:
                break
            back = back + _CAREFUL * missed
        return back

    def _moves(self, face: FaceFrame, body: tuple[float, float]) -> Floats:
        """Return how far each place of the grid goes, H×W×2 in pixels."""
        pose = face.pose
        turned = pose.growth * pose.rotation[:2] - np.eye(2, 3)
        moved = self._head @ np.column_stack([turned, pose.move]).T.astype(np.float32)
        moved += self._body * np.asarray(body, np.float32)
        unmoved = posed(self._own[self._outline], pose, self._centre)
        grown = (face.mesh[self._outline] - unmoved)[:, :2].astype(np.float32)
        (one, its_share), (other, other_share) = self._jaw
        moved.reshape(-1, 2)[self._near] += its_share * grown[one] + other_share * grown[other]
        if self._held is not None:
            moved = hold(moved, self._held)
        return np.asarray(moved, np.float32)


def _grid(size: tuple[int, int]) -> Maps:
    """Return the columns and rows of the cells' middles over a picture of this width and height."""
    rows, columns = np.mgrid[0 : size[1] : _STEP, 0 : size[0] : _STEP].astype(np.float32)
    return columns + np.float32(_STEP * _HALF), rows + np.float32(_STEP * _HALF)


def surroundings_of(character: Character, reach: float) -> Surroundings:
    """Return the surroundings of a character in its own picture: the person moves, the background gives way softly.

    Args:
        character: one whose face is known.
        reach: the longest way that the head will go, in units: the farther, the softer the background gives way.
    """
    assert character.mesh is not None
    height, width = character.pixels.shape[:2]
    unit, fade = character.mesh.unit, max(0.5, 1.8 * reach)
    person = find_silhouette(character.pixels, character.mesh)
    edges = HeldEdges.of(character.pixels, min(0.3 * min(width, height), fade * unit))
    return Surroundings(character.mesh, (width, height), person_shares(person, 0.05 * unit, fade * unit), edges)


def person_shares(person: NDArray[np.bool_], near: float, far: float) -> Floats:
    """Return how much of a person's motion each place of the grid takes part in: the background ever less.

    Args:
        person: where the person is, H×W.
        near: pixels from the person up to which the background takes full part.
        far: pixels from which on it takes none.
    """
    height, width = person.shape
    columns, rows = _grid((width, height))
    away = cv2.distanceTransform((~person).astype(np.uint8), cv2.DIST_L2, 5)
    inside = np.clip(rows, 0, height - 1).astype(int), np.clip(columns, 0, width - 1).astype(int)
    return smoothstep(far, near, away[inside])
