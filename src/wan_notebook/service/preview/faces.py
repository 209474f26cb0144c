"""Finding faces: the frontal cascade that ships inside scikit-image, and what it is worth."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

SEARCH_SIDE = 320
"""Short side of the copy in which faces are searched: finds faces from a twelfth of the picture up."""


@dataclass(frozen=True)
class FaceBox:
    """A square around a face, in pixels."""

    x: float
    y: float
    size: float

    def overlaps(self, other: FaceBox) -> bool:
        """Whether the smaller of two squares lies mostly inside the other."""
        wide = min(self.x + self.size, other.x + other.size) - max(self.x, other.x)
        high = min(self.y + self.size, other.y + other.size) - max(self.y, other.y)
        return wide > 0 and high > 0 and wide * high > 0.3 * min(self.size, other.size) ** 2


@cache
def _cascade() -> Any:
    from skimage.data import lbp_frontal_face_cascade_filename
    from skimage.feature import Cascade

    return Cascade(lbp_frontal_face_cascade_filename())


def find_faces(pixels: NDArray[np.uint8]) -> list[FaceBox]:
    """Return the squares that look like faces, largest first.

    Args:
        pixels: H×W×3 RGB.
    """
    factor = SEARCH_SIDE / min(pixels.shape[:2])
    small = cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    found = _cascade().detect_multi_scale(
        img=cv2.cvtColor(small, cv2.COLOR_RGB2GRAY),
        scale_factor=1.2,
        step_ratio=1.2,
        min_size=(24, 24),
        max_size=(SEARCH_SIDE, SEARCH_SIDE),
        min_neighbor_number=3,
    )
    boxes = [FaceBox(f["c"] / factor, f["r"] / factor, f["width"] / factor) for f in found]
    boxes.sort(key=lambda box: box.size, reverse=True)
    return boxes
