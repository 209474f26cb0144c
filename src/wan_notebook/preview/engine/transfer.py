"""From the performer's motion to the character's mesh: what its face looks like in each frame."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ...faces.geometry import smoothstep
from ...faces.mesh import Mesh, head_centre
from ...faces.topology import (
    LEFT_BROW,
    LEFT_LID_ROWS,
    LEFT_MOUTH,
    LIDS,
    LOWER_LIP,
    LOWER_LIP_ROWS,
    MOUTH_CORNERS,
    NOSE,
    RIGHT_BROW,
    RIGHT_LID_ROWS,
    RIGHT_MOUTH,
    UPPER_LIP,
    UPPER_LIP_ROWS,
    skin,
)
from .pose import Pose, PoseTransfer, posed

if TYPE_CHECKING:
    from .performance import Performance

Points = NDArray[np.float64]

_MOUTH_GAIN = 0.9
"""How much more of a mouth's motion is shown than was read.

What reads a moved picture sees less than was moved: tests/bench/motion.py.
"""
_WIDE = 0.3
"""Units between the lips at which that fades out."""
_BROW_GAIN = 2.1
"""How many times the brows' motion is shown that was read."""
_LID_GAIN = 1.22
"""The same for lids, so that they shut before the performer's are quite shut."""
_WIDEST = 1.35
"""How far an eye opens at most, over its rest."""
_GAZE_GAIN = 1.35
"""The same for glances: of irises that were moved in four pictures 0.45 to 0.8 of the way is read, and of an actor's
that go to the eyes' corners three quarters."""
_LID_SHARES = (1.0, 0.8, 0.35)
"""How far the upper lid's rim, its crease and what lies above go down when an eye shuts."""
_UPPER_SHARE = 0.5
"""How much of the way the upper lip goes when lips shut."""
_PARTED = (0.03, 0.05)
"""Units between a picture's lips from which they are parted, and from which they surely are."""
_PURSED = 0.03
"""Units by which a mouth is narrower that is surely pursed."""
_SMILES = (0.62, 0.8)
"""Units of the width of parted lips from which a picture smiles, and to which people smile."""
_SMILE = 0.12
"""Units by which a mouth widens that smiles."""
_GAPES = 0.3
"""How many of these, for each by which the lips are apart, are none of a smile."""
_SPENT = 0.7
"""How much of a smile a face has spent that smiles in its picture."""
_LOOKS, _EVENINGS = 6, 2
"""How often skin that lies double is looked for at most, and how often the motion about it is evened out then."""
_LEAST_AREA = 0.5
"""The share of its area that a triangle must keep."""
_MOST_AREA = 3.0
"""The share that it may come to at the mouth's corners, where thin lips would be drawn out into rags."""
_BROWS = [*LEFT_BROW, *RIGHT_BROW]
_UPPER_LIP, _LOWER_LIP = np.array(UPPER_LIP_ROWS), np.array(LOWER_LIP_ROWS)


@dataclass(frozen=True)
class FaceFrame:
    """The character's face in one frame."""

    pose: Pose
    still: Points
    """468×3: the mesh with its expression, the head unmoved, in pixels of the picture."""
    mesh: Points
    """468×3: the same with the head moved."""
    gap: float
    """How far the lips are apart, in units."""
    gaze: tuple[float, float]
    """How far the irises look to the right and down, in widths of an eye."""

    def at(self, mesh: Points) -> FaceFrame:
        """Return the same face with its mesh elsewhere."""
        return replace(self, mesh=mesh)


