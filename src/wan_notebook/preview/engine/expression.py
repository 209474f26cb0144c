"""Reading a face: how far the mouth is open, the lids closed, the brows raised."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from . import lips
from .head import HEAD, depth_at
from .tracker import FrameTrack, Pose


@dataclass(frozen=True)
class Expression:
    """The expression of a face, measured against its rest; distances in face units."""

    upper_lip: float = 0.0
    """How far the upper lip has moved down."""
    lower_lip: float = 0.0
    """How far the lower lip has moved down."""
    mouth_width: float = 1.0
    """How wide the gap between the lips is, against the mouth at rest."""
    left_lid: float = 0.0
    """How far the lid is closed, 0 to 1; left as seen in the picture."""
    right_lid: float = 0.0
    left_brow: float = 0.0
    """How far the brow has moved down."""
    right_brow: float = 0.0
    left_corner_x: float = 0.0
    """How far the mouth's corner has moved to the right, and down."""
    left_corner_y: float = 0.0
    right_corner_x: float = 0.0
    right_corner_y: float = 0.0


@dataclass(frozen=True)
class FaceReading:
    """The measurements of one frame, before it is known how the face looks at rest."""

    column: NDArray[np.uint8]
    """rows×3 (LAB): the mean colour of each row across the mouth's middle."""
    mouth: NDArray[np.uint8]
    """The mouth's surroundings as mouth_widths() of lips.py wants them."""
    eyes: tuple[float, float]
    """How much there is to see of each eye: the strength of its upright edges."""
    brows: tuple[float, float]
    """How far each brow has moved down, in face units."""
    corners: tuple[float, float, float, float]
    """How far each corner of the mouth has moved: left x and y, right x and y, in face units."""


class FaceReader:
    """Measures faces that have been laid upon their place at rest.

    Args:
        mouth: the mouth's place at rest, in face units.
        detail: pixels per face unit.
    """

    def __init__(self, mouth: tuple[float, float], detail: float) -> None:
        self._detail, self._mouth = detail, mouth
        self._x, self._y = HEAD.grid(detail)
        self._near = {place: depth_at(*place) for place in (mouth, (-0.5, 0.0), (0.5, 0.0))}

    def read(self, track: FrameTrack) -> FaceReading:
        """Measure the mouth, the eyes and the brows of one frame."""
        light = cv2.cvtColor(track.levelled, cv2.COLOR_RGB2GRAY)
        left, right = self._corner(track.motion, -1), self._corner(track.motion, 1)
        return FaceReading(
            column=self._column(track),
            mouth=self._square(track),
            eyes=(self._eye(light, -0.5, track.pose), self._eye(light, 0.5, track.pose)),
            brows=(self._brow(track.motion, -0.5), self._brow(track.motion, 0.5)),
            corners=(*left, *right),
        )

    def _pixel(self, x: float, y: float) -> tuple[int, int]:
        return round((x - HEAD.left) * self._detail), round((y - HEAD.top) * self._detail)

    def _turned(self, x: float, y: float, head: Pose) -> tuple[float, float]:
        """Where a place of the face at rest has gone by yaw and pitch."""
        near = self._near[x, y]
        return x + head.yaw * near, y + head.pitch * near

    def _square(self, track: FrameTrack) -> NDArray[np.uint8]:
        x, y = self._turned(*self._mouth, track.pose)
        side = round(lips.SIDE * self._detail)
        middle = self._pixel(x, y - lips.ABOVE + lips.SIDE / 2)
        square = cv2.getRectSubPix(track.levelled, (side, side), middle)
        small: NDArray[np.uint8] = cv2.resize(square, (lips.PIXELS,) * 2, interpolation=cv2.INTER_AREA)
        return small

    def _column(self, track: FrameTrack) -> NDArray[np.uint8]:
        x, y = self._turned(*self._mouth, track.pose)
        middle, half = self._pixel(x, 0)[0], max(1, round(0.12 * self._detail))
        band = np.ascontiguousarray(track.levelled[:, max(0, middle - half) : middle + half + 1])
        down = np.array([[1, 0, 0], [0, 1, (self._mouth[1] - y) * self._detail]])
        band = cv2.warpAffine(band, down, band.shape[1::-1], borderMode=cv2.BORDER_REPLICATE)
        column: NDArray[np.uint8] = cv2.cvtColor(band, cv2.COLOR_RGB2LAB).mean(1).round().astype(np.uint8)
        return column

    def _eye(self, light: NDArray[np.uint8], side: float, head: Pose) -> float:
        x, y = self._turned(side, 0.0, head)
        (left, top), (right, bottom) = self._pixel(x - 0.3, y - 0.16), self._pixel(x + 0.3, y + 0.16)
        patch = light[max(0, top) : bottom, max(0, left) : right]
        patch = cv2.GaussianBlur(patch, (0, 0), max(0.5, 0.012 * self._detail))
        return float(np.mean(np.abs(cv2.Sobel(patch, cv2.CV_32F, 1, 0))))

    def _median(self, motion: NDArray[np.float32], x: float, y: float, wide: float, high: float) -> tuple[float, float]:
        (left, top), (right, bottom) = self._pixel(x - wide, y - high), self._pixel(x + wide, y + high)
        seen = motion[top:bottom, left:right].reshape(-1, 2)
        return float(np.median(seen[:, 0])), float(np.median(seen[:, 1]))

    def _brow(self, motion: NDArray[np.float32], x: float) -> float:
        return self._median(motion, x, -0.38, 0.3, 0.1)[1]

    def _corner(self, motion: NDArray[np.float32], side: int) -> tuple[float, float]:
        return self._median(motion, self._mouth[0] + side * 0.42, self._mouth[1], 0.1, 0.1)
