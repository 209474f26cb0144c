"""Finding the mouth of a face whose eyes are known, and the line in which its lips meet."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from .geometry import FacePoints, levelled

Floats = NDArray[np.float32]

_DETAIL = 48
"""Pixels per face unit."""
_WIDE, _TOP, _BOTTOM = 1.6, -0.3, 1.9
_PLACE, _STRAY = 1.08, 0.2
"""How far below the eyes a mouth lies, and how much that varies between faces."""


@dataclass(frozen=True)
class LipLine:
    """The line in which lips meet, in face units: y = height + slope·x + bend·x² about the middle."""

    middle: float
    height: float
    slope: float
    bend: float
    left: float
    """How far the left corner lies from the middle."""
    right: float
    teeth: float = 0.0
    """How high the upper teeth are that show above the line."""

    def at(self, x: Floats) -> Floats:
        """Return how far below the eyes the line passes, at places that far from the middle."""
        inside = np.clip(x, -self.left, self.right)
        return np.asarray(self.height + self.slope * inside + self.bend * inside**2, np.float32)


def find_mouth(pixels: NDArray[np.uint8], eyes: FacePoints) -> tuple[float, float, float]:
    """Return the mouth's place in face units, and how clearly it is seen, 0 to 1.

    Args:
        pixels: H×W×3 RGB.
        eyes: a face whose eyes are known.
    """
    lab = _lab(levelled(pixels, eyes, (-_WIDE / 2, _WIDE / 2, _TOP, _BOTTOM), _DETAIL))
    y, x = np.mgrid[0 : lab.shape[0], 0 : lab.shape[1]].astype(np.float32) / _DETAIL
    x, y = x - _WIDE / 2, y + _TOP
    valley = cv2.blur(darkness(lab[..., 0]), (_odd(0.44), _odd(0.04)))
    red = cv2.blur(lab[..., 1], (_odd(0.4), _odd(0.14)))
    red = np.clip(red - np.median(lab[(y > 0.2) & (y < 1.5), 1]), 0, None)
    likely = (np.abs(x) < 0.3) & (y > 0.6) & (y < 1.6)
    prior = np.exp(-((x / 0.1) ** 2) / 2 - ((y - _PLACE) / _STRAY) ** 2 / 2)
    seen = (valley / (valley[likely].max() + 1) + 0.6 * red / (red[likely].max() + 2)) * prior
    row, column = np.unravel_index(int(seen.argmax()), seen.shape)
    return float(x[row, column]), float(y[row, column]), min(1.0, float(seen[row, column]) / 0.8)


def trace_lips(pixels: NDArray[np.uint8], face: FacePoints) -> LipLine:
    """Follow the line between the lips from the mouth's middle to its corners.

    Args:
        pixels: H×W×3 RGB.
        face: its three points.
    """
    middle, height = face.mouth_units
    reach, high = 0.62, 0.3
    part = levelled(pixels, face, (middle - reach, middle + reach, height - high, height + high), _DETAIL)
    lab = _lab(part)
    dark = cv2.blur(darkness(lab[..., 0]), (_odd(0.06), 1))
    rows = np.arange(len(dark), dtype=np.float32)[:, None] / _DETAIL - high
    path = strongest_path(dark * np.exp(-((rows / 0.14) ** 2) / 2))
    x = np.arange(len(path)) / _DETAIL - reach
    depth = dark[path, np.arange(len(path))]
    left, right = corner_distance(depth[::-1][len(path) // 2 :]), corner_distance(depth[len(path) // 2 :])
    inside = (x > -left) & (x < right)
    bend, slope, rise = np.polyfit(x[inside], path[inside] / _DETAIL - high, 2, w=1 + depth[inside])
    bend, slope = float(np.clip(bend, -0.7, 0.7)), float(np.clip(slope, -0.25, 0.25))
    teeth = teeth_height(lab, path[len(path) // 2])
    return LipLine(middle, height + float(np.clip(rise, -0.1, 0.1)) + teeth, slope, bend, left, right, teeth)


def _lab(part: NDArray[np.uint8]) -> Floats:
    soft = cv2.GaussianBlur(part, (0, 0), 0.015 * _DETAIL)
    return np.asarray(cv2.cvtColor(soft, cv2.COLOR_RGB2LAB), np.float32)


def darkness(light: Floats) -> Floats:
    """Return how much darker each place is than the places above and below it."""
    return np.asarray(cv2.morphologyEx(light, cv2.MORPH_BLACKHAT, np.ones((_odd(0.12), 1), np.uint8)), np.float32)


def _odd(units: float) -> int:
    return 2 * int(units * _DETAIL / 2) + 1


def strongest_path(strength: Floats) -> NDArray[np.int_]:
    """Return for each column the row of the strongest path from side to side that never leaps."""
    total, came = strength[:, 0].copy(), np.zeros(strength.shape, int)
    for column in range(1, strength.shape[1]):
        ways = np.stack([np.roll(total, 1), total, np.roll(total, -1)])
        ways[0, 0] = ways[2, -1] = -np.inf
        came[:, column] = ways.argmax(0) - 1
        total = ways.max(0) + strength[:, column]
    path = np.empty(strength.shape[1], int)
    path[-1] = int(total.argmax())
    for column in range(len(path) - 1, 0, -1):
        path[column - 1] = path[column] + came[path[column], column]
    return path


def corner_distance(depth: Floats) -> float:
    """Return how far the line goes on, in face units, given its depth from the middle outwards."""
    typical = float(np.median(depth[: int(0.25 * _DETAIL)]))
    faint = np.convolve(depth < 0.3 * typical, np.ones(4), mode="valid") >= 4
    end = int(np.argmax(faint)) if faint.any() else len(depth)
    return float(np.clip(end / _DETAIL, 0.26, 0.5))


def teeth_height(lab: Floats, line: int) -> float:
    """Return how far teeth reach down from the line, in face units: bright, less red and less yellow than skin."""
    middle = lab.shape[1] // 2
    column = lab[line:, middle - 3 : middle + 4].mean(1)
    skin = np.median(lab.reshape(-1, 3), axis=0)
    white = (column[:, 0] > skin[0] - 12) & (column[:, 1] < skin[1] - 2) & (column[:, 2] < skin[2] - 4)
    begin = int(np.argmax(white)) if white[: _odd(0.1)].any() else 0
    end = begin + int(np.argmin(white[begin:])) if white[begin] else 0
    return end / _DETAIL if end > 0.04 * _DETAIL else 0.0
