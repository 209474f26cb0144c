"""Finding cuts: the seconds at which a video jumps to another shot."""

from __future__ import annotations

import math
import statistics
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

_MAX_CORRELATION = 0.6
"""Correlation of neighbouring frames below which they show different pictures. Real footage that was measured, with
quick gestures in it, stays above 0.94."""
_MIN_DROP = 0.3
"""How far below its neighbourhood the correlation of a cut lies; in a fast pan it is low all along."""
_NEIGHBOURS = 3
"""How many neighbours on each side make the neighbourhood."""
_ROWS = 24
"""Of the grid of mean brightness that is compared, so that fine structure in motion does not matter."""


class CutFinder:
    """Compares each frame with the one before, and finds where the picture jumps."""

    def __init__(self) -> None:
        self._previous: NDArray[float32] | None = None
        self._times: list[float] = []
        self._correlations: list[float] = []

    def add(self, time: float, grey: NDArray[float32]) -> None:
        """Compare the next frame.

        Args:
            time: its second.
            grey: its brightness, H×W.
        """
        coarse = cell_means(grey)
        contrast = coarse - coarse.mean()
        if self._previous is not None:
            self._times.append(time)
            self._correlations.append(correlation(contrast, self._previous))
        self._previous = contrast

    def found(self) -> tuple[float, ...]:
        """Return the seconds at which a new shot begins."""
        cuts = []
        for number, (time, here) in enumerate(zip(self._times, self._correlations, strict=True)):
            before = self._correlations[max(0, number - _NEIGHBOURS) : number]
            after = self._correlations[number + 1 : number + 1 + _NEIGHBOURS]
            if here < _MAX_CORRELATION and statistics.median([*before, *after] or [1.0]) > here + _MIN_DROP:
                cuts.append(time)
        return tuple(cuts)


def cell_means(grey: NDArray[float32]) -> NDArray[float32]:
    """Return the mean brightness of square cells, _ROWS of them or a few more from top to bottom."""
    side = max(1, grey.shape[0] // _ROWS)
    rows, columns = grey.shape[0] // side, grey.shape[1] // side
    cells: NDArray[float32] = grey[: rows * side, : columns * side].reshape(rows, side, columns, side).mean((1, 3))
    return cells


def correlation(first: NDArray[float32], second: NDArray[float32]) -> float:
    """Return the correlation of two pictures without their means, -1 to 1."""
    # A grain of variance is added to all three, so that two black frames are alike.
    grain = float(first.size)
    pairs = (first, second), (first, first), (second, second)
    both, one, other = (float((a * b).sum()) + grain for a, b in pairs)
    return both / math.sqrt(one * other)
