"""Smooth curves through what was measured block by block, with steps only where the model begins a window."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..model.family import WINDOW_FRAMES

Curves: TypeAlias = NDArray[np.float64]
"""One row for each time, one column for each curve."""

BLOCK = 4
"""Frames that are averaged to one measurement; windows begin with a block."""
_STEP = 1.5
"""What a step between two windows has at least; smaller ones are smoothed."""
_PARTS = 4
"""Straight pieces of a window's curve."""
_SMOOTH, _JOINED = 3.0, 30.0
"""Weights against bends within a curve, and against steps between windows."""


def smooth_curve(times: Sequence[float], values: Curves, count: int) -> Curves:
    """Return smooth curves through measurements: 0 in the first window, with steps only where a window begins.

    Args:
        times: frame numbers, ascending, after the first window.
        values: one row for each time, one column for each curve.
        count: frames of the whole clip.

    Returns:
        One row for each frame; no value is beyond those measured.
    """
    step = WINDOW_FRAMES - 1
    windows = max(1, -(-(count - WINDOW_FRAMES) // step))
    # The last block may be short; without it a window of one frame would have no time, and its curve would be 0.
    begins = np.arange(WINDOW_FRAMES, count, BLOCK)
    held = (begins + np.minimum(begins + BLOCK, count) - 1) / 2
    nearest = np.clip(np.searchsorted(times, held, side="right") - 1, 0, None)
    # Where nothing could be measured, the last measurement holds.
    filled = values[nearest]
    free = _fitted(held, filled, windows, np.zeros(windows))
    knots = free.reshape(windows, _PARTS + 1, -1)
    before = np.concatenate([np.zeros_like(knots[:1, -1]), knots[:-1, -1]])
    joined = np.where(np.abs(knots[:, 0] - before).max(1) < _STEP, _JOINED, 0.0)
    fitted = _fitted(held, filled, windows, joined)
    curve = np.zeros((count, values.shape[1]))
    curve[WINDOW_FRAMES:] = _basis(np.arange(WINDOW_FRAMES, count), windows) @ fitted
    bounded: Curves = np.clip(curve, np.minimum(values.min(0), 0), np.maximum(values.max(0), 0))
    return bounded


def _fitted(times: Curves, values: Curves, windows: int, joined: Curves) -> Curves:
    """Return the values of the curves' knots, by robust least squares.

    Args:
        times: frame numbers.
        values: one row for each time.
        windows: number of windows after the first.
        joined: for the beginning of each, the weight against a step there.
    """
    size = _PARTS + 1
    basis, rules = _basis(times, windows), []
    for window in range(windows):
        first = window * size
        rules.append(_rule(windows, {first: joined[window], first - 1: -joined[window]}))
        rules += [
            _rule(windows, {knot - 1: _SMOOTH, knot: -2 * _SMOOTH, knot + 1: _SMOOTH})
            for knot in range(first + 1, first + _PARTS)
        ]
        if window and joined[window]:
            bend = {first - 2: _SMOOTH, first - 1: -_SMOOTH, first: -_SMOOTH, first + 1: _SMOOTH}
            rules.append(_rule(windows, bend))
    trust = np.ones((len(times), 1))
    for _ in range(4):
        rows = np.concatenate([basis * trust, *rules])
        wanted = np.concatenate([values * trust, np.zeros((len(rules), values.shape[1]))])
        knots: Curves = np.linalg.lstsq(rows, wanted, rcond=None)[0]
        off = np.abs(basis @ knots - values).max(1, keepdims=True)
        trust = np.sqrt(1 / np.maximum(1, off / max(0.3, 1.5 * float(np.median(off)))))
    return knots


def _rule(windows: int, factors: dict[int, float]) -> Curves:
    """Return a row of the least squares; a knot before the first is 0, as the whole first window is."""
    row = np.zeros((1, windows * (_PARTS + 1)))
    for knot, factor in factors.items():
        if knot >= 0:
            row[0, knot] = factor
    return row


def _basis(times: NDArray[Any], windows: int) -> Curves:
    """Return the share of each knot in the curve at each time, between the knots of the same window in a line."""
    step = WINDOW_FRAMES - 1
    since = np.asarray(times, float) - WINDOW_FRAMES
    window = np.clip(since // step, 0, windows - 1).astype(int)
    place = np.clip((since - window * step) / (step - 1), 0, 1) * _PARTS
    left = np.minimum(place.astype(int), _PARTS - 1)
    basis = np.zeros((len(since), windows * (_PARTS + 1)))
    row, knot = np.arange(len(since)), window * (_PARTS + 1) + left
    basis[row, knot], basis[row, knot + 1] = 1 - (place - left), place - left
    return basis
