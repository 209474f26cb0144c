"""The mesh of a face: 468 points in three dimensions, and the irises.

The models are MediaPipe's Face Mesh (Kartynnik and others, 2019, arXiv:1907.06724) and Iris (Ablavatski and others,
2020, arXiv:2006.11341). The numbers of points are those of the canonical face model that MediaPipe publishes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from .detect import FaceBox
from .geometry import FacePoints, Matrix, apply, chain, inverse
from .network import Network
from .topology import CHIN, EYE_CORNERS, FOREHEAD, LEFT_CORNER, LOWER_LIP, RIGHT_CORNER, UPPER_LIP

Points = NDArray[np.float32]

_SIDE, _IRIS_SIDE = 192, 64
"""Pixels of the squares that the two models see."""
_LOOK, _SAME_LOOK = 16, 0.06
"""Pixels of the square in which looks of an eye are compared, and the mean difference over their contrast up to which
they are the same: of films of faces half of the eyes are read then, and the gap between the lids is off by a fifth of
what it varies by at most."""
_MARGIN = 1.5
"""Side of the region that the mesh is read from, over the face's."""


@dataclass(frozen=True)
class Region:
    """A tilted square in a picture, in pixels."""

    x: float
    """Of its centre."""
    y: float
    side: float
    tilt: float
    """Radians by which it is turned clockwise, as seen."""

    @classmethod
    def of(cls, box: FaceBox) -> Region:
        """Return the surroundings of a face that was detected, upright by the line of its eyes."""
        (left_x, left_y), (right_x, right_y) = box.eyes
        tilt = float(np.arctan2(right_y - left_y, right_x - left_x))
        return cls(*box.middle, _MARGIN * box.size, tilt)

    @property
    def upside_down(self) -> Region:
        """The same square, seen from its other end."""
        return replace(self, tilt=self.tilt + np.pi)

    def to_pixels(self, side: int) -> Matrix:
        """Return the map from a square of so many pixels to the picture."""
        scale = self.side / side
        c, s = scale * np.cos(self.tilt), scale * np.sin(self.tilt)
        half = side / 2
        return np.array([[c, -s, self.x - c * half + s * half], [s, c, self.y - s * half - c * half]])


@dataclass(frozen=True)
class Mesh:
    """A face, as one picture shows it."""

    points: Points
    """468×3: x to the right, y down, z away from the viewer, all in pixels of the picture."""
    presence: float
    """How surely a face is there at all, 0 to 1."""

    @cached_property
    def unit(self) -> float:
        """Pixels between the outer corners of the eyes, in three dimensions: a turned head is no smaller one."""
        return max(1e-6, float(np.linalg.norm(self.points[RIGHT_CORNER] - self.points[LEFT_CORNER])))

    @cached_property
    def axes(self) -> NDArray[np.float64]:
        """3×3: the face's own axes as columns, right along the eyes, down to the chin, and away from the viewer."""
        points = self.points.astype(float)
        across = points[RIGHT_CORNER] - points[LEFT_CORNER]
        across /= np.linalg.norm(across) + 1e-12
        down = points[CHIN] - points[FOREHEAD]
        down -= (down @ across) * across
        down /= np.linalg.norm(down) + 1e-12
        return np.stack([across, down, np.cross(across, down)], axis=1)

    @cached_property
    def region(self) -> Region:
        """The square from which the next frame's mesh is best read."""
        left, right = self.points[LEFT_CORNER, :2], self.points[RIGHT_CORNER, :2]
        tilt = float(np.arctan2(right[1] - left[1], right[0] - left[0]))
        c, s = np.cos(tilt), np.sin(tilt)
        levelled = self.points[:, :2] @ np.array([[c, -s], [s, c]])
        low, high = levelled.min(0), levelled.max(0)
        x, y = np.array([[c, -s], [s, c]]) @ ((low + high) / 2)
        return Region(float(x), float(y), _MARGIN * float((high - low).max()), tilt)

    @cached_property
    def face_points(self) -> FacePoints:
        """The centres of the eyes and of the mouth."""
        left, right, mouth = (
            self.points[list(pair), :2].mean(0).tolist() for pair in ((33, 133), (362, 263), (UPPER_LIP, LOWER_LIP))
        )
        return FacePoints((left[0], left[1]), (right[0], right[1]), (mouth[0], mouth[1]))

    def mapped(self, matrix: Matrix) -> Mesh:
        """Return the same face after a similarity of the picture."""
        scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
        flat = apply(matrix, self.points[:, :2].astype(float))
        return Mesh(np.column_stack([flat, scale * self.points[:, 2]]).astype(np.float32), self.presence)


class MeshReader:
    """Reads meshes.

    Args:
        network: the model "mesh".
    """

    def __init__(self, network: Network) -> None:
        self._network = network

    def read(self, pixels: NDArray[np.uint8], region: Region) -> Mesh:
        """Return the face in a region of a picture, H×W×3 RGB, whether or not there is one: see its presence."""
        part = cut(pixels, region, _SIDE)
        outputs = self._network.run(part.astype(np.float32) / np.float32(255))
        values = next(values for values in outputs if values.size == 468 * 3).reshape(-1, 3)
        presence = next(values for values in outputs if values.size == 1).item()
        flat = apply(region.to_pixels(_SIDE), values[:, :2].astype(float))
        points = np.column_stack([flat, values[:, 2] * region.side / _SIDE]).astype(np.float32)
        return Mesh(points, float(1 / (1 + np.exp(-np.clip(presence, -50, 50)))))


def head_centre(points: NDArray[Any]) -> NDArray[np.float64]:
    """Return the point about which a head is taken to turn: midway between the eyes.

    Where the eyes are is read most surely; whatever else was read of a nod or a turn, they end where they shall.
    """
    return np.asarray(points[list(EYE_CORNERS)].mean(0), float)