class Transfer:
    """Gives the character the performer's expressions and its head's motion.

    Args:
        face: the character's mesh, in pixels of the picture.
        performance: the performer's motion.
        replacing: whether the head will be laid on the performer's shoulders: then it looks where the performer looks,
            and is level, of its own size and in its own place, since all of that will be the performer's.
        turns: yaw and pitch that are added to the performer's, frames × 2 in radians; none without.
        flat: whether the face is drawn flatly.
    """

    def __init__(
        self,
        face: Mesh,
        performance: Performance,
        *,
        replacing: bool = False,
        turns: Points | None = None,
        flat: bool = False,
    ) -> None:
        self._face, self._performance = face, performance
        self._own = face.points.astype(float)
        self.centre = head_centre(self._own)
        self._level = (self._own - self.centre) @ face.axes / face.unit
        self._lower = smoothstep(0.25, 0.5, self._level[:, 1])[:, None]
        # A nose goes along with a mouth that is pursed; by more than was read of that it grows long.
        self._lower[list(NOSE)] = 0
        gap = np.linalg.norm(self._level[UPPER_LIP] - self._level[LOWER_LIP])
        self._parted = float(smoothstep(*_PARTED, np.array(gap)))
        width = np.linalg.norm(self._level[LEFT_MOUTH] - self._level[RIGHT_MOUTH])
        self._smiles = self._parted * float(smoothstep(*_SMILES, np.array(width)))
        self._poses = PoseTransfer(face, performance, replacing=replacing, turns=turns, flat=flat)

    def frame(self, number: int) -> FaceFrame:
        """Return the character's face in one frame."""
        face, pose = self._face, self.pose(number)
        level = self._expression(number)
        still = face.unit * level @ face.axes.T + self.centre
        gaze = _GAZE_GAIN * self._performance.gaze[number]
        gap = float(np.linalg.norm(level[UPPER_LIP] - level[LOWER_LIP]))
        return FaceFrame(pose, still, posed(still, pose, self.centre), gap, (float(gaze[0]), float(gaze[1])))

    def pose(self, number: int) -> Pose:
        """Return where the head is in one frame."""
        return self._poses.at(number)

    @property
    def ways(self) -> Points:
        """How far the head has moved to the right and down in each frame, frames × 2 in pixels."""
        return self._poses.ways

    def _expression(self, number: int) -> Points:
        """Return the mesh with the performer's expression, 468×3 in the face's own axes and units."""
        shift = self._performance.shapes[number].astype(float)
        opened = float(self._performance.mouth[number])
        # A mouth that hardly opens is seen to open less still; one that gapes needs no more.
        more = _MOUTH_GAIN * float(np.exp(-((opened / _WIDE) ** 2)))
        # A face that smiles in its picture has little left to smile: the two together would tear the mouth open.
        smile = np.array(-self._performance.narrower(number) - _GAPES * opened)
        less = _SPENT * self._smiles * float(smoothstep(0.0, _SMILE, smile))
        shift *= (1 + self._lower * more) * (1 - self._lower * less)
        shift[_BROWS] *= _BROW_GAIN
        points = self._level + shift
        self._shut_lips(points, number)
        points = unfolded(points, self._level)
        self._part_lips(points)
        for side, rows in enumerate((LEFT_LID_ROWS, RIGHT_LID_ROWS)):
            self._set_lids(points, *LIDS[side], rows, float(self._performance.lids[number, side]))
        return points

    def _shut_lips(self, points: Points, number: int) -> None:
        """Bring the lips together where the performer's touch: over teeth that the picture shows, and pursed ones.

        Of other lips that are shut in the picture what little was read of their motion may well be one.
        """
        pursed = float(np.clip(self._performance.narrower(number) / _PURSED, 0, 1))
        upper, lower = _UPPER_LIP[:, 1:-1], _LOWER_LIP[:, 1:-1]
        share = float(self._performance.shut[number]) * max(self._parted, pursed)
        apart = share * (points[lower[0]] - points[upper[0]])
        points[upper] += _UPPER_SHARE * apart
        points[lower] -= (1 - _UPPER_SHARE) * apart

    @staticmethod
    def _part_lips(points: Points) -> None:
        """Keep the lips from crossing each other: each gives way as a whole, as lips that are pressed do."""
        upper, lower = _UPPER_LIP[:, 1:-1], _LOWER_LIP[:, 1:-1]
        crossed = np.minimum(0, points[lower[0], 1] - points[upper[0], 1])
        points[upper, 1] += 0.5 * crossed
        points[lower, 1] -= 0.5 * crossed

    def _set_lids(
        self,
        points: Points,
        upper: tuple[int, ...],
        lower: tuple[int, ...],
        above: tuple[tuple[int, ...], ...],
        openness: float,
    ) -> None:
        """Close or open an eye by as much as the performer does: 0 is shut, 1 as at rest."""
        up, low = list(upper[1:-1]), list(lower[1:-1])
        wanted = np.clip(1 + _LID_GAIN * (openness - 1), 0.0, _WIDEST)
        change = wanted * (self._level[low] - self._level[up]) - (points[low] - points[up])
        # It is the upper lid that moves, lashes and all; its skin unfolds above it. The lower one comes a little.
        points[low] += 0.15 * change
        for row, share in zip((up, *map(list, above)), _LID_SHARES, strict=True):
            points[row] -= 0.85 * share * change


def unfolded(points: Points, rest: Points) -> Points:
    """Return a mesh whose skin neither lies double nor tears: where it would, the motion about it is evened out.

    Args:
        points: 468×3 in the face's own axes.
        rest: the same face without motion.
    """
    triangles, (near, weights) = skin(), _neighbours()
    before = _areas(rest, triangles)
    # Of triangles that are seen edge-on, as at the face's outline, no area can be told.
    least = np.where(before > 1e-5, _LEAST_AREA * before, -np.inf)
    most = np.where(_at_mouth_corners(), _MOST_AREA * before, np.inf)
    moves = points - rest
    for _ in range(_LOOKS):
        areas = _areas(rest + moves, triangles)
        spoilt = (areas < least) | (areas > most)
        if not spoilt.any():
            break
        corners = np.flatnonzero(np.bincount(triangles[spoilt].ravel()))
        around, shares = near[corners], weights[corners, None]
        for _ in range(_EVENINGS):
            moves[corners] = (shares @ moves[around])[:, 0]
    return rest + moves


@cache
def _at_mouth_corners() -> NDArray[np.bool_]:
    """Return which triangles of the skin touch a corner of the mouth."""
    return np.asarray(np.isin(skin(), MOUTH_CORNERS).any(1))


def _areas(points: Points, triangles: NDArray[np.int32]) -> NDArray[np.float64]:
    """Return twice the triangles' areas, negative where they lie on their face."""
    a, b, c = np.take(points[:, 0] + 1j * points[:, 1], triangles.T)
    return np.asarray(((b - a).conj() * (c - a)).imag)


@cache
def _neighbours() -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return of each point itself and its neighbours, 468×N, and their weights in the mean of their motion."""
    joined = np.eye(468, dtype=bool)
    for corner in range(3):
        one, other = skin()[:, corner], skin()[:, (corner + 1) % 3]
        joined[one, other] = joined[other, one] = True
    counts = joined.sum(1, keepdims=True)
    near = np.argsort(~joined, axis=1, kind="stable")[:, : counts.max()]
    return near, (np.arange(near.shape[1]) < counts) / counts
