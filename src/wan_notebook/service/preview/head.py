"""What is watched of a head, and how round it is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...faces.geometry import FacePoints
from .tracking import Floats, Region, Tracker

HEAD = Region(left=-1.5, right=1.5, top=-1.3, bottom=2.3)


def depth(x: Floats, y: Floats) -> Floats:
    """Return how far a head reaches towards the viewer at a place in face units: an ellipsoid with a nose."""
    dome = np.sqrt(np.clip(1 - (x / 1.25) ** 2 - ((y - 0.35) / 1.9) ** 2, 0, 1))
    nose = 0.35 * np.exp(-((x / 0.22) ** 2) - ((y - 0.6) / 0.28) ** 2)
    return np.asarray(dome + nose, np.float32)


def depth_at(x: float, y: float) -> float:
    """Return the same for a single place."""
    return float(depth(np.full(1, x, np.float32), np.full(1, y, np.float32))[0])


def head_tracker(pixels: NDArray[np.uint8], face: FacePoints, *, detail: float, rounds: int) -> Tracker:
    """Return a tracker of the head; the mouth, the lids and the brows go ways of their own.

    Args:
        pixels: H×W×3 RGB, the frame at rest.
        face: the three points of its face.
        detail: pixels per face unit.
        rounds: how many times each frame is measured.
    """
    x, y = HEAD.grid(detail)
    rigid = ((x / 1.15) ** 2 + ((y - 0.1) / 1.25) ** 2 < 1) & (y < face.mouth_units[1] - 0.32)
    lids = (np.abs(np.abs(x) - 0.5) < 0.3) & (np.abs(y) < 0.16)
    brows = (np.abs(np.abs(x) - 0.5) < 0.4) & (np.abs(y + 0.37) < 0.18)
    trust = np.where(rigid, np.where(lids | brows, 0.05, 1.0), 0.0).astype(np.float32)
    return Tracker(pixels, face, HEAD, trust, depth(x, y), detail=detail, rounds=rounds)
