"""The pose of a character's head: the performer's turns, nods, tilts and way, as far as one picture can follow them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ...faces.geometry import smoothstep
from ...faces.mesh import Mesh
from .smoothing import soft_limit

if TYPE_CHECKING:
    from .performance import Performance

Points = NDArray[np.float64]

_TURNS = np.array([0.42, 0.3, 0.6]), np.array([0.75, 0.55, 0.9])
"""Radians of yaw, pitch and roll up to which a head follows freely, and at which it is held.

Beyond, a single picture shows no other side.
"""
_ASIDE = 0.96
"""Radians of yaw up to which a head that looks aside in its picture turns farther: its nose and its brow lie before
what is behind them, and beyond they grow bumps."""
_CHEEK_HIDES = (0.2, 0.7)
"""Radians of yaw in its picture from which a face hides its other cheek, and from which that is not seen at all: turned
back, what lies beside the nose would be seen twice."""
_LEAST_FARTHER, _LEAST_BACK, _FLAT = 0.1, 0.05, 0.5
"""The shares of a turn up to which such a face follows nevertheless, and one that is drawn flatly: the depth that the
mesh sees in people would draw hair out over its cheeks."""
_FARTHEST, _LARGEST = (0.3, 0.6), (0.15, 0.3)
"""The same for its way in units, and for the logarithm of its growth."""


@dataclass(frozen=True)
class Pose:
    """Where the head is in a frame, against where the picture has it."""

    rotation: Points
    """3×3, of the picture's axes."""
    growth: float
    """Its size over that in the picture."""
    move: tuple[float, float]
    """To the right and down, in pixels."""


class PoseTransfer:
    """Gives a character the motion of the performer's head.

    Args:
        face: the character's mesh, in pixels of the picture.
        performance: the performer's motion.
        replacing: whether the head will be laid on the performer's shoulders: then it looks where the performer looks,
            and is level, of its own size and in its own place, since all of that will be the performer's.
        turns: yaw and pitch that are added, frames × 2 in radians; none without.
        flat: whether the face is drawn flatly.
    """

    def __init__(
        self, face: Mesh, performance: Performance, *, replacing: bool, turns: Points | None = None, flat: bool = False
    ) -> None:
        self._performance, self._replacing = performance, replacing
        self._added = np.zeros((len(performance.seen), 2)) if turns is None else turns
        self._own_turns = np.array(euler(face.axes))
        self._rest_turns = self._own_turns if replacing else np.array(euler(performance.rest.axes))
        self._yaw_shares = yaw_shares(float(self._own_turns[0]))
        self._depth = np.array([_FLAT if flat else 1.0, 1.0, 1.0])
        self._from_level = matrix(*self._own_turns).T
        # In a video that was taken with the phone turned, what is to the right for the performer is not in the frame.
        quarters = np.round((self._own_turns[2] - self._rest_turns[2]) / (np.pi / 2))
        upright = matrix(0.0, 0.0, float(quarters) * np.pi / 2)[:2, :2]
        moves = np.zeros_like(performance.moves) if replacing else performance.moves - _home(performance)
        ways = np.hypot(moves[:, 0], moves[:, 1])
        held = soft_limit(ways, *_FARTHEST) / np.maximum(ways, 1e-9)
        self.ways = face.unit * held[:, None] * (moves[:, :2] @ upright.T)
        """How far the head has moved to the right and down in each frame, frames × 2 in pixels."""
        self._growths = np.exp(soft_limit(moves[:, 2], *_LARGEST))

    def at(self, number: int) -> Pose:
        """Return where the head is in one frame."""
        turns = np.array(euler(self._performance.axes[number])) - self._rest_turns
        turns[2] = (turns[2] + np.pi) % (2 * np.pi) - np.pi  # of a head that is upside down it leaps from −π to π
        limited = soft_limit(turns, *(self._shares(turns) * self._depth * limit for limit in _TURNS))
        limited[:2] += self._shares(self._added[number])[:2] * self._added[number]
        if self._replacing:
            limited[2] = 0.0
        rotation = matrix(*(self._own_turns + limited)) @ self._from_level
        right, down = self.ways[number].tolist()
        return Pose(rotation, float(self._growths[number]), (right, down))

    def _shares(self, turns: Points) -> Points:
        """Return how far yaw, pitch and roll are followed to that side to which they lead."""
        return np.array([self._yaw_shares[int(turns[0] > 0)], 1.0, 1.0])


def yaw_shares(yaw: float) -> Points:
    """Return how far a head can be turned to the left and to the right, over one that looks ahead in its picture.

    Args:
        yaw: of the head in its picture, in radians, to the right.
    """
    farther = np.clip((_ASIDE - abs(yaw)) / _TURNS[1][0], _LEAST_FARTHER, 1)
    back = max(_LEAST_BACK, 1 - float(smoothstep(*_CHEEK_HIDES, np.array(abs(yaw)))))
    return np.array([back, farther] if yaw > 0 else [farther, back])


def _home(performance: Performance) -> NDArray[np.float64]:
    """Return the part of the performer's way that is its place on the whole of the clip, and no motion."""
    middle = np.median(performance.moves, axis=0)
    return np.asarray(np.sign(middle) * np.maximum(np.abs(middle) - 0.1, 0))


def posed(points: Points, pose: Pose, centre: Points) -> Points:
    """Return points of the head moved with it, about the head's centre."""
    return np.asarray(pose.growth * (points - centre) @ pose.rotation.T + centre + np.array([*pose.move, 0.0]))


def euler(axes: Points) -> tuple[float, float, float]:
    """Return yaw, pitch and roll of a face's axes in radians: to the right, down and clockwise, as seen."""
    roll = float(np.arctan2(axes[1, 0], axes[0, 0]))
    upright = matrix(0.0, 0.0, roll).T @ axes
    yaw = float(np.arctan2(upright[2, 0], upright[0, 0]))
    return yaw, float(np.arctan2(-upright[1, 2], upright[1, 1])), roll


def matrix(yaw: float, pitch: float, roll: float) -> Points:
    """Return the axes of a face that is turned by these angles: first nodded, then turned, then tilted."""
    cy, sy, cp, sp, cr, sr = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch), np.cos(roll), np.sin(roll)
    turned = np.array([[cy, 0, -sy], [0, 1, 0], [sy, 0, cy]])
    nodded = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    tilted = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    return np.asarray(tilted @ turned @ nodded)
