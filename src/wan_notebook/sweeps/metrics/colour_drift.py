"""How far the colours wander from those of the first frame."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...model import family

FIELDS = 8
"""The picture is compared in this many by this many fields, so that one moving subject does not decide."""


class Drift:
    """Watches the colours of frame after frame."""

    def __init__(self) -> None:
        self._first: NDArray[np.float32] | None = None
        self._distances: list[float] = []

    def see(self, pixels: NDArray[np.uint8]) -> None:
        """Take the next frame, H×W×3 RGB."""
        lab = _fields(pixels)
        self._first = lab if self._first is None else self._first
        apart = np.linalg.norm(lab - self._first, axis=2)
        self._distances.append(float(np.median(apart)))

    @property
    def series(self) -> tuple[float, ...]:
        """The distance of each frame from the first, in ΔE (CIE 1976)."""
        return tuple(self._distances)

    @property
    def reading(self) -> float:
        """The distance over the last tenth of the clip, in ΔE."""
        last = max(1, len(self._distances) // 10)
        return float(np.mean(self._distances[-last:]))


def window_borders(frames: int) -> tuple[int, ...]:
    """Return the frames at which the model begins a new window: each shares one frame with the one before."""
    step = family.WINDOW_FRAMES - 1
    return tuple(range(step, frames - 1, step))


def _fields(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    import cv2

    # Averaging before the change to L*a*b* keeps the noise of single pixels out.
    means = cv2.resize(pixels.astype(np.float32) / 255, (FIELDS, FIELDS), interpolation=cv2.INTER_AREA)
    lab: NDArray[np.float32] = cv2.cvtColor(means, cv2.COLOR_RGB2LAB)
    return lab
