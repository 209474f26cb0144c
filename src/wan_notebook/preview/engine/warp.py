"""The character's head and body: a smooth field that moves them and leaves the rest of the picture alone."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ...faces.geometry import FacePoints, apply, smoothstep
from ...faces.lip_line import LipLine
from .character import find_silhouette
from .expression import Expression
from .head import depth
from .performer import LIMB_CELLS, TORSO
from .tracker import Floats, Pose

_STEP = 8
"""The field is worked out at every eighth pixel."""
_LIMBS = 0.6
"""How much of the arms' motion is taken over: it was measured on arms of another shape, in another place."""


class Warp:
    """Moves a character's head and body.

    Args:
        pixels: the character, H×W×3 RGB.
        face: its three points.
        line: where its lips meet.
        reach: the longest way that anything will go, in face units: the farther, the softer the background gives way.
    """

    def __init__(self, pixels: NDArray[np.uint8], face: FacePoints, line: LipLine, reach: float) -> None:
        self._face, self._line = face, line
        height, width = pixels.shape[:2]
        self._size = (width, height)
        rows, columns = np.mgrid[0 : height + _STEP : _STEP, 0 : width + _STEP : _STEP].astype(np.float32)
        places = apply(face.to_units, np.stack([columns, rows], -1).reshape(-1, 2).astype(float))
        self._x = places[:, 0].reshape(rows.shape).astype(np.float32)
        self._y = places[:, 1].reshape(rows.shape).astype(np.float32)
        self._share = self._shares(pixels, rows, columns, max(0.4, 1.8 * reach))
        self._columns, self._rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))

    def __call__(
        self, pixels: NDArray[np.uint8], head: Pose, torso: Pose, limbs: NDArray[np.float16], expression: Expression
    ) -> NDArray[np.uint8]:
        """Return the picture with the head at one pose, the torso at another, and the face's features shifted."""
        arms = limbs.astype(np.float32) * np.float32(_LIMBS)
        head, torso = head.tilted(self._face.roll), torso.tilted(self._face.roll)
        x, y = self._x.copy(), self._y.copy()
        for _ in range(5):
            across, down = self._moves(x, y, head, torso, arms)
            shifted_across, shifted_down = self._shifts(x, y, expression)
            x, y = self._x - across - shifted_across, self._y - down - shifted_down
        linear = self._face.to_pixels[:, :2].astype(np.float32)
        across, down = x - self._x, y - self._y
        back = (linear[0, 0] * across + linear[0, 1] * down, linear[1, 0] * across + linear[1, 1] * down)
        # The coarse field's samples lie at cells' corners; cv2.resize would take them for centres.
        grow = np.array([[_STEP, 0, 0], [0, _STEP, 0]], np.float32)
        fields = [cv2.warpAffine(field, grow, self._size, flags=cv2.INTER_LINEAR) for field in back]
        moved: NDArray[np.uint8] = cv2.remap(
            pixels, self._columns + fields[0], self._rows + fields[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
        )
        return moved

    def _shares(self, pixels: NDArray[np.uint8], rows: Floats, columns: Floats, fade: float) -> Floats:
        """How much of the person's motion each place takes part in: the background less and less, the edges not."""
        background = (~find_silhouette(pixels, self._face)).astype(np.uint8)
        away = cv2.distanceTransform(background, cv2.DIST_L2, 5) / np.float32(self._face.eye_distance)
        inside = np.clip(rows, 0, pixels.shape[0] - 1), np.clip(columns, 0, pixels.shape[1] - 1)
        away = away[inside[0].astype(int), inside[1].astype(int)]
        edge = np.minimum.reduce([rows, columns, pixels.shape[0] - 1 - rows, pixels.shape[1] - 1 - columns])
        longest = 0.3 * min(pixels.shape[:2]) / self._face.eye_distance
        held = smoothstep(0.0, min(longest, fade), edge / np.float32(self._face.eye_distance))
        return np.asarray(smoothstep(fade, 0.05, away) * held, np.float32)

    def _at(self, field: Floats, x: Floats, y: Floats) -> Floats:
        """Return a coarse field at places in face units."""
        linear, origin = self._face.to_pixels[:, :2] / _STEP, self._face.to_pixels[:, 2] / _STEP
        columns = (linear[0, 0] * x + linear[0, 1] * y + origin[0]).astype(np.float32)
        rows = (linear[1, 0] * x + linear[1, 1] * y + origin[1]).astype(np.float32)
        return np.asarray(cv2.remap(field, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))

    def _moves(self, x: Floats, y: Floats, head: Pose, torso: Pose, arms: Floats) -> tuple[Floats, Floats]:
        """Return how far each place goes with the head, the torso and the arms."""
        above, share, near = smoothstep(2.9, 1.6, y), self._at(self._share, x, y), depth(x, y)
        with_head = displacement(head, np.clip(x, -1.6, 1.6), np.clip(y, -2.2, 2.4))
        # Far from the shoulders a turn or a growth would be a leap: there it goes on as at their edge.
        with_torso = displacement(torso, np.clip(x, -2.4, 2.4), np.clip(y, 1.5, 3.8))
        cells = (
            ((x - TORSO.left) / (TORSO.right - TORSO.left) * LIMB_CELLS[1] - 0.5).astype(np.float32),
            ((y - TORSO.top) / (TORSO.bottom - TORSO.top) * LIMB_CELLS[0] - 0.5).astype(np.float32),
        )
        waved = cv2.remap(arms, *cells, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
        across = share * (above * with_head[0] + (1 - above) * (with_torso[0] + waved[..., 0]))
        down = share * (above * with_head[1] + (1 - above) * (with_torso[1] + waved[..., 1]))
        return across + np.float32(head.yaw) * near, down + np.float32(head.pitch) * near

    def _shifts(self, x: Floats, y: Floats, expression: Expression) -> tuple[Floats, Floats]:
        """Return how far each place goes with the brows and the corners of the mouth."""
        across, down = np.zeros_like(x), np.zeros_like(y)
        for side, brow in ((-1, expression.left_brow), (1, expression.right_brow)):
            down += np.float32(brow) * np.exp(-(((x - 0.5 * side) / 0.4) ** 2) - ((y + 0.42) / 0.2) ** 2)
        for edge, corner_x, corner_y in (
            (-self._line.left, expression.left_corner_x, expression.left_corner_y),
            (self._line.right, expression.right_corner_x, expression.right_corner_y),
        ):
            at = self._line.middle + edge
            height = float(self._line.at(np.float32(edge)))  # type: ignore[arg-type]
            there = np.exp(-(((x - at) / 0.3) ** 2) - ((y - height) / 0.3) ** 2)
            across += np.float32(corner_x) * there
            down += np.float32(corner_y) * there
        return across, down


def displacement(pose: Pose, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return how far a pose carries places from where they are at rest."""
    m = pose.matrix.astype(np.float32)
    return (m[0, 0] - 1) * x + m[0, 1] * y + m[0, 2], m[1, 0] * x + (m[1, 1] - 1) * y + m[1, 2]
