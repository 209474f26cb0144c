"""Drawing triangles as maps, and outlines as masks."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Part = tuple[slice, slice]
"""Rows and columns of a picture."""

_SUBPIXEL, _EDGE = 4, 0.7
"""Bits of the fractions with which outlines are drawn, and the pixels of the Gaussian that makes an edge soft."""


def part_about(outline: NDArray[Any], margin: int, size: tuple[int, int]) -> Part | None:
    """Return the rows and columns of a picture about an outline (N×2); None where it lies outside.

    Args:
        outline: columns and rows, in pixels.
        margin: pixels around it.
        size: width and height of the picture.
    """
    left, top = np.maximum(np.floor(outline.min(0)).astype(int) - margin, 0).tolist()
    right, bottom = np.minimum(np.ceil(outline.max(0)).astype(int) + margin + 1, size).tolist()
    return (slice(top, bottom), slice(left, right)) if right - left >= 2 and bottom - top >= 2 else None


def cover(outline: NDArray[Any], part: Part) -> NDArray[np.uint8]:
    """Return how far each pixel of a part of a picture lies within an outline (N×2), 0 to 255."""
    rows, columns = part
    mask = np.zeros((rows.stop - rows.start, columns.stop - columns.start), np.uint8)
    fixed = np.round((outline - [columns.start, rows.start]) * (1 << _SUBPIXEL)).astype(np.int32)
    cv2.fillPoly(mask, [fixed], 255, cv2.LINE_AA, _SUBPIXEL)
    return mask


def blend(under: NDArray[np.uint8], over: NDArray[Any], share: Floats) -> None:
    """Lay one H×W×3 picture over another, in place, each pixel by its share (H×W)."""
    under[:] = np.round(under + (over - under.astype(np.float32)) * share[..., None]).astype(np.uint8)


def soften_edge(pixels: NDArray[np.uint8], drawn: NDArray[np.bool_], behind: NDArray[np.uint8]) -> None:
    """Blend the edge of what was drawn pixel by pixel over what lies behind it, in place and inwards.

    Args:
        pixels: H×W×3 RGB.
        drawn: which pixels were drawn.
        behind: H×W×3 RGB, what stood there before.
    """
    inside = np.clip(2 * cv2.GaussianBlur(drawn.astype(np.float32), (0, 0), _EDGE) - 1, 0, 1)
    front = pixels.copy()
    pixels[drawn] = behind[drawn]
    blend(pixels, front, inside * drawn)


def draw_map(across: Floats, down: Floats, triangles: NDArray[np.int32], target: Floats, source: Floats) -> None:
    """Write into two H×W maps where each covered pixel comes from; triangles later in the list lie over earlier ones.

    Args:
        across: the source's column of each pixel, written in place.
        down: likewise its row.
        triangles: N×3 numbers of points.
        target: points, M×2, where they are drawn.
        source: the same points, M×2, where they come from.
    """
    height, width = across.shape
    corners = target[triangles]
    low = np.maximum(np.ceil(corners.min(1)), 0).astype(np.int32)
    high = np.minimum(np.floor(corners.max(1)), [width - 1, height - 1]).astype(np.int32)
    sides = high - low + 1
    forward, usable = _affine(corners, source[triangles])
    usable &= (sides > 0).all(1)
    sides, low, forward, corners = sides[usable], low[usable], forward[usable], corners[usable]
    counts = sides[:, 0] * sides[:, 1]
    if not counts.sum():
        return
    which = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    step = np.arange(len(which), dtype=np.int32) - np.repeat(np.cumsum(counts) - counts, counts).astype(np.int32)
    wide = sides[which, 0]
    row = step // wide
    x = (low[which, 0] + step - row * wide).astype(np.int32)
    y = (low[which, 1] + row).astype(np.int32)
    inside = _inside(corners, which, x, y)
    which, x, y = which[inside], x[inside], y[inside]
    picked = forward[which]
    near_x, near_y = x - corners[which, 0, 0], y - corners[which, 0, 1]
    across[y, x] = picked[:, 0] * near_x + picked[:, 1] * near_y + picked[:, 4]
    down[y, x] = picked[:, 2] * near_x + picked[:, 3] * near_y + picked[:, 5]


def _affine(target: Floats, source: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the map of each triangle from target to source, N×6, about its first corner; whether it has an area."""
    a, b = target[:, 1] - target[:, 0], target[:, 2] - target[:, 0]
    p, q = source[:, 1] - source[:, 0], source[:, 2] - source[:, 0]
    area = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
    usable = np.abs(area) > 1e-3
    over = 1 / np.where(usable, area, 1)
    columns: list[Any] = [
        (p[:, 0] * b[:, 1] - q[:, 0] * a[:, 1]) * over,
        (q[:, 0] * a[:, 0] - p[:, 0] * b[:, 0]) * over,
        (p[:, 1] * b[:, 1] - q[:, 1] * a[:, 1]) * over,
        (q[:, 1] * a[:, 0] - p[:, 1] * b[:, 0]) * over,
        source[:, 0, 0],
        source[:, 0, 1],
    ]
    return np.stack(columns, -1).astype(np.float32), usable


def _inside(corners: Floats, which: NDArray[np.int32], x: NDArray[np.int32], y: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Return which pixels lie within their triangles, whichever way round those are."""
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    turn = np.sign((b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0]))
    inside = np.ones(len(which), bool)
    for start, end in ((a, b), (b, c), (c, a)):
        along_x, along_y = turn * (end[:, 0] - start[:, 0]), turn * (end[:, 1] - start[:, 1])
        offset = along_x * start[:, 1] - along_y * start[:, 0]
        inside &= along_x[which] * y - along_y[which] * x - offset[which] >= -1e-3
    return inside
