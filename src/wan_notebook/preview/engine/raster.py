"""Drawing triangles as maps, and outlines as masks."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Part = tuple[slice, slice]
"""Rows and columns of a picture."""

_SUBPIXEL, _FINER, _EDGE = 4, 4, 0.7
"""Bits of the fractions with which outlines are drawn, how many times finer than the picture what lies within one is
told, and the pixels of the Gaussian that makes an edge soft."""


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
    """Return how far each pixel of a part of a picture lies within or on an outline (N×2), 0 to 255."""
    rows, columns = part
    mask = np.zeros((rows.stop - rows.start, columns.stop - columns.start), np.uint8)
    fixed = np.round((outline - [columns.start, rows.start]) * (1 << _SUBPIXEL)).astype(np.int32)
    cv2.fillPoly(mask, [fixed], 255, cv2.LINE_AA, _SUBPIXEL)
    return mask


def interior(outline: NDArray[Any], part: Part) -> NDArray[np.uint8]:
    """Return the same without the outline itself, which is all that there is of an eye that is shut."""
    rows, columns = part
    width, height = columns.stop - columns.start, rows.stop - rows.start
    mask = np.zeros((_FINER * height, _FINER * width), np.uint8)
    fine = np.round((outline - [columns.start, rows.start] + 0.5) * _FINER - 0.5).astype(np.int32)
    cv2.fillPoly(mask, [fine], 255)
    within = cv2.erode(mask, np.ones((3, 3), np.uint8))
    return np.asarray(cv2.resize(within, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


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
    rim = drawn & (inside < 1)
    under = behind[rim].astype(np.float32)
    pixels[rim] = np.round(under + (pixels[rim] - under) * inside[rim][:, None]).astype(np.uint8)


def soften_line(pixels: NDArray[np.uint8], outline: NDArray[Any]) -> None:
    """Soften an outline (N×2) in place, H×W×3 RGB: skin that was drawn pixel by pixel meets there in steps."""
    line = np.zeros(pixels.shape[:2], np.uint8)
    fixed = np.round(outline * (1 << _SUBPIXEL)).astype(np.int32)
    cv2.polylines(line, [fixed], isClosed=True, color=255, lineType=cv2.LINE_AA, shift=_SUBPIXEL)
    blend(pixels, cv2.GaussianBlur(pixels, (0, 0), _EDGE), line.astype(np.float32) / np.float32(255))


def draw_map(across: Floats, down: Floats, triangles: NDArray[np.int32], target: Floats, source: Floats) -> None:
    """Write into two H×W maps where each covered pixel comes from; triangles later in the list lie over earlier ones.

    Args:
        across: the source's column of each pixel, contiguous in memory, written in place.
        down: likewise its row.
        triangles: N×3 numbers of points.
        target: points, M×2, where they are drawn.
        source: the same points, M×2, where they come from.
    """
    corners, origins = (np.take(points.T, triangles.T, axis=1) for points in (target, source))
    forward, usable = _affine(corners, origins)
    corners, forward = corners[..., usable], forward[:, usable]
    which, row, start, count = _runs(corners.astype(float), across.shape[0], across.shape[1])
    before = np.cumsum(count) - count
    # To repeat one index, and to take by it, is faster than to repeat each value.
    run = np.repeat(np.arange(len(count)), count)
    place = np.take(row * across.shape[1] + start - before, run)
    place += np.arange(len(run))
    steps = np.arange(len(run), dtype=np.float32) - np.take(before.astype(np.float32), run)
    away_x, away_y = start - np.take(corners[0, 0], which), row - np.take(corners[1, 0], which)
    for number, plane in enumerate((across, down)):
        along, below, at = (np.take(forward[column], which) for column in (2 * number, 2 * number + 1, 4 + number))
        begin = (along * away_x + below * away_y + at).astype(np.float32)
        plane.reshape(-1)[place] = np.take(begin, run) + np.take(along, run) * steps


def _affine(target: Floats, source: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the map of each triangle from target to source, 6×N, about its first corner; whether it has an area.

    Args:
        target: columns and rows of each triangle's corners, 2×3×N.
        source: likewise.
    """
    a, b = target[:, 1] - target[:, 0], target[:, 2] - target[:, 0]
    p, q = source[:, 1] - source[:, 0], source[:, 2] - source[:, 0]
    area = a[0] * b[1] - a[1] * b[0]
    usable = np.abs(area) > 1e-3
    over = 1 / np.where(usable, area, 1)
    across, down = ((p * b[1] - q * a[1]) * over, (q * a[0] - p * b[0]) * over)
    return np.stack([across[0], down[0], across[1], down[1], *source[:, 0]]).astype(np.float32), usable


def _runs(corners: NDArray[np.float64], height: int, width: int) -> tuple[NDArray[np.int64], ...]:
    """Return the runs of pixels that triangles cover, in the triangles' order: which triangle, row, column, length.

    Args:
        corners: columns and rows of each triangle's corners, 2×3×N.
        height: rows of the picture; nothing is covered beyond it.
        width: columns.
    """
    by_height = np.argsort(corners[1], axis=0, kind="stable")
    high, middle, low = np.take_along_axis(corners, by_height[None], axis=1).transpose(1, 0, 2)
    top = np.maximum(np.ceil(high[1]), 0).astype(np.int64)
    rows = np.maximum(np.minimum(np.floor(low[1]), height - 1).astype(np.int64) - top + 1, 0)
    which = np.repeat(np.arange(len(rows)), rows)
    row = np.arange(rows.sum()) + np.repeat(top + rows - np.cumsum(rows), rows)
    # One side goes all the way down, opposite it are two: both triangles at a side find it at the same places.
    whole, upper, lower = (
        np.take(column, which) + np.take(slope, which) * row
        for column, slope in (_side(high, low), _side(high, middle), _side(middle, low))
    )
    opposite = np.where(row >= np.take(middle[1], which), lower, upper)
    start = np.ceil(np.maximum(np.minimum(whole, opposite), 0)).astype(np.int64)
    count = np.floor(np.minimum(np.maximum(whole, opposite), width - 1)).astype(np.int64) - start + 1
    return which, row, start, np.maximum(count, 0)


def _side(start: NDArray[np.float64], end: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the column at which lines cross row 0, and how far it goes with each row; a level one stays."""
    fall = end[1] - start[1]
    slope = (end[0] - start[0]) / np.where(fall > 0, fall, np.inf)
    return start[0] - slope * start[1], slope
