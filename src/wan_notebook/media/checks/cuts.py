"""Finding cuts: places where a video jumps to another picture."""

from __future__ import annotations

import math
import statistics
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

_LIKENESS = 0.6
"""Correlation of neighbouring frames below which they show different pictures. Real footage that was measured, with
quick gestures in it, stays above 0.94."""
_FALL = 0.3
"""How far below its neighbourhood the correlation of a cut lies; in a fast pan it is low all along."""
_AROUND = 3
"""How many neighbours on each side make the neighbourhood."""
_ROWS = 24
"""Of the grid of mean brightness that is compared, so that fine structure in motion does not matter."""


class CutFinder:
    """Takes frames in their order and remembers where the picture jumps."""

    def __init__(self) -> None:
        self._before: NDArray[float32] | None = None
        self._times: list[float] = []
        self._likeness: list[float] = []

    def add(self, time: float, light: NDArray[float32]) -> None:
        """Take the next frame.

        Args:
            time: its second.
            light: its brightness, H×W.
        """
        coarse = _averaged(light)
        contrast = coarse - coarse.mean()
        if self._before is not None:
            self._times.append(time)
            self._likeness.append(_correlation(contrast, self._before))
        self._before = contrast

    def found(self) -> tuple[float, ...]:
        """Return the seconds at which a new picture begins."""
        return tuple(time for number, time in enumerate(self._times) if self._is_cut(number))

    def _is_cut(self, number: int) -> bool:
        here = self._likeness[number]
        around = self._likeness[max(0, number - _AROUND) : number] + self._likeness[number + 1 : number + 1 + _AROUND]
        return here < _LIKENESS and statistics.median(around or [1.0]) > here + _FALL


def _averaged(light: NDArray[float32]) -> NDArray[float32]:
    """Return the mean brightness of square cells, _ROWS of them or a few more from top to bottom."""
    side = max(1, light.shape[0] // _ROWS)
    rows, columns = light.shape[0] // side, light.shape[1] // side
    cells: NDArray[float32] = light[: rows * side, : columns * side].reshape(rows, side, columns, side).mean((1, 3))
    return cells


def _correlation(one: NDArray[float32], other: NDArray[float32]) -> float:
    # A grain of variance is added to all three, so that two black frames are alike.
    grain = float(one.size)
    both, ones, others = (float((a * b).sum()) + grain for a, b in ((one, other), (one, one), (other, other)))
    return both / math.sqrt(ones * others)
