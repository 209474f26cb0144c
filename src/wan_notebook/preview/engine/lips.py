"""Where lips touch and where they end: by the mesh, and by what is seen there.

The mesh alone sees lips that are pursed apart by up to 0.08 units though they touch, and narrow mouths that are open
apart by no more. Between the latter it is dark. Of a laugh it sees the upper lip's edge too high, on the lip.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ...faces.expression import Curve
from ...faces.geometry import median, smoothstep
from ...faces.topology import LEFT_CORNER, LOWER_LIP_ROWS, RIGHT_CORNER, UPPER_LIP_ROWS
from .raster import part_about

_TOUCH = 0.03
"""Units between lips that touch, as they are read of somebody at rest, at most."""
_NOISE = 0.005
"""Units by which that changes."""
_PURSED = 0.8
"""Units more that are read of lips that are pursed, for each by which the mouth is narrower."""
_PART = 0.03
"""Units more from which lips are surely parted."""
_LIP = 0.28
"""Share of the lips' lightness that something lacks, up to which it is lip."""
_DARK = 0.44
"""The same share from which it is none."""
_LINE = 0.015
"""Units of dark between lips: of the line in which they touch."""
_HOLE = 0.027
"""Units of dark between lips that surely are no line."""
_DETAIL = 60.0
"""Pixels of a unit in the copy that is looked at, at most."""
_ACROSS = np.linspace(0, 1, 33, dtype=np.float32)[:, None, None]
"""The points of each profile across the lips, as shares of the way."""
_MIDDLE = slice(3, 8)
"""Which of the lips' points the profiles go through."""
_EDGES = np.array([(rows[0][_MIDDLE], rows[-1][_MIDDLE]) for rows in (UPPER_LIP_ROWS, LOWER_LIP_ROWS)])
"""Of these the points of each lip's inner edge and of its outer one."""
_HIGHEST = 0.07
"""Units by which the upper lip's edge is sought below where the mesh has it, at most."""
_EDGE_STEP = 0.005
"""Units between two places that are compared."""
_SIDES = 2
"""How many of these places lie on either side of an edge."""
_OFFSETS = _EDGE_STEP * np.arange(-6, round(_HIGHEST / _EDGE_STEP) + _SIDES + 1)
"""The places that are compared, in units below where the mesh has the edge."""
_WITHIN = 0.45
"""Share of the gap between the lips below the mesh's edge within which theirs is sought."""
_CLEAR = (2.0, 4.0)
"""CIELAB's distance from the lip by which a place below its edge exceeds one above it, from which it may be one and
surely is."""
_CLEARER = (2.0, 3.5)
"""How many times the same where the mesh has the edge, likewise."""
_NEARLY = 0.6
"""The share of the clearest edge that is as good."""
_AS_LIGHT = (0.5, 1.05)
"""Shares of the skin's lightness between which lips are: teeth are lighter, and what is between lips is darker."""
_AS_COLOURED = 0.5
"""Share of the skin's chroma that lips have: teeth have less."""
_TAPER = np.sqrt(np.minimum(1, np.minimum(np.arange(11), np.arange(11)[::-1]) / 4))
"""How much of that goes for each point from corner to corner."""


