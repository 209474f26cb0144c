"""Reading the lips: a column of pixels through the mouth, followed through the whole clip.

Skin and lip above the mouth's line slide as one piece, those below it as another; what opens between them is the mouth.
Both are searched for in every frame at once, so that a path which jumps about is seen to be wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ...faces.lip_line import LipLine

Floats = NDArray[np.float32]

_UPPER = np.arange(-0.26, 0.161, 0.02)
_LOWER = np.arange(-0.16, 0.901, 0.02)
"""How far the lips may move, in face units."""
_FRAMES_AT_ONCE = 256
_PRICE, _LIKELY = 80.0, 0.45
"""Price of a gap by its height in face units, and how much of it must look like a mouth's inside to cost nothing."""


@dataclass(frozen=True)
class Lips:
    """How the lips move, frame by frame, in face units."""

    upper: NDArray[np.float64]
    """How far the upper lip has moved down."""
    lower: NDArray[np.float64]
    line: float
    """Where the lips meet at rest, down from the eyes."""


def read_lips(columns: NDArray[np.uint8], top: float, mouth: float, detail: float) -> Lips:
    """Follow the lips.

    Args:
        columns: frames × rows × 3 (LAB): the mean colour of each row across the mouth's middle.
        top: where the first row lies, in face units.
        mouth: about where the lips meet.
        detail: rows per face unit.
    """
    rest = column_at_rest(columns, (mouth - top) * detail, detail)
    line = closed_line(rest[:, 0], (mouth - top) * detail, detail)
    above = np.arange(0.03, 0.42, 1 / detail)
    below = np.arange(0.03, 0.46, 1 / detail)
    insides = mouth_insides(columns, (mouth - top) * detail, detail)
    upper_cost = move_costs(columns, rest, line - above * detail, _UPPER * detail)
    upper = _UPPER[0] + 0.02 * cheapest_path(upper_cost, stiff=10.0)
    lower_cost = move_costs(columns, rest, line + below * detail, _LOWER * detail)
    lower_cost += gap_costs(insides, line, upper * detail, _LOWER * detail) / np.float32(detail)
    lower = _LOWER[0] + 0.02 * cheapest_path(lower_cost, stiff=4.0)
    return Lips(upper, lower, line / detail + top)


def mouth_insides(columns: NDArray[np.uint8], mouth: float, detail: float) -> Floats:
    """Return frames × rows: how much each row looks like the inside of a mouth, 0 to 1."""
    return np.maximum(*dark_and_teeth(columns, mouth, detail))


def dark_and_teeth(columns: NDArray[np.uint8], mouth: float, detail: float) -> tuple[Floats, Floats]:
    """Return frames × rows, twice: how much each row looks like the dark of a mouth, and like teeth, 0 to 1."""
    around = _rows(columns, mouth - 0.55 * detail, mouth + 0.7 * detail)
    skin = np.percentile(around[..., 0], 75, axis=1, keepdims=True)
    red = np.median(around[..., 1], axis=1, keepdims=True)
    dark = np.clip((0.68 * skin - columns[..., 0]) / (0.15 * skin + 1), 0, 1)
    white = np.clip((columns[..., 0] / (skin + 1) - 1.08) / 0.15, 0, 1)
    teeth = white * np.clip((red - columns[..., 1] + 2) / 6, 0, 1)
    return dark.astype(np.float32), teeth.astype(np.float32)


def gap_costs(insides: Floats, line: float, upper: NDArray[np.float64], moves: NDArray[np.float64]) -> Floats:
    """Return frames × moves: the price of a gap that does not look like the inside of a mouth, and less where it does.

    Lips that are pursed come forward and grow, but do not part.
    """
    so_far = np.cumsum(_LIKELY - insides, axis=1)
    last = insides.shape[1] - 1
    frames = np.arange(len(insides))[:, None]
    begin = np.clip(np.round(line + upper), 0, last).astype(int)[:, None]
    end = np.clip(np.round(line + moves), 0, last).astype(int)[None, :]
    return np.asarray(_PRICE * (so_far[frames, np.maximum(begin, end)] - so_far[frames, begin]), np.float32)


