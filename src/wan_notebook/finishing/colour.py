"""Slow drift of a clip's colours, measured where nothing moves, and undone.

The model works in windows, each of which continues from the last frame of the one before, so that small errors of
colour add up from window to window; within the first there is none. For each channel the drift is what levels have
become: one straight line over the levels (an offset and a gain), told by what it adds to a dark and to a bright level.
Over time it is one smooth curve per channel, which may step only where a window begins: correcting each frame by itself
would flicker. Nothing is corrected that was not measured.

What the performer's video does itself is no drift. In Replace each frame is compared with the reference's own, whose
background it shows. In Move the background is the picture's, and stands still; where the light of the reference
changes, as much of the same change in the clip is taken for light, and stays.

A whole shot may be off as well, by one constant difference: in Move from another shot with the same picture, in Replace
from the reference.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..model.family import WINDOW_FRAMES
from .curve import BLOCK, smooth_curve

Picture: TypeAlias = NDArray[np.uint8]
"""H×W×3 RGB."""
Cells: TypeAlias = NDArray[np.float32]
"""N×3: the mean colours of the cells of a picture."""
Shifts: TypeAlias = NDArray[np.float64]
"""T×3×2: over time, for each channel, the levels added to the levels of ANCHORS."""

ANCHORS = 64.0, 192.0
"""The dark and the bright level at which drift is told."""
_CELLS = 48
"""Cells along the longer side of a picture."""
_CUT_OFF = np.array([255, *[0] * 254, 255], np.uint8)
"""For each level 255 where it is the end of the range, at which whatever goes beyond it is cut off."""
_PART = 0.5
"""Share of a cell that was cut off from which on its mean tells nothing."""
_STEADY = 4.0
"""Standard deviation of a cell over time, in levels, from which on something moves there."""
_CUTOFFS = 30.0, 20.0, 12.0, 7.0, 5.0, 5.0
"""Distances from the fit, in levels, beyond which a cell does not count, step by step: it shows something else."""
_ENOUGH, _AGREEING = 0.08, 0.5
"""Share of the cells in which nothing moves below which nothing is measured, and the share of those that must agree."""
_FLAT = 0.1
"""Weight against a gain, which a background of one level would not tell from an offset."""
_LARGEST = 60.0
"""Levels beyond which it is something else than drift."""
_STEEPEST = 4.0
"""Times by which the levels next to black and to white are spread at most. Those two were cut off there, and nobody
knows what they were: they stay, so that black bars are not lifted to navy, and the correction fades in from them."""
_LEAST = 1.5
"""Levels below which the whole drift is noise, and nothing is changed: real clips without any measure up to 1.2."""


@dataclass(frozen=True, eq=False)
class Drift:
    """How the colours of a clip have drifted, frame by frame; the array cannot be written to."""

    shifts: Shifts
    """From a frame on that is not in it, the last one holds."""

    @property
    def largest(self) -> float:
        """The largest change of a level, in levels."""
        return float(np.abs(self.shifts).max())

    def correct(self, frame: Picture, number: int) -> Picture:
        """Return a frame without the drift.

        Args:
            frame: H×W×3 RGB.
            number: the frame's, counted from 0.
        """
        import cv2

        shift = self.shifts[min(number, len(self.shifts) - 1)]
        if not shift.any():
            return frame
        corrected: Picture = cv2.LUT(frame, _table(shift))
        return corrected


NO_DRIFT = Drift(np.zeros((1, 3, 2)))


def measure_drift(frames: Iterable[Picture], *, reference: Iterable[Picture] = (), replaces: bool = False) -> Drift:
    """Return how the colours of a clip have drifted against those of its first window, reading each frame once.

    Args:
        frames: of one job, H×W×3 RGB.
        reference: the frames of the video that was sent, one for each of the clip, of any size. In Move there may be
            none: then all slow change of the background's colours is drift.
        replaces: whether the job was in Replace, where the background is the reference's, rather than in Move. Where
            the reference has no frame, nothing is measured then.
    """
    clip, light, count = _Measurement(), _Measurement(), 0
    for number, (frame, shown) in enumerate(itertools.zip_longest(frames, reference)):
        if frame is None:
            break
        count, size = number + 1, _grid(frame)
        own = None if shown is None else _cells(shown, size)
        if not replaces:
            clip.add(number, _cells(frame, size))
            if own is not None:
                light.add(number, own)
        elif own is not None:
            clip.add(number, _cells(frame, size), own)
    drift, lit = clip.curve(count), light.curve(count)
    drift = drift - np.clip(drift, np.minimum(lit, 0), np.maximum(lit, 0))
    return Drift(drift) if len(drift) and np.abs(drift).max() >= _LEAST else NO_DRIFT


def measure_difference(frames: Iterable[Picture], anchor: Iterable[Picture], *, replaces: bool = False) -> Drift:
    """Return the constant difference of a shot's colours from those of a video with the same background.

    Args:
        frames: the beginning of the shot, at least a window; no more of it is read.
        anchor: of that video, to whose colours correct() brings the shot: in Move another shot, whose background stands
            still; in Replace the video that was sent, with one frame for each of the shot, of any size.
        replaces: whether the job was in Replace rather than in Move.
    """
    seen = list(itertools.islice(frames, WINDOW_FRAMES))
    size = _grid(seen[0])
    shot, shown = (
        np.stack([_cells(frame, size) for frame in some]) for some in (seen, itertools.islice(anchor, WINDOW_FRAMES))
    )
    still = np.ones(shown.shape[1], bool)
    if not replaces:
        still = shown.std(0).max(1) < _STEADY
        shown = np.broadcast_to(np.median(shown, 0), shot.shape)
    paired = min(len(shot), len(shown))
    still &= (shot[:paired] - shown[:paired]).std(0).max(1) < _STEADY
    # A camera that pans shows each level in each cell, so that no mean over time would tell a gain.
    some = slice(0, paired, BLOCK)
    shift = _shift(np.concatenate(shot[some]), np.concatenate(shown[some]), np.tile(still, len(shot[some])))
    return NO_DRIFT if shift is None or np.abs(shift).max() < _LEAST else Drift(shift[None])


class _Measurement:
    """Measures, block by block, how the colours of a video differ from those of its first window."""

    def __init__(self) -> None:
        self._opening: list[Cells] = []
        self._block: list[tuple[Cells, Cells | float]] = []
        self._usual: Cells | None = None
        self._last = 0
        self._times: list[float] = []
        self._shifts: list[NDArray[np.float64]] = []

    def add(self, number: int, seen: Cells, expected: Cells | float = 0.0) -> None:
        """Take the next frame.

        Args:
            number: the frame's, from 0.
            seen: its cells.
            expected: what its background shows in the reference; 0 where that stands still.
        """
        if number < WINDOW_FRAMES:
            self._opening.append(seen - expected)
            return
        if self._usual is None:
            opening = np.stack(self._opening)
            self._usual, self._still = np.median(opening, 0), opening.std(0).max(1) < _STEADY
            self._opening.clear()
        self._block.append((seen, expected))
        self._last = number
        if len(self._block) == BLOCK:
            self._measure()

    def _measure(self) -> None:
        assert self._usual is not None
        changes = np.stack([seen - expected for seen, expected in self._block])
        # All cells drift, and those in which something moves do so apart from the others.
        moving = (changes - np.median(changes, 1, keepdims=True)).std(0).max(1) >= _STEADY
        seen = np.mean([seen for seen, _ in self._block], 0)
        shift = _shift(seen, seen - changes.mean(0) + self._usual, self._still & ~moving)
        if shift is not None:
            self._times.append(self._last - (len(self._block) - 1) / 2)
            self._shifts.append(shift)
        self._block.clear()

    def curve(self, count: int) -> Shifts:
        """Return the difference over so many frames, all there are, as one smooth curve per channel and level."""
        if self._block:
            # With a clip's last frame or two a window may begin, and its colours step there.
            self._measure()
        if not self._times:
            return np.zeros((count, 3, 2))
        curves = smooth_curve(self._times, np.array(self._shifts).reshape(-1, 6), count)
        return curves.reshape(-1, 3, 2)


def _shift(seen: Cells, expected: Cells, still: NDArray[np.bool_]) -> NDArray[np.float64] | None:
    """Return what was added to the levels of ANCHORS, 3×2, by a robust fit over cells; None where that is unclear."""
    dark, bright = ANCHORS
    # A level that touches the end of the range was cut off there.
    whole = still[:, None] & (np.minimum(seen, expected) > 2) & (np.maximum(seen, expected) < 253)
    fitting, change, shift = whole, seen - expected, np.zeros((3, 2))
    shares = np.stack([bright - expected, expected - dark], 2) / (bright - dark)
    for cutoff in _CUTOFFS:
        if (fitting.sum(0) < np.maximum(_ENOUGH * len(seen), _AGREEING * whole.sum(0))).any():
            return None
        for channel, cells in enumerate(fitting.T):
            flat = np.array([[1.0, -1.0]]) * _FLAT * np.sqrt(cells.sum())
            rows = np.concatenate([shares[cells, channel], flat])
            shift[channel] = np.linalg.lstsq(rows, np.append(change[cells, channel], 0.0), rcond=None)[0]
        off = np.abs(change - (shares * shift).sum(2))
        fitting = whole & (np.where(whole, off, 0.0).max(1, keepdims=True) < cutoff)
    return shift if np.abs(shift).max() < _LARGEST else None


def _grid(frame: Picture) -> tuple[int, int]:
    """Return the number of columns and rows of the cells of a picture."""
    height, width = frame.shape[:2]
    longer = max(height, width)
    return max(1, round(_CELLS * width / longer)), max(1, round(_CELLS * height / longer))


def _cells(frame: Picture, size: tuple[int, int]) -> Cells:
    """Return the mean colours of so many columns and rows of a picture; 0 in the channels that were cut off."""
    import cv2

    cells: Cells = cv2.resize(frame, size, interpolation=cv2.INTER_AREA).reshape(-1, 3).astype(np.float32)
    # Where a black bar ends within a cell, its mean drifts less than what it shows beside the bar.
    cells[cv2.resize(cv2.LUT(frame, _CUT_OFF), size, interpolation=cv2.INTER_AREA).reshape(-1, 3) > 255 * _PART] = 0
    return cells


def _table(shift: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return for each level of the three channels the level that it has come from."""
    dark, bright = ANCHORS
    slope = (shift[:, 1] - shift[:, 0]) / (bright - dark)
    levels = np.arange(256)[:, None]
    original = (levels - shift[:, 0] + dark * slope) / (1 + slope)
    original = np.clip(original, 255 - _STEEPEST * (255 - levels), _STEEPEST * levels)
    table: NDArray[np.uint8] = np.clip(np.rint(original), 0, 255).astype(np.uint8)[:, None, :]
    return table
