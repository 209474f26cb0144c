"""What is noticed of the inputs on the way: worth knowing before anything is paid for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ...faces.geometry import FacePoints
from ...model import family
from .character import Character
from .reference import Footage

SMALLEST_EYES = 16.0
"""Pixels between the eyes below which a face is too small for its expression to be read or shown."""

_GLANCE = (64, 36)
"""Width and height of the copy in which the scene is watched."""


class Watcher:
    """Sees every frame of the reference once, as small as a thumbnail."""

    def __init__(self) -> None:
        self._before: NDArray[np.float32] | None = None
        self._border = np.ones(_GLANCE[::-1], np.float32)
        self._border[6:, 16:-16] = 0
        self._changes: list[float] = []
        self._drifts: list[tuple[float, float]] = []
        self._lights: list[float] = []

    def see(self, pixels: NDArray[np.uint8]) -> None:
        """Take in the next frame, H×W×3 RGB."""
        small = cv2.resize(pixels, _GLANCE, interpolation=cv2.INTER_AREA)
        gray = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)
        if self._before is not None:
            self._changes.append(float(np.mean(np.abs(gray - self._before))))
            shift, response = cv2.phaseCorrelate(self._before * self._border, gray * self._border)
            self._drifts.append((shift[0], shift[1]) if response > 0.2 else (0.0, 0.0))
        self._lights.append(float(gray.mean()))
        self._before = gray

    def cuts(self, fps: float) -> list[float]:
        """Return the seconds at which the scene changes at once."""
        changes = np.array(self._changes)
        if len(changes) < 3:
            return []
        usual = np.median(changes) + 1.0
        return [round((number + 1) / fps, 2) for number in np.flatnonzero(changes > np.maximum(18.0, 6 * usual))]

    @property
    def camera_moves(self) -> bool:
        """Whether the edges of the picture wander, more than a tenth of it in all."""
        return bool(self._drifts) and float(np.abs(np.cumsum(self._drifts, axis=0)).max()) > 0.1 * _GLANCE[0]

    @property
    def light(self) -> float:
        """Mean brightness, 0 to 255."""
        return float(np.mean(self._lights)) if self._lights else 0.0


def preflight(character: Character, footage: Footage, watcher: Watcher, size: tuple[int, int]) -> dict[str, Any]:
    """Return what was noticed, as plain data: figures, and sentences with what they are about under "notices".

    Args:
        character: the picture.
        footage: the reference.
        watcher: one that has seen every frame.
        size: width and height of the clip.
    """
    frames = footage.count
    return {
        "width": size[0],
        "height": size[1],
        "fps": round(footage.fps, 3),
        "frames": frames,
        "seconds": round(frames / footage.fps, 2),
        "windows": family.windows(frames),
        "picture": {
            "faces": character.faces,
            "confidence": round(character.confidence, 2),
            "points": _points(character),
        },
        "reference": {
            "looked_at": len(footage.candidates),
            "with_face": sum(candidate.found is not None for candidate in footage.candidates),
            "faces": max((candidate.faces for candidate in footage.candidates), default=0),
            "cuts": watcher.cuts(footage.fps),
            "camera_moves": watcher.camera_moves,
            "light": round(watcher.light),
        },
        "notices": [
            {"about": about, "topic": topic, "text": text}
            for about, found in (
                ("picture", _about_picture(character)),
                ("video", _about_reference(footage, watcher)),
                ("video", _about_both(character, footage)),
            )
            for topic, text in found
        ],
    }


def _points(character: Character) -> list[list[float]] | None:
    """Left eye, right eye and mouth, in pixels of the clip."""
    face = character.face
    return [[round(x, 1), round(y, 1)] for x, y in (face.left_eye, face.right_eye, face.mouth)] if face else None


def cropped_at_forehead(face: FacePoints) -> bool:
    """Whether a picture ends too close above a face."""
    return min(face.left_eye[1], face.right_eye[1]) < 1.2 * face.eye_distance


def cropped_at_chin(face: FacePoints, height: int) -> bool:
    """Whether a picture of so many rows ends too close below a face's mouth."""
    return face.mouth[1] + 0.7 * face.eye_distance > height


def _about_picture(character: Character) -> Iterator[tuple[str, str]]:
    face = character.face
    if face is None:
        text = "No face was found in the picture, so it moves as a whole. "
        yield "faces", text + "Mark the two eyes and the mouth to bring the face to life."
        return
    if character.faces > 1:
        yield "faces", f"The picture seems to show {character.faces} faces; the largest was taken."
    if face.eye_distance < SMALLEST_EYES:
        yield (
            "small face",
            "The picture's face is too small for expression: it moves, but neither speaks nor blinks.",
        )
    if cropped_at_forehead(face):
        yield "forehead", "The picture is cropped at the forehead; a head that moves needs some room above."
    if cropped_at_chin(face, character.pixels.shape[0]):
        yield "chin", "The picture is cropped at the chin."


def _about_reference(footage: Footage, watcher: Watcher) -> Iterator[tuple[str, str]]:
    seen, looks = sum(candidate.found is not None for candidate in footage.candidates), len(footage.candidates)
    if footage.neutral is None:
        yield "faces", "No face was found in the reference, so only its coarse motion is shown."
    elif seen < 0.6 * looks:
        yield "faces", f"A face was found in {seen} of {looks} frames looked at: turned away, small or hidden."
    if any(candidate.faces > 1 for candidate in footage.candidates):
        yield "faces", "The reference seems to show several people; the model performs one. The largest face was taken."
    if footage.neutral and footage.neutral.face and _native_eyes(footage) < SMALLEST_EYES:
        yield "small face", "The reference's face is too small for its expression to be read."
    if cuts := watcher.cuts(footage.fps):
        places = ", ".join(f"{cut:g} s" for cut in cuts[:4])
        yield "cuts", f"The scene seems to change at {places}; the model wants one take."
    if watcher.camera_moves:
        yield "camera", "The camera seems to move; the character will move with it."
    if watcher.light < 40:
        yield "dark", "The reference is very dark."
    yield from _about_length(footage)


def _about_length(footage: Footage) -> Iterator[tuple[str, str]]:
    seconds, limits = footage.count / footage.fps, family.VIDEO_LIMITS
    if seconds < limits.min_seconds:
        yield "short", f"The reference lasts {seconds:.1f} s; the model may want at least {limits.min_seconds:g} s."
    elif seconds > limits.max_seconds:
        yield "length", f"The reference lasts {seconds:.0f} s; the model may refuse more than {limits.max_seconds:g} s."
    elif seconds > limits.best_seconds:
        yield "length", f"The reference lasts {seconds:.0f} s; beyond {limits.best_seconds:g} s colours drift."


def _about_both(character: Character, footage: Footage) -> Iterator[tuple[str, str]]:
    own = character.pixels.shape[1] / character.pixels.shape[0]
    other = footage.info.width / footage.info.height
    if not 0.75 < own / other < 1.33:
        yield "aspect", "The picture and the reference have different shapes; the model likes them alike."


def expression_shows(character: Character, footage: Footage) -> bool:
    """Whether both faces are large enough for an expression."""
    own = character.face.eye_distance if character.face else 0.0
    return min(own, _native_eyes(footage)) >= SMALLEST_EYES


def _native_eyes(footage: Footage) -> float:
    """Pixels between the performer's eyes in the video as it is stored."""
    rest = footage.neutral
    if rest is None or rest.face is None:
        return 0.0
    return float(rest.face.eye_distance * footage.info.height / rest.pixels.shape[0])
