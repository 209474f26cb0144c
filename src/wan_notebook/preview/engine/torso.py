"""Following the shoulders, and the arms before them."""

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
        self._inside = inside_picture(pixels, face.to_pixels, x, y)
        seen = self._inside[:, abs(x[0]) < 0.8].mean(1)
        self.is_seen = float((seen > 0.5).sum()) / _DETAIL > _LEAST_SEEN
        """Whether there is enough of them in the picture."""
        trust = self._inside * smoothstep(2.2, 1.4, np.abs(x)) * smoothstep(4.6, 3.6, y)
        self._tracker = Tracker(pixels, face, TORSO, trust, None, detail=_DETAIL, rounds=1)

    def begin(self, head: Matrix) -> None:
        """Start below the head of the first frame, given the map from its face units to pixels."""
        self._tracker.to_pixels = head

    def follow(self, pixels: NDArray[np.uint8], head: Matrix) -> tuple[Pose, NDArray[np.float16]]:
        """Find the shoulders in the next frame.

        Args:
            pixels: H×W×3 RGB.
            head: the map from face units to pixels of this frame's head: no shoulders are far from it.

        Returns:
            The shoulders' pose; LIMB_CELLS×2: how the arms move against them, in face units.
        """
        if not self._tracker.is_at(head, within=0.9):
            self._tracker.to_pixels = head
        track = self._tracker.follow(pixels)
        seen = cv2.resize(track.motion * self._inside[..., None], LIMB_CELLS[::-1], interpolation=cv2.INTER_AREA)
        return track.pose, np.clip(seen, -0.5, 0.5).astype(np.float16)


def inside_picture(pixels: NDArray[np.uint8], to_pixels: Matrix, x: Floats, y: Floats) -> Floats:
    """Return 1 where a place in face units lies within the picture, 0 elsewhere."""
    spots = apply(to_pixels, np.stack([x, y], -1).reshape(-1, 2).astype(float))
    height, width = pixels.shape[:2]
    within = (spots >= 1).all(1) & (spots[:, 0] < width - 1) & (spots[:, 1] < height - 1)
    return np.asarray(within.reshape(x.shape), np.float32)
