"""How much of a character's expression is seen as a turn of its head.

A mouth that opens in a picture is seen as a nod: by 1 to 4° on paintings and sculptures, and by each of them
differently. So some frames are drawn small and read, and the head is turned against what the expression adds. A tilt
is left as it is: what is seen of one beyond what was drawn is mostly a fault of reading, and a head that was tilted
against it followed its performer worse.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ...faces.geometry import inverse
from ...faces.mesh import Mesh, Region, cut
from ...faces.topology import (
    CHIN,
    FOREHEAD,
    LEFT_CORNER,
    LEFT_MOUTH,
    LOWER_LIP,
    RIGHT_CORNER,
    RIGHT_MOUTH,
    UPPER_LIP,
)
from .head import AnimatedHead
from .pose import euler
from .smoothing import Curves, soft_limit
from .surroundings import Surroundings
from .transfer import Transfer

if TYPE_CHECKING:
    from ...faces.find import FaceReader
    from .character import Character
    from .performance import Performance

_STEP, _MOST_FRAMES, _FEWEST = 2, (64, 10), 5
"""One frame of so many that were read is drawn and read, so many in all at most, of a performance of which every frame
or every other one was read; with fewer, nothing can be told."""
_SIDE, _ROOM = 250, 1.3
"""Pixels of the square that is drawn, and its side over that of the region in which the face is read."""
_RIDGE = 1.0
"""Added to the squares of each measure, which all have a spread of 1: few frames tell little of small motion."""
_TELLING = (CHIN, FOREHEAD, LEFT_CORNER, RIGHT_CORNER, LEFT_MOUTH, RIGHT_MOUTH, UPPER_LIP, LOWER_LIP)
"""Points whose motion tells of an expression: those by which a turn is read, whose depth no picture shows, and those of
the mouth."""
_LEAST = 0.005
"""Spread of a measure, in units or radians, below which it is noise."""
_MOST = (0.03, 0.06)
"""Radians up to which the head is turned against the expression freely, and at which that is held."""


def counter_turns(character: Character, performance: Performance, reader: FaceReader) -> Curves:
    """Return the yaw and pitch against what the expression is seen to add, frames × 2 in radians.

    Args:
        character: one whose face is known.
        performance: the performer's motion.
        reader: reads faces.
    """
    frames = len(performance.seen)
    count = min(_MOST_FRAMES[performance.stride - 1], frames // (_STEP * performance.stride))
    numbers = np.linspace(0, frames - 1, count).round().astype(int)
    if len(numbers) < _FEWEST:
        return np.zeros((frames, 2))
    found = _seen_beyond_drawn(character, performance, reader, numbers)
    known = np.isfinite(found).all(1)
    if known.sum() < _FEWEST:
        return np.zeros((frames, 2))
    return -soft_limit(added(found[known], numbers[known], *_measures(performance)), *_MOST)


def added(found: Curves, numbers: NDArray[np.int64], expression: Curves, turns: Curves) -> Curves:
    """Return what the expression adds in each frame, explained by ridge regression from what some frames show.

    It counts for as much as it foretells frames that were left out (Allen, PRESS, 1974).

    Args:
        found: what these frames show, one row each.
        numbers: which ones they are.
        expression: measures of every frame.
        turns: likewise, of what else may be the reason.
    """
    every = np.hstack([expression, turns])
    spread = np.maximum(every.std(0), _LEAST)
    middle = every[numbers].mean(0)
    x, y = (every[numbers] - middle) / spread, found - found.mean(0)
    fit = np.linalg.inv(x.T @ x + _RIDGE * np.eye(x.shape[1])) @ x.T
    hat = x @ fit + 1 / len(x)
    missed = (y - hat @ y) / (1 - np.diag(hat))[:, None]
    trust = np.clip(1 - (missed**2).sum(0) / ((y**2).sum(0) + 1e-12), 0, 1)
    own = slice(expression.shape[1])
    return np.asarray(trust * ((expression - middle[own]) / spread[own] @ (fit @ y)[own]))


def _measures(performance: Performance) -> tuple[Curves, Curves]:
    """Return what the expression does in each frame, and how the head is turned."""
    moves = performance.shapes[:, list(_TELLING)].astype(float).reshape(len(performance.shapes), -1)
    turns = np.array([euler(axes) for axes in performance.axes])
    return np.column_stack([moves, performance.lids]), turns


def _seen_beyond_drawn(
    character: Character, performance: Performance, reader: FaceReader, numbers: NDArray[np.int64]
) -> Curves:
    """Return by how much yaw and pitch as they are read in some frames exceed those drawn, in radians.

    NaN without a face.
    """
    small = _close_up(character)
    assert small.mesh is not None
    transfer = Transfer(small.mesh, performance, flat=character.flat)
    head = AnimatedHead(small, performance, Surroundings(small.mesh, small.pixels.shape[1::-1]))
    found = np.full((len(numbers), 2), np.nan)
    for row, number in enumerate(numbers.tolist()):
        face = transfer.frame(number)
        pixels, _ = head.render(number, face)
        drawn = Mesh(face.mesh.astype(np.float32), 1.0)
        read = reader.read(pixels, drawn.region)
        if read is not None:
            found[row] = (np.array(euler(read.axes)) - np.array(euler(drawn.axes)))[:2]
    return found


def _close_up(character: Character) -> Character:
    """Return the surroundings of a character's face alone, no larger than the mesh is read from."""
    assert character.mesh is not None
    assert character.eyes is not None
    face = character.mesh.region
    region = Region(face.x, face.y, _ROOM * face.side, 0.0)
    side = min(_SIDE, round(region.side))
    there = inverse(region.to_pixels(side))
    return replace(
        character,
        pixels=cut(character.pixels, region, side),
        mesh=character.mesh.mapped(there),
        eyes=character.eyes.mapped(there),
    )
