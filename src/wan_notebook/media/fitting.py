"""The geometry of fitting: the size to which a frame is scaled, then cropped or padded."""

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
"""Aspects that differ by less are the same: it is not worth the time to cut two columns."""


@dataclass(frozen=True)
class Fitting:
    """The way from one frame size to another: scaled first, then cropped or padded."""

    scaled: Size
    """The size to which the whole frame is scaled first."""
    final: Size
    """The size after cropping, or after padding around the middle; both sides are even."""
    focus: tuple[float, float] = (0.5, 0.5)
    """The point about which it is cropped, in shares of width and height."""

    def leaves_unchanged(self, width: int, height: int) -> bool:
        """Whether a frame of this size stays as it is, but for an odd row or column."""
        return self.scaled == self.final and abs(self.final[0] - width) < 2 and abs(self.final[1] - height) < 2

    def map_point(self, x: float, y: float, frame: Size) -> tuple[float, float]:
        """Map a point of a frame of this size to the fitted one, in pixels; outside of it where it is cropped away."""
        sides = zip((x, y), frame, self.scaled, self.final, self.focus, strict=True)
        mapped = ((at * scaled / side, copied(scaled, final, focus)) for at, side, scaled, final, focus in sides)
        (column, (from_x, to_x, _)), (row, (from_y, to_y, _)) = mapped
        return column - from_x + to_x, row - from_y + to_y

    def crop_or_pad(self, pixels: NDArray[uint8]) -> NDArray[uint8]:
        """Bring a scaled frame to the final size, cropped about its focus or set on black around its middle."""
        import numpy as np

        if self.scaled == self.final:
            return pixels
        (from_x, to_x, columns), (from_y, to_y, rows) = (
            copied(*side) for side in zip(self.scaled, self.final, self.focus, strict=True)
        )
        fitted = np.zeros((self.final[1], self.final[0], *pixels.shape[2:]), np.uint8)
        fitted[to_y : to_y + rows, to_x : to_x + columns] = pixels[from_y : from_y + rows, from_x : from_x + columns]
        return fitted


def fit_frame(width: int, height: int, preparation: Preparation) -> Fitting:
    """Return the fitting of a frame of this size, in pixels, under a preparation."""
    wide, high = region(width, height, preparation)
    scale = min(1.0, (preparation.short_side or math.inf) / min(wide, high))
    final = even(wide * scale), even(high * scale)
    if (wide, high) == (width, height):
        return Fitting(final, final)
    reach = max if preparation.fit == "crop" else min
    scaled = reach(final[0], round(width * scale)), reach(final[1], round(height * scale))
    return Fitting(scaled, final, preparation.focus)


def region(width: int, height: int, preparation: Preparation) -> tuple[float, float]:
    """Return the size, in the frame's own pixels, of the part that is kept of it, or of the ground it is set on."""
    aspect = preparation.aspect
    if aspect is None or abs(width / height / aspect - 1) < _NEARLY:
        return width, height
    too_wide = width / height > aspect
    narrowed, flattened = (height * aspect, height), (width, width / aspect)
    return narrowed if too_wide == (preparation.fit == "crop") else flattened


def even(pixels: float) -> int:
    """Round a side to an even number of pixels, as video codecs want it."""
    return max(2, 2 * round(pixels / 2))


def copied(scaled: int, final: int, focus: float) -> tuple[int, int, int]:
    """Return the first pixel to copy from, the first to copy to, and their number, along one side."""
    about_focus = round(scaled * focus - final / 2)
    return min(max(0, about_focus), max(0, scaled - final)), max(0, (final - scaled) // 2), min(scaled, final)
