"""The reference video: its frames, its faces, and the frame at rest from which all motion is measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ...errors import MediaError
from ...faces.geometry import FacePoints
from ...faces.landmarks import FoundFace, find_face, find_face_near
from ...video.open import open_video
from ...video.prefetch import prefetch
from ...video.probe import MAX_DECODED_PIXELS, VideoInfo, decoded_pixels, probe
from ...video.read import Frame, frames

HIGHEST_FPS = 30.0
"""A faster reference is played at this rate."""
MAX_PIXELS = 4096 * 2304
"""Pixels of a frame; a decoder holds up to some twenty frames at once."""
MAX_SECONDS, MAX_FRAMES = 120.0, 20_000
MAX_RATIO = 8.0
"""The longer side of a frame over the shorter one."""
_CANDIDATES = 10
_SEARCHES = 5
"""How often the whole frame is searched: a third of a second each."""
_SURVEYED_SECONDS = 20.0
_SURVEY_HEIGHT = 400


@dataclass(frozen=True)
class Candidate:
    """A frame in which a face was searched for."""

    time: float
    """Seconds since the video's beginning."""
    pixels: NDArray[np.uint8]
    """At the survey's height."""
    found: FoundFace | None
    faces: int
    """How many faces there seem to be."""

    @property
    def face(self) -> FacePoints | None:
        """The three points of the performer's face, in pixels of this frame."""
        return self.found.points if self.found else None


@dataclass(frozen=True)
class Footage:
    """A reference video whose faces were searched for."""

    path: Path
    info: VideoInfo
    fps: float
    """Frames per second at which it is played."""
    count: int
    """Frames at that rate."""
    candidates: tuple[Candidate, ...]

    @property
    def neutral(self) -> Candidate | None:
        """The frame whose face is calm: eyes open, mouth closed, looking ahead."""
        seen = [candidate for candidate in self.candidates if candidate.face]
        return max(seen, key=calmness, default=None)

    def frames(self, height: int) -> Iterator[NDArray[np.uint8]]:
        """Stream the frames, H×W×3 RGB of a height in pixels."""
        for frame in prefetch(frames(self.path, fps=self.fps, height=height)):
            yield frame.pixels


def probe_reference(path: Path) -> VideoInfo:
    """Probe a reference and return its properties.

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
    return info


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


def survey(path: Path, info: VideoInfo) -> Footage:
    """Look for faces in ten frames of a reference.

    Raises:
        MediaError: the video breaks on the way.
    """
    fps = min(info.fps, HIGHEST_FPS)
    seconds = min(info.duration, _SURVEYED_SECONDS)
    height = min(info.height, _SURVEY_HEIGHT)
    looked_at = frames(path, end=seconds, fps=_CANDIDATES / seconds, height=height)
    candidates = tuple(search_faces(looked_at))
    return Footage(path, info, fps, max(2, round(info.duration * fps)), candidates)


def search_faces(footage: Iterator[Frame]) -> Iterator[Candidate]:
    """Search each frame for a face: everywhere until there is one, then where it was."""
    before, searches = None, 0
    for frame in footage:
        found, faces = (find_face_near(frame.pixels, before), 1) if before else (None, 0)
        if found is None and searches < _SEARCHES:
            searches += 1
            found, faces = find_face(frame.pixels)
        before = found or before
        yield Candidate(frame.time, frame.pixels, found, faces if found else 0)


def calmness(candidate: Candidate) -> float:
    """Return how well the frame serves as rest: sure of its face, level, the mouth closed and the eyes open."""
    assert candidate.found is not None
    face = candidate.found.points
    to_crop = np.hstack([np.eye(2) * 40, [[60], [24]]]) @ np.vstack([face.to_units, [0, 0, 1]])
    crop = cv2.warpAffine(candidate.pixels, to_crop, (120, 100), flags=cv2.INTER_AREA)
    light = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY).astype(np.float32)
    x, y = face.mouth_units
    row, column = int(24 + 40 * y), int(60 + 40 * x)
    mouth = light[max(0, row - 14) : row + 18, max(0, column - 12) : column + 12]
    cheek = float(np.median(light[30:60]))
    gape = float(np.mean(np.abs(mouth - cheek) > 45)) if mouth.size else 1.0
    eyes = light[16:32, 26:94]
    open_eyes = float(np.mean(np.abs(cv2.Sobel(eyes, cv2.CV_32F, 1, 0)))) / 40
    return candidate.found.confidence - 1.5 * gape - abs(face.roll) + min(open_eyes, 1.0)
