"""Turning measurements into curves to render: noise smoothed, extremes limited, rest found."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .expression import FaceReading
from .lips import Lips

Curves = NDArray[np.float64]
"""Frames × curves."""

_FARTHEST, _LARGEST = 0.65, 0.2
"""How far a head goes at most, in face units, and the logarithm of how much it grows: beyond, pictures tear."""


def expressions(readings: list[FaceReading], lips: Lips, width: NDArray[np.float64]) -> Curves:
    """Return the expression of each frame: frames × the fields of Expression.

    Args:
        readings: the measurements of each frame.
        lips: how the lips move.
        width: how wide the gap between them is, against the mouth at rest.
    """
    gap = lips.lower - lips.upper
    # What is narrower than a fiftieth of the eyes' distance is noise, or lips that are pressed together.
    parted = np.clip((gap - 0.02) / 0.03, 0, 1)
    upper = lips.upper * parted
    lower = upper + np.maximum(0, gap) * parted
    lid = lid_closure(np.array([reading.eyes for reading in readings]).mean(1))
    brows = np.array([reading.brows for reading in readings])
    corners = 0.2 * np.tanh(np.array([reading.corners for reading in readings]) / 0.2)
    # Flow knows little of a mouth's corner while the mouth is wide open.
    corners *= np.clip(1.4 - 2 * gap, 0.2, 1)[:, None]
    return np.column_stack([upper, lower, median_of_five(width[:, None]), lid, lid, brows, median_of_five(corners)])


def lid_closure(seen: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far lids are closed, 0 to 1, from how much of the eyes was seen in each frame."""
    share = seen / max(1e-6, float(np.percentile(seen, 75)))
    closed = float(np.clip(share.min(), 0.3, 0.6))
    return np.asarray(np.clip((0.85 - share) / (0.85 - closed), 0, 1))


def limit_poses(heads: Curves) -> Curves:
    """Return poses of a head (frames × the fields of Pose) that a still picture can follow.

    Where the performer moves about, the middle of its way becomes the character's place in the picture.
    """
    held = heads.copy()
    middle = np.median(heads[:, [0, 1, 3]], axis=0)
    held[:, [0, 1, 3]] -= np.sign(middle) * np.maximum(np.abs(middle) - 0.12, 0)
    way = np.hypot(held[:, 0], held[:, 1])
    held[:, :2] *= (_FARTHEST * np.tanh(way / _FARTHEST) / np.maximum(way, 1e-6))[:, None]
    held[:, 3] = _LARGEST * np.tanh(held[:, 3] / _LARGEST)
    return held


def smoothed(rows: Curves, sigma: float) -> Curves:
    """Return each column smoothed by a Gaussian of this many rows."""
    if sigma < 0.15 or len(rows) < 3:
        return rows
    reach = int(np.ceil(3 * sigma))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    kernel /= kernel.sum()
    padded = np.pad(rows, ((reach, reach), (0, 0)), mode="edge")
    return np.stack([np.convolve(padded[:, c], kernel, mode="valid") for c in range(rows.shape[1])], -1)


def median_of_five(rows: Curves) -> Curves:
    """Return each column without single frames that leap out."""
    padded = np.pad(rows, ((2, 2), (0, 0)), mode="edge")
    return np.asarray(np.median(np.stack([padded[n : n + len(rows)] for n in range(5)]), axis=0))
