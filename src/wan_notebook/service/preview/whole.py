"""Without a face to go by: the motion of whatever moves in the reference, as a coarse smooth grid."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from .character import Character
from .curves import median_of_five, smoothed
from .footage import Footage
from .mark import Mark

CELLS = 10
"""Cells of the grid, across and down."""
_HEIGHT = 180
_LONGEST = 0.12
"""How far anything moves at most, as a share of the picture's short side."""


def watch(footage: Footage, shift: float, told: Callable[[int, NDArray[np.uint8]], None]) -> NDArray[np.float64]:
    """Measure how each cell of the reference has moved since its first frame.

    Args:
        footage: the reference.
        shift: more of it smooths over more frames.
        told: is called with the number of frames measured so far, and the last of them.

    Returns:
        Frames × CELLS × CELLS × 2, in shares of the frame's short side.
    """
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    first, last, cells = None, None, []
    for number, pixels in enumerate(footage.frames(min(_HEIGHT, footage.info.height)), start=1):
        gray = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
        first = gray if first is None else first
        last = flow.calc(first, gray, last)
        cells.append(cv2.resize(last, (CELLS, CELLS), interpolation=cv2.INTER_AREA) / min(gray.shape))
        told(number, pixels)
    rows = median_of_five(np.array(cells, dtype=float).reshape(len(cells), -1))
    return smoothed(rows, max(1.0, (shift - 1) / 8 * footage.fps / 25)).reshape(-1, CELLS, CELLS, 2)


def swayed(character: Character, footage: Footage, cells: NDArray[np.float64]) -> Iterator[NDArray[np.uint8]]:
    """Stream the frames of a picture that sways as the reference does, H×W×3 RGB."""
    height, width = character.pixels.shape[:2]
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    inside = np.hanning(CELLS + 2)[1:-1] ** 0.5
    window = np.outer(inside, inside)[..., None]
    mark, short = Mark(width, height), min(height, width)
    for moves in cells[: footage.count]:
        soft = cv2.GaussianBlur(_LONGEST * np.tanh(moves / _LONGEST) * window, (0, 0), 1.8) * short
        field = cv2.resize(soft.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
        pixels = cv2.remap(
            character.pixels,
            columns - field[..., 0],
            rows - field[..., 1],
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REFLECT,
        )
        mark.write(pixels)
        yield pixels
