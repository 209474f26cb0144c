"""The character's eyes: an upper lid, made of the skin around the eye, slides down over each."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .geometry import FacePoints, apply, smoothstep

_HALF_WIDTH, _ABOVE, _BELOW = 0.27, 0.13, 0.10
"""An eye's opening about its centre, in face units."""


class Eye:
    """Closes one eye of a character.

    Args:
        pixels: the character, H×W×3 RGB.
        face: its three points.
        side: -1 for the eye on the picture's left, 1 for the other.
    """

    def __init__(self, pixels: NDArray[np.uint8], face: FacePoints, side: int) -> None:
        centre = np.array(face.left_eye if side < 0 else face.right_eye)
        reach = 0.5 * face.eye_distance
        left, top = np.maximum(np.floor(centre - reach), 0).astype(int)
        right, bottom = np.minimum(np.ceil(centre + reach), pixels.shape[1::-1]).astype(int)
        self._part = (slice(top, bottom), slice(left, right))
        rows, columns = np.mgrid[top:bottom, left:right].astype(np.float64)
        places = apply(face.to_units, np.stack([columns.ravel(), rows.ravel()], -1))
        self._x = (places[:, 0] - side * 0.5).reshape(rows.shape).astype(np.float32)
        self._y = places[:, 1].reshape(rows.shape).astype(np.float32)
        self._soft = 1.2 / face.eye_distance
        open_eye = pixels[self._part]
        self._lid = self._skin_over(open_eye)
        self._lash = np.percentile(open_eye[self._within(1.0) > 0.5].reshape(-1, 3), 8, axis=0).astype(np.float32)

    def close(self, pixels: NDArray[np.uint8], closure: float) -> None:
        """Slide the lid down, in place.

        Args:
            pixels: the character, H×W×3 RGB; changed.
            closure: 0 for as in the picture, 1 for closed.
        """
        if closure < 0.03:
            return
        bow = np.clip(1 - (self._x / _HALF_WIDTH) ** 2, 0, 1)
        edge = (-_ABOVE + closure * (_ABOVE + _BELOW)) * bow
        covered = smoothstep(self._soft, -self._soft, self._y - edge) * self._within(1.35)
        lash = np.exp(-(((self._y - edge) / 0.022) ** 2)) * smoothstep(1.05, 0.8, np.abs(self._x) / _HALF_WIDTH)
        open_eye = pixels[self._part].astype(np.float32)
        covered, lash = covered[..., None], 0.75 * min(1.0, 2 * closure) * lash[..., None]
        closed = open_eye + (self._lid - open_eye) * covered
        pixels[self._part] = np.clip(closed + (self._lash - closed) * lash + 0.5, 0, 255).astype(np.uint8)

    def _within(self, grown: float) -> NDArray[np.float32]:
        middle, high = (_BELOW - _ABOVE) / 2, (_BELOW + _ABOVE) / 2
        away = np.sqrt((self._x / _HALF_WIDTH) ** 2 + ((self._y - middle) / high) ** 2)
        return smoothstep(grown, 0.85 * grown, away.astype(np.float32))

    def _skin_over(self, open_eye: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the eye's surroundings with skin where the eye is."""
        hole = (self._within(1.45) > 0.01).astype(np.uint8)
        filled = cv2.inpaint(np.ascontiguousarray(open_eye), hole, 3, cv2.INPAINT_TELEA)
        soft = cv2.GaussianBlur(filled, (0, 0), 0.04 / self._soft * 1.2)
        mask = cv2.GaussianBlur(hole.astype(np.float32), (0, 0), 1.5)[..., None]
        return np.asarray(filled + (soft.astype(np.float32) - filled) * mask, np.float32)
