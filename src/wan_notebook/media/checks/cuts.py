"""Finding the frames with which new shots begin: cuts to the frame, dissolves by their middle, and flashes as none.

Notices, the shots of films, finished clips and the preview all have their cuts from here, so that they name the same
ones, to the frame. Between two pieces of one take a leap that hardly goes farther than the person moves anyhow stays
unnamed: an invented cut costs a job, one that nobody sees costs little. PySceneDetect's detectors, fed with
the same frames, are no way to that: in a drawn minute with nine cuts the best of them, AdaptiveDetector with
min_content_val=5, finds all nine, and takes a dissolve, a lamp that goes down and both flashes for cuts as well; with
its own settings it misses one. It would also bring OpenCV to those who only use the hosted service.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

    from numpy import float32, uint8
    from numpy.typing import NDArray

HEIGHT = 64
"""Pixels of the rows to which frames are scaled before they are compared."""
_CELL = 2
"""Side of the square cells, in those pixels, whose mean colours are compared, so that noise does not matter."""
_REACH = 20
"""Frames on each side of one that are looked at to judge it."""
_PEERS = 3
"""Steps on each side that a cut must stand out of."""
_LEAST, _LEAP, _GRAIN = 0.006, 1.5, 0.02
"""Change of the picture (1 − its correlation with the one before) from which a step may be a cut; how many times as far
it must go as the picture moves about then; and what is added to that for noise. How far a step goes is the root of its
change, as small changes grow with the square of a move. In 22 takes, mostly of people who talk or make faces (6,272
frames), no step goes 1.5 times as far; of cuts between two moments of one take, with a change of 0.025 or more, 82 %
do."""
_LIVELIEST = 3
"""Which of the greatest steps within _REACH says how quickly the picture moves: two may belong to other cuts."""
_WAY, _HASTE = 2, 1.5
"""Frames before and after a step over which the way of the picture is seen, and how many times as far as over these it
may go on that way in the one step: who turns round quickly begins slowly."""
_STRAIGHT = 0.95
"""Correlation of two steps from which on the frame between them is a blend of its neighbours: 0.99 for blends, and at
most 0.92 where anybody moves."""
_WITNESSES = 2
"""Steps on each side without which a small change is no cut: who begins with a quick move is not calm before it."""
_HELD, _HOLD = 2e-4, 8
"""Change below which a frame is the one before, shown once more, and frames on each side among which those are passed
over: where a video of few frames was brought to a high rate, each new picture stands out of the still ones around."""
_LARGE, _LARGE_RATIO = 0.3, 2.0
"""Change to another picture altogether, and how many times that of its peers it must be, as where a camera swings on
both sides of a cut."""
_OTHER, _OTHER_RATIO = 0.1, 4.0
"""The same for a picture that may be another, whatever moves farther away: in a montage cuts follow each other."""
_FLASH, _RETURN = 10, 0.25
"""Frames within which a picture that comes back was only hidden, and the share of the change that may remain of it."""
_FLASHES = (2, 3)
"""Frames of a flash, or of another still picture, that may lie over a cut; longer ones begin and end by cuts."""
_FLARE, _FLARES = 20.0, 5
"""Grey levels by which the whole picture becomes brighter at once in a flash of light, and frames that it lasts at
most."""
_INSERT, _ALIKE = 6, 0.1
"""Frames between two cuts, and the change over both, below which they are the ends of a flash over a moving picture."""
_SHORTEST, _CALM, _FEATURES = 4, 0.25, 30.0
"""Frames of the shortest shot after which an earlier picture may come back by a cut; the share of the steps at its ends
that no step within and beside it may reach, so that it is no whip pan and nobody who passes by; and the variance, in
squared grey levels, of a picture that is neither white nor black."""
_EDGES, _EDGES_CUT_OFF = 0.88, 0.55
"""Correlation of the edges of two pictures from which on only the light is another, and the same where it is so bright
that edges are cut off: two takes of one person in one place have up to 0.82, different scenes 0.44, and flashes
that change a picture as much as a cut does 0.66 and more."""
_HALVES = (4, 6, 9, 13, 18)
"""Frames from the middle of a dissolve to its ends that are tried."""
_DISSOLVED, _REST = 0.2, 0.06
"""Change over a dissolve at least, and the share of it, squared, that a blend of its two ends may leave unexplained: in
the drawn minute 0.013 and 0.05 for dissolves, 0.06 and more where a camera or a head turns."""
_BLENDS = ((0.1, 0.42), (0.35, 0.65), (0.58, 0.9))
"""Least and largest share of the later end in a dissolve's first quarter, its middle and its third quarter."""
_AROUND, _LIVELIER = 8, 2.0
"""Frames before and after a dissolve, and how many times their steps its own are on average: a camera that pans over
something soft looks like a blend as well, and goes on."""
_NEAR = 6
"""Frames from a cut, or from the rest of a dissolve, within which a dissolve is part of it."""


