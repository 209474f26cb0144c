"""One job of the preview from its inputs to its frames."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ...errors import MediaError, WanError
from ...media.checks.scene import Scene
from ...model.family import REPLACE
from ...video import prefetch
from . import Performance, Report
from .character import Character, find_character, frame_size, open_picture
from .modes import moved, replaced, swayed, watch
from .performer import follow
from .reference import Footage, probed, survey
from .report import expression_shows, preflight

_SURVEYED, _MEASURED = 0.1, 0.45
"""How far the work is once faces were looked for, and once motion was measured."""

Told = Callable[[int, NDArray[np.uint8]], None]


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
    info = probed(video)
    picture = open_picture(image)
    _go_on(cancelled)
    report(0.02, "Looking for faces")
    character = find_character(picture, settings["resolution"], points)
    _go_on(cancelled)
    footage = survey(video, info)
    scene = Scene()

    def told(frames: int, pixels: NDArray[np.uint8]) -> None:
        _go_on(cancelled)
        scene.update(pixels)
        report(_SURVEYED + (_MEASURED - _SURVEYED) * min(1, frames / footage.count), "Measuring the motion")

    frames = _drawn(character, footage, settings, told)
    size = _size(character, footage, settings)
    noticed = preflight(character, footage, scene, size)
    return Performance(*size, footage.fps, noticed, _reported(prefetch(frames), footage.count, report, cancelled))


def _size(character: Character, footage: Footage, settings: Mapping[str, Any]) -> tuple[int, int]:
    if settings["model"] == REPLACE.id:
        return frame_size(footage.info.width, footage.info.height, settings["resolution"])
    return character.pixels.shape[1], character.pixels.shape[0]


def _drawn(
    character: Character, footage: Footage, settings: Mapping[str, Any], told: Told
) -> Iterator[NDArray[np.uint8]]:
    """Measure, and return what will draw the frames.

    Raises:
        MediaError: somebody is to be replaced, and one of the two faces was not found.
    """
    steps, shift = int(settings["num_inference_steps"]), float(settings["shift"])
    replacing = settings["model"] == REPLACE.id
    if replacing:
        _refuse_faceless(character, footage)
    elif character.face is None or footage.neutral is None:
        return swayed(character, footage, watch(footage, shift, told))
    track = follow(footage, steps, shift, told)
    if not expression_shows(character, footage):
        track = track.without_expression()
    if replacing:
        return replaced(character, footage, track, settings["resolution"])
    return moved(character, footage, track)


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
