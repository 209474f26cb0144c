"""The modes: a character that moves in its own picture, one that replaces the performer, and one without a face."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from .character import Character
from .head import AnimatedHead
from .performance import Performance
from .reference import Footage
from .smoothing import median_of_five, smoothed
from .surroundings import Surroundings, person_shares
from .transfer import Transfer
from .watermark import preview_mark

_BODY_SHARE, _BODY_SECONDS = 0.6, 0.5
"""Shoulders follow the head's slow motion: so much of it, smoothed over that time."""


def render_move(character: Character, footage: Footage, performance: Performance) -> Iterator[NDArray[np.uint8]]:
    """Stream the frames of a character that moves as the performer does, H×W×3 RGB.

    Args:
        character: one whose face is known.
        footage: the performer.
        performance: the performer's motion.
    """
    assert character.mesh is not None
    height, width = character.pixels.shape[:2]
    transfer = Transfer(character.mesh, performance)
    ways = np.array([transfer.pose(number).move for number in range(len(performance.seen))])
    body = _BODY_SHARE * smoothed(ways, _BODY_SECONDS * footage.fps)
    reach = float(np.percentile(np.hypot(*ways.T), 98)) / character.mesh.unit
    surroundings = Surroundings(character.mesh, (width, height), person_shares(character, reach))
    head = AnimatedHead(character, performance, transfer, surroundings)
    watermark = preview_mark(width, height)
    for number, reference in performance.frames(footage.frames(performance.height)):
        pixels, _ = head.render(number, reference, (body[number, 0], body[number, 1]))
        watermark.draw(pixels)
        yield pixels


CELLS = 10
"""Cells of the grid, across and down."""
_HEIGHT = 180
_LONGEST = 0.12
"""The longest way that anything moves, as a share of the picture's short side."""


def measure_cells(
    footage: Footage, shift: float, on_frame: Callable[[int, NDArray[np.uint8]], None]
) -> NDArray[np.float64]:
    """Measure how each cell of the reference has moved since its first frame.

    Args:
        footage: the reference.
        shift: more of it smooths over more frames.
        on_frame: is called with the number of frames measured so far, and the last of them.

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
        on_frame(number, pixels)
    rows = median_of_five(np.array(cells, dtype=float).reshape(len(cells), -1))
    return smoothed(rows, max(1.0, (shift - 1) / 8 * footage.fps / 25)).reshape(-1, CELLS, CELLS, 2)


def render_faceless(character: Character, footage: Footage, cells: NDArray[np.float64]) -> Iterator[NDArray[np.uint8]]:
    """Stream the frames of a picture that sways as the reference does, H×W×3 RGB.

    Args:
        character: the picture.
        footage: the reference.
        cells: the motion of the reference, from measure_cells().
    """
    height, width = character.pixels.shape[:2]
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    inside = np.hanning(CELLS + 2)[1:-1] ** 0.5
    window = np.outer(inside, inside)[..., None]
    watermark, short = preview_mark(width, height), min(height, width)
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
        watermark.draw(pixels)
        yield pixels
