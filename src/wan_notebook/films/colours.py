"""Colours that stay the same from shot to shot.

In Move each shot of one character is brought to the colours of the first, in Replace to those of the reference.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..finishing import missing_library
from ..model.family import WINDOW_FRAMES

if TYPE_CHECKING:
    from numpy import uint8
    from numpy.typing import NDArray

    from ..finishing.colour import Drift

_HEIGHT = 144
"""Rows of the copies that are measured: what is compared are the mean colours of much larger cells."""


def corrections(clip: Path, frames: int, *, sent: Path | None, opening: Path | None, replaces: bool) -> list[Drift]:
    """Return what undoes the drift within a shot's clip, and then the difference of its background from its anchor's.

    Within its first window a clip does not drift, and nothing is measured. Without OpenCV, nothing is corrected.

    Args:
        clip: of the shot.
        frames: of the clip.
        sent: the piece of the reference that was sent for it; in Replace its background is the anchor.
        opening: in Move the clip of the first shot of the same character, whose background is the anchor; None for that
            one itself.
        replaces: whether the job was in Replace.

    Raises:
        MediaError: a clip cannot be read.
    """
    if missing_library():
        return []
    from ..finishing.colour import measure_difference, measure_drift

    found = []
    if frames > WINDOW_FRAMES:
        reference = iter(()) if sent is None else _small(sent)
        found.append(measure_drift(_small(clip), reference=reference, replaces=replaces))
    anchor = sent if replaces else opening
    if anchor is not None:
        shown = (apply(found, pixels, number) for number, pixels in enumerate(_small(clip)))
        found.append(measure_difference(shown, _small(anchor), replaces=replaces))
    return [drift for drift in found if drift.largest > 0]


def apply(drifts: list[Drift], pixels: NDArray[Any], number: int) -> NDArray[uint8]:
    """Return a frame of a clip, counted from 0, without these drifts."""
    for drift in drifts:
        pixels = drift.correct(pixels, number)
    return pixels


def _small(path: Path) -> Iterator[NDArray[uint8]]:
    from ..video.read import frames

    return (frame.pixels for frame in frames(path, height=_HEIGHT))