@dataclass(frozen=True)
class Transition:
    """The change from one shot to the next."""

    frame: int
    """The first frame of the new shot, or the one after the middle of a dissolve, from 0."""
    kind: Literal["cut", "dissolve"] = "cut"


class TransitionFinder:
    """Compares each frame of a video with those around it; it keeps a few dozen of them, however long the video is."""

    def __init__(self) -> None:
        self._pictures: dict[int, NDArray[float32]] = {}
        self.steps: list[float] = []
        """Change of each frame from the one before it, 0 to 2; of the first one 0."""
        self._lights: list[float] = []
        self._cuts: list[int] = []
        self._dissolves: list[int] = []
        self._judged = 0

    def add(self, pixels: NDArray[uint8]) -> None:
        """Take the next frame, H×W×3 RGB, of HEIGHT rows."""
        number = len(self.steps)
        self._pictures[number] = coarse(pixels)
        self._lights.append(float(pixels.mean()))
        self.steps.append(self._change(number - 1, number) if number else 0.0)
        if number >= _REACH:
            self._judge(number - _REACH)
            self._pictures.pop(number - 2 * _REACH, None)

    def found(self) -> tuple[Transition, ...]:
        """Return the transitions of all frames added; nothing is added afterwards."""
        for number in range(self._judged, len(self.steps)):
            self._judge(number)
        cuts = {number: Transition(number) for number in self._cuts}
        for group in _groups(self._dissolves):
            middle = round(sum(group) / len(group)) + 1
            if not any(abs(middle - cut) <= _NEAR for cut in self._cuts):
                cuts[middle] = Transition(middle, "dissolve")
        return tuple(cuts[number] for number in sorted(cuts))

    def flashes(self) -> tuple[int, ...]:
        """Return the first frames of flashes, in which light or white covers a shot that then goes on."""
        changes = {one.frame for one in self.found()}
        return tuple(
            number
            for number in range(1, len(self._lights))
            if (end := self._flash_end(number)) and changes.isdisjoint(range(number, end + 1))
        )

    def _flash_end(self, first: int) -> int | None:
        """Return the frame at which it is as bright again as before a frame that is far brighter; None otherwise."""
        before, light = self._lights[first - 1], self._lights[first]
        if light - before < _FLARE:
            return None
        ends = range(first + 1, min(first + 1 + _FLARES, len(self._lights)))
        return next((end for end in ends if abs(self._lights[end] - before) < _RETURN * (light - before)), None)

    def _judge(self, number: int) -> None:
        self._judged = number + 1
        if number and self._is_cut(number):
            self._keep(number)
        if any(self._is_dissolved(number, half) for half in _HALVES):
            self._dissolves.append(number)

    def _keep(self, number: int) -> None:
        """Keep a cut, unless it ends a flash that the one before began."""
        before = self._cuts[-1] if self._cuts else -_INSERT
        if (
            number - before < _INSERT
            and self._change(before - 1, number) < min(_ALIKE, 2 * min(self.steps[before], self.steps[number]))
            and not self._is_shot(before, number)
        ):
            self._cuts.pop()
        else:
            self._cuts.append(number)

    def _is_cut(self, number: int) -> bool:
        """Whether a new shot begins with a frame: at once, or after one that is blended of both shots, or a flash."""
        if self._stands_out(self.steps[number], number, number):
            return not self._is_relit(number) and not self._comes_back(number, number, self.steps[number])
        return any(self._is_cut_under(number - hidden, number) for hidden in (1, *_FLASHES) if hidden < number)

    def _is_cut_under(self, first: int, last: int) -> bool:
        """Whether a new shot begins with the last of some frames, and those before it belong to neither shot."""
        ends = min(self.steps[first], self.steps[last])
        # Unlike somebody who quickly moves, a flash is there at once, stands still and is gone at once.
        flash = ends >= _LARGE and max(self.steps[first + 1 : last], default=0.0) < 0.1 * ends
        if not flash and not (last - first == 1 and self._is_blended(first)):
            return False
        change = self._change(first - 1, last)
        return (
            ends > 0.1 * change
            and self._stands_out(change, first, last)
            and not any(self._stands_out(self.steps[number], number, number) for number in range(first, last))
            and not self._comes_back(first, last, change)
        )

    def _is_blended(self, number: int) -> bool:
        """Whether a frame lies straight between the one before it and the one after it."""
        before, frame, after = (self._pictures[one] for one in (number - 1, number, number + 1))
        return correlation(frame - before, after - frame) >= _STRAIGHT

    def _stands_out(self, change: float, first: int, last: int) -> bool:
        """Whether a change, made by the steps from one to another, is far greater in each than those around them."""
        peers = self.steps[max(1, first - _PEERS) : first] + self.steps[last + 1 : last + 1 + _PEERS]
        change /= last - first + 1
        if change >= _LARGE and change >= _LARGE_RATIO * max(peers, default=0.0):
            return True
        left = change * (1 - self._onward(first, last)) ** 2 if change >= _LEAST else 0.0
        if left >= _OTHER and left >= _OTHER_RATIO * max(peers, default=0.0) and not self._is_held(first):
            return True
        if min(first - 1, len(self.steps) - 1 - last) < _WITNESSES:
            return False
        return change >= _LEAST and self._leaps(left, first, last)

    def _leaps(self, change: float, first: int, last: int) -> bool:
        """Whether a change, made by the steps from one to another, goes farther than the picture moves about then."""
        around = self.steps[max(1, first - _REACH) : first] + self.steps[last + 1 : last + 1 + _REACH]
        lively = sorted(around)[-_LIVELIEST:][:1] + self._moving_peers(first, last)
        return math.sqrt(change) >= _LEAP * (math.sqrt(max(lively, default=0.0)) + _GRAIN)

    def _onward(self, first: int, last: int) -> float:
        """Return the share, up to 1, of a change that goes on the way on which the picture is before or after it."""
        before, after = first - 1, last
        step = self._pictures[after] - self._pictures[before]
        length = self._change(before, after)
        share = 0.0
        for start, end in ((max(0, before - _WAY), before), (after, min(len(self.steps) - 1, after + _WAY))):
            along = correlation(step, self._pictures[end] - self._pictures[start])
            share = max(share, along * min(1.0, _HASTE * math.sqrt(self._change(start, end) / length)))
        return share

    def _is_held(self, number: int) -> bool:
        """Whether the frames around one are shown several times each: no two steps in succession change anything."""
        steps = self.steps[max(1, number - _REACH) : number + _REACH]
        return not any(min(pair) >= _HELD for pair in itertools.pairwise(steps))

    def _moving_peers(self, first: int, last: int) -> list[float]:
        """Return the steps next to some, without those in which nothing moves."""
        before, after = self.steps[max(1, first - _HOLD) : first], self.steps[last + 1 : last + 1 + _HOLD]
        sides = ([step for step in side if step >= _HELD] for side in (before[::-1], after))
        return [step for side in sides for step in side[:_PEERS]]

    def _comes_back(self, first: int, last: int, change: float) -> bool:
        """Whether the picture before the first of some steps is seen again soon after, or that after the last was."""
        most = _RETURN * change
        for one in range(last + 1, min(last + 1 + _FLASH, len(self.steps))):
            if self._change(first - 1, one) < most:
                return not any(self._is_shot(last, end) for end in range(last + 1, one + 1))
        for one in range(max(0, first - 1 - _FLASH), first - 1):
            if self._change(one, last) < most:
                return not any(self._is_shot(begin, first) for begin in range(one + 1, first))
        return False

    def _is_relit(self, number: int) -> bool:
        """Whether a frame shows what the one before it does in another light, in which its edges stay."""
        if self.steps[number] < _OTHER:
            return False
        brighter = abs(self._lights[number] - self._lights[number - 1]) >= _FLARE
        same = edge_correlation(self._pictures[number - 1], self._pictures[number])
        return same > (_EDGES_CUT_OFF if brighter else _EDGES)

    def _is_shot(self, begin: int, end: int) -> bool:
        """Whether the frames from one on, up to another, are a shot of their own between two cuts."""
        ends = min(self.steps[begin], self.steps[end])
        around = [*self.steps[begin - 1 : begin], *self.steps[begin + 1 : end], *self.steps[end + 1 : end + 2]]
        return (
            end - begin >= _SHORTEST
            and ends >= _OTHER
            and max(around) < _CALM * ends
            and min(float((self._pictures[one] ** 2).mean()) for one in (begin - 1, begin, end)) >= _FEATURES
            and not self._is_relit(begin)
            and not self._is_relit(end)
        )

    def _is_dissolved(self, middle: int, half: int) -> bool:
        """Whether the frames around one are blends of one before and one after, with ever more of the latter."""
        first, last = middle - half, middle + half
        if first < 0 or last >= len(self.steps) or self._change(first, last) < _DISSOLVED:
            return False
        begin = self._pictures[first]
        way = self._pictures[last] - begin
        length = float((way * way).sum())
        for at, (least, most) in zip((-half / 2, 0, half / 2), _BLENDS, strict=True):
            gone = self._pictures[middle + round(at)] - begin
            share = float((gone * way).sum()) / length
            rest = float((gone * gone).sum()) / length - share * share
            if not least < share < most or rest >= _REST:
                return False
        return self._is_livelier(first, last)

    def _is_livelier(self, first: int, last: int) -> bool:
        """Whether the picture changes faster from one frame to another than just before and just after."""
        before, after = self.steps[max(1, first - _AROUND + 1) : first + 1], self.steps[last + 1 : last + 1 + _AROUND]
        within = self.steps[first + 1 : last + 1]
        outside = max(sum(steps) / len(steps) for steps in (before, after) if steps)
        return sum(within) / len(within) >= _LIVELIER * outside

    def _change(self, one: int, other: int) -> float:
        # Of a frame shown once more the correlation may be a rounding error beyond 1.
        return max(0.0, 1 - correlation(self._pictures[one], self._pictures[other]))


