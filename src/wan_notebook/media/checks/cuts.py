"""Finding cuts: the seconds at which a video jumps to another shot."""

from __future__ import annotations

import itertools
import math
import statistics
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

_MAX_CORRELATION = 0.6
"""Correlation of frames on both sides of one frame below which they show different pictures. Real footage that was
measured, with quick gestures in it, stays above 0.94."""
_MIN_DROP = 0.3
"""How far below its neighbourhood the correlation at a cut lies; in a fast pan it is low all along."""
_SAME_SHOT = 0.7
"""Correlation of a frame before with one after, from which on the shot goes on: what lies between is a flash, or frames
that were blended."""
_NEIGHBOURS = 3
"""How many neighbours on each side make the neighbourhood."""
_ROWS = 24
"""Of the grid of mean brightness that is compared, so that fine structure in motion does not matter."""


class CutFinder:
    """Compares frames with those around them, and finds where the picture jumps.

    A re-timed video has frames that are blended of two: at a cut such a frame resembles both shots, so the frames on
    either side of each frame are compared, and not neighbours alone.
    """

    def __init__(self) -> None:
        self._times: list[float] = []
        self._pictures: list[NDArray[float32]] = []

    def add(self, time: float, grey: NDArray[float32]) -> None:
        """Take the next frame.

        Args:
            time: its second.
            grey: its brightness, H×W.
        """
        coarse = cell_means(grey)
        self._times.append(time)
        self._pictures.append(coarse - coarse.mean())

    def found(self) -> tuple[float, ...]:
        """Return the seconds at which a new shot begins."""
        return tuple(self._times[number] for number in self._shots())

    def _shots(self) -> list[int]:
        """Return the numbers of the frames with which a new shot begins."""
        pictures, last = self._pictures, len(self._pictures) - 1
        around = [correlation(pictures[number - 1], pictures[number + 1]) for number in range(1, last)]
        jumps = [number for number in range(1, last) if self._is_jump(number, around)]
        begins = []
        # A cut without a blended frame is a jump around its last frame and around its first one.
        for _, group in itertools.groupby(enumerate(jumps), key=lambda pair: pair[1] - pair[0]):
            numbers = [number for _, number in group]
            steps = range(numbers[0], min(numbers[-1] + 1, last) + 1)
            begins.append(min(steps, key=lambda number: correlation(pictures[number - 1], pictures[number])))
        return begins

    def _is_jump(self, number: int, around: list[float]) -> bool:
        """Whether the shots before and after a frame differ, while each of them goes on in itself."""
        here = around[number - 1]
        # Comparisons that reach over the frame itself tell nothing of its neighbourhood.
        before = around[max(0, number - 2 - _NEIGHBOURS) : max(0, number - 2)]
        after = around[number + 1 : number + 1 + _NEIGHBOURS]
        if here >= _MAX_CORRELATION or statistics.median([*before, *after] or [1.0]) <= here + _MIN_DROP:
            return False
        earlier = self._pictures[max(0, number - _NEIGHBOURS) : number]
        later = self._pictures[number + 1 : number + 1 + _NEIGHBOURS]
        return all(correlation(one, other) < _SAME_SHOT for one in earlier for other in later)


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