def dark_gap(pixels: NDArray[np.uint8], points: NDArray[np.float32]) -> float:
    """Return how much of what is between a face's lips is darker than they are, in units.

    Args:
        pixels: the frame, H×W×3 RGB.
        points: the mesh, in its pixels.
    """
    unit = max(1e-6, float(np.linalg.norm(points[RIGHT_CORNER] - points[LEFT_CORNER])))
    part = part_about(points[_EDGES.ravel(), :2], 2, (pixels.shape[1], pixels.shape[0]))
    if part is None:
        return 0.0
    # A sharp picture shows more of the line in which lips touch.
    factor = min(1.0, _DETAIL / unit)
    small = cv2.resize(pixels[part], None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    flat = ((points[:, :2] - (part[1].start, part[0].start)) * factor).astype(np.float32)
    upper, lower = flat[_EDGES].mean(1)
    across = cv2.remap(
        small, upper + _ACROSS * (lower - upper), None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    light = cv2.cvtColor(across.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)[..., 0]
    darker = 1 - light / max(1.0, float(median(light[[0, -1]].T).min()))
    shares = np.clip((darker - _LIP) / (_DARK - _LIP), 0, 1).mean(0)
    return float(median(shares * np.linalg.norm(lower - upper, axis=1)) / factor / unit)


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


def raised_lip(pixels: NDArray[np.uint8], points: NDArray[np.float32], skin: NDArray[np.float32]) -> float:
    """Return by how many units the mesh has the edge of the upper lip too high: of some laughs by 0.06.

    Args:
        pixels: the frame, H×W×3 RGB.
        points: the mesh, in its pixels.
        skin: the colour of the face's skin, in CIELAB.
    """
    unit = max(1e-6, float(np.linalg.norm(points[RIGHT_CORNER] - points[LEFT_CORNER])))
    upper, lower = (points[list(rows[0]), :2].astype(np.float32) for rows in (UPPER_LIP_ROWS, LOWER_LIP_ROWS))
    part = part_about(np.concatenate([upper, lower]), round(_HIGHEST * unit), (pixels.shape[1], pixels.shape[0]))
    if part is None:
        return 0.0
    gaps = np.linalg.norm(lower - upper, axis=1)
    ways = np.minimum(_OFFSETS[:, None] * unit * _TAPER, _WITHIN * gaps) / np.maximum(gaps, 1e-3)
    places = (upper + ways[..., None] * (lower - upper)).astype(np.float32) - (part[1].start, part[0].start)
    seen = cv2.remap(pixels[part], places.astype(np.float32), None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    lab = cv2.cvtColor(seen.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    lip = median(lab[_OFFSETS < 0, _MIDDLE].reshape(-1, 3))
    pale = np.hypot(*lip[1:]) < _AS_COLOURED * np.hypot(*skin[1:])
    if pale or not _AS_LIGHT[0] * skin[0] < lip[0] < _AS_LIGHT[1] * skin[0]:
        return 0.0
    unlike = np.linalg.norm(lab - lip, axis=2)[:, 2:-2].mean(1)
    edges, at = unlike[2 * _SIDES :] - unlike[: -2 * _SIDES], _OFFSETS[_SIDES:-_SIDES]
    here, below = max(0.0, float(edges[np.abs(at).argmin()])), np.where(at >= 0, edges, 0.0)
    clearest = float(below.max())
    first = float(at[(below >= _NEARLY * clearest).argmax()])
    sure = smoothstep(*_CLEAR, np.array(clearest)) * smoothstep(*_CLEARER, np.array(clearest / max(here, 1e-3)))
    return first * float(sure)


def lowered(meshes: NDArray[np.float32], raised: Curve, units: Curve) -> NDArray[np.float32]:
    """Return meshes, N×468×3 in pixels, with the edge of the upper lip where it is seen, and the lip along with it.

    Args:
        meshes: as they were read.
        raised: from raised_lip().
        units: the pixels of a unit in each.
    """
    meshes = meshes.copy()
    upper, lower = meshes[:, UPPER_LIP_ROWS[0]], meshes[:, LOWER_LIP_ROWS[0]]
    gaps = np.linalg.norm(lower - upper, axis=2)
    ways = np.minimum((raised * units)[:, None] * _TAPER, _WITHIN * gaps) / np.maximum(gaps, 1e-3)
    moves = (ways[..., None] * (lower - upper)).astype(np.float32)
    for row, share in zip(UPPER_LIP_ROWS, np.linspace(1, 0, len(UPPER_LIP_ROWS), dtype=np.float32), strict=True):
        meshes[:, row] += share * moves
    return meshes
