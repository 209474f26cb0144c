"""What of a face that is turned far aside is seen otherwise than from the front, and is no expression."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...faces.geometry import smoothstep

_FAR = (0.5, 0.85)
"""Radians of yaw from the face at rest from which a mesh is read with faults of its own, and from which that counts
wholly: mouths up to a tenth of a unit narrower, and crooked."""
_STEP = 0.12
"""Radians from one direction to the next for which the faults are known, and to either side within which they are
alike."""
_SECONDS, _CLOSED = 1.0, 35
"""For which somebody looks into a direction at least, since an expression may last as long as a glance; and percent of
the frames there, with the least open mouths, that show its rest."""


def without_faults_aside(
    shapes: NDArray[np.float32],
    yaws: NDArray[np.float64],
    opened: NDArray[np.float64],
    calm: NDArray[np.int64],
    fps: float,
) -> NDArray[np.float32]:
    """Return the motion of each point, N×468×3, against the calmest frames of each direction that is far aside.

    Args:
        shapes: the motion as it was read; it is changed.
        yaws: of the head, in radians.
        opened: how far the lips are apart, in units.
        calm: numbers of the frames at rest.
        fps: of these in a second.
    """
    turned, rest = yaws - float(np.median(yaws[calm])), shapes[calm].mean(0)
    for angles in (turned, -turned):  # each side for itself: how a face is read on one tells nothing of the other
        far = np.flatnonzero(angles > _FAR[0])
        places, rests = _rests_aside(shapes, angles, opened, fps)
        if not places:
            continue
        at = np.interp(angles[far], places, np.arange(len(places)))
        for number, place, share in zip(far, at.tolist(), smoothstep(*_FAR, angles[far]), strict=True):
            first, between = int(place), place % 1
            seen = (1 - between) * rests[first] + between * rests[min(first + 1, len(rests) - 1)]
            shapes[number] -= share * (seen - rest)
    return shapes


def _rests_aside(
    shapes: NDArray[np.float32], angles: NDArray[np.float64], opened: NDArray[np.float64], fps: float
) -> tuple[list[float], list[NDArray[np.float32]]]:
    """Return into which directions of one side somebody looks for long, in radians, and how the face rests in each.

    Args:
        shapes: as for without_faults_aside().
        angles: of the head to that side, in radians.
        opened: as for without_faults_aside().
        fps: likewise.
    """
    places, rests = [], []
    for place in np.arange(np.ceil((_FAR[0] - _STEP) / _STEP), np.ceil(angles.max() / _STEP) + 1) * _STEP:
        near = np.flatnonzero(np.abs(angles - place) < _STEP)
        if len(near) >= _SECONDS * fps:
            closed = near[opened[near] <= np.percentile(opened[near], _CLOSED)]
            places.append(float(place))
            rests.append(shapes[closed].mean(0))
    return places, rests
