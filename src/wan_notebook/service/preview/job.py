"""One job of the preview from its inputs to its frames."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ...errors import MediaError, WanError
from ...models import REPLACE
from . import Performance, Report
from .ahead import ahead
from .character import Character, frame_size, open_character
from .footage import Footage, survey
from .move import moved
from .replace import replaced
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

    frames = _drawn(character, footage, settings, told)
    width, height = _size(character, footage, settings)
    return Performance(width, height, footage.fps, {}, _reported(ahead(frames), footage.count, report, cancelled))


def _size(character: Character, footage: Footage, settings: Mapping[str, Any]) -> tuple[int, int]:
    if settings["model"] == REPLACE.id:
        return frame_size(footage.info.width, footage.info.height, settings["resolution"])
    return character.pixels.shape[1], character.pixels.shape[0]


def _drawn(
    character: Character, footage: Footage, settings: Mapping[str, Any], told: Callable[[int], None]
) -> Iterator[NDArray[np.uint8]]:
    """Measure, and return what will draw the frames.

    Raises:
        MediaError: somebody is to be replaced, and one of the two faces was not found.
    """
    steps, shift = int(settings["num_inference_steps"]), float(settings["shift"])
    if settings["model"] == REPLACE.id:
        _refuse_faceless(character, footage)
        return replaced(character, footage, follow(footage, steps, shift, told), settings["resolution"])
    if character.face is None or footage.neutral is None:
        return swayed(character, footage, watch(footage, shift, told))
    return moved(character, footage, follow(footage, steps, shift, told))


def _refuse_faceless(character: Character, footage: Footage) -> None:
    if character.face is None:
        raise MediaError(
            "The preview found no face in the picture, so it has nothing to put in the performer's place. "
            "Mark the two eyes and the mouth, or choose a picture with a face seen from the front."
        )
    if footage.neutral is None:
        raise MediaError(
            "The preview found no face in the reference, so it does not know whom to replace. "
            "Choose a video of one person seen from the front, or the mode move."
        )


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
