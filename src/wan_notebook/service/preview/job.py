"""One job of the preview from its inputs to its frames."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ...errors import WanError
from . import Performance, Report
from .ahead import ahead
from .character import Character, open_character
from .compose import moved
from .footage import Footage, survey
from .track import follow
from .whole import swayed, watch

_SURVEYED, _MEASURED = 0.1, 0.45
"""How far the work is once faces were looked for, and once motion was measured."""


def begin(
    image: Path,
    video: Path,
    settings: Mapping[str, Any],
    report: Report,
    cancelled: Callable[[], bool],
    points: Sequence[Sequence[float]] | None,
) -> Performance:
    """Measure the performer and return the performance; see `run`."""
    cv2.setNumThreads(2)
    character = open_character(image, settings["resolution"], points)
    report(0.03, "Looking for the performer")
    footage = survey(video)

    def told(frames: int) -> None:
        _go_on(cancelled)
        report(_SURVEYED + (_MEASURED - _SURVEYED) * min(1, frames / footage.count), "Measuring the motion")

    height, width = character.pixels.shape[:2]
    frames = _reported(ahead(_drawn(character, footage, settings, told)), footage.count, report, cancelled)
    return Performance(width, height, footage.fps, {}, frames)


def _drawn(
    character: Character, footage: Footage, settings: Mapping[str, Any], told: Callable[[int], None]
) -> Iterator[NDArray[np.uint8]]:
    shift = float(settings["shift"])
    if character.face is None or footage.neutral is None:
        return swayed(character, footage, watch(footage, shift, told))
    return moved(character, footage, follow(footage, int(settings["num_inference_steps"]), shift, told))


def _reported(
    frames: Iterator[NDArray[np.uint8]], count: int, report: Report, cancelled: Callable[[], bool]
) -> Iterator[NDArray[np.uint8]]:
    for number, pixels in enumerate(frames, start=1):
        _go_on(cancelled)
        yield pixels
        report(_MEASURED + (1 - _MEASURED) * min(1, number / count), "Drawing the character")


def _go_on(cancelled: Callable[[], bool]) -> None:
    if cancelled():
        raise WanError("The job was cancelled.")
