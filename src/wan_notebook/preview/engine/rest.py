"""Which frames of a performance show the face at rest, against which its expression is read."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...faces.expression import Curve

_CALM = 0.06
"""Share of the frames that make up the face at rest."""
_CLOSED = 25
"""Percent of the frames that show what the mouth looks like when it is closed."""
_UNSMILING = 75
"""Percent of the frames in which the mouth's corners are seen higher than where nobody smiles."""
_ALIKE = 0.06
"""By how much of its width the mouth may be open farther or less in one of them than in most."""
_ASIDE = 0.16
"""Widths of an eye by which a face at rest may look aside."""


def calm_frames(read: dict[str, Curve], corners: Curve) -> NDArray[np.int64]:
    """Return the numbers of the calmest frames, the calmest first.

    Calm is a face that is turned and looks where it mostly does, with its eyes open and its mouth closed, as wide as it
    mostly is when it is closed: somebody may laugh through most of a clip. Where another expression is about as calm,
    the more frequent one counts: the mean of both is nobody's face.

    Args:
        read: from faces.expression.curves().
        corners: by how many units the mouth's corners are seen below where the mesh has them: most where none smiles.
    """
    opened = (read["eye_left"] + read["eye_right"]) / 2
    usual = max(1e-6, float(np.percentile(opened, 70)))
    turned = np.radians(np.hypot(*(read[name] - np.median(read[name]) for name in ("yaw", "pitch"))))
    closed = read["mouth_open"] <= np.percentile(read["mouth_open"], _CLOSED)
    wide = np.abs(read["mouth_width"] - np.median(read["mouth_width"][closed]))
    aside = np.maximum(0, np.hypot(*(read[name] - np.median(read[name]) for name in ("gaze_x", "gaze_y"))) - _ASIDE)
    smiling = np.abs(corners - np.percentile(corners, _UNSMILING))
    unrest = read["mouth_open"] + np.maximum(0, usual - opened) / usual + 2 * turned + wide + aside + 2 * smiling
    calm = np.argsort(unrest, kind="stable")[: max(1, round(_CALM * len(unrest)))]
    gaps = read["mouth_open"][calm]
    return calm[np.abs(gaps - np.median(gaps)) <= max(_ALIKE, float(np.abs(gaps - np.median(gaps)).min()))]
