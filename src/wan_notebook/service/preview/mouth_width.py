"""Reading how wide a mouth is open, from a small picture of it in each frame."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ...faces.lip_line import LipLine
from .lips import Lips

SIDE, ABOVE = 1.4, 0.3
"""Side of the square that is looked at, and how much of it lies above the mouth, in face units."""
PIXELS = 28
"""Pixels of that side."""
_LIP = 0.01
"""How thick the lips are at the sides of the gap, in face units."""


def mouth_widths(squares: NDArray[np.uint8], lips: Lips, line: LipLine) -> NDArray[np.float64]:
    """Return how wide the gap between the lips is in each frame, against the mouth at rest.

    Args:
        squares: frames × PIXELS × PIXELS × 3 (RGB): the mouth's surroundings.
        lips: how the lips move.
        line: where they meet at rest.
    """
    widths = np.ones(len(squares))
    for number, (square, upper, lower) in enumerate(zip(squares, lips.upper, lips.lower, strict=True)):
        if lower - upper > 0.1:
            widths[number] = (_across(square, upper, lower) - 2 * _LIP) / (line.left + line.right)
    return np.clip(widths, 0.66, 1.15)


def _across(square: NDArray[np.uint8], upper: float, lower: float) -> float:
    """Return how far it is from cheek to cheek at half the gap's height, in face units."""
    step = SIDE / PIXELS
    first, last = ((ABOVE + upper + share * (lower - upper)) / step for share in (0.35, 0.65))
    rows = square[int(first) : max(int(first) + 1, round(last))]
    colours = cv2.cvtColor(rows, cv2.COLOR_RGB2LAB).astype(float).mean(0)
    total = 0.0
    for outwards in (colours[: PIXELS // 2][::-1], colours[PIXELS // 2 :]):
        # Teeth may be as light as cheeks, but there is no cheek between them.
        unlike = np.abs(outwards - outwards[-3:].mean(0)).sum(1)
        total += step * (1 + np.flatnonzero(unlike >= max(15.0, 0.35 * float(unlike.max()))).max(initial=-1))
    return total
