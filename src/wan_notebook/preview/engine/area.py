"""A part of a picture about a level face."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...faces.geometry import Matrix, chain, inverse, levelled
from ...faces.mesh import Mesh

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Area:
    """A part of a picture about a level face, in eye distances from the point between the eyes."""

    left: float
    right: float
    top: float
    bottom: float

    def grid(self, detail: float) -> tuple[Floats, Floats]:
        """Return x and y of every pixel, at `detail` pixels per eye distance."""
        width, height = round((self.right - self.left) * detail), round((self.bottom - self.top) * detail)
        y, x = np.mgrid[0:height, 0:width].astype(np.float32) / np.float32(detail)
        return x + np.float32(self.left), y + np.float32(self.top)

    def to_pixels(self, mesh: Mesh, detail: float) -> Matrix:
        """Return the map from the area's pixels to those of the picture."""
        return chain(np.array([[1 / detail, 0, self.left], [0, 1 / detail, self.top]]), mesh.face_points.to_pixels)

    def of(self, pixels: NDArray[np.uint8], mesh: Mesh, detail: float) -> NDArray[np.uint8]:
        """Return the area of a picture, H×W×3 RGB."""
        return levelled(pixels, mesh.face_points, (self.left, self.right, self.top, self.bottom), detail)

    def mesh(self, mesh: Mesh, detail: float) -> Mesh:
        """Return a face in the area's pixels."""
        return mesh.mapped(inverse(self.to_pixels(mesh, detail)))


HEAD = Area(left=-2.6, right=2.6, top=-2.9, bottom=2.5)
"""How much of a picture is taken along with a head."""
