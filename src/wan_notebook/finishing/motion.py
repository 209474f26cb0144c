"""The motion between two frames by optical flow, and the pictures at moments between them.

Both frames are followed towards the moment between them (dense inverse search: Kroeger et al., Fast Optical Flow using
Dense Inverse Search, ECCV 2016), each by its own flow, and each pixel takes the motion that explains it better. Where
the motion just before and after is known as well, things move on curves through four frames and not on straight
lines (after Xu et al., Quadratic Video Interpolation, NeurIPS 2019): 0.4 to 2.5 dB nearer to the truth. Where the two
flows contradict each other and the pictures differ there, as where a hand uncovers a coat, or where they differ beyond
any blend, nothing is mixed: the nearer frame stands, carried along by the motion around the place.

Measured beside FFmpeg's minterpolate on drawn performances, this is nearer to the truth and takes less than half the
time (tests/bench/interpolation.py); and that filter knows no doubt: what it cannot follow, it tears or mixes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Picture: TypeAlias = NDArray[np.uint8]
"""H×W×3 RGB."""
Region: TypeAlias = tuple[slice, slice]
"""Rows and columns of a picture."""
Plane: TypeAlias = NDArray[np.float32]
"""One number for each place. OpenCV adds planes in a tenth of the time in which NumPy adds fields of two numbers."""
Planes: TypeAlias = tuple[Plane, Plane]
"""Numbers across and down."""

_FLOW_SIDE = 240
"""Pixels of the short side of the copies whose flow is measured: half of 480p. At full size it gains 0.4 dB, and takes
three times as long there. At a third mouths agree less with the truth: fine detail that contradicts itself is no longer
seen there."""
_STEP = 2
"""Pixels of those copies between two places whose motion is kept: as many as the flow itself distinguishes."""
_SMOOTHED = 3
"""Iterations in which a flow is smoothed."""
_INVERSIONS = 2
"""Steps of the fixed-point iteration that finds the motion through a place from the motion of places."""
_WINDOW = 5
"""Pixels of the small copies, the side over which differences are averaged."""
_ALIKE = 4.0
"""Square of a difference that does not matter between two ways to explain a place."""
_DIFFERENT = 20.0, 60.0
"""Difference of the two frames along the motion, as the sum of the three channels, from which on they show different
things, and at which that is sure."""
_CONTRADICTION = 1.5, 4.0
"""Places between the two flows from which on they contradict each other, and so on. At a third of it the worst pictures
are 1.5 dB farther from the truth."""
_UNLIKE = 180.0, 250.0
"""Difference along the motion that no blend can hide, though the flows agree: an iris that leaps would be there twice,
half transparent. Lower bounds cost blinks their course."""
_NEAR, _AROUND = 1, 7
"""Places to each side to which doubt extends, and from which the motion around a doubtful place is taken."""
_TURNING = 2.0, 4.0
"""Change of the motion from frame to frame, in places, from which on it is no curve, and so on."""
_BENDS = 3
"""Places of the side over which that change is averaged."""
_STILL, _BAND = 0.03, 12
"""Places up to which nothing moves, an eighth of a pixel at 480p, and rows of the bands in which that is told apart: in
a clip whose background stands still, half of the pixels need no more than a blend. At 0.05 the worst picture of a
drawn nod is 4 dB farther from the truth."""
_LOST = 0.35
"""Share of the picture that shows different things beyond which it is another scene, and nothing is followed."""

_LEAPS, _LEFT_OUT = 2.2, (0.3, 3.5)
"""Times by which both the flow and the difference along it exceed those just before and just after where frames were
left out of a take, and the least means of both over all places, in places and as the sum of the three channels. In real
takes jumps over 14 frames and more have 2.7 times and more of both, as long as it is calm after them; talking,
gesturing and walking have 1.9 times of one at most where the other has 2.2."""


class Pyramid:
    """A frame, and the small copy of it that is followed.

    Args:
        picture: H×W×3 RGB.
    """

    def __init__(self, picture: Picture) -> None:
        self.picture = picture
        self.size = picture.shape[1], picture.shape[0]
        """Width and height in pixels."""
        self._small: Picture | None = None

    @property
    def small(self) -> Picture:
        """The small copy, made once: RGB with a fourth channel, since OpenCV samples four twice as fast as three."""
        import cv2

        if self._small is None:
            scale = min(1.0, _FLOW_SIDE / min(self.size)) / _STEP
            width, height = (_STEP * max(8, round(side * scale)) for side in self.size)
            small = cv2.resize(self.picture, (width, height), interpolation=cv2.INTER_AREA)
            self._small = cv2.cvtColor(small, cv2.COLOR_RGB2RGBA)
        return self._small


class Motion:
    """The motion between two frames.

    Args:
        before: the first of them.
        after: the next one, of the same size.
    """

    def __init__(self, before: Pyramid, after: Pyramid) -> None:
        self._before, self._after = before, after
        self._forward, self._backward = _flow(before.small, after.small), _flow(after.small, before.small)

    def leaps(self, earlier: Motion, later: Motion) -> bool:
        """Whether it is far beyond the motion just before and just after, as where frames were left out between.

        Motion that begins and goes on, however fast, has its like on one side.
        """
        around = earlier._extent(), later._extent()
        return all(
            own >= max(least, _LEAPS * max(one, other))
            for own, least, one, other in zip(self._extent(), _LEFT_OUT, *around, strict=True)
        )

    def _extent(self) -> tuple[float, float]:
        """Return the mean length of the flow, and the mean difference along it."""
        import cv2

        return float(cv2.magnitude(*self._forward.way).mean()), float(self._forward.difference.mean())

    def pictures(
        self, parts: Sequence[float], earlier: Motion | None = None, later: Motion | None = None
    ) -> list[Picture]:
        """Return the pictures at some moments: 0 is the frame before, 1 the one after.

        Args:
            parts: the moments.
            earlier: the motion up to the frame before, if it is known.
            later: that from the frame after on, likewise.
        """
        # At each end the way that comes and the way that goes add up to the change of the motion there.
        forward = _Course.of(self._forward, earlier._backward if earlier else None)
        backward = _Course.of(self._backward, later._forward if later else None)
        return [self._picture(part, forward, backward) for part in parts]

    def _picture(self, part: float, forward: _Course, backward: _Course) -> Picture:
        import cv2

        nearer = float(part <= 0.5)
        motion, aside, doubt = _motion_through(part, forward, backward)
        if float(doubt.mean()) > _LOST:
            return (self._before if nearer else self._after).picture
        motion = _carried(motion, doubt)
        size = width, height = self._before.size
        ways = [
            tuple(cv2.resize(share * way - off, size) for way, off in zip(motion, aside, strict=True))
            for share in (-part, 1 - part)
        ]
        weight = cv2.resize((1 - part) + doubt * (nearer - (1 - part)), size)
        picture: Picture = cv2.addWeighted(self._before.picture, 1 - part, self._after.picture, part, 0)
        scales = width / doubt.shape[1], height / doubt.shape[0]
        for region in _moving(cv2.max(cv2.magnitude(*motion), doubt), height, width):
            early, late = (
                _moved(frame.picture, way, scales, region)
                for frame, way in zip((self._before, self._after), ways, strict=True)
            )
            picture[region] = cv2.blendLinear(early, late, weight[region], 1 - weight[region])
        return picture


@dataclass(frozen=True, eq=False)
class _Flow:
    """For each place of a frame the way to where it is in another one, in places, and how much the two differ there."""

    way: Planes
    difference: Plane
    """The sum of the three channels, averaged over _WINDOW."""


def _flow(one: Picture, other: Picture) -> _Flow:
    """Return the flow from one small copy to another."""
    import cv2

    greys = [cv2.cvtColor(small, cv2.COLOR_RGBA2GRAY) for small in (one, other)]
    across, down = cv2.split(_search().calc(greys[0], greys[1], None))
    there = _fetch(other, (across, down), 1)
    # In bytes, three times as fast: more than 255 is no more different.
    channels = cv2.transform(cv2.absdiff(one, there), np.array([[1, 1, 1, 0]], np.float32))
    blurred = cv2.blur(channels, (_WINDOW, _WINDOW)).astype(np.float32)
    places = across.shape[1] // _STEP, across.shape[0] // _STEP
    across, down, difference = (
        cv2.resize(plane, places, interpolation=cv2.INTER_AREA) for plane in (across, down, blurred)
    )
    return _Flow((across / _STEP, down / _STEP), difference)


@dataclass(frozen=True, eq=False)
class _Course:
    """A flow with the change of the motion at the frame where it begins."""

    flow: _Flow
    field: Any
    """H×W×4: the way, and that change; where nobody knows it, the way twice."""
    bends: bool
    """Whether the change is known."""

    @classmethod
    def of(cls, flow: _Flow, other: _Flow | None) -> _Course:
        """Return the course of a flow; `other` is the one that leads from the same frame to the other side."""
        import cv2

        if other is None:
            return cls(flow, cv2.merge([*flow.way, *flow.way]), False)
        turn = [cv2.blur(one + back, (_BENDS, _BENDS)) for one, back in zip(flow.way, other.way, strict=True)]
        return cls(flow, cv2.merge([*flow.way, *turn]), True)

    def seen_from(self, part: float) -> tuple[Planes, Planes, Plane]:
        """Return the way, its change and the difference of what is at each place after a part of its way."""
        import cv2

        way = before = self.flow.way
        for _ in range(_INVERSIONS):  # a fixed-point iteration
            before = way
            *seen, across, down = cv2.split(_fetch(self.field, before, -part))
            way = seen[0], seen[1]
        return way, (across, down), _fetch(self.flow.difference, before, -part)


def _motion_through(part: float, forward: _Course, backward: _Course) -> tuple[Planes, Planes, Plane]:
    """Return the motion through each place at a moment, in places from frame to frame.

    Returns:
        The motion; how far it leads aside of a straight line; and how doubtful it is, 0 to 1.
    """
    import cv2

    way, turn, first = forward.seen_from(part)
    back, back_turn, second = backward.seen_from(1 - part)
    # Both flows, each seen from the moment between, tell the way from the frame before to the one after.
    apart = way[0] + back[0], way[1] + back[1]
    ratio = (first * first + _ALIKE) / (second * second + _ALIKE)
    share = 1 / (1 + ratio * ratio)
    motion = share * apart[0] - back[0], share * apart[1] - back[1]
    difference = second + share * (first - second)
    doubt = _ramp(difference, *_DIFFERENT) * _ramp(cv2.magnitude(*apart), *_CONTRADICTION)
    doubt = cv2.max(doubt, _ramp(difference, *_UNLIKE))
    side = 2 * _NEAR + 1, 2 * _NEAR + 1
    doubt = cv2.blur(cv2.dilate(doubt, np.ones(side, np.uint8)), side)
    late = part if forward.bends and backward.bends else float(backward.bends)
    early = 1 - late if forward.bends or backward.bends else 0.0
    bend = tuple(early * one + late * other for one, other in zip(turn, back_turn, strict=True))
    trust = (1 - _ramp(cv2.magnitude(*bend), *_TURNING)) * (1 - doubt) * np.float32(part * (part - 1) / 2)
    return motion, (bend[0] * trust, bend[1] * trust), doubt


def _carried(motion: Planes, doubt: Plane) -> Planes:
    """Return the motion, where it is doubtful replaced by that of the trusted places around."""
    import cv2

    if not doubt.any():
        return motion
    window, trust = (2 * _AROUND + 1,) * 2, 1.0001 - doubt
    share = doubt / cv2.blur(trust, window)
    across, down = ((1 - doubt) * plane + share * cv2.blur(plane * trust, window) for plane in motion)
    return across, down


def _fetch(picture: Any, way: Planes, factor: float) -> Any:
    """Return for each place what lies a factor of the way from there."""
    import cv2

    across, down = (
        cv2.scaleAdd(plane, factor, places) for plane, places in zip(way, _grid(*way[0].shape), strict=True)
    )
    return cv2.remap(picture, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _moving(moves: Plane, height: int, width: int) -> Iterator[Region]:
    """Yield the regions, of a picture of this size, where something moves: a rectangle in each of some bands.

    Args:
        moves: how much, in places.
        height: rows of the picture.
        width: columns of the picture.
    """
    rows, columns = moves.shape
    for top in range(0, rows, _BAND):
        moving = np.flatnonzero((moves[top : top + _BAND] > _STILL).any(0))
        if len(moving):
            bottom = min(rows, top + _BAND)
            left, right = max(0, moving[0] - 1) * width // columns, min(columns, moving[-1] + 2) * width // columns
            yield slice(top * height // rows, bottom * height // rows), slice(left, right)


def _moved(picture: Picture, way: Sequence[Plane], scales: tuple[float, float], region: Region) -> Picture:
    """Return a region of a picture in which each pixel is taken from a way off; `scales` tells pixels of a place."""
    import cv2

    height, width = picture.shape[:2]
    across, down = (
        cv2.scaleAdd(plane[region], scale, places[region])
        for plane, scale, places in zip(way, scales, _grid(height, width), strict=True)
    )
    moved: Picture = cv2.remap(picture, across, down, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return moved


def _search() -> Any:
    """Return what measures the flow: OpenCV's medium preset with less smoothing, which gains little and takes long."""
    import cv2

    library: Any = cv2
    search = library.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    search.setVariationalRefinementIterations(_SMOOTHED)
    return search


def _ramp(values: Plane, low: float, high: float) -> Plane:
    import cv2

    ramp: Plane = cv2.multiply(cv2.min(cv2.max(values, low), high) - np.float32(low), 1 / (high - low))
    return ramp


@lru_cache(maxsize=6)
def _grid(height: int, width: int) -> Planes:
    """Return the numbers of the columns and rows of all pixels."""
    rows, columns = np.indices((height, width), dtype=np.float32)
    rows.flags.writeable = columns.flags.writeable = False
    return columns, rows
