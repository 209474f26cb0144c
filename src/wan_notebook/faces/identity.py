"""Telling people apart: by the shape of what no expression moves in a face, and by the colour of its skin.

It knows no person beyond the video at hand, and nothing of it is kept.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from .geometry import median
from .mesh import Mesh
from .topology import RIGID

_POINTS = (*RIGID, 1, 2, 4, 98, 327, 48, 278, 50, 280)
"""The points whose places are compared: the rigid ones, the nose, and the cheekbones."""
_SKIN = (50, 280, 205, 425, 151, 9, 101, 330, 36, 266)
"""Points on the forehead and on the cheeks, where the skin is seen."""
_SHAPE, _COLOUR = 0.012, 6.0
"""Half of what lies between different people: in distances of the eyes' corners, and in ΔE. Of one person who talks and
turns, the shape strays by 0.02 at most in footage that was measured, and the colour by 4."""
_LEARNED = 0.05
"""Weight of each new frame in what is known of a person."""


@dataclass(frozen=True)
class Identity:
    """How a person looks, whatever the face does."""

    shape: NDArray[np.float64]
    """N×3: places in the face's own axes, about their mean, in distances of the eyes' corners."""
    skin: NDArray[np.float64]
    """L*, a* and b* of the skin; NaN where none of it lies within the picture."""

    @classmethod
    def of(cls, pixels: NDArray[np.uint8], mesh: Mesh) -> Identity:
        """Read the looks of a face in a picture, H×W×3 RGB."""
        own = mesh.points[list(_POINTS)].astype(float) @ mesh.axes / mesh.unit
        return cls(own - own.mean(0), _skin(pixels, mesh))

    def distance(self, other: Identity) -> float:
        """Return how different two looks are: below 2 or so for one person, mostly above for two."""
        shape = float(np.sqrt(((self.shape - other.shape) ** 2).mean()))
        # Light changes the brightness of a skin more than its hue.
        colour = float(np.linalg.norm((self.skin - other.skin) * (0.5, 1, 1)))
        return shape / _SHAPE + (colour / _COLOUR if np.isfinite(colour) else 0.0)

    def learned(self, seen: Identity) -> Identity:
        """Return these looks after another frame of the same person."""
        skin = self.skin + _LEARNED * (seen.skin - self.skin) if np.isfinite(seen.skin[0]) else self.skin
        skin = skin if np.isfinite(skin[0]) else seen.skin
        return Identity(self.shape + _LEARNED * (seen.shape - self.shape), skin)


def _skin(pixels: NDArray[np.uint8], mesh: Mesh) -> NDArray[np.float64]:
    reach = max(1, int(0.04 * mesh.unit))
    places = mesh.points[list(_SKIN), :2]
    size = np.array(pixels.shape[1::-1])
    columns, rows = places[((places >= reach) & (places < size - reach)).all(1)].astype(int).T
    if not len(rows):
        return np.full(3, np.nan)
    near = np.arange(-reach, reach + 1)
    parts = pixels[rows[:, None, None] + near[:, None], columns[:, None, None] + near]
    colour = median(parts.reshape(len(rows), -1, 3).mean(1))
    pixel = (colour / 255).astype(np.float32).reshape(1, 1, 3)
    return np.asarray(cv2.cvtColor(pixel, cv2.COLOR_RGB2LAB), np.float64).reshape(3)
