"""Whether a face is drawn flatly, as in comics: nothing in its picture tells of the depth that a mesh supposes."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ...faces.mesh import Mesh, head_centre
from ...faces.topology import LOWER_LIP_ROWS, UPPER_LIP_ROWS

_CHEEKS, _ASIDE = (0.12, 0.75), 0.45
"""How far below the eyes cheeks and nose lie, and how far aside, in units."""
_FINE = 0.012
"""Units of the Gaussian that takes grain and thin lines away."""
_FLAT, _SHARE = 3.4, 70
"""CIELAB within which so many percent of a flatly drawn face have one colour: of twelve characters of comics 1.1 to
3.2, of people 4.0 and more."""
_DEPTH = 0.4
"""How far the cheeks of such a face lie behind its eyes, over those of people: by more, hair that hangs over them, and
lashes, would be drawn out as it turns."""
_LIPS = np.concatenate([*UPPER_LIP_ROWS, *LOWER_LIP_ROWS])


def is_flat(pixels: NDArray[np.uint8], mesh: Mesh) -> bool:
    """Whether a face has hardly more than one colour between eyes and mouth.

    Args:
        pixels: H×W×3 RGB.
        mesh: the face.
    """
    level = (mesh.points - head_centre(mesh.points)) @ mesh.axes / mesh.unit
    skin = (np.abs(level[:, 0]) < _ASIDE) & (level[:, 1] > _CHEEKS[0]) & (level[:, 1] < _CHEEKS[1])
    skin[_LIPS] = False
    if not skin.any():
        return False
    soft = cv2.GaussianBlur(pixels, (0, 0), max(0.6, _FINE * mesh.unit))
    at = mesh.points[skin, :2][:, None]
    seen = cv2.remap(soft, at, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    colours = cv2.cvtColor(seen.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)[:, 0]
    return bool(np.percentile(np.linalg.norm(colours - np.median(colours, axis=0), axis=1), _SHARE) < _FLAT)


def with_flat_cheeks(mesh: Mesh) -> Mesh:
    """Return the mesh of a flatly drawn face, whose outline lies less far behind its eyes, in the same places."""
    points = mesh.points.copy()
    behind = np.maximum(0, (points - head_centre(points)) @ mesh.axes[:, 2])
    points[:, 2] -= (1 - _DEPTH) * behind / max(0.5, float(mesh.axes[2, 2]))
    return replace(mesh, points=points.astype(np.float32))
