"""Face units: the one coordinate system in which a character and a reference can be compared.

The origin lies midway between the eyes, x runs along them to the picture's right, y down the face, and the distance of
the eyes is 1. In these units a mouth lies near (0, 1.1), a chin near (0, 1.8), a nose's tip near (0, 0.65).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
"""2×3: an affine map of points (x, y)."""


@dataclass(frozen=True)
class FacePoints:
    """Where a face's eyes and mouth are, in pixels; left and right as seen in the picture."""

    left_eye: tuple[float, float]
    right_eye: tuple[float, float]
    mouth: tuple[float, float]

    @property
    def eye_distance(self) -> float:
        """Pixels between the eyes' centres: the length of one face unit."""
        return float(np.hypot(self.right_eye[0] - self.left_eye[0], self.right_eye[1] - self.left_eye[1]))

    @property
    def to_units(self) -> Matrix:
        """The similarity from pixels to face units."""
        return inverse(self.to_pixels)

    @property
    def to_pixels(self) -> Matrix:
        """The similarity from face units to pixels."""
        dx, dy = np.subtract(self.right_eye, self.left_eye)
        middle = np.add(self.left_eye, self.right_eye) / 2
        return np.array([[dx, -dy, middle[0]], [dy, dx, middle[1]]], dtype=float)

    @property
    def mouth_units(self) -> tuple[float, float]:
        """The mouth's place in face units."""
        x, y = apply(self.to_units, np.array([self.mouth]))[0]
        return float(x), float(y)

    @property
    def roll(self) -> float:
        """Radians by which the eyes' line is turned clockwise, as seen in the picture."""
        return float(np.arctan2(self.right_eye[1] - self.left_eye[1], self.right_eye[0] - self.left_eye[0]))

    def scaled(self, factor: float) -> FacePoints:
        """Return the same face in a picture resized by this factor."""
        return self.mapped(np.array([[factor, 0, 0], [0, factor, 0]], dtype=float))

    def mapped(self, matrix: Matrix) -> FacePoints:
        """Return the same face after an affine map of the picture."""
        left, right, mouth = apply(matrix, np.array([self.left_eye, self.right_eye, self.mouth])).tolist()
        return FacePoints((left[0], left[1]), (right[0], right[1]), (mouth[0], mouth[1]))


def apply(matrix: Matrix, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return N×2 points mapped by a 2×3 matrix."""
    mapped: NDArray[np.float64] = points @ matrix[:, :2].T + matrix[:, 2]
    return mapped


def inverse(matrix: Matrix) -> Matrix:
    """Return the 2×3 matrix that undoes this one."""
    return np.asarray(cv2.invertAffineTransform(matrix), np.float64)


def chain(first: Matrix, then: Matrix) -> Matrix:
    """Return the 2×3 matrix that does one after the other."""
    return np.hstack([then[:, :2] @ first[:, :2], then[:, :2] @ first[:, 2:] + then[:, 2:]])


def levelled(
    pixels: NDArray[np.uint8], face: FacePoints, part: tuple[float, float, float, float], detail: float
) -> NDArray[np.uint8]:
    """Return a part of a face with its eyes level.

    Args:
        pixels: H×W×3 RGB.
        face: the face.
        part: left, right, top and bottom in face units.
        detail: pixels per face unit.
    """
    left, right, top, bottom = part
    shrinking = face.eye_distance / detail
    if shrinking > 1.4:
        # warpAffine has no area filter: without a blur, fine texture would turn into noise.
        pixels = cv2.GaussianBlur(pixels, (0, 0), 0.4 * shrinking)
    to_pixels = chain(np.array([[1 / detail, 0, left], [0, 1 / detail, top]]), face.to_pixels)
    size = (round((right - left) * detail), round((bottom - top) * detail))
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    seen: NDArray[np.uint8] = cv2.warpAffine(pixels, to_pixels, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return seen


def smoothstep(low: float, high: float, value: NDArray[Any]) -> NDArray[np.float32]:
    """Return 0 below low, 1 above high, and a soft rise between; falls instead where low exceeds high."""
    t = np.clip((value - low) / (high - low), 0, 1)
    rise: NDArray[np.float32] = (t * t * (3 - 2 * t)).astype(np.float32)
    return rise


def median(values: NDArray[Any]) -> NDArray[Any]:
    """Return the median over the first axis of few values, for which np.median takes ten times as long."""
    ordered, middle = np.sort(values, axis=0), len(values) // 2
    return np.asarray((ordered[middle] + ordered[-1 - middle]) / 2)


Size = tuple[int, int]
"""A picture's width and height in pixels."""


def cropped_at_forehead(face: FacePoints, size: Size) -> bool:
    """Whether a picture ends too close above a face, however that is turned."""
    return _beyond(face, [(-0.5, -1.2), (0.5, -1.2)], size)


def cropped_at_chin(face: FacePoints, size: Size) -> bool:
    """Whether a picture ends too close below a face's mouth."""
    across, down = face.mouth_units
    return _beyond(face, [(across, down + 0.7)], size)


def cropped_at_side(face: FacePoints, size: Size) -> bool:
    """Whether a picture ends too close beside a face."""
    return _beyond(face, [(-0.95, 0.0), (0.95, 0.0)], size)


def _beyond(face: FacePoints, places: list[tuple[float, float]], size: Size) -> bool:
    """Whether one of some places, in face units, lies beyond a picture's edge."""
    at = apply(face.to_pixels, np.array(places))
    return bool(((at < 0) | (at > size)).any())
