"""Pictures between frames of a video, made side by side on all cores, with a few frames in memory at a time."""

from __future__ import annotations

import collections
import itertools
import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..errors import InvalidRequest, MediaError
from .motion import Motion, Pyramid

Picture: TypeAlias = NDArray[np.uint8]
"""H×W×3 RGB."""

if TYPE_CHECKING:
    Position: TypeAlias = float | Fraction

_WORKERS = max(1, min(4, os.cpu_count() or 1))
_MOST = 8
"""Pictures between the same two frames that are made in one go: all of them are in memory together."""
_EXACT = 1e-6


@dataclass
class _Pair:
    """Two neighbouring frames, the moments between them, 0 to 1, and their motion where it is needed."""

    before: Pyramid
    after: Pyramid
    parts: list[float]
    motion: Future[Motion] | None = None

    @property
    def between(self) -> list[float]:
        """The moments at which neither frame stands."""
        return [part for part in self.parts if _EXACT < part < 1 - _EXACT]


def interpolate(frames: Iterable[Picture], at: Sequence[Position], *, cuts: Collection[int] = ()) -> Iterator[Picture]:
    """Yield the pictures at some moments between the frames of a video, with a few frames in memory at a time.

    Args:
        frames: H×W×3 uint8 RGB, of one size.
        at: moments in units of frames, ascending: 2.5 lies in the middle between the frames 2 and 3, and 2 gives the
            frame itself. After the last frame that one stands.
        cuts: numbers of the frames with which a new shot begins; up to the middle before it the last shot stands.

    Raises:
        InvalidRequest: a moment comes before the one before it, or before the first frame.
        MediaError: there are no frames, or they differ in size.
    """
    pending: collections.deque[Future[list[Picture]]] = collections.deque()
    with ThreadPoolExecutor(_WORKERS, "wan-notebook interpolation") as pool:
        try:
            for pair, earlier, later in _with_neighbours(_measured(pool, _pairs(iter(frames), at, cuts))):
                for first in range(0, len(pair.parts), _MOST):
                    some = replace(pair, parts=pair.parts[first : first + _MOST])
                    pending.append(pool.submit(_made, some, earlier, later))
                    while len(pending) > _WORKERS:
                        yield from pending.popleft().result()
            while pending:
                yield from pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()


def _measured(pool: ThreadPoolExecutor, pairs: Iterator[_Pair]) -> Iterator[_Pair]:
    """Yield pairs whose motion is being measured, as many of them ahead as there are workers."""
    ahead: collections.deque[_Pair] = collections.deque()
    try:
        for pair in pairs:
            if pair.between:
                pair.motion = pool.submit(Motion, pair.before, pair.after)
            ahead.append(pair)
            if len(ahead) > _WORKERS:
                yield ahead.popleft()
        yield from ahead
    finally:
        for pair in ahead:
            if pair.motion is not None:
                pair.motion.cancel()


def _with_neighbours(pairs: Iterator[_Pair]) -> Iterator[tuple[_Pair, Motion | None, Motion | None]]:
    """Yield each pair with the motion just before and just after it, where these are measured.

    They are waited for here and not by the workers, all of which could wait for one another.
    """
    earlier: _Pair | None = None
    for pair, later in itertools.pairwise(itertools.chain(pairs, [None])):
        assert pair is not None
        neighbours = (
            one.motion.result() if one is not None and one.motion is not None and joins else None
            for one, joins in (
                (earlier, earlier is not None and earlier.after is pair.before),
                (later, later is not None and later.before is pair.after),
            )
        )
        if pair.motion is not None:
            pair.motion.result()
            yield pair, next(neighbours), next(neighbours)
        else:
            yield pair, None, None
        earlier = pair


def _pairs(frames: Iterator[Picture], at: Sequence[Position], cuts: Collection[int]) -> Iterator[_Pair]:
    """Yield neighbouring frames with the moments between them."""
    shown = map(Pyramid, frames)
    number, before = 0, next(shown, None)
    if before is None:
        raise MediaError("There are no frames to interpolate between.")
    after = next(shown, None)
    parts: list[float] = []
    latest: Position = 0
    for moment in at:
        if moment < latest:
            raise InvalidRequest(f"The moments must ascend from 0 on, and {moment} comes after {latest}.")
        latest = moment
        while after is not None and moment >= number + 1 - _EXACT:
            if parts:
                yield _Pair(before, after, parts)
                parts = []
            number, before, after = number + 1, after, next(shown, None)
        if after is not None and after.size != before.size:
            raise MediaError(f"Frame {number + 1} is {_words(after)}, and those before it {_words(before)}.")
        part = 0.0 if after is None else max(0.0, float(moment - number))
        parts.append(round(part - 0.01) if number + 1 in cuts else part)
    if parts:
        yield _Pair(before, after or before, parts)


def _words(frame: Pyramid) -> str:
    return f"{frame.size[0]}×{frame.size[1]}"


def _made(pair: _Pair, earlier: Motion | None, later: Motion | None) -> list[Picture]:
    """Return the pictures at the moments between two frames, whose motion is measured where it is needed."""
    between = pair.between
    motion = pair.motion.result() if pair.motion and between else None
    if motion and earlier and later and motion.leaps(earlier, later):
        motion, between = None, []
    moving = iter(motion.pictures(between, earlier, later) if motion else ())
    stills = pair.before.picture, pair.after.picture
    return [next(moving) if part in between else stills[part > 0.5] for part in pair.parts]