def transitions_in(path: Path, *, start: float = 0.0, end: float | None = None) -> tuple[Transition, ...]:
    """Return the transitions of a video, all of whose frames are decoded for it.

    Args:
        path: of the video.
        start: the first second wanted; frames are counted from there.
        end: the second before which to stop; the video's end when None.

    Raises:
        MediaError: the video cannot be read.
    """
    from ...video.read import frames

    finder = TransitionFinder()
    for frame in frames(path, start=start, end=end, height=HEIGHT):
        finder.add(frame.pixels)
    return finder.found()


def coarse(pixels: NDArray[uint8]) -> NDArray[float32]:
    """Return the mean colours of the cells of a frame, without the mean of the frame: light alone changes nothing."""
    side = min(_CELL, *pixels.shape[:2])
    rows, columns = pixels.shape[0] // side, pixels.shape[1] // side
    places = itertools.product(range(side), repeat=2)
    # Whole pictures are added many times faster than the few pixels of each cell.
    cells = (pixels[row : rows * side : side, column : columns * side : side] for row, column in places)
    means = sum(cell.astype("float32") for cell in cells) / side**2
    light_free: NDArray[float32] = means - means.mean((0, 1))
    return light_free


def correlation(first: NDArray[float32], second: NDArray[float32]) -> float:
    """Return the correlation of two pictures without their means, -1 to 1."""
    # A grain of variance is added to all three, so that two black frames are alike.
    grain = float(first.size)
    pairs = (first, second), (first, first), (second, second)
    both, one, other = (float((a * b).sum()) + grain for a, b in pairs)
    return both / math.sqrt(one * other)


def edge_correlation(first: NDArray[float32], second: NDArray[float32]) -> float:
    """Return the correlation of the upright edges of two pictures, -1 to 1, in the channel where it is greatest."""
    one, other = (picture[:, 1:] - picture[:, :-1] for picture in (first, second))
    return max(correlation(one[..., channel], other[..., channel]) for channel in range(3))


def _groups(numbers: list[int]) -> Iterator[list[int]]:
    """Yield runs of numbers that lie near each other."""
    group: list[int] = []
    for number in numbers:
        if group and number - group[-1] > _NEAR:
            yield group
            group = []
        group.append(number)
    if group:
        yield group
