"""How sharp a clip is, and how steady from frame to frame."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .flow import Flow, luma, scaled, warped_back

STEADIEST = 60.0
"""Decibels beyond which nothing can be told from rounding."""


class Sharpness:
    """Measures the fine detail of some frames."""

    def __init__(self) -> None:
        self._variances: list[float] = []

    def see(self, pixels: NDArray[np.uint8]) -> None:
        """Take a frame, H×W×3 RGB."""
        import cv2

        self._variances.append(float(cv2.Laplacian(luma(pixels), cv2.CV_64F).var()))

    @property
    def reading(self) -> float:
        """The variance of the Laplacian, averaged over the frames, in grey levels²."""
        return float(np.mean(self._variances))


class Stability:
    """Measures how well each frame foretells the one before it."""

    def __init__(self) -> None:
        self._flow = Flow()
        self._before: NDArray[np.uint8] | None = None
        self._squares, self._pairs = 0.0, 0

    def see(self, pixels: NDArray[np.uint8]) -> None:
        """Take the next frame, H×W×3 RGB."""
        now = luma(scaled(pixels, 192))
        if self._before is not None:
            back = warped_back(now, self._flow.between(self._before, now))
            self._squares += float(np.mean((self._before.astype(np.float32) - back) ** 2)) / 255**2
            self._pairs += 1
        self._before = now

    @property
    def reading(self) -> float | None:
        """Decibels; None where there is one frame only."""
        if not self._pairs:
            return None
        error = self._squares / self._pairs
        return min(STEADIEST, -10 * math.log10(error)) if error > 0 else STEADIEST
