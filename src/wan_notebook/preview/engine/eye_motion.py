"""The performer's eyes through a clip: how far each is open, and where they look."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ...faces.expression import SHUT
from ...faces.geometry import smoothstep
from .smoothing import Curves, filled

_LIDS, _GAZE = ("eye_left", "eye_right"), ("gaze_x", "gaze_y")
"""Fields of faces.expression.Reading."""
_GLANCE, _OPEN = (0.08, 0.16), 0.6
"""Widths of an eye by which it looks aside, from which its lids are doubted and from which the other's count; and how
far eyes are open whose irises are seen."""
_WINK, _HALF_SHUT = (0.4, 0.65), (0.8, 0.6)
"""By how much farther one eye is open than the other from which that may be a wink, and from which it is: of 22 people
on video one winks, by 0.73, and of others 0.2 is read in one frame of four, 0.5 in turned faces. How far both are open,
from which on they go together, and do: open ones may well differ, as in a squint or a raised brow."""
_NARROW = 0.45
"""The share of an eye's gap at rest up to which it may be shut: of eyes that are small in the picture, or squint, so
little is open that the noise of reading them would flutter in another's face."""


def eye_motion(read: Mapping[str, Curves], calm: NDArray[np.int64]) -> tuple[Curves, Curves]:
    """Return how far each eye is open, N×2: 0 shut, 1 as at rest; and how far they look aside and down, as glances().

    Args:
        read: by the fields of faces.expression.Reading.
        calm: numbers of the frames at rest.
    """
    gaps, gaze = (np.column_stack([read[name] for name in pair]) for pair in (_LIDS, _GAZE))
    lids = lid_openness(gaps, calm)
    looks = glances(gaze, lids)
    return evened_lids(lids, looks[:, 0]), looks


def lid_openness(gaps: Curves, calm: NDArray[np.int64]) -> Curves:
    """Return how far each eye is open, N×2: 0 shut, 1 as at rest.

    Args:
        gaps: between the lids, over the eyes' widths.
        calm: numbers of the frames at rest.
    """
    opened = np.maximum(np.median(gaps[calm], axis=0), SHUT + 0.05)
    # Large eyes keep more of a gap when they shut, and narrow ones less.
    least = np.minimum(SHUT, _NARROW * opened)
    shut = np.clip(gaps.min(0), least, least + 0.25 * (opened - least))
    return np.asarray((gaps - shut) / (opened - shut))


def glances(gaze: Curves, lids: Curves) -> Curves:
    """Return how far the eyes look to the right and down, N×2 in widths of an eye, against where they mostly look.

    Irises behind lids that shut are seen below their place: an eye looks on behind them from where it was seen last to
    where it is seen next.

    Args:
        gaze: as in faces.expression.Reading.
        lids: how far each eye is open.
    """
    seen = lids.min(1) > _OPEN
    return filled((gaze[seen] - np.median(gaze[seen], axis=0)) / 2, seen) if seen.any() else np.zeros_like(gaze)


def evened_lids(lids: Curves, aside: Curves) -> Curves:
    """Return how far each eye is open, N×2, whatever it looks at.

    Of eyes that look aside the model sees the lids nearer to each other: of one by a tenth and of the other, mostly the
    one whose iris goes to the nose, by three tenths of their gap, where neither lid has moved. So both are taken to be
    open as far as the wider one. Lids that shut go together, by one nerve for both: a small difference is one of
    reading, and in another's face, whose eyes are narrower, would be a wink.

    Args:
        lids: as they are read.
        aside: how far the eyes look aside, N in widths of an eye.
    """
    wider = lids + smoothstep(*_GLANCE, np.abs(aside))[:, None] * (lids.max(1, keepdims=True) - lids)
    middle = wider.mean(1, keepdims=True)
    together = smoothstep(*_HALF_SHUT, middle) * smoothstep(*_WINK[::-1], np.ptp(wider, axis=1))[:, None]
    return np.asarray(wider + together * (middle - wider))
