"""Optical flow between small grey copies of frames."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def scaled(pixels: NDArray[np.uint8], short_side: int) -> NDArray[np.uint8]:
    """Return a picture whose short side has so many pixels."""
    import cv2

    height, width = pixels.shape[:2]
    factor = short_side / min(height, width)
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    small: NDArray[np.uint8] = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return small


def luma(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the grey picture of an RGB one."""
    import cv2

    grey: NDArray[np.uint8] = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    return grey


class Flow:
    """Follows each pixel from one small grey picture to the next, by dense inverse search."""

    def __init__(self) -> None:
        import cv2

        library: Any = cv2
        self._search = library.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_FAST)

    def between(self, before: NDArray[np.uint8], now: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return how far each pixel went: H×W×2, columns and rows."""
        moved: NDArray[np.float32] = self._search.calc(before, now, None)
        return moved


def warped_back(now: NDArray[np.uint8], flow: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the later picture as it would have looked before the motion."""
    import cv2

    place = np.indices(now.shape, dtype=np.float32)[::-1] + flow.transpose(2, 0, 1)
    back: NDArray[np.float32] = cv2.remap(
        now.astype(np.float32), place[0], place[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return back
