"""The geometry of fitting: to which size a frame is scaled, and what is then cut or added around it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from .preparation import Preparation

if TYPE_CHECKING:
    from numpy import uint8
    from numpy.typing import NDArray

Size: TypeAlias = tuple[int, int]
"""Width and height, in pixels."""

_NEARLY = 0.01
"""Aspects that differ by less are the same: cutting two columns is worth nobody's time."""


@dataclass(frozen=True)
class Fitting:
    """From a frame's size to another."""

    scaled: Size
    """To which the whole frame is scaled first."""
    final: Size
    """What is left after cutting, or after adding around the middle; both sides are even."""
    focus: tuple[float, float] = (0.5, 0.5)
    """About which point it is cut, in shares of width and height."""

    def keeps(self, width: int, height: int) -> bool:
        """Whether a frame of this size stays as it is, but for an odd row or column."""
        return self.scaled == self.final and abs(self.final[0] - width) < 2 and abs(self.final[1] - height) < 2

    def point(self, x: float, y: float, frame: Size) -> tuple[float, float]:
        """Return where a point of a frame of this size comes to lie; outside of the final size where it is cut away."""
        sides = zip((x, y), frame, self.scaled, self.final, self.focus, strict=True)
        placed = ((at * scaled / side, _placed(scaled, final, focus)) for at, side, scaled, final, focus in sides)
        (column, (from_x, to_x, _)), (row, (from_y, to_y, _)) = placed
        return column - from_x + to_x, row - from_y + to_y

    def place(self, pixels: NDArray[uint8]) -> NDArray[uint8]:
        """Return a scaled frame in its final size, cut about its focus or set on black around its middle."""
        import numpy as np

        if self.scaled == self.final:
            return pixels
        (from_x, to_x, columns), (from_y, to_y, rows) = (
            _placed(*side) for side in zip(self.scaled, self.final, self.focus, strict=True)
        )
        placed = np.zeros((self.final[1], self.final[0], *pixels.shape[2:]), np.uint8)
        placed[to_y : to_y + rows, to_x : to_x + columns] = pixels[from_y : from_y + rows, from_x : from_x + columns]
        return placed


def fitting(width: int, height: int, how: Preparation) -> Fitting:
    """Return how a frame of this size is fitted."""
    wide, high = _region(width, height, how)
    scale = min(1.0, (how.short_side or math.inf) / min(wide, high))
    final = _even(wide * scale), _even(high * scale)
    if (wide, high) == (width, height):
        return Fitting(final, final)
    reach = max if how.fit == "crop" else min
    return Fitting((reach(final[0], round(width * scale)), reach(final[1], round(height * scale))), final, how.focus)


def _region(width: int, height: int, how: Preparation) -> tuple[float, float]:
    """Return the size, in the frame's own pixels, of what is kept of it or of what it is set into."""
    if how.aspect is None or abs(width / height / how.aspect - 1) < _NEARLY:
        return width, height
    narrowed, flattened = (height * how.aspect, height), (width, width / how.aspect)
    too_wide = width / height > how.aspect
    return narrowed if too_wide == (how.fit == "crop") else flattened


def _even(pixels: float) -> int:
    return max(2, 2 * round(pixels / 2))


def _placed(scaled: int, final: int, focus: float) -> tuple[int, int, int]:
    """Return where to take from, where to put to, and how much, along one side."""
    about_focus = round(scaled * focus - final / 2)
    return min(max(0, about_focus), max(0, scaled - final)), max(0, (final - scaled) // 2), min(scaled, final)
