"""When the performer is there: hidden for a while, in another scene, or out of the picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...faces.geometry import smoothstep
from .smoothing import Curves

_MOMENT = 0.5
"""Seconds for which somebody may be there before the face is seen, or after it was."""
_AWAY = 0.5
"""Seconds without a face from which somebody at the picture's edge is taken to have left it."""
_COURSE, _BEYOND = 0.25, 0.25
"""Seconds of the course by which a face was leaving, and for which it is taken to go on; and the share of the mesh that
lies beyond the edge then."""
_EXIT = 1.0
"""Seconds in which a head that has left is out of sight at the latest."""
_HEAD = 2.0
"""Units from the edge at which nothing of a head is seen."""
_SETTLES = 0.5
"""Seconds in which a face comes to rest, and before which it begins to return."""


@dataclass(frozen=True)
class Absence:
    """A stretch of time in which the performer is out of the picture."""

    start: int
    """The first frame without a face."""
    end: int
    """The frame after the last."""
    before: int | None
    """The row, of the frames that show the face, that shows it leaving; None where the scene begins without it."""
    after: int | None
    """The one that shows it returning; None where it does not return."""

    @property
    def sides(self) -> Iterator[tuple[int, NDArray[np.int64], int]]:
        """Yield for leaving and returning the row that shows it, the frames, nearest first, and the way of time."""
        frames = np.arange(self.start, self.end)
        middle = len(frames) if self.after is None else 0 if self.before is None else (len(frames) + 1) // 2
        if self.before is not None:
            yield self.before, frames[:middle], 1
        if self.after is not None:
            yield self.after, frames[middle:][::-1], -1


class Presence:
    """Tells in which frames the performer is in the picture, and where a head is that leaves it.

    Args:
        seen: frames in which the face was seen.
        meshes: of these, N×468×3, in pixels.
        size: width and height of the frames in pixels.
        cuts: numbers of the frames with which another scene begins.
        fps: frames per second.
    """

    def __init__(
        self,
        seen: NDArray[np.bool_],
        meshes: NDArray[np.float32],
        size: tuple[int, int],
        cuts: list[int],
        fps: float,
    ) -> None:
        self._seen, self._fps, self._size = seen, fps, np.array(size, float)
        self._at, self._flat = np.flatnonzero(seen), meshes[..., :2]
        self._scenes = np.split(np.arange(len(seen)), [cut for cut in cuts if 0 < cut < len(seen)])
        self.absences = [one for scene in self._scenes for one in self._absences(scene)]
        """When the performer is out of the picture, in the scenes that show the face at all."""

    def _absences(self, scene: NDArray[np.int64]) -> Iterator[Absence]:
        rows = np.flatnonzero((self._at >= scene[0]) & (self._at <= scene[-1])).tolist()
        if not rows:
            return
        for before, after in zip([None, *rows], [*rows, None], strict=True):
            start = int(scene[0] if before is None else self._at[before] + 1)
            end = int(scene[-1] + 1 if after is None else self._at[after])
            row, way = (rows[0], -1) if before is None else (before, 1)
            if end - start >= _AWAY * self._fps and self._leaves(row, way):
                yield Absence(start, end, before, after)

    def _speed(self, row: int, way: int) -> NDArray[np.float64]:
        """Return the pixels a frame by which a face moves on from where a row shows it, in this way of time."""
        off = way * (self._at[row] - self._at)
        recent = np.flatnonzero((off > 0) & (off <= _COURSE * self._fps))
        if not len(recent):
            return np.zeros(2)
        first = recent[off[recent].argmax()]
        return np.asarray((self._flat[row] - self._flat[first]).mean(0, dtype=float) / off[first])

    def _leaves(self, row: int, way: int) -> bool:
        ahead = self._flat[row] + self._speed(row, way) * (_COURSE * self._fps)
        return bool(((ahead < 0) | (ahead > self._size)).any(1).mean() >= _BEYOND)

    def rested(self, curves: Curves, rest: NDArray[np.float64] | float) -> Curves:
        """Return curves, frames × N, that come to rest while the performer is away.

        Args:
            curves: what was read, and in an absence anything.
            rest: the row, or the value, that they come to.
        """
        rested = curves.copy()
        for absence in self.absences:
            for row, frames, _ in absence.sides:
                settles = min(_SETTLES * self._fps, len(frames))
                share = smoothstep(0, settles, np.arange(1, len(frames) + 1))[:, None]
                rested[frames] = (1 - share) * curves[self._at[row]] + share * rest
        return rested

    def held(self, curves: Curves) -> Curves:
        """Return smoothed curves, frames × N, that keep still before the face first comes and after it was last seen.

        Smoothing would move it there already; but for a performer who is away, and comes to rest.
        """
        held = curves.copy()
        if all(absence.start > 0 for absence in self.absences):
            held[: self._at[0]] = held[self._at[0]]
        if all(absence.end < len(held) for absence in self.absences):
            held[self._at[-1] :] = held[self._at[-1]]
        return held

    def gone_on(self, centres: Curves, unit: float) -> tuple[Curves, NDArray[np.bool_]]:
        """Return where a head is, frames × 2, that goes on beyond the edge at which it is lost, and in which frames.

        Args:
            centres: the head's, and in an absence anything.
            unit: the pixels of one unit.

        Returns:
            The centres; and in which frames the performer is there, be it with a hidden face: from the first to the
            last in each scene that show it, and a moment longer, but for those in which the head is out of the picture.
        """
        moved, present = centres.copy(), self._present()
        for absence in self.absences:
            for row, frames, way in absence.sides:
                start, speed = centres[self._at[row]], self._speed(row, way)
                ahead = start + speed * (_COURSE * self._fps)
                beyond = np.concatenate([-ahead, ahead - self._size])
                edge = int(beyond.argmax())
                out = np.zeros(2)
                out[edge % 2] = -1 if edge < 2 else 1
                room = (start[edge % 2] if edge < 2 else self._size[edge % 2] - start[edge % 2]) + _HEAD * unit
                least = room / max(1.0, min(_EXIT * self._fps, len(frames)))
                speed = speed + out * max(0.0, least - float(speed @ out))
                steps = np.arange(1, len(frames) + 1)
                moved[frames] = start + steps[:, None] * speed
                present[frames] = steps * float(speed @ out) < room
        return moved, present

    def _present(self) -> NDArray[np.bool_]:
        present, moment = np.zeros_like(self._seen), round(_MOMENT * self._fps)
        for scene in self._scenes:
            shown = scene[self._seen[scene]]
            if len(shown):
                present[max(scene[0], shown[0] - moment) : min(scene[-1], shown[-1] + moment) + 1] = True
        return present
