"""Following the shoulders, and what the arms do before them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ...faces.geometry import FacePoints, Matrix, apply, smoothstep
from .tracker import Floats, Pose, Region, Tracker

TORSO = Region(left=-3.0, right=3.0, top=1.8, bottom=5.8)
LIMB_CELLS = (4, 6)
"""Rows and columns of the grid in which the arms' motion is kept."""
_DETAIL = 14
_LEAST_SEEN = 0.7
"""Face units of shoulders that a frame must show below the chin."""


class Torso:
    """Follows the performer's shoulders.

    Args:
        pixels: H×W×3 RGB, the frame at rest.
        face: the three points of its face.
    """

    def __init__(self, pixels: NDArray[np.uint8], face: FacePoints) -> None:
        x, y = TORSO.grid(_DETAIL)
        self._inside = _inside(pixels, face.to_pixels, x, y)
        seen = self._inside[:, abs(x[0]) < 0.8].mean(1)
        self.is_seen = float((seen > 0.5).sum()) / _DETAIL > _LEAST_SEEN
        """Whether there is enough of them in the picture."""
        trust = self._inside * smoothstep(2.2, 1.4, np.abs(x)) * smoothstep(4.6, 3.6, y)
        self._tracker = Tracker(pixels, face, TORSO, trust, None, detail=_DETAIL, rounds=1)

    def begin(self, head: Matrix) -> None:
        """Look below a head first, given the map from face units to pixels of the first frame's."""
        self._tracker.place = head

    def follow(self, pixels: NDArray[np.uint8], head: Matrix) -> tuple[Pose, NDArray[np.float16]]:
        """Find the shoulders in the next frame.

        Args:
            pixels: H×W×3 RGB.
            head: the map from face units to pixels of this frame's head: no shoulders are far from it.

        Returns:
            The shoulders' pose; LIMB_CELLS×2: how the arms move against them, in face units.
        """
        if not self._tracker.is_at(head, within=0.9):
            self._tracker.place = head
        sight = self._tracker.follow(pixels)
        seen = cv2.resize(sight.motion * self._inside[..., None], LIMB_CELLS[::-1], interpolation=cv2.INTER_AREA)
        return sight.pose, np.clip(seen, -0.5, 0.5).astype(np.float16)


def _inside(pixels: NDArray[np.uint8], place: Matrix, x: Floats, y: Floats) -> Floats:
    """Return 1 where a place in face units lies within the picture, 0 elsewhere."""
    spots = apply(place, np.stack([x, y], -1).reshape(-1, 2).astype(float))
    height, width = pixels.shape[:2]
    within = (spots >= 1).all(1) & (spots[:, 0] < width - 1) & (spots[:, 1] < height - 1)
    return np.asarray(within.reshape(x.shape), np.float32)
