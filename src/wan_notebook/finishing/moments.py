"""Where the frames of a video lie in a clip that was made of it, counted in the clip's frames."""

from __future__ import annotations

import bisect
import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

_JITTER = 0.0005
"""Seconds by which a frame may come late and still be the one that is shown at a time; as in video.read."""
NEARLY = 0.002
"""Seconds by which frames may miss their times, or a constant pace."""
_ROUNDING = 1e-6
"""Frames by which a place may miss a frame for no more reason than rounding."""
_FEW, _FEW_SHARE = 4, 0.1
"""Frames, and the share of all, by which a clip may be too short or too long at its end: the model makes four at once.
Where more are missing, only its rate tells which moments the others show."""


def positions(count: int, fps: float, source_fps: float) -> list[Fraction]:
    """Return the moments, in units of source frames, of a number of frames at another rate.

    Args:
        count: of the frames wanted.
        fps: their rate.
        source_fps: rate of the source.
    """
    step = Fraction(source_fps).limit_denominator(1001) / Fraction(fps).limit_denominator(1001)
    return [number * step for number in range(count)]


@dataclass(frozen=True)
class Sampling:
    """The frames of a video that were sent at a constant rate, and what came back.

    media.prepare re-times a reference by taking what is on screen at each tick, so that a frame that was sent may show
    a moment up to one frame before its tick. The clip shows that as well, so its frame stands for that moment, and
    motion becomes even only by that.

    A clip with a frame for each that was sent shows them in their order, whatever its rate. One with fewer or more is
    taken at its word: each of its frames shows the moment at which it is played. So a clip of half the frames at the
    same rate is the first half, and nothing of it becomes slower than it came.

    Args:
        times: seconds of the video's frames after the first tick, ascending.
        count: frames that were sent.
        fps: their rate.
        came: frames of the clip.
        came_fps: their rate.
    """

    times: Sequence[float]
    count: int
    fps: float
    came: int
    came_fps: float

    @property
    def shows(self) -> Sequence[int]:
        """For each frame that was sent the number of the video's frame that it shows."""
        if self.count == len(self.times):
            return range(self.count)
        ticks = (number / self.fps for number in range(self.count))
        return [max(0, bisect.bisect_right(self.times, tick + _JITTER) - 1) for tick in ticks]

    def first_of(self, frame: int) -> int:
        """Return the first frame of the clip that shows a frame of the video or a later one."""
        sent = next((place for place, shown in enumerate(self.shows) if shown >= frame), self.count - 1)
        return math.ceil(sent * self._pace - _ROUNDING)

    @property
    def is_whole(self) -> bool:
        """Whether the clip has a frame for each that was sent, up to a few at its end."""
        return abs(self.came - self.count) <= few(self.count)

    @property
    def _pace(self) -> float:
        """How many frames of the clip stand for one that was sent."""
        return 1.0 if self.is_whole else self.came_fps / self.fps

    def positions(self, cuts: Sequence[int] = ()) -> NDArray[np.float64]:
        """Return where each frame of the video lies in the clip, ascending, counted in the clip's frames.

        What the clip does not reach lies at its last frame.

        Args:
            cuts: frames of the video with which another picture begins. They and those after them lie at frames of the
                clip that show it, and those before at frames that do not, so that each cut stays where it is.
        """
        places = {shown: place for place, shown in enumerate(self.shows)}  # of one sent several times, the last
        at = np.interp(self.times, [self.times[frame] for frame in places], list(places.values())) * self._pace
        for cut in cuts:
            first = self.first_of(cut)
            at[:cut] = np.minimum(at[:cut], max(0, first - 1))
            at[cut:] = np.maximum(at[cut:], first)
        return np.minimum(at, self.came - 1)


def few(count: int) -> int:
    """Return how many frames may be missing or left over at the end of a clip of so many."""
    return max(1, min(_FEW, round(_FEW_SHARE * count)))


def is_steady(times: Sequence[float], fps: float) -> bool:
    """Whether frames come at a constant pace, from the first of them on."""
    return all(abs(time - times[0] - number / fps) <= NEARLY for number, time in enumerate(times))
