"""Where a mouth's corners are: at the ends of the dark line between its lips.

Of a drawn smile the mesh sees the corners rise a tenth of the way. Where the lips touch and their line is as clear as
a drawn one, its ends are followed; people's lines mostly are not, and people's smiles the mesh has learned.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ...faces.expression import Curve
from ...faces.geometry import smoothstep
from ...faces.topology import LEFT_CORNER, LEFT_MOUTH, RIGHT_CORNER, RIGHT_MOUTH
from .smoothing import Curves, filled, median_of_five, smoothed

_STEP = 0.01
"""Units between two places in which a line's end is sought."""
_PLACES = _STEP * np.arange(-22, 19)
"""These places, in units below where the mesh has the corner."""
_SLOPES = np.tan(np.radians(np.arange(-20, 61, 10)))
"""How steeply a line goes down from the corner to the middle of the mouth."""
_ALONG = 0.02 * np.arange(1, 7)
"""The points of a line that are looked at, in units from the corner."""
_BESIDE = 3
"""Steps above and below a line to what it is compared with."""
_CLEAR = (0.27, 0.32)
"""Shares of the surroundings' lightness by which a line is darker that may be followed, and that surely is.

Of drawn lines it is 0.32 in the median, of people's 0.16 to 0.27.
"""
_TOUCH = (0.1, 0.05)
"""Units between lips that may touch, and that surely do."""
_MOST_UNSEEN = 0.8
"""Share of the frames in which no line is followed, from which none is in the others."""
_SIGMA = 1.5
"""Frames of the Gaussian that smooths where lines end."""
_REACH = 0.13
"""Units of the Gaussian by which the skin about a corner goes along with it."""


def line_ends(pixels: NDArray[np.uint8], points: NDArray[np.float32]) -> tuple[float, float, float]:
    """Return by how many units the line between the lips ends below the mouth's left and right corner, and how clearly.

    That is the lesser share by which it is darker than what lies above and below it.

    Args:
        pixels: the frame, H×W×3 RGB.
        points: the mesh, in its pixels.
    """
    unit, across, down = _axes(points[None])
    inward = _ALONG * np.array([[1], [-1]])
    below = _PLACES[:, None, None] + _SLOPES[:, None] * _ALONG
    corners = points[[LEFT_MOUTH, RIGHT_MOUTH], None, None, None, :2]
    places = corners + unit[0] * (inward[:, None, None, :, None] * across[0] + below[..., None] * down[0])
    flat = places.reshape(2 * len(_PLACES), -1, 2).astype(np.float32)
    seen = cv2.remap(pixels, flat, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    light = cv2.cvtColor(seen, cv2.COLOR_RGB2GRAY).astype(np.float32).reshape(2, *below.shape)
    darker = (np.minimum(light[:, : -2 * _BESIDE], light[:, 2 * _BESIDE :]) - light[:, _BESIDE:-_BESIDE]).mean(3)
    best = darker.max(2)
    ends = _PLACES[_BESIDE:-_BESIDE][best.argmax(1)]
    shares = best.max(1) / np.maximum(1, np.median(light, axis=(1, 2, 3)))
    return float(ends[0]), float(ends[1]), float(shares.min())


def corner_courses(lines: Curves, mouth_open: Curve) -> Curves:
    """Return by how many units the mouth's corners lie below where the mesh has them, N×2; 0 where no line tells.

    While lips are apart, corners go from where they were seen last to where they are seen next.

    Args:
        lines: N×3, from line_ends().
        mouth_open: units between the lips.
    """
    sure = smoothstep(*_CLEAR, lines[:, 2]) * smoothstep(*_TOUCH, mouth_open)
    followed = sure > 0
    if followed.mean() < 1 - _MOST_UNSEEN:
        return np.zeros((len(lines), 2))
    ends = median_of_five(lines[followed, :2] * sure[followed, None])
    return smoothed(filled(ends, followed), _SIGMA)


def with_corners(meshes: NDArray[np.float32], courses: Curves, calm: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return meshes, N×468×3 in pixels, whose mouths' corners move as they are seen to; at rest they keep their place.

    Args:
        meshes: as they were read.
        courses: from corner_courses().
        calm: numbers of the frames at rest.
    """
    units, _, down = _axes(meshes)
    rest = meshes[calm[0]]
    away = np.linalg.norm(rest[:, None] - rest[[LEFT_MOUTH, RIGHT_MOUTH]], axis=2) / units[calm[0]]
    shares = np.exp(-0.5 * (away / _REACH) ** 2)
    ways = units[:, None] * (courses - courses[calm].mean(0)) @ shares.T
    moved = meshes.copy()
    moved[..., :2] += (ways[..., None] * down[:, None]).astype(np.float32)
    return moved


def _axes(meshes: NDArray[np.float32]) -> tuple[Curves, Curves, Curves]:
    """Return the pixels of a unit in N meshes, and the directions across and down each face in the picture, N×2."""
    between = meshes[:, RIGHT_CORNER] - meshes[:, LEFT_CORNER]
    units = np.maximum(1e-6, np.linalg.norm(between, axis=1))
    across = between[:, :2] / np.maximum(1e-6, np.linalg.norm(between[:, :2], axis=1, keepdims=True))
    return units, across, np.stack([-across[:, 1], across[:, 0]], axis=1)
