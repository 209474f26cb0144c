"""The preview's work from its inputs to its frames."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ...errors import MediaError, ModelsMissing, WanError
from ...faces.find import FaceReader, face_reader
from ...faces.weights import get_models
from ...model.family import REPLACE
from ...video.prefetch import prefetch
from .character import Character, find_character, frame_size, open_picture
from .modes import render_faceless, render_move
from .reference import Footage, open_reference
from .replace import render_replace
from .report import expression_shows, report_inputs
from .survey import Motion, Surveys, read_reference

_SURVEYED, _MEASURED = 0.05, 0.5
"""The share of the work that is done once the picture was looked at, and once the motion was read."""

ProgressCallback = Callable[[float, str], None]


@dataclass(frozen=True)
class RenderedClip:
    """A clip about to be made: its frames are computed while they are taken."""

    width: int
    height: int
    fps: float
    """Frames per second."""
    report: Mapping[str, Any]
    """Findings about the inputs, as plain data."""
    frames: Iterable[NDArray[np.uint8]]
    """H×W×3 RGB, one in memory at a time."""

    def __iter__(self) -> Iterator[NDArray[np.uint8]]:
        return iter(self.frames)


def run(
    image: Path,
    video: Path,
    settings: Mapping[str, Any],
    on_progress: ProgressCallback,
    cancelled: Callable[[], bool],
    points: Sequence[Sequence[float]] | None = None,
    surveys: Surveys | None = None,
) -> RenderedClip:
    """Measure the performer's motion and return the clip in which the character repeats it.

    Args:
        image: the character's picture.
        video: the reference, whose motion is taken.
        settings: the request's settings by their wire names.
        on_progress: is called with the share of the work done, 0 to 1, and the current step in a few words.
        cancelled: is called between frames; once true, the work stops.
        points: the character's left eye, right eye and mouth as (x, y) in pixels of the upright picture.
        surveys: what was read of references before, so that none is read twice.

    Raises:
        MediaError: an input cannot be used.
        WanError: the work was cancelled.
    """
    on_progress(0.0, "Opening the picture and the video")
    # Decoding has a thread of its own. Threads of OpenCV's on top would wait for each other in loops.
    cv2.setNumThreads(1)
    footage = open_reference(video)
    picture = open_picture(image)
    _check_cancelled(cancelled)
    reader, missing = _reader_with_models(lambda words: on_progress(0.0, words), cancelled)
    if missing and settings["model"] == REPLACE.id:
        raise MediaError(f"Faces cannot be looked for, so the preview does not know whom to replace. {missing}")
    _check_cancelled(cancelled)
    on_progress(0.02, "Looking for faces")
    character = find_character(picture, settings["resolution"], reader, points)
    _check_cancelled(cancelled)

    def on_frame(frames: int) -> None:
        _check_cancelled(cancelled)
        on_progress(_SURVEYED + (_MEASURED - _SURVEYED) * min(1, frames / footage.count), "Measuring the motion")

    def with_progress(frames: Iterator[NDArray[np.uint8]]) -> Iterator[NDArray[np.uint8]]:
        for number, pixels in enumerate(frames, start=1):
            _check_cancelled(cancelled)
            yield pixels
            on_progress(_MEASURED + (1 - _MEASURED) * min(1, number / footage.count), "Drawing the character")

    read = surveys.of if surveys is not None else read_reference
    survey = read(reader, footage, settings, on_frame, faceless=character.mesh is None)
    motion = survey.motion(float(settings["shift"]), footage.fps)
    frames = _frames(character, footage, motion, settings, reader)
    if settings["model"] == REPLACE.id:
        size = frame_size(footage.info.width, footage.info.height, settings["resolution"])
    else:
        size = character.pixels.shape[1], character.pixels.shape[0]
    report = report_inputs(character, footage, motion.performance, survey.scene, size, missing)
    return RenderedClip(*size, footage.fps, report, with_progress(prefetch(frames)))


def _reader_with_models(
    on_progress: Callable[[str], None], cancelled: Callable[[], bool]
) -> tuple[FaceReader | None, str]:
    """Fetch the face models where they are missing, and return what reads faces with them, or why it cannot be had.

    Args:
        on_progress: is called with a few words while the models are fetched.
        cancelled: ends the fetching.
    """
    try:
        get_models(on_progress, cancelled=cancelled)
        return face_reader(), ""
    except ModelsMissing as error:
        return None, str(error)


def _frames(
    character: Character,
    footage: Footage,
    motion: Motion,
    settings: Mapping[str, Any],
    reader: FaceReader | None,
) -> Iterator[NDArray[np.uint8]]:
    """Return an iterator that renders the frames.

    Raises:
        MediaError: somebody is to be replaced, and one of the two faces was not found.
    """
    performance, replacing = motion.performance, settings["model"] == REPLACE.id
    if replacing and character.mesh is None:
        raise MediaError(
            "The preview found no face in the picture, so it has nothing to put in the performer's place. "
            "Mark the two eyes and the mouth, or choose a picture with a face."
        )
    if replacing and performance is None:
        raise MediaError(
            "The preview found no face in the reference, so it does not know whom to replace. "
            "Choose a video of one person whose face is seen, or the mode move."
        )
    if performance is None or character.mesh is None or reader is None:
        return render_faceless(character, motion.cells)
    if not expression_shows(character, footage, performance):
        performance = performance.without_expression()
    if replacing:
        return render_replace(character, footage, performance, settings["resolution"])
    return render_move(character, performance, footage.fps, reader)


def _check_cancelled(cancelled: Callable[[], bool]) -> None:
    if cancelled():
        raise WanError("The job was cancelled.")
