"""A performer's mouth that something hides for a while, as a hand: its lips are taken to be shut there.

The mesh supposes a mouth behind a hand, which a character would show, with knuckles for teeth.
"""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from ...faces.geometry import smoothstep
from ...faces.mesh import Mesh, head_centre
from ...faces.passing_cover import Look, passing_covers
from ...faces.topology import NOSE, RIGID
from .head_motion import poses
from .smoothing import Curves

_LOOKS = 4.0
"""Looks in each second: in those between them a hand would come step by step, as an expression does."""
_SHUT = 25
"""Percent of the rows that show what the mouth looks like when it is closed."""
_LOWER = (0.25, 0.5)
"""Units below the eyes from which points are carried on, and from which they are wholly."""


class MouthLooks:
    """Notes some looks of a performer in each second, and tells in which frames the mouth is hidden.

    Args:
        fps: frames per second.
    """

    def __init__(self, fps: float) -> None:
        self._step = max(1, round(fps / _LOOKS))
        self._looks: list[tuple[int, Look]] = []

    def note(self, number: int, pixels: NDArray[np.uint8], mesh: Mesh) -> None:
        """Take a look at the face in the frame of a number, H×W×3 RGB, where it is time for one."""
        if not self._looks or number >= self._looks[-1][0] + self._step:
            self._looks.append((number, Look.of(pixels, mesh)))

    def hidden(self, frames: int, cuts: list[int]) -> NDArray[np.bool_]:
        """Return for each frame whether the mouth is hidden: from the last look that is free to the next one.

        Args:
            frames: their number.
            cuts: numbers of the frames with which another scene begins.
        """
        hidden = np.zeros(frames, bool)
        for start, end in itertools.pairwise([0, *(cut for cut in sorted(cuts) if 0 < cut < frames), frames]):
            scene = [(number, look) for number, look in self._looks if start <= number < end]
            covered = passing_covers([look for _, look in scene])
            numbers = np.array([start - 1, *(number for number, _ in scene), end])
            for at in np.flatnonzero(covered) + 1:
                hidden[numbers[at - 1] + 1 : numbers[at + 1]] = True
        return hidden


class Bridge:
    """Takes a lower face through the rows in which its mouth is hidden: its lips shut there, and part again.

    Args:
        meshes: all that were read, N×468×3.
        hidden: in which of them the mouth is hidden; not in all.
        settle: rows in which the lips shut.
    """

    def __init__(self, meshes: NDArray[np.float32], hidden: NDArray[np.bool_], settle: float) -> None:
        self._rows = np.flatnonzero(hidden)
        free = np.flatnonzero(~hidden)
        gaps = np.array([Mesh(points, 1.0).lips_apart for points in meshes[free]])
        shut = free[gaps <= np.percentile(gaps, _SHUT)]
        after = np.searchsorted(free, self._rows)
        first, last = after == 0, after == len(free)
        before, after = free[np.maximum(after - 1, 0)], free[np.minimum(after, len(free) - 1)]
        nearest = np.abs(shut - self._rows[:, None]).argmin(1)
        ramp = np.clip(np.where(first | last, settle, (after - before) / 2), 1, max(1.0, settle))
        leaving = np.where(first, 0.0, 1 - smoothstep(0, 1, (self._rows - before) / ramp))
        coming = np.where(last, 0.0, 1 - smoothstep(0, 1, (after - self._rows) / ramp))
        self._from = np.stack([before, shut[nearest], after], axis=1)
        self._shares = np.stack([leaving, 1 - leaving - coming, coming], axis=1)

    def values(self, values: Curves) -> Curves:
        """Return values, N or N×M, of which those of hidden rows are made from rows that are seen."""
        bridged = np.array(values, float)
        bridged[self._rows] = np.einsum("nk,nk...->n...", self._shares, values[self._from])
        return bridged

    def meshes(self, meshes: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return likewise the meshes; heads turn and eyes move as they were read."""
        bridged = meshes.copy() if len(self._rows) else meshes
        for row, rows, shares in zip(self._rows, self._from, self._shares, strict=True):
            carried = sum(share * _carried(meshes[one], meshes[row]) for one, share in zip(rows, shares, strict=True))
            lower = _lower_face(meshes[rows[1]])
            bridged[row] = (1 - lower) * meshes[row] + lower * carried
        return bridged


def _carried(face: NDArray[np.float32], head: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return a face, 468×3, moved to where another of the same person is, by what no expression moves."""
    rigid = list(RIGID)
    rotations, scales, _ = poses(head[None], Mesh(face, 1.0))
    away = face - face[rigid].mean(0)
    return np.asarray(scales[0] * away @ rotations[0].T + head[rigid].mean(0))


def _lower_face(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how far each point belongs to the lower face, 468×1, 0 to 1; the nose does not."""
    mesh = Mesh(points, 1.0)
    level = (points - head_centre(points)) @ mesh.axes / mesh.unit
    lower = smoothstep(*_LOWER, level[:, 1])[:, None]
    lower[list(NOSE)] = 0
    return lower
