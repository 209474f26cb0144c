"""Turning measurements into curves to render: gaps filled, noise smoothed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Curves = NDArray[np.float64]
"""Frames × curves."""

_TREMORS = 4.0
"""How many spreads of its noise a curve may stray before half of that is taken for motion."""


def filled(rows: Curves, seen: NDArray[np.bool_]) -> Curves:
    """Return a row for each frame: those that were seen, and between them a straight way from one to the next.

    Args:
        rows: the rows of the frames that were seen.
        seen: for each frame, whether it is one of them.
    """
    if len(rows) == len(seen):
        return rows
    at = np.flatnonzero(seen)
    right = np.clip(np.searchsorted(at, np.arange(len(seen))), 0, len(at) - 1)
    left = np.maximum(0, np.where(at[right] > np.arange(len(seen)), right - 1, right))
    apart = np.maximum(1, at[right] - at[left])
    share = np.clip((np.arange(len(seen)) - at[left]) / apart, 0, 1)[:, None]
    return np.asarray((1 - share) * rows[left] + share * rows[right])


def smoothed(rows: Curves, sigma: float, cuts: list[int] | None = None) -> Curves:
    """Return each column smoothed by a Gaussian of this many rows, never across the rows named in cuts."""
    if sigma < 0.15 or len(rows) < 3:
        return rows
    reach = int(np.ceil(3 * sigma))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    kernel /= kernel.sum()
    parts = np.split(rows, [cut for cut in cuts or [] if 0 < cut < len(rows)])
    return np.concatenate([_convolved(part, kernel, reach) for part in parts])


def steadied(rows: Curves, sigma: float) -> Curves:
    """Return each column without its tremor.

    What strays from the smooth course by little more than the column trembles all along is noise; what strays farther
    is quick motion, or a cut, and stays (the shrinkage of Wiener's filter).

    Args:
        rows: the curves.
        sigma: rows of the Gaussian that makes the smooth course.
    """
    if len(rows) < 5:
        return rows
    # Of white noise the fourth difference spreads √70 as far; motion, also quick one, has hardly any.
    tremor = 1.4826 * np.median(np.abs(np.diff(rows, 4, axis=0)), axis=0) / np.sqrt(70)
    # Smoothing what was left over, and adding it, takes hardly anything off quick motion (Tukey's twicing, 1977).
    course = smoothed(rows, sigma)
    course = course + smoothed(rows - course, sigma)
    stray = rows - course
    return np.asarray(course + stray * stray**2 / (stray**2 + (_TREMORS * tremor) ** 2 + 1e-12))


def _convolved(rows: Curves, kernel: NDArray[np.float64], reach: int) -> Curves:
    padded = np.pad(rows, ((reach, reach), (0, 0)), mode="edge")
    total = np.zeros_like(rows)
    for offset, weight in enumerate(kernel):
        total += weight * padded[offset : offset + len(rows)]
    return total


def median_of_five(rows: Curves) -> Curves:
    """Return each column without single frames that leap out."""
    padded = np.pad(rows, ((2, 2), (0, 0)), mode="edge")
    return np.asarray(np.median(np.stack([padded[n : n + len(rows)] for n in range(5)]), axis=0))


def soft_limit(value: Curves, free: float | Curves, most: float | Curves) -> Curves:
    """Return values unchanged up to `free`, and beyond it ever slower towards `most`, either way."""
    beyond = np.maximum(0, np.abs(value) - free)
    room = most - free
    return np.asarray(np.sign(value) * (np.minimum(np.abs(value), free) + room * np.tanh(beyond / room)))
