"""A visible mark on every frame that says a clip was generated."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from ..media.watermark import Watermark
from ..video.metadata import comment, describe, description
from ..video.prefetch import prefetch
from ..video.probe import probe
from ..video.read import frame_times, frames
from ..video.write import Writer
from .finish import CRF, PRESET, OnProgress, WorkProgress

TEXT = "AI-generated"


def label(
    clip: Path,
    target: Path,
    on_progress: OnProgress = lambda _share, _what: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> None:
    """Write a copy whose every frame bears the mark, with the clip's sound, times of frames, comment and description.

    Args:
        clip: the clip, which stays as it is.
        target: the file to write; when this fails, there is none.
        on_progress: is told how far it is.
        cancelled: asked at each frame.

    Raises:
        MediaError: the clip cannot be read.
        StorageError: the target cannot be written.
        WanError: it was cancelled.
    """
    info, told = probe(clip), comment(clip)
    width, height = info.width // 2 * 2, info.height // 2 * 2
    progress = WorkProgress(on_progress, cancelled)
    times = frame_times(clip)  # a joined film has the pace of its reference
    mark = label_mark(width, height)
    with Writer(
        target,
        width=width,
        height=height,
        fps=info.fps,
        times=[time - times[0] for time in times],
        crf=CRF,
        preset=PRESET,
        comment=f"{TEXT}. {told}" if told else TEXT,
        sound_from=clip,
    ) as writer:
        for number, frame in enumerate(prefetch(frames(clip, accurate=True))):
            progress.at(number / len(times), "Marking the frames")
            pixels = np.ascontiguousarray(frame.pixels[:height, :width])
            mark.draw(pixels)
            writer.write(pixels)
    if recipe := description(clip):
        describe(target, recipe)


def label_mark(width: int, height: int) -> Watermark:
    """Return the mark for frames of this size in pixels, legible before any picture."""
    return Watermark(TEXT, width, height, corner="left", share=1 / 30, plate=200, light=235)
