"""Motion by optical flow: how much of the reference's motion a clip repeats, and how steady the clip is.

Clip and reference may show different people in different framing. So the motion of each is taken in a frame of its
own, around what moves. Its size does not matter, since agreement does not change with the scale of either.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...video.probe import probe
from ...video.read import frames

GRID = 16
"""Flow is kept in so many by so many fields, 2 KB a frame."""
_VIEW, _REACH = 4, 1.3
"""Fields across the frame around what moves, and its reach to each side, in standard deviations."""
_MEAN = 3
"""Flow is averaged over so many frames, since single ones are noisy."""
_STILL = 0.005
"""Motion, in widths of the picture per second, below which nothing moves."""
_FASTEST = 25.0
"""Frames per second at which both are compared at most."""

STEADIEST = 60.0
"""Decibels beyond which differences are rounding."""

FlowOverTime = NDArray[np.float32]
"""T×GRID×GRID×2, in widths of the picture per frame."""


def motion_fidelity(clip: Path, reference: Path) -> float | None:
    """Return how much of the reference's motion the clip repeats, -1 to 1; DEFINITIONS has the formula.

    Args:
        clip: the video that is judged.
        reference: the video whose motion it should have.

    Returns:
        None where the reference does not move, or where both together last less than four frames.

    Raises:
        MediaError: one of them cannot be read.
    """
    fps = min(probe(clip).fps, probe(reference).fps, _FASTEST)
    made, wanted = [], []
    for one, other in zip(flow_over_time(clip, fps), flow_over_time(reference, fps), strict=False):
        made.append(one)
        wanted.append(other)
    if len(made) < _MEAN:
        return None
    fastest = np.linalg.norm(np.stack(wanted), axis=3).max(axis=(1, 2))
    if float(fastest.mean()) * fps < _STILL:
        return None
    clip_motion, reference_motion = around_motion(np.stack(made)), around_motion(np.stack(wanted))
    size = float(np.sqrt((clip_motion**2).sum() * (reference_motion**2).sum()))
    return float((clip_motion * reference_motion).sum()) / size if size > 1e-9 else 0.0


def flow_over_time(path: Path, fps: float) -> Iterator[NDArray[np.float32]]:
    """Stream the flow from each frame to the next, GRID×GRID×2, without the motion of the camera.

    Args:
        path: the video.
        fps: frames per second to re-time it to.
    """
    import cv2

    flow, before = OpticalFlow(), None
    for frame in frames(path, fps=fps):
        now = luma(scaled(frame.pixels, 240))
        if before is not None:
            moved = cv2.resize(flow.between(before, now), (GRID, GRID), interpolation=cv2.INTER_AREA)
            moved = moved / now.shape[1]
            # The top and the sides of the picture move as the camera does.
            edge = np.concatenate([moved[0], moved[1:, 0], moved[1:, -1]])
            own: NDArray[np.float32] = moved - np.median(edge, axis=0)
            yield own
        before = now


def around_motion(moved: FlowOverTime) -> NDArray[np.float64]:
    """Return the flow in _VIEW×_VIEW fields around the moving part, averaged over _MEAN frames.

    Args:
        moved: the flow in GRID×GRID fields of the whole picture.
    """
    import cv2

    energy = np.sqrt((moved**2).sum(axis=3).mean(axis=0))
    energy = np.maximum(energy - np.median(energy), 0) + 1e-9
    (x, wide), (y, high) = _middle_and_spread(energy.sum(axis=0)), _middle_and_spread(energy.sum(axis=1))
    reach = np.linspace(-_REACH, _REACH, 6 * _VIEW)
    across, down = np.meshgrid(np.float32(x + wide * reach), np.float32(y + high * reach))
    seen = [cv2.remap(one, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT) for one in moved]
    fields = np.stack([cv2.resize(one, (_VIEW, _VIEW), interpolation=cv2.INTER_AREA) for one in seen]).astype(float)
    sums = np.cumsum(np.concatenate([np.zeros_like(fields[:1]), fields]), axis=0)
    mean: NDArray[np.float64] = (sums[_MEAN:] - sums[:-_MEAN]) / _MEAN
    return mean


def _middle_and_spread(weights: NDArray[np.float32]) -> tuple[float, float]:
    places = np.arange(GRID)
    middle = float(np.average(places, weights=weights))
    return middle, max(0.5, float(np.sqrt(np.average((places - middle) ** 2, weights=weights))))


class TemporalStability:
    """Measures how well each frame, warped back along the flow, predicts the one before it."""

    def __init__(self) -> None:
        self._flow = OpticalFlow()
        self._before: NDArray[np.uint8] | None = None
        self._squares, self._pairs = 0.0, 0

    def update(self, pixels: NDArray[np.uint8]) -> None:
        """Add the next frame, H×W×3 RGB."""
        now = luma(scaled(pixels, 192))
        if self._before is not None:
            back = warp_back(now, self._flow.between(self._before, now))
            self._squares += float(np.mean((self._before.astype(np.float32) - back) ** 2)) / 255**2
            self._pairs += 1
        self._before = now

    @property
    def value(self) -> float | None:
        """The peak signal-to-noise ratio in decibels; None where there is one frame only."""
        if not self._pairs:
            return None
        error = self._squares / self._pairs
        return min(STEADIEST, -10 * math.log10(error)) if error > 0 else STEADIEST


def scaled(pixels: NDArray[np.uint8], short_side: int) -> NDArray[np.uint8]:
    """Return a picture whose short side has a number of pixels, aspect kept."""
    import cv2

    height, width = pixels.shape[:2]
    factor = short_side / min(height, width)
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    small: NDArray[np.uint8] = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return small


def luma(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the grey picture of an RGB one."""
    import cv2

    grey: NDArray[np.uint8] = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    return grey


class OpticalFlow:
    """Measures the motion between small grey pictures, by dense inverse search."""

    def __init__(self) -> None:
        import cv2

        library: Any = cv2
        self._search = library.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_FAST)

    def between(self, before: NDArray[np.uint8], now: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the motion of each pixel, H×W×2 in pixels: columns and rows."""
        moved: NDArray[np.float32] = self._search.calc(before, now, None)
        return moved


def warp_back(now: NDArray[np.uint8], flow: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the later picture with the motion since the earlier one undone."""
    import cv2

    sources = np.indices(now.shape, dtype=np.float32)[::-1] + flow.transpose(2, 0, 1)
    back: NDArray[np.float32] = cv2.remap(
        now.astype(np.float32), sources[0], sources[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return back
