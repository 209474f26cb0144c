"""Finding how wide the eyes of a still face are open: what lies there that is not skin."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ...faces.geometry import FacePoints, apply, levelled, smoothstep

Floats = NDArray[np.float32]

_DETAIL = 80
"""Pixels per face unit."""
_WIDE, _HIGH = 0.46, 0.30
"""How far about an eye's centre is looked, in face units."""


@dataclass(frozen=True)
class EyeShape:
    """An open eye in face units: two bows over a line between its corners."""

    x: float
    """Its middle."""
    y: float
    """The height of its corners."""
    half: float
    """Half its width."""
    above: float
    """How far the upper lid rises over the corners."""
    below: float
    """How far the lower lid hangs under them."""

    def upper(self, x: Floats) -> Floats:
        """Return how far below the eyes' line the upper lid lies, at places that far from the middle."""
        return self.y - self.above * self._bow(x)

    def lower(self, x: Floats) -> Floats:
        """Return the same of the lower lid."""
        return self.y + self.below * self._bow(x)

    def _bow(self, x: Floats) -> Floats:
        return np.asarray(np.clip(1 - (x / self.half) ** 2, 0, 1), np.float32)


def find_eyes(pixels: NDArray[np.uint8], face: FacePoints) -> tuple[EyeShape, EyeShape]:
    """Return the shapes of both eyes, left first; where one is hard to see, the other speaks for it.

    Args:
        pixels: H×W×3 RGB.
        face: its three points.
    """
    left, right = find_eye(pixels, face, -1), find_eye(pixels, face, 1)
    half, above, below = ((getattr(left, n) + getattr(right, n)) / 2 for n in ("half", "above", "below"))
    return replace(left, half=half, above=above, below=below), replace(right, half=half, above=above, below=below)


def find_eye(pixels: NDArray[np.uint8], face: FacePoints, side: int) -> EyeShape:
    """Return the shape of an open eye by itself.

    Args:
        pixels: H×W×3 RGB.
        face: its three points.
        side: -1 for the eye on the picture's left, 1 for the other.
    """
    x = 0.5 * side
    part = levelled(pixels, face, (x - _WIDE, x + _WIDE, -_HIGH, _HIGH), _DETAIL)
    strange = unlike_skin(part)
    columns = np.arange(part.shape[1]) / _DETAIL - _WIDE
    rows = np.arange(part.shape[0]) / _DETAIL - _HIGH
    # What is measured is taken half and half with a middling eye, so that no error goes far.
    middle = np.abs(columns) < 0.1
    above, below = extent(strange[:, middle].mean(1), rows, 0.24)
    band = (rows > -0.6 * above - 0.01) & (rows < 0.6 * below + 0.01)
    left, right = extent(strange[band].mean(0), columns, 0.42)
    half = (0.27 + float(np.clip((left + right) / 2, 0.2, 0.4))) / 2
    off = float(np.clip((right - left) / 2, -0.06, 0.06))
    above, below = (0.12 + float(np.clip(above, 0.07, 0.22))) / 2, (0.09 + float(np.clip(below, 0.05, 0.18))) / 2
    return EyeShape(x + off, 0.0, half, above, below)


def unlike_skin(part: NDArray[np.uint8]) -> Floats:
    """Return how unlike the skin about the eye each place is, 0 to 1."""
    lab = cv2.cvtColor(cv2.GaussianBlur(part, (0, 0), 0.012 * _DETAIL), cv2.COLOR_RGB2LAB).astype(np.float32)
    skin = np.median(lab[int(0.82 * len(lab)) :].reshape(-1, 3), axis=0)
    away = np.abs(lab - skin) @ np.array([1.0, 1.2, 1.2], np.float32)
    near = away[int(0.3 * len(lab)) : int(0.7 * len(lab)), int(0.25 * lab.shape[1]) : int(0.75 * lab.shape[1])]
    strong = float(np.clip(0.5 * np.percentile(near, 80), 12, 20))
    return np.asarray(np.clip(away / strong - 0.5, 0, 1), np.float32)


def extent(strange: Floats, places: NDArray[np.float64], farthest: float) -> tuple[float, float]:
    """Return how far strangeness goes on from the middle, backwards and forwards, before skin begins."""
    ends = []
    for direction in (-1, 1):
        outwards = strange[places * direction >= 0][::direction]
        skin = np.convolve(outwards < 0.3, np.ones(2), mode="valid") >= 2
        skin[: int(0.04 * _DETAIL)] = False
        end = int(np.argmax(skin)) / _DETAIL if skin.any() else farthest
        ends.append(min(farthest, end))
    return ends[0], ends[1]


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
