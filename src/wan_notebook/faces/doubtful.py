"""Reading what is hardly a person's face, as an animal's, a toy's or a cartoon's: where all readings agree, it is one.

The mesh was trained on people. On others it says that nobody is there when it is read from one square, and surely
somebody from another, and it lies beside many a face, or on its head. In a mirror a reading that is right stays so.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from .detect import FaceBox
from .mesh import Mesh, Region

Read = Callable[[NDArray[np.uint8], Region], Mesh]

_SCALES = (0.7, 0.85, 1.0, 1.2, 1.4)
"""Sides of the squares that are tried, over that which a person's face would want: an animal's fills it otherwise."""
_VIEWS = (
    (1.0, 0.0, 0.0, 0.0),
    (0.9, 0.03, 0.0, 0.05),
    (1.12, -0.03, 0.02, -0.05),
    (1.0, 0.0, 0.05, 0.09),
    (1.05, 0.02, -0.05, -0.09),
)
"""Squares from which a mesh is read once more, as Region.varied() takes them."""
_LIKELY = 0.05
"""Presence from which a mesh is read from other squares."""
_AGREED, _BOTH_AGREED = 0.45, 0.25
"""What those must say on average, straight and mirrored, and where the detector sees eyes and mouth in the same places.
Twelve animals were looked at in four sizes. Where the mesh lay right on a cat and a drawn llama, though not where the
detector had them, the lower of both was 0.47 and more, on a llama whom both saw alike 0.3 and more. On another llama it
lay beside the face, with 0.65 straight and 0.0 mirrored, on a third of a cat's face with 0.15; a rocket's tip had 0.39.
"""
_SAME_PLACES = 0.3
"""Distances of the eyes within which both see them."""
_UPRIGHT = np.pi / 3
"""Radians by which such a face may be tilted: on a dog's muzzle, turned upside down, a face is seen as well."""


def read_doubtful(read: Read, pixels: NDArray[np.uint8], box: FaceBox) -> Mesh | None:
    """Return the mesh of what was detected and is hardly a person's face; None where its readings do not agree.

    Args:
        read: gives the mesh that fits a region of a picture best.
        pixels: H×W×3 RGB.
        box: what was detected.
    """
    mirrored = np.ascontiguousarray(pixels[:, ::-1])
    best, most = None, 0.0
    square = Region.of(box)
    for scale in _SCALES:
        mesh = read(pixels, read(pixels, square.varied(scale, 0.0, 0.0, 0.0)).region)
        if mesh.presence < _LIKELY or abs(mesh.region.tilt) > _UPRIGHT:
            continue
        mirror_image = mesh.region.mirrored(pixels.shape[1])
        presence = min(_mean_presence(read, pixels, mesh.region), _mean_presence(read, mirrored, mirror_image))
        least = _BOTH_AGREED if mesh.distance(box) < _SAME_PLACES else _AGREED
        if presence >= max(least, most):
            best, most = mesh, presence
    return best


def _mean_presence(read: Read, pixels: NDArray[np.uint8], region: Region) -> float:
    return float(np.mean([mesh.presence for mesh in read_around(read, pixels, region)]))


def read_around(read: Read, pixels: NDArray[np.uint8], region: Region) -> list[Mesh]:
    """Return the meshes that are read from a region of a picture, H×W×3 RGB, and from squares near it."""
    return [read(pixels, region.varied(*view)) for view in _VIEWS]
