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
    turned = yaws - float(np.median(yaws[calm]))
    shares, rest = smoothstep(*_FAR, np.abs(turned)), shapes[calm].mean(0)
    far = np.flatnonzero(shares)
    if not len(far):
        return shapes
    places, faults = [], []
    for place in np.arange(np.floor(turned[far].min() / _STEP), np.ceil(turned[far].max() / _STEP) + 1) * _STEP:
        near = np.flatnonzero(np.abs(turned - place) < _STEP)
        if len(near) >= _SECONDS * fps and abs(place) > _FAR[0] - _STEP:
            closed = near[opened[near] <= np.percentile(opened[near], _CLOSED)]
            places.append(place)
            faults.append(shapes[closed].mean(0) - rest)
    if not places:
        return shapes
    at, known = np.interp(turned[far], places, np.arange(len(places))), np.array(faults)
    for number, place in zip(far.tolist(), at.tolist(), strict=True):
        first, between = int(place), place % 1
        fault = (1 - between) * known[first] + between * known[min(first + 1, len(places) - 1)]
        shapes[number] -= shares[number] * fault
    return shapes