@dataclass(frozen=True)
class Eyes:
    """The eyes of a face as their own model sees them, in pixels of the picture; the left eye first."""

    rims: Points
    """2×16×2: the points that topology.LEFT_EYE and RIGHT_EYE name. The mesh alone hardly sees a lid that shuts."""
    irises: Points
    """2×5×2: the centre of each iris, and four points of its rim."""

    def mapped(self, matrix: Matrix) -> Eyes:
        """Return the same eyes after an affine map of the picture."""
        return Eyes(*(apply(matrix, places.astype(float)).astype(np.float32) for places in (self.rims, self.irises)))


@dataclass(frozen=True, eq=False)
class SeenEye:
    """An eye as it was read."""

    look: NDArray[np.float32]
    """_LOOK×_LOOK grey levels."""
    rim: Points
    """16×2, in the square that the model sees."""
    iris: Points
    """5×2, likewise."""

    def resembles(self, look: NDArray[np.float32]) -> bool:
        """Whether an eye looks as this one did."""
        return bool(np.abs(look - self.look).mean() < _SAME_LOOK * (self.look.std() + 1e-6))


SeenEyes = dict[int, SeenEye]
"""What was read of the eyes of a face last, by their outer corners' points."""


class EyeReader:
    """Reads lids and irises of a face whose mesh is known.

    Args:
        network: the model "iris".
    """

    def __init__(self, network: Network) -> None:
        self._network = network

    def read(self, pixels: NDArray[np.uint8], mesh: Mesh, seen: SeenEyes) -> Eyes:
        """Return both eyes of a face.

        Args:
            pixels: H×W×3 RGB.
            mesh: the face.
            seen: what was read in the frames before; an eye that looks as it did then is not read again. It is kept up
                to date here.
        """
        (left, left_iris), (right, right_iris) = (
            self._eye(pixels, mesh, corners, seen) for corners in ((33, 133), (263, 362))
        )
        return Eyes(np.stack([left, right]), np.stack([left_iris, right_iris]))

    def _eye(
        self, pixels: NDArray[np.uint8], mesh: Mesh, ends: tuple[int, int], seen: SeenEyes
    ) -> tuple[Points, Points]:
        outer, mirrored = ends[0], ends[0] == RIGHT_CORNER
        corners = mesh.points[list(ends), :2].astype(float)
        start, end = corners[::-1] if mirrored else corners
        middle = (start + end) / 2
        tilt = float(np.arctan2(end[1] - start[1], end[0] - start[0]))
        # The model's authors give the eye 2.3 times its width, and show both eyes as left ones.
        region = Region(float(middle[0]), float(middle[1]), 2.3 * float(np.hypot(*(end - start))), tilt)
        part = cut(pixels, region, _IRIS_SIDE)
        look = cv2.resize(part, (_LOOK, _LOOK), interpolation=cv2.INTER_AREA).mean(-1, dtype=np.float32)
        if outer not in seen or not seen[outer].resembles(look):
            seen[outer] = SeenEye(look, *self._points(part, mirrored))
        to_pixels, eye = region.to_pixels(_IRIS_SIDE), seen[outer]
        rim, iris = (apply(to_pixels, points.astype(float)).astype(np.float32) for points in (eye.rim, eye.iris))
        return rim, iris

    def _points(self, part: NDArray[np.uint8], mirrored: bool) -> tuple[Points, Points]:
        """Return rim and iris in a square that shows an eye."""
        part = np.asarray(part[:, ::-1], np.uint8) if mirrored else part
        outputs = self._network.run(part.astype(np.float32) / np.float32(255))
        found = []
        # Of its 71 points around the eye those of the rim come first; the brow, at the square's edge, is misplaced.
        for total, count in ((71, 16), (5, 5)):
            points = next(values for values in outputs if values.size == 3 * total).reshape(-1, 3)[:count, :2].copy()
            if mirrored:
                points[:, 0] = _IRIS_SIDE - points[:, 0]
            found.append(points)
        return found[0], found[1]


def cut(pixels: NDArray[np.uint8], region: Region, side: int) -> NDArray[np.uint8]:
    """Return a region of a picture as a square of so many pixels; what lies outside of the picture is black."""
    matrix = region.to_pixels(side)
    shrinking = region.side / side
    if shrinking > 2:
        # warpAffine has no area filter: fine texture would turn into noise, so a smaller picture is taken.
        left, top, right, bottom = _bounds(pixels, matrix, side)
        if right <= left or bottom <= top:
            return np.zeros((side, side, 3), np.uint8)
        part = pixels[top:bottom, left:right]
        size = max(1, round((right - left) / shrinking)), max(1, round((bottom - top) / shrinking))
        factors = (right - left) / size[0], (bottom - top) / size[1]
        pixels = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
        shrink = np.array([[1 / factors[0], 0, -left / factors[0]], [0, 1 / factors[1], -top / factors[1]]])
        matrix = chain(matrix, shrink)
    return np.asarray(cv2.warpAffine(pixels, inverse(matrix), (side, side), flags=cv2.INTER_LINEAR))


def _bounds(pixels: NDArray[np.uint8], matrix: Matrix, side: int) -> tuple[int, int, int, int]:
    corners = apply(matrix, np.array([[0, 0], [side, 0], [0, side], [side, side]], float))
    (left, top), (right, bottom) = np.floor(corners.min(0)), np.ceil(corners.max(0))
    height, width = pixels.shape[:2]
    return max(0, int(left)), max(0, int(top)), min(width, int(right)), min(height, int(bottom))
