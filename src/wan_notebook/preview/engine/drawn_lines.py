"""What the lines of a drawn face tell, which the mesh follows a part of the way: the mouth's corners, and the brows.

Of a drawn smile the mesh sees the corners rise a tenth of the way, and of drawn brows a sixth. Where the lips touch
and the line between them is as clear as a drawn one, its ends are followed, and so are the brows of such a face.
People's lines mostly are fainter, and people's faces the mesh has learned.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ...faces.expression import Curve
from ...faces.geometry import smoothstep
from ...faces.topology import LEFT_BROW, LEFT_CORNER, LEFT_MOUTH, RIGHT_BROW, RIGHT_CORNER, RIGHT_MOUTH
from .smoothing import Curves, filled, median_of_five, smoothed

_STEP = 0.01
"""Units between two places in which a line is sought."""
_PLACES = _STEP * np.arange(-25, 26)
"""These places, in units below where the mesh has it."""
_SLOPES = np.tan(np.radians(np.arange(-20, 61, 10)))
"""How steeply the line between the lips goes down from the corner to the middle of the mouth."""
_ALONG = 0.02 * np.arange(1, 7)
"""The points of it that are looked at, in units from the corner."""
_LIPS_APART, _BROW_APART = 3, 6
"""Steps above and below a line to what it is compared with: more than half of its height."""
_CLEAR = (0.27, 0.32)
"""Shares of the surroundings' lightness by which a line is darker that may be followed, and that surely is.

Of drawn lines it is 0.32 in the median, of people's 0.16 to 0.27.
"""
_TOUCH = (0.1, 0.05)
"""Units between lips that may touch, and that surely do."""
_LEAST_CLEAR = 0.5
"""Share of the frames that show a clear line where a face is drawn: 0.67 to 0.89 of three performances, up to 0.35 of
fourteen of fifteen clips of people and of modelled films."""
_STEADY = 0.015
"""Units of the second difference from frame to frame, on average, up to which brows are lines: 0.01 of drawn ones, 0.04
of those that hair or a shadow meets."""
_SIGMA = 1.0
"""Frames of the Gaussian that smooths where lines are."""
_ANCHORS = (LEFT_MOUTH,), (RIGHT_MOUTH,), LEFT_BROW[1:4], RIGHT_BROW[1:4]
"""The points that lines are sought about, in the order of the columns."""
_REACH = 0.13
"""Units of the Gaussian by which the skin about them goes along."""


def find_lines(pixels: NDArray[np.uint8], points: NDArray[np.float32]) -> tuple[float, ...]:
    """Return by how many units a face's lines lie below where the mesh has them, and how clear that of the lips is.

    Five numbers: the left and the right corner of the mouth, the left and the right brow; and the share by which the
    line between the lips is darker than what lies above and below it, near the corner where it is less.

    Args:
        pixels: the frame, H×W×3 RGB.
        points: the mesh, in its pixels.
    """
    units, across, down = _axes(points[None])
    inward = _ALONG * np.array([[1], [-1]])
    below = _PLACES[:, None, None] + _SLOPES[:, None] * _ALONG
    corners = points[[LEFT_MOUTH, RIGHT_MOUTH], None, None, None, :2]
    lips = corners + units[0] * (inward[:, None, None, :, None] * across[0] + below[..., None] * down[0])
    brows = points[np.array(_ANCHORS[2:]), :2][:, None] + units[0] * _PLACES[:, None, None] * down[0]
    light = _lightness(pixels, lips)
    ends, clear = _darkest(light, _LIPS_APART)
    heights, _ = _darkest(_lightness(pixels, brows)[:, :, None], _BROW_APART)
    return *ends, *heights, float((clear / np.maximum(1, np.median(light, axis=(1, 2, 3)))).min())


def _lightness(pixels: NDArray[np.uint8], places: NDArray[np.float64]) -> NDArray[np.float32]:
    flat = places.reshape(len(places) * len(_PLACES), -1, 2).astype(np.float32)
    seen = cv2.remap(pixels, flat, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    light: NDArray[np.float32] = cv2.cvtColor(seen, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return light.reshape(places.shape[:-1])


def _darkest(light: NDArray[np.float32], apart: int) -> tuple[list[float], NDArray[np.float32]]:
    """Return where each side's darkest line is, and by how much it is darker than what lies above and below it.

    Args:
        light: sides × _PLACES × slopes × points of a line.
        apart: steps to what lies above and below.
    """
    darker = (np.minimum(light[:, : -2 * apart], light[:, 2 * apart :]) - light[:, apart:-apart]).mean(3).max(2)
    return [float(one) for one in _PLACES[apart:-apart][darker.argmax(1)]], darker.max(1)


def line_courses(lines: Curves, mouth_open: Curve) -> Curves:
    """Return by how many units the lines of a drawn face lie below where the mesh has them; 0 for any other face.

    N×4: the left and the right corner of the mouth, the left and the right brow. While lips are apart, corners go from
    where they were seen last to where they are seen next.

    Args:
        lines: N×5, from find_lines().
        mouth_open: units between the lips.
    """
    sure = smoothstep(*_CLEAR, lines[:, 4]) * smoothstep(*_TOUCH, mouth_open)
    followed = sure > 0
    if followed.mean() < _LEAST_CLEAR:
        return np.zeros((len(lines), 4))
    corners = filled(median_of_five(lines[followed, :2] * sure[followed, None]), followed)
    brows = median_of_five(lines[:, 2:4])
    if len(lines) < 3 or np.abs(np.diff(lines[:, 2:4], 2, axis=0)).mean() >= _STEADY:
        brows = np.zeros_like(brows)
    return smoothed(np.column_stack([corners, brows]), _SIGMA)


def with_lines(meshes: NDArray[np.float32], courses: Curves, calm: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return meshes, N×468×3 in pixels, that move as the lines are seen to; at rest they keep their place.

    Args:
        meshes: as they were read.
        courses: from line_courses().
        calm: numbers of the frames at rest.
    """
    units, _, down = _axes(meshes)
    rest = meshes[calm[0]]
    away = [np.linalg.norm(rest[:, None] - rest[list(points)], axis=2).min(1) for points in _ANCHORS]
    shares = np.exp(-0.5 * (np.array(away) / units[calm[0]] / _REACH) ** 2)
    ways = units[:, None] * (courses - courses[calm].mean(0)) @ shares
    moved = meshes.copy()
    moved[..., :2] += (ways[..., None] * down[:, None]).astype(np.float32)
    return moved


def _axes(meshes: NDArray[np.float32]) -> tuple[Curves, Curves, Curves]:
    """Return the pixels of a unit in N meshes, and the directions across and down each face in the picture, N×2."""
    between = meshes[:, RIGHT_CORNER] - meshes[:, LEFT_CORNER]
    units = np.maximum(1e-6, np.linalg.norm(between, axis=1))
    across = between[:, :2] / np.maximum(1e-6, np.linalg.norm(between[:, :2], axis=1, keepdims=True))
    return units, across, np.stack([-across[:, 1], across[:, 0]], axis=1)
