"""The character's eyes: an upper lid, made of the skin around the eye, slides down over each."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ...faces.geometry import FacePoints, apply, smoothstep
from .eye_search import EyeShape

Floats = NDArray[np.float32]

_FOLD = 0.1
"""How much of what lies above the eye is drawn down with its lid, in face units."""


class Eye:
    """Closes one eye of a character.

    Args:
        pixels: the character, H×W×3 RGB.
        face: its three points.
        shape: the eye as it is open.
    """

    def __init__(self, pixels: NDArray[np.uint8], face: FacePoints, shape: EyeShape) -> None:
        centre = apply(face.to_pixels, np.array([[shape.x, shape.y]]))[0]
        reach = 0.6 * face.eye_distance
        left, top = np.maximum(np.floor(centre - reach), 0).astype(int)
        right, bottom = np.minimum(np.ceil(centre + reach), pixels.shape[1::-1]).astype(int)
        self._part = (slice(top, bottom), slice(left, right))
        rows, columns = np.mgrid[top:bottom, left:right].astype(np.float64)
        places = apply(face.to_units, np.stack([columns.ravel(), rows.ravel()], -1))
        self._x = (places[:, 0] - shape.x).reshape(rows.shape).astype(np.float32)
        self._y = places[:, 1].reshape(rows.shape).astype(np.float32)
        self._shape, self._soft = shape, 1.0 / face.eye_distance
        self._rows, self._columns = (rows - top).astype(np.float32), (columns - left).astype(np.float32)
        self._down = face.to_pixels[:, 1].astype(np.float32)
        still = pixels[self._part]
        self._lid = self._drawn_lid(still, face.eye_distance)
        self._lash = np.percentile(still[self._away() < 1].reshape(-1, 3), 6, axis=0).astype(np.float32)

    def close(self, pixels: NDArray[np.uint8], closure: float) -> None:
        """Slide the lid down, in place.

        Args:
            pixels: the character, H×W×3 RGB; changed.
            closure: 0 for as in the picture, 1 for closed.
        """
        if closure < 0.03:
            return
        upper, lower = self._shape.upper(self._x), self._shape.lower(self._x)
        # A closed lid rests a little above the lower edge of the eye.
        edge = upper + np.float32(0.9 * closure) * (lower - upper)
        above = np.clip((self._y - upper + _FOLD) / np.maximum(edge - upper + _FOLD, _FOLD), 0, 1)
        up = self._y - (upper - _FOLD + above * _FOLD)
        lid = cv2.remap(
            self._lid,
            self._columns - up * self._down[0],
            self._rows - up * self._down[1],
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        inside = smoothstep(1.15, 0.95, np.abs(self._x / np.float32(self._shape.half)))
        covered = smoothstep(self._soft, -self._soft, self._y - edge) * smoothstep(0.0, 0.5, above) * inside
        shut = max(0.0, 5 * closure - 4)
        covered = np.maximum(
            covered, np.float32(shut) * smoothstep(0.06, 0.0, self._y - lower) * (self._y > upper) * inside
        )
        lash = np.exp(-(((self._y - edge) / 0.02) ** 2)) * smoothstep(
            1.08, 0.85, np.abs(self._x / np.float32(self._shape.half))
        )
        coming = min(1.0, closure / 0.25)
        covered, lash = coming * covered[..., None], 0.8 * coming * lash[..., None]
        open_eye = pixels[self._part].astype(np.float32)
        closed = open_eye + (lid - open_eye) * covered
        pixels[self._part] = np.clip(closed + (self._lash - closed) * lash + 0.5, 0, 255).astype(np.uint8)

    def _away(self) -> Floats:
        """Return how far each pixel is from the eye's middle; 1 is its rim."""
        shape = self._shape
        middle, high = shape.y + (shape.below - shape.above) / 2, (shape.below + shape.above) / 2
        return np.asarray(np.hypot(self._x / shape.half, (self._y - middle) / high), np.float32)

    def _drawn_lid(self, still: NDArray[np.uint8], unit: float) -> Floats:
        """Return the skin above the eye, with skin in the eye's own place too."""
        skin = self._skin(still, unit)
        share = smoothstep(-_FOLD, 0.0, self._y - self._shape.upper(self._x))[..., None]
        return np.asarray(still + (skin - still) * share, np.float32)

    def _skin(self, still: NDArray[np.uint8], unit: float) -> Floats:
        """Return smooth skin in the eye's place, of the colours around it; lashes and brows are no skin."""
        lab = cv2.cvtColor(still, cv2.COLOR_RGB2LAB).astype(np.float32)
        ring = (self._away() > 1.3) & (self._away() < 2.0) & (self._y > self._shape.y)
        skin = np.median(lab[ring], axis=0)
        unlike = np.abs(lab - skin) @ np.array([0.7, 1.0, 1.0], np.float32)
        trust = (np.exp(-((unlike / 25) ** 2)) + 1e-3) * smoothstep(1.05, 1.35, self._away())
        blur = 0.09 * unit
        weight = cv2.GaussianBlur(trust, (0, 0), blur)[..., None] + 1e-6
        filled = cv2.GaussianBlur(still * trust[..., None], (0, 0), blur) / weight
        # The lid bulges: a touch of shade where it meets the brow's bone.
        shade = 1 - 0.06 * np.exp(-(((self._y - self._shape.upper(self._x)) / 0.04) ** 2))[..., None]
        return np.asarray(filled * shade, np.float32)
