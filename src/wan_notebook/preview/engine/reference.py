"""The reference video and its frames."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...errors import MediaError
from ...video.open import open_video
from ...video.prefetch import prefetch
from ...video.probe import MAX_DECODED_PIXELS, VideoInfo, decoded_pixels, probe
from ...video.read import frames

HIGHEST_FPS = 30.0
"""A faster reference is played at this rate."""
MAX_PIXELS = 4096 * 2304
"""Pixels of a frame; a decoder holds up to some twenty frames at once."""
MAX_SECONDS, MAX_FRAMES = 120.0, 20_000
MAX_RATIO = 8.0
"""The longer side of a frame over the shorter one."""


@dataclass(frozen=True)
class Footage:
    """A reference video, and the rate at which it is played."""

    path: Path
    info: VideoInfo
    fps: float
    """Frames per second at which it is played."""
    count: int
    """Frames at that rate."""

    def frames(self, height: int, *, accurate: bool = False) -> Iterator[NDArray[np.uint8]]:
        """Stream the frames, H×W×3 RGB of a height in pixels; accurate ones are to be written again."""
        for frame in prefetch(frames(self.path, fps=self.fps, height=height, accurate=accurate)):
            yield frame.pixels


def open_reference(path: Path) -> Footage:
    """Return a reference video.

    Raises:
        MediaError: the video cannot be read, is too short to hold motion, or would take too long or too much memory.
    """
    refuse_large_frames(path)
    info = probe(path)
    if info.frames < 2 or info.duration <= 0:
        raise MediaError(f"{path.name} holds a single frame, so there is no motion in it. Choose a video.")
    if info.duration > MAX_SECONDS or info.frames > MAX_FRAMES:
        raise MediaError(
            f"{path.name} lasts {info.duration:,.0f} s and has {info.frames:,} frames; the preview takes up to "
            f"{MAX_SECONDS:g} s and {MAX_FRAMES:,} frames. Shorten it."
        )
    if decoded_pixels(info.frames, info.width, info.height) > MAX_DECODED_PIXELS:
        raise MediaError(f"{path.name} has {info.frames:,} frames of {info.width}×{info.height}. Scale it down first.")
    fps = min(info.fps, HIGHEST_FPS)
    return Footage(path, info, fps, max(2, round(info.duration * fps)))


def refuse_large_frames(path: Path) -> None:
    """Refuse a video by what its header says about its frames, before any of them is decoded.

    Raises:
        MediaError: its frames are too large or too narrow, as they are stored or as they are shown.
    """
    with open_video(path) as (_container, stream):
        width, height = stream.codec_context.width, stream.codec_context.height
        shown = width * float(stream.sample_aspect_ratio or 1)
    if max(width, shown) * height > MAX_PIXELS:
        raise MediaError(f"{path.name} has {shown:,.0f}×{height} pixels; the preview takes 4096×2304. Scale it down.")
    if height and max(shown, height) > MAX_RATIO * min(shown, height):
        raise MediaError(f"{path.name} is shown with {shown:,.5g}×{height} pixels, too narrow for a clip. Crop it.")
