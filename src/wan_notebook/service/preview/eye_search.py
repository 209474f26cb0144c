"""Finding how wide the eyes of a still face are open: what lies there that is not skin."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ...faces.geometry import FacePoints, levelled

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
    strange = _strangeness(part)
    columns = np.arange(part.shape[1]) / _DETAIL - _WIDE
    rows = np.arange(part.shape[0]) / _DETAIL - _HIGH
    # What is measured is taken half and half with a middling eye, so that no error goes far.
    middle = np.abs(columns) < 0.1
    above, below = _reach(strange[:, middle].mean(1), rows, 0.24)
    band = (rows > -0.6 * above - 0.01) & (rows < 0.6 * below + 0.01)
    left, right = _reach(strange[band].mean(0), columns, 0.42)
    half = (0.27 + float(np.clip((left + right) / 2, 0.2, 0.4))) / 2
    off = float(np.clip((right - left) / 2, -0.06, 0.06))
    above, below = (0.12 + float(np.clip(above, 0.07, 0.22))) / 2, (0.09 + float(np.clip(below, 0.05, 0.18))) / 2
    return EyeShape(x + off, 0.0, half, above, below)


def _strangeness(part: NDArray[np.uint8]) -> Floats:
    """Return how unlike the skin about the eye each place is, 0 to 1."""
    lab = cv2.cvtColor(cv2.GaussianBlur(part, (0, 0), 0.012 * _DETAIL), cv2.COLOR_RGB2LAB).astype(np.float32)
    skin = np.median(lab[int(0.82 * len(lab)) :].reshape(-1, 3), axis=0)
    away = np.abs(lab - skin) @ np.array([1.0, 1.2, 1.2], np.float32)
    near = away[int(0.3 * len(lab)) : int(0.7 * len(lab)), int(0.25 * lab.shape[1]) : int(0.75 * lab.shape[1])]
    strong = float(np.clip(0.5 * np.percentile(near, 80), 12, 20))
    return np.asarray(np.clip(away / strong - 0.5, 0, 1), np.float32)


def _reach(strange: Floats, places: NDArray[np.float64], farthest: float) -> tuple[float, float]:
    """Return how far strangeness goes on from the middle, backwards and forwards, before skin begins."""
    ends = []
    for direction in (-1, 1):
        outwards = strange[places * direction >= 0][::direction]
        skin = np.convolve(outwards < 0.3, np.ones(2), mode="valid") >= 2
        skin[: int(0.04 * _DETAIL)] = False
        end = int(np.argmax(skin)) / _DETAIL if skin.any() else farthest
        ends.append(min(farthest, end))
    return ends[0], ends[1]
