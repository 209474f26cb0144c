"""How the frames of a clip look: their sharpness, and the drift of their colours."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...model import family
from .motion import luma

FIELDS = 8
"""Colours are compared in this many by this many fields, so that one moving subject does not decide."""


class Sharpness:
    """Measures the fine detail of some frames of a clip."""

    def __init__(self) -> None:
        self._variances: list[float] = []

    def update(self, pixels: NDArray[np.uint8]) -> None:
        """Add a frame, H×W×3 RGB."""
        import cv2

        self._variances.append(float(cv2.Laplacian(luma(pixels), cv2.CV_64F).var()))

    @property
    def value(self) -> float:
        """The variance of the Laplacian, averaged over the frames, in grey levels²."""
        return float(np.mean(self._variances))


class ColourDrift:
    """Measures how far the colours wander from those of the first frame."""

    def __init__(self) -> None:
        self._first: NDArray[np.float32] | None = None
        self._distances: list[float] = []

    def update(self, pixels: NDArray[np.uint8]) -> None:
        """Add the next frame, H×W×3 RGB."""
        import cv2

        # Averaging before the change to L*a*b* keeps the noise of single pixels out.
        means = cv2.resize(pixels.astype(np.float32) / 255, (FIELDS, FIELDS), interpolation=cv2.INTER_AREA)
        lab: NDArray[np.float32] = cv2.cvtColor(means, cv2.COLOR_RGB2LAB)
        self._first = lab if self._first is None else self._first
        self._distances.append(float(np.median(np.linalg.norm(lab - self._first, axis=2))))

    @property
    def series(self) -> tuple[float, ...]:
        """The distance of each frame from the first, in ΔE (CIE 1976), to the hundredth."""
        return tuple(round(distance, 2) for distance in self._distances)

    @property
    def value(self) -> float:
        """The distance over the last tenth of the clip, in ΔE."""
        last = max(1, len(self._distances) // 10)
        return float(np.mean(self._distances[-last:]))


def window_borders(frames: int) -> tuple[int, ...]:
    """Return the frames at which the model begins a new window: each shares one frame with the one before."""
    step = family.WINDOW_FRAMES - 1
    return tuple(range(step, frames - 1, step))
