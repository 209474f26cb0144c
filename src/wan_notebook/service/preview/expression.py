"""Reading a face: how far the mouth is open, the lids closed, the brows raised."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from .tracking import LEFT, TOP, Sight, crop_grid

_UPPER = np.arange(-0.30, 0.081, 0.02)
_LOWER = np.arange(-0.08, 0.901, 0.02)


@dataclass(frozen=True)
class Face:
    """What a face does, against its rest; distances in face units."""

    upper_lip: float = 0.0
    """How far the upper lip has moved down."""
    lower_lip: float = 0.0
    """How far the lower lip has moved down."""
    left_eye: float = 0.0
    """How much there is to see of the eye: the strength of its upright edges."""
    right_eye: float = 0.0
    left_brow: float = 0.0
    """How far the brow has moved down."""
    right_brow: float = 0.0
    left_corner_x: float = 0.0
    left_corner_y: float = 0.0
    right_corner_x: float = 0.0
    right_corner_y: float = 0.0


class Reader:
    """Reads faces that have been laid upon their place at rest.

    Args:
        rest: the levelled head at rest, RGB.
        mouth: the mouth's place at rest, in face units.
        detail: pixels per face unit.
    """

    def __init__(self, rest: NDArray[np.uint8], mouth: tuple[float, float], detail: float) -> None:
        self._detail, self._mouth = detail, mouth
        self._x, self._y = crop_grid(detail)
        self._profile_at_rest = self._profile(rest)

    def read(self, sight: Sight) -> Face:
        """Return what the face does in one frame."""
        upper, lower = self._lips(sight.levelled)
        left, right = self._corner(sight.motion, -1), self._corner(sight.motion, 1)
        light = cv2.cvtColor(sight.levelled, cv2.COLOR_RGB2GRAY)
        return Face(
            upper_lip=upper,
            lower_lip=lower,
            left_eye=self._eye(light, -0.5),
            right_eye=self._eye(light, 0.5),
            left_brow=self._brow(sight.motion, -0.5),
            right_brow=self._brow(sight.motion, 0.5),
            left_corner_x=left[0],
            left_corner_y=left[1],
            right_corner_x=right[0],
            right_corner_y=right[1],
        )

    def _row(self, y: float) -> float:
        return (y - TOP) * self._detail

    def _rows(self, y: NDArray[np.float64]) -> NDArray[np.float64]:
        return (y - TOP) * self._detail

    def _column(self, x: float) -> int:
        return round((x - LEFT) * self._detail)

    def _profile(self, levelled: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the mean colour of each row across the mouth's middle, rows×3 LAB."""
        middle, half = self._column(self._mouth[0]), max(2, round(0.13 * self._detail))
        band = np.ascontiguousarray(levelled[:, max(0, middle - half) : middle + half + 1])
        lab = cv2.cvtColor(band, cv2.COLOR_RGB2LAB).astype(np.float32)
        return np.asarray(lab.mean(1) * np.array([1.0, 1.5, 1.5], np.float32), np.float32)

    def _lips(self, levelled: NDArray[np.uint8]) -> tuple[float, float]:
        """Slide the skin and lip above and below the mouth's line, each by itself, to where they are seen now."""
        now, rest, lip = self._profile(levelled), self._profile_at_rest, self._mouth[1]
        above = self._slide(now, rest, np.arange(lip - 0.42, lip - 0.03, 0.5 / self._detail), _UPPER, lip)
        below = self._slide(now, rest, np.arange(lip + 0.03, lip + 0.5, 0.5 / self._detail), _LOWER, lip)
        upper, lower = _lowest(_UPPER, above + 6 * np.abs(_UPPER)), _lowest(_LOWER, below + 3 * np.abs(_LOWER))
        return upper, max(lower, upper)

    def _slide(
        self,
        now: NDArray[np.float32],
        rest: NDArray[np.float32],
        places: NDArray[np.float64],
        moves: NDArray[np.float64],
        lip: float,
    ) -> NDArray[np.float64]:
        """Return for each move how unlike the rest's rows the rows at the moved places are."""
        weight = np.exp(-np.abs(places - lip) / 0.25)
        rows = np.arange(len(rest))
        wanted = np.stack([np.interp(self._rows(places), rows, rest[:, c]) for c in range(3)], -1)
        moved = self._rows(places[None, :] + moves[:, None])
        seen = np.stack([np.interp(moved, rows, now[:, c]) for c in range(3)], -1)
        unlike = np.minimum(np.abs(seen - wanted).sum(-1), 60)
        return np.asarray((unlike * weight).sum(1) / weight.sum())

    def _eye(self, light: NDArray[np.uint8], x: float) -> float:
        d = self._detail
        top, bottom = round(self._row(-0.16)), round(self._row(0.16))
        patch = light[top:bottom, self._column(x - 0.3) : self._column(x + 0.3)]
        patch = cv2.GaussianBlur(patch, (0, 0), max(0.5, 0.012 * d))
        return float(np.mean(np.abs(cv2.Sobel(patch, cv2.CV_32F, 1, 0))))

    def _median(self, motion: NDArray[np.float32], x: float, y: float, wide: float, high: float) -> tuple[float, float]:
        rows = slice(round(self._row(y - high)), round(self._row(y + high)))
        seen = motion[rows, self._column(x - wide) : self._column(x + wide)].reshape(-1, 2)
        return float(np.median(seen[:, 0])), float(np.median(seen[:, 1]))

    def _brow(self, motion: NDArray[np.float32], x: float) -> float:
        return self._median(motion, x, -0.38, 0.3, 0.1)[1]

    def _corner(self, motion: NDArray[np.float32], side: int) -> tuple[float, float]:
        return self._median(motion, self._mouth[0] + side * 0.42, self._mouth[1], 0.1, 0.1)


def _lowest(moves: NDArray[np.float64], cost: NDArray[np.float64]) -> float:
    """Return the move of the least cost, refined between steps by a parabola."""
    best = int(np.argmin(cost))
    if 0 < best < len(cost) - 1:
        a, b, c = cost[best - 1 : best + 2]
        bend = a - 2 * b + c
        shift = 0.5 * (a - c) / bend if bend > 1e-9 else 0.0
        return float(moves[best] + shift * (moves[1] - moves[0]))
    return float(moves[best])
