"""Whether lips touch: by the mesh's gap between them, and by what is seen there.

The mesh alone sees lips that are pursed apart by up to 0.08 units though they touch, and narrow mouths that are open
apart by no more. Between the latter it is dark.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ...faces.expression import Curve
from ...faces.geometry import smoothstep
from ...faces.topology import LEFT_CORNER, LOWER_LIP_ROWS, RIGHT_CORNER, UPPER_LIP_ROWS
from .raster import part_about

_TOUCH, _NOISE, _PURSED, _PART = 0.03, 0.005, 0.8, 0.03
"""Units between lips that touch, as they are read of somebody at rest, at most; by how many that changes; how many more
are read of those that are pursed, for each by which the mouth is narrower; and how many more from which lips are surely
parted."""
_LIP, _DARK = 0.28, 0.44
"""Share of its lightness that something lacks of lips, up to which it is lip, and from which it is none."""
_LINE, _HOLE = 0.015, 0.027
"""Units of dark between lips: of the line in which they touch, and of what surely is no line."""
_DETAIL = 60.0
"""Pixels of a unit in the copy that is looked at, at most."""
_STEPS, _MIDDLE = 33, slice(3, 8)
"""Points of each profile across the lips, and which of the lips' points these go through."""


def dark_gap(pixels: NDArray[np.uint8], points: NDArray[np.float32]) -> float:
    """Return how much of what is between a face's lips is darker than they are, in units.

    Args:
        pixels: the frame, H×W×3 RGB.
        points: the mesh, in its pixels.
    """
    unit = max(1e-6, float(np.linalg.norm(points[RIGHT_CORNER] - points[LEFT_CORNER])))
    rows = [np.array(each)[[0, -1], _MIDDLE] for each in (UPPER_LIP_ROWS, LOWER_LIP_ROWS)]
    part = part_about(points[np.concatenate(rows).ravel(), :2], 2, (pixels.shape[1], pixels.shape[0]))
    if part is None:
        return 0.0
    # A sharp picture shows more of the line in which lips touch.
    factor = min(1.0, _DETAIL / unit)
    small = cv2.resize(pixels[part], None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    flat = ((points[:, :2] - (part[1].start, part[0].start)) * factor).astype(np.float32)
    upper, lower = (flat[each].mean(0) for each in rows)
    down = np.linspace(0, 1, _STEPS, dtype=np.float32)[:, None, None]
    across = cv2.remap(small, upper + down * (lower - upper), None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    light = cv2.cvtColor(across.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)[..., 0]
    darker = 1 - light / max(1.0, float(min(np.median(light[0]), np.median(light[-1]))))
    shares = np.clip((darker - _LIP) / (_DARK - _LIP), 0, 1).mean(0)
    return float(np.median(shares * np.linalg.norm(lower - upper, axis=1)) / factor / unit)


def shut_lips(mouth_open: Curve, mouth_width: Curve, seen: Curve, calm: NDArray[np.int64]) -> Curve:
    """Return how far the lips are shut in each frame: 1 where they touch, 0 where they are surely parted.

    Args:
        mouth_open: as in faces.expression.Reading; so is mouth_width.
        mouth_width: how wide the mouth is.
        seen: from dark_gap().
        calm: numbers of the frames at rest.
    """
    pursed = np.maximum(0, mouth_width[calm].mean() - mouth_width)
    touch = min(_TOUCH, float(mouth_open[calm].mean())) + _NOISE
    touching = smoothstep(_PART, 0.0, mouth_open - touch - _PURSED * pursed)
    return np.asarray(touching * smoothstep(_HOLE, _LINE, seen), float)
