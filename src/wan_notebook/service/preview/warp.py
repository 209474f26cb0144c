"""The character's head and shoulders: a smooth field that moves them and leaves the rest of the picture alone."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .expression import Face
from .geometry import FacePoints, apply, smoothstep
from .mouth_search import LipLine
from .tracking import Head, depth

_STEP = 8
"""The field is worked out at every eighth pixel."""

Floats = NDArray[np.float32]


class Warp:
    """Moves a character's head.

    Args:
        size: width and height of the frames.
        face: the character's three points.
        line: where its lips meet.
        reach: the longest way that the head will go, in face units: the farther, the softer its surroundings give way.
    """

    def __init__(self, size: tuple[int, int], face: FacePoints, line: LipLine, reach: float) -> None:
        self._size, self._face, self._line = size, face, line
        width, height = size
        rows, columns = np.mgrid[0 : height + _STEP : _STEP, 0 : width + _STEP : _STEP].astype(np.float64)
        places = apply(face.to_units, np.stack([columns.ravel(), rows.ravel()], -1))
        self._x = places[:, 0].reshape(rows.shape).astype(np.float32)
        self._y = places[:, 1].reshape(rows.shape).astype(np.float32)
        self._fade = 1 + max(0.45, 1.4 * reach)
        self._columns, self._rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))

    def __call__(self, pixels: NDArray[np.uint8], head: Head, doing: Face) -> NDArray[np.uint8]:
        """Return the picture with the head moved."""
        x, y = self._x.copy(), self._y.copy()
        for _ in range(5):
            across, down = self._moves(x, y, head, doing)
            x, y = self._x - across, self._y - down
        linear = self._face.to_pixels[:, :2].astype(np.float32)
        across, down = x - self._x, y - self._y
        back = [linear[0, 0] * across + linear[0, 1] * down, linear[1, 0] * across + linear[1, 1] * down]
        width, height = self._size
        # The coarse field's samples lie at cells' corners; cv2.resize would take them for centres.
        grow = np.array([[_STEP, 0, 0], [0, _STEP, 0]], np.float32)
        fields = [cv2.warpAffine(f, grow, (width, height), flags=cv2.INTER_LINEAR) for f in back]
        return np.asarray(
            cv2.remap(
                pixels,
                self._columns + fields[0],
                self._rows + fields[1],
                cv2.INTER_LINEAR,
                borderMode=cv2.BORDER_REFLECT,
            )
        )

    def _moves(self, x: Floats, y: Floats, head: Head, doing: Face) -> tuple[Floats, Floats]:
        m = head.matrix.astype(np.float32)
        share = self._share(x, y)
        near = depth(x, y)
        across = share * ((m[0, 0] - 1) * x + m[0, 1] * y + m[0, 2]) + np.float32(head.yaw) * near
        down = share * (m[1, 0] * x + (m[1, 1] - 1) * y + m[1, 2]) + np.float32(head.pitch) * near
        for side, brow in ((-1, doing.left_brow), (1, doing.right_brow)):
            down += np.float32(brow) * np.exp(-(((x - 0.5 * side) / 0.4) ** 2) - ((y + 0.42) / 0.2) ** 2)
        for edge, corner_x, corner_y in (
            (-self._line.left, doing.left_corner_x, doing.left_corner_y),
            (self._line.right, doing.right_corner_x, doing.right_corner_y),
        ):
            at = self._line.middle + edge
            height = self._line.height + self._line.slope * edge + self._line.bend * edge**2
            there = np.exp(-(((x - at) / 0.3) ** 2) - ((y - height) / 0.3) ** 2)
            across += np.float32(corner_x) * there
            down += np.float32(corner_y) * there
        return across, down

    def _share(self, x: Floats, y: Floats) -> Floats:
        """How much of the head's motion a place takes part in."""
        away = np.sqrt((x / 1.5) ** 2 + ((y - 0.05) / 1.85) ** 2)
        return smoothstep(self._fade, 1.0, away) * smoothstep(3.2, 1.7, y)
