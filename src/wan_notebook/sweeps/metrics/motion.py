"""How much of the reference's motion a clip repeats.

Clip and reference may show different people in different framing. So the motion of each is looked at in a frame of its
own, around what moves. Its size does not matter, since agreement does not change with the scale of either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ... import video
from .flow import Flow, luma, scaled

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

FlowOverTime = NDArray[np.float32]
"""T×GRID×GRID×2, in widths of the picture per frame."""


def motion_fidelity(clip: Path, reference: Path, check: Callable[[], None] = lambda: None) -> float | None:
    """Return how much of the reference's motion the clip repeats, -1 to 1; MEANINGS has the formula.

    Args:
        clip: the video that is judged.
        reference: the video whose motion it should have.
        check: is called at each frame; what it raises ends the measuring.

    Returns:
        None where the reference does not move, or where both together last less than four frames.

    Raises:
        MediaError: one of them cannot be read.
    """
    fps = min(video.probe(clip).fps, video.probe(reference).fps, _FASTEST)
    made, wanted = [], []
    for one, other in zip(_motion(clip, fps), _motion(reference, fps), strict=False):
        check()
        made.append(one)
        wanted.append(other)
    if len(made) < _MEAN or _is_still(np.stack(wanted), fps):
        return None
    return _agreement(_in_own_frame(np.stack(made)), _in_own_frame(np.stack(wanted)))


def _motion(path: Path, fps: float) -> Iterator[NDArray[np.float32]]:
    import cv2

    flow, before = Flow(), None
    for frame in video.frames(path, fps=fps):
        now = luma(scaled(frame.pixels, 240))
        if before is not None:
            moved = cv2.resize(flow.between(before, now), (GRID, GRID), interpolation=cv2.INTER_AREA)
            yield _without_background(moved / now.shape[1])
        before = now


def _without_background(moved: NDArray[np.float32]) -> NDArray[np.float32]:
    """Take away what the top and the sides of the picture do: the motion of the camera."""
    edge = np.concatenate([moved[0], moved[1:, 0], moved[1:, -1]])
    own: NDArray[np.float32] = moved - np.median(edge, axis=0)
    return own


def _is_still(moved: FlowOverTime, fps: float) -> bool:
    fastest = np.linalg.norm(moved, axis=3).max(axis=(1, 2))
    return float(fastest.mean()) * fps < _STILL


def _in_own_frame(moved: FlowOverTime) -> NDArray[np.float64]:
    """Return the flow in _VIEW×_VIEW fields around what moves."""
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


def _agreement(made: NDArray[np.float64], wanted: NDArray[np.float64]) -> float:
    size = float(np.sqrt((made**2).sum() * (wanted**2).sum()))
    return float((made * wanted).sum()) / size if size > 1e-9 else 0.0
