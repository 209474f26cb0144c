"""The mesh of a face: 468 points in three dimensions.

The model is MediaPipe's Face Mesh (Kartynnik and others, 2019, arXiv:1907.06724). The numbers of points are those of
the canonical face model that MediaPipe publishes.
"""

from __future__ import annotations

import math
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

_SIDE = 192
"""Pixels of the square that the model sees."""
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

    def mirrored(self, width: int) -> Region:
        """Return the same square in a mirror image of its picture, which is so many pixels wide."""
        return replace(self, x=width - 1 - self.x, tilt=-self.tilt)

    def varied(self, scale: float, right: float, down: float, turn: float) -> Region:
        """Return a square near it.

        Args:
            scale: its side, over this one's.
            right: how far its centre lies to the right of this one's, in sides of this one.
            down: likewise.
            turn: radians by which it is turned further clockwise.
        """
        x, y = self.x + right * self.side, self.y + down * self.side
        return Region(x, y, scale * self.side, self.tilt + turn)

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
    def lips_apart(self) -> float:
        """How far the lips are apart in their middle, in units."""
        return math.dist(self.points[UPPER_LIP], self.points[LOWER_LIP]) / self.unit

    @cached_property
    def middle(self) -> NDArray[np.float64]:
        """The mean place (x, y) of its points, in pixels of the picture."""
        return np.asarray(self.points[:, :2].mean(0), float)

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
        upright = np.array([[np.cos(tilt), -np.sin(tilt)], [np.sin(tilt), np.cos(tilt)]])
        levelled = upright.T @ self.points[:, :2].T
        low, high = levelled.min(1), levelled.max(1)
        x, y = upright @ ((low + high) / 2)
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

    def distance(self, box: FaceBox) -> float:
        """Return how far apart mesh and detector see eyes and mouth at most, in distances of the eyes."""
        points = self.face_points
        pairs = (points.left_eye, box.eyes[0]), (points.right_eye, box.eyes[1]), (points.mouth, box.mouth)
        return max(float(np.hypot(a[0] - b[0], a[1] - b[1])) for a, b in pairs) / max(1e-6, points.eye_distance)


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
