"""The modes: a character that moves in its own picture, one that replaces the performer, and one without a face."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from ...faces.find import FaceReader
from .character import Character
from .crosstalk import counter_turns
from .head import AnimatedHead
from .performance import Performance
from .smoothing import median_of_five, smoothed
from .surroundings import surroundings_of
from .transfer import Transfer
from .watermark import preview_mark

_BODY_SHARE, _BODY_SECONDS = 0.6, 0.5
"""Shoulders follow the head's slow motion: so much of it, smoothed over that time."""


def render_move(
    character: Character, performance: Performance, fps: float, reader: FaceReader
) -> Iterator[NDArray[np.uint8]]:
    """Stream the frames of a character that moves as the performer does, H×W×3 RGB.

    Args:
        character: one whose face is known.
        performance: the performer's motion.
        fps: frames per second.
        reader: reads faces.
    """
    assert character.mesh is not None
    turns = counter_turns(character, performance, reader)
    transfer = Transfer(character.mesh, performance, turns=turns, flat=character.flat)
    body = _BODY_SHARE * smoothed(transfer.ways, _BODY_SECONDS * fps)
    reach = float(np.percentile(np.hypot(*transfer.ways.T), 98)) / character.mesh.unit
    head = AnimatedHead(character, performance, surroundings_of(character, reach))
    watermark = preview_mark(*character.pixels.shape[1::-1])
    for number, (right, down) in enumerate(body.tolist()):
        pixels, _ = head.render(number, transfer.frame(number), (right, down))
        watermark.draw(pixels)
        yield pixels


CELLS = 10
"""Cells of the grid, across and down."""
_HEIGHT = 180
_LONGEST = 0.12
"""The longest way that anything moves, as a share of the picture's short side."""


class CellMeter:
    """Measures how each cell of a reference moves."""

    def __init__(self) -> None:
        self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
        self._first: NDArray[np.uint8] | None = None
        self._last: NDArray[np.float32] | None = None
        self._cells: list[NDArray[np.float64]] = []

    def update(self, pixels: NDArray[np.uint8]) -> None:
        """Measure the next frame, H×W×3 RGB."""
        factor = min(1.0, _HEIGHT / pixels.shape[0])
        gray = cv2.cvtColor(
            cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY
        )
        self._first = gray if self._first is None else self._first
        self._last = self._flow.calc(self._first, gray, self._last)
        self._cells.append(cv2.resize(self._last, (CELLS, CELLS), interpolation=cv2.INTER_AREA) / min(gray.shape))

    def result(self, sigma: float) -> NDArray[np.float64]:
        """Return how each cell has moved since the first frame, in shares of the frame's short side.

        Args:
            sigma: frames of the Gaussian that smooths it; one at least.

        Returns:
            Frames × CELLS × CELLS × 2.
        """
        rows = median_of_five(np.array(self._cells, dtype=float).reshape(len(self._cells), -1))
        return smoothed(rows, max(1.0, sigma)).reshape(-1, CELLS, CELLS, 2)


def render_faceless(character: Character, cells: NDArray[np.float64]) -> Iterator[NDArray[np.uint8]]:
    """Stream the frames of a picture that sways as the reference does, H×W×3 RGB.

    Args:
        character: the picture.
        cells: the motion of the reference, from CellMeter.
    """
    height, width = character.pixels.shape[:2]
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    inside = np.hanning(CELLS + 2)[1:-1] ** 0.5
    window = np.outer(inside, inside)[..., None]
    watermark, short = preview_mark(width, height), min(height, width)
    for moves in cells:
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
