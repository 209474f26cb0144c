"""Following a face from frame to frame: its place in the last frame is where the next is read."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .find import FaceReader
from .mesh import Mesh


class FaceTracker:
    """Follows the largest face of a video.

    Args:
        reader: finds and reads faces.
    """

    def __init__(self, reader: FaceReader) -> None:
        self._reader = reader
        self._last: Mesh | None = None

    def follow(self, pixels: NDArray[np.uint8]) -> Mesh | None:
        """Return the face in the next frame, H×W×3 RGB; None where it is not seen."""
        mesh = self._reader.read(pixels, self._last.region) if self._last else None
        if mesh is None:
            found = self._reader.find(pixels)
            mesh = found[0].mesh if found and found[0].confidence >= 0.5 else None
        self._last = mesh
        return mesh
