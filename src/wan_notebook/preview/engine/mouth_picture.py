"""Pictures of the performer's mouth, kept from the reading, so that no video is decoded again for them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from .raster import Part

_QUALITY = [
    *(cv2.IMWRITE_JPEG_QUALITY, 95),
    *(cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444),
]
"""Nothing of it is seen, and a mouth takes some five kilobytes."""


@dataclass(frozen=True)
class MouthPicture:
    """The part of a frame about a mouth."""

    jpeg: bytes
    left: int
    """Column of the frame at which the part begins."""
    top: int
    """Its row."""

    @classmethod
    def of(cls, pixels: NDArray[np.uint8], part: Part) -> MouthPicture:
        """Keep a part of a frame, H×W×3 RGB."""
        _, encoded = cv2.imencode(".jpg", cv2.cvtColor(pixels[part], cv2.COLOR_RGB2BGR), _QUALITY)
        return cls(encoded.tobytes(), part[1].start, part[0].start)

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """The part, H×W×3 RGB."""
        decoded = cv2.imdecode(np.frombuffer(self.jpeg, np.uint8), cv2.IMREAD_COLOR)
        assert decoded is not None
        return np.asarray(cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB), np.uint8)
