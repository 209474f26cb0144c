"""The preview's work from its inputs to its frames."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ...errors import MediaError, WanError
from ...media.checks.scene import Scene
from ...model.family import REPLACE
from ...video.prefetch import prefetch
from .character import Character, find_character, frame_size, open_picture
from .modes import measure_cells, render_faceless, render_move, render_replace
from .performer import track_performer
from .reference import Footage, probe_reference, survey
from .report import expression_shows, report_inputs

_SURVEYED, _MEASURED = 0.1, 0.45
"""The share of the work that is done once faces were looked for, and once motion was measured."""

ProgressCallback = Callable[[float, str], None]
FrameCallback = Callable[[int, NDArray[np.uint8]], None]


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
) -> RenderedClip:
    """Measure the performer's motion and return the clip in which the character repeats it.

    Args:
        image: the character's picture.
        video: the reference, whose motion is taken.
        settings: the request's settings by their wire names.
        on_progress: is called with the share of the work done, 0 to 1, and the current step in a few words.
        cancelled: is called between frames; once true, the work stops.
        points: the character's left eye, right eye and mouth as (x, y) in pixels of the upright picture.

    Raises:
        MediaError: an input cannot be used.
        WanError: the work was cancelled.
    """
    on_progress(0.0, "Opening the picture and the video")
    cv2.setNumThreads(2)
    info = probe_reference(video)
    picture = open_picture(image)
    _check_cancelled(cancelled)
    on_progress(0.02, "Looking for faces")
    character = find_character(picture, settings["resolution"], points)
    _check_cancelled(cancelled)
    footage = survey(video, info)
    scene = Scene()

    def on_frame(frames: int, pixels: NDArray[np.uint8]) -> None:
        _check_cancelled(cancelled)
        scene.update(pixels)
        on_progress(_SURVEYED + (_MEASURED - _SURVEYED) * min(1, frames / footage.count), "Measuring the motion")

    def with_progress(frames: Iterator[NDArray[np.uint8]]) -> Iterator[NDArray[np.uint8]]:
        for number, pixels in enumerate(frames, start=1):
            _check_cancelled(cancelled)
            yield pixels
            on_progress(_MEASURED + (1 - _MEASURED) * min(1, number / footage.count), "Drawing the character")

    frames = render_frames(character, footage, settings, on_frame)
    if settings["model"] == REPLACE.id:
        size = frame_size(footage.info.width, footage.info.height, settings["resolution"])
    else:
        size = character.pixels.shape[1], character.pixels.shape[0]
    report = report_inputs(character, footage, scene, size)
    return RenderedClip(*size, footage.fps, report, with_progress(prefetch(frames)))


def render_frames(
    character: Character, footage: Footage, settings: Mapping[str, Any], on_frame: FrameCallback
) -> Iterator[NDArray[np.uint8]]:
    """Measure the whole reference, and return an iterator that renders the frames.

    Raises:
        MediaError: somebody is to be replaced, and one of the two faces was not found.
    """
    steps, shift = int(settings["num_inference_steps"]), float(settings["shift"])
    replacing = settings["model"] == REPLACE.id
    if replacing:
        _refuse_faceless(character, footage)
    elif character.face is None or footage.neutral is None:
        return render_faceless(character, footage, measure_cells(footage, shift, on_frame))
    track = track_performer(footage, steps, shift, on_frame)
    if not expression_shows(character, footage):
        track = track.without_expression()
    if replacing:
        return render_replace(character, footage, track, settings["resolution"])
    return render_move(character, footage, track)


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


def _check_cancelled(cancelled: Callable[[], bool]) -> None:
    if cancelled():
        raise WanError("The job was cancelled.")