def column_at_rest(columns: NDArray[np.uint8], mouth: float, detail: float) -> Floats:
    """Return the column as it looks while the mouth is closed, from the frames that show least of its inside."""
    dark, teeth = (
        _rows(part, mouth - 0.2 * detail, mouth + 0.5 * detail) for part in dark_and_teeth(columns, mouth, detail)
    )
    # The line between closed lips is dark too, but thin: it does not outlast the removal of a row above and below.
    dark = np.minimum(np.minimum(dark[:, :-2], dark[:, 1:-1]), dark[:, 2:])
    gape = dark.sum(1) + teeth.sum(1)
    closed = columns[gape <= max(float(np.percentile(gape, 12)), 0.02 * detail)]
    return np.asarray(np.median(closed[:: max(1, len(closed) // 200)], axis=0), np.float32)


def _rows(columns: NDArray[Any], first: float, last: float) -> NDArray[Any]:
    return columns[:, max(0, round(first)) : max(1, round(last))]


def closed_line(light: Floats, mouth: float, detail: float) -> float:
    """Return the row in which the closed lips meet: the darkest against what lies above and below it."""
    rows = np.arange(len(light), dtype=float)
    reach = 0.09 * detail
    around = 0.5 * (np.interp(rows - reach, rows, light) + np.interp(rows + reach, rows, light))
    soft = np.convolve(np.pad(light, 1, mode="edge"), [0.25, 0.5, 0.25], mode="valid")
    valley = (around - soft + 12) * np.exp(-(((rows - mouth) / (0.14 * detail)) ** 2) / 2)
    return float(np.argmax(valley))


def move_costs(
    columns: NDArray[np.uint8], rest: Floats, rows: NDArray[np.float64], moves: NDArray[np.float64]
) -> Floats:
    """Return frames × moves: how unlike the rows at rest the moved rows are, near ones weighing more."""
    weight = np.exp(-np.arange(len(rows)) / (0.55 * len(rows))).astype(np.float32)
    weight /= weight.sum()
    tone = np.array([1.0, 1.5, 1.5], np.float32)
    wanted = interpolate_rows(rest[None], rows) * tone
    cost = np.empty((len(columns), len(moves)), np.float32)
    for start in range(0, len(columns), _FRAMES_AT_ONCE):
        part = columns[start : start + _FRAMES_AT_ONCE].astype(np.float32)
        for number, move in enumerate(moves):
            miss = np.abs(interpolate_rows(part, rows + move) * tone - wanted).sum(-1)
            cost[start : start + len(part), number] = np.minimum(miss, 60) @ weight
    return cost


def interpolate_rows(columns: Floats, rows: NDArray[np.float64]) -> Floats:
    """Return columns at fractional rows."""
    at = np.clip(rows, 0, columns.shape[1] - 1.001)
    low = at.astype(int)
    share = (at - low).astype(np.float32)[:, None]
    return np.asarray(columns[:, low] * (1 - share) + columns[:, low + 1] * share, np.float32)


def cheapest_path(cost: Floats, *, stiff: float) -> NDArray[np.float64]:
    """Return the cheapest way through all frames, in fractions of a move.

    Args:
        cost: frames × moves.
        stiff: price of moving on by 0.1 face units between two frames.
    """
    moves = np.arange(cost.shape[1])
    step = stiff * np.minimum(np.abs(moves[:, None] - moves[None, :]) / 5, 3).astype(np.float32)
    total, came = cost[0].copy(), np.zeros(cost.shape, np.int16)
    for frame in range(1, len(cost)):
        ways = total[None, :] + step
        came[frame] = ways.argmin(1)
        total = ways.min(1) + cost[frame]
    path = np.empty(len(cost), int)
    path[-1] = int(total.argmin())
    for frame in range(len(cost) - 1, 0, -1):
        path[frame - 1] = came[frame, path[frame]]
    return refine_path(cost, path)


def refine_path(cost: Floats, path: NDArray[np.int_]) -> NDArray[np.float64]:
    """Move each step of a path to the bottom of the parabola through its neighbours."""
    frames, inner = np.arange(len(cost)), np.clip(path, 1, cost.shape[1] - 2)
    a, b, c = (cost[frames, inner + side] for side in (-1, 0, 1))
    bend = a - 2 * b + c
    shift = np.where(bend > 1e-6, 0.5 * (a - c) / np.maximum(bend, 1e-6), 0)
    return np.asarray(np.where(inner == path, path + np.clip(shift, -0.5, 0.5), path), float)


SIDE, ABOVE = 1.4, 0.3
"""Side of the square that is looked at, and how much of it lies above the mouth, in face units."""
PIXELS = 28
"""Pixels of that side."""
_LIP = 0.01
"""How thick the lips are at the sides of the gap, in face units."""


def mouth_widths(squares: NDArray[np.uint8], lips: Lips, line: LipLine) -> NDArray[np.float64]:
    """Return how wide the gap between the lips is in each frame, against the mouth at rest.

    Args:
        squares: frames × PIXELS × PIXELS × 3 (RGB): the mouth's surroundings.
        lips: how the lips move.
        line: where they meet at rest.
    """
    widths = np.ones(len(squares))
    for number, (square, upper, lower) in enumerate(zip(squares, lips.upper, lips.lower, strict=True)):
        if lower - upper > 0.1:
            widths[number] = (gap_width(square, upper, lower) - 2 * _LIP) / (line.left + line.right)
    return np.clip(widths, 0.66, 1.15)


def gap_width(square: NDArray[np.uint8], upper: float, lower: float) -> float:
    """Return how far it is from cheek to cheek at half the gap's height, in face units."""
    step = SIDE / PIXELS
    first, last = ((ABOVE + upper + share * (lower - upper)) / step for share in (0.35, 0.65))
    rows = square[int(first) : max(int(first) + 1, round(last))]
    colours = cv2.cvtColor(rows, cv2.COLOR_RGB2LAB).astype(float).mean(0)
    total = 0.0
    for outwards in (colours[: PIXELS // 2][::-1], colours[PIXELS // 2 :]):
        # Teeth may be as light as cheeks, but there is no cheek between them.
        unlike = np.abs(outwards - outwards[-3:].mean(0)).sum(1)
        total += step * (1 + np.flatnonzero(unlike >= max(15.0, 0.35 * float(unlike.max()))).max(initial=-1))
    return total
