"""Finding a face and its three points: two eyes and the mouth."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from .cascade import FaceBox, find_faces_in_steps, find_faces_near
from .geometry import FacePoints, apply
from .lip_line import find_mouth

_SIDE = 140
"""Pixels of the square in which points are searched."""
_MARGIN = 0.2
"""How far that square reaches beyond the face's, of the face's side."""
_UNIT = _SIDE / (1 + 2 * _MARGIN)
"""Side of the face's square therein."""

_FAIR = 0.4
"""Confidence from which three points are taken for a face, where a face is likely."""
_CANDIDATES = 5
"""Dark blobs that are tried for each eye."""

# Where eyes lie about the square's middle, of its side, and how far they stray.
_EYE_X, _EYE_Y, _EYE_STRAY = 0.20, 0.39, 0.085

Point = tuple[float, float]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class FoundFace:
    """A face whose three points are known."""

    points: FacePoints
    box: FaceBox
    confidence: float
    """About 1 for a clear frontal face, mostly below 0.4 for a chance pattern."""

    @property
    def is_sure(self) -> bool:
        """Whether it is a face indeed: the fewer renderings showed it, the clearer it must be."""
        return self.confidence >= {1: 0.95, 2: 0.58, 3: 0.5}.get(self.box.votes, _FAIR)


def find_face(pixels: NDArray[np.uint8]) -> tuple[FoundFace | None, int]:
    """Return the main face of a picture, and how many faces there seem to be.

    Args:
        pixels: H×W×3 RGB.
    """
    for boxes in find_faces_in_steps(pixels):
        faces = [face for face in (read_points(pixels, box) for box in boxes[:6]) if face.is_sure]
        if faces:
            best = max(faces, key=lambda face: face.box.size * min(face.box.votes, 4) * face.confidence)
            return best, sum(face.box.size > 0.4 * best.box.size for face in faces)
    return None, 0


def find_face_near(pixels: NDArray[np.uint8], before: FoundFace) -> FoundFace | None:
    """Return a face close to where one was in another frame; None where there is none."""
    boxes = find_faces_near(pixels, before.box)
    face = max((read_points(pixels, box) for box in boxes), key=lambda face: face.confidence, default=None)
    return face if face and face.confidence >= _FAIR else None


def read_points(pixels: NDArray[np.uint8], box: FaceBox) -> FoundFace:
    """Find the three points of a face in its square, or in a larger one: of cartoons only the middle is seen."""
    face = _read(pixels, box)
    if face.confidence >= _FAIR:
        return face
    return max(face, _read(pixels, box.grown(1.3)), key=lambda face: face.confidence)


def _read(pixels: NDArray[np.uint8], box: FaceBox) -> FoundFace:
    factor = _SIDE / (box.size * (1 + 2 * _MARGIN))
    origin = (box.x - _MARGIN * box.size, box.y - _MARGIN * box.size)
    part = _part(pixels, origin, factor)
    light = cv2.cvtColor(part, cv2.COLOR_RGB2GRAY).astype(np.float32)
    left, right, eyes_score = find_eye_pair(light)

    def back(point: Point) -> Point:
        return point[0] / factor + origin[0], point[1] / factor + origin[1]

    eyes = FacePoints(back(left), back(right), mouth=(0.0, 0.0))
    x, y, mouth_score = find_mouth(pixels, eyes)
    mouth = apply(eyes.to_pixels, np.array([[x, y]]))[0]
    contrast = min(1.0, float(light.std() / max(3.0, 0.06 * light.mean())))
    points = replace(eyes, mouth=(float(mouth[0]), float(mouth[1])))
    return FoundFace(points, box, confidence=contrast * float(np.sqrt(eyes_score * mouth_score)))


def _part(pixels: NDArray[np.uint8], origin: Point, factor: float) -> NDArray[np.uint8]:
    if factor < 0.7:
        # warpAffine has no area filter: without a blur, fine texture would turn into noise.
        pixels = cv2.GaussianBlur(pixels, (0, 0), 0.45 / factor)
    to_part = np.array([[factor, 0, -origin[0] * factor], [0, factor, -origin[1] * factor]])
    part: NDArray[np.uint8] = cv2.warpAffine(pixels, to_part, (_SIDE, _SIDE), borderMode=cv2.BORDER_REPLICATE)
    return part


def eye_strength(light: Floats) -> Floats:
    """Return the dark blobs of an eye's size that change quickly from left to right, as irises do and brows do not."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * int(0.09 * _UNIT) + 1, 2 * int(0.09 * _UNIT) + 1))
    dark = cv2.GaussianBlur(cv2.morphologyEx(light, cv2.MORPH_BLACKHAT, kernel), (0, 0), 0.022 * _UNIT)
    change = cv2.GaussianBlur(np.abs(cv2.Sobel(light, cv2.CV_32F, 1, 0)), (0, 0), 0.05 * _UNIT)
    strength = dark / (dark.max() + 1e-3) * (0.35 + change / (change.max() + 1e-3))
    return np.asarray(strength, np.float32)


def _prior(x: float, y: float, stray: float) -> Floats:
    rows, columns = np.mgrid[0:_SIDE, 0:_SIDE].astype(np.float32)
    prior: Floats = np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * stray**2)).astype(np.float32)
    return prior


def _peaks(strength: Floats) -> list[tuple[float, float, float]]:
    left = strength.copy()
    peaks = []
    for _ in range(_CANDIDATES):
        _, value, _, (x, y) = cv2.minMaxLoc(left)
        peaks.append((float(x), float(y), float(value)))
        cv2.circle(left, (x, y), int(0.05 * _SIDE), 0, -1)
    return peaks


def find_eye_pair(light: Floats) -> tuple[Point, Point, float]:
    """Return the two dark blobs that lie and look most like a pair of eyes, and how much they do."""
    middle, height = _SIDE / 2, (_EYE_Y + _MARGIN) * _UNIT
    strength = eye_strength(light)
    best, best_score = ((middle, height), (middle, height)), 0.0
    for left in _peaks(strength * _prior(middle - _EYE_X * _UNIT, height, _EYE_STRAY * _UNIT)):
        for right in _peaks(strength * _prior(middle + _EYE_X * _UNIT, height, _EYE_STRAY * _UNIT)):
            apart, slope = (right[0] - left[0]) / _UNIT, (right[1] - left[1]) / max(right[0] - left[0], 1)
            geometry = float(np.exp(-(((apart - 0.4) / 0.09) ** 2) / 2 - (slope / 0.2) ** 2 / 2))
            score = float(np.sqrt(left[2] * right[2])) * geometry * (0.7 + 0.3 * mirror_likeness(light, left, right))
            if score > best_score:
                best, best_score = (left[:2], right[:2]), score
    return *best, min(1.0, best_score * 1.6)


def mirror_likeness(light: Floats, left: tuple[float, float, float], right: tuple[float, float, float]) -> float:
    """Return how much the surroundings of one place look like the other's mirror image, 0 to 1."""
    half = int(0.14 * _UNIT)
    size = (2 * half + 1, 2 * half + 1)
    one, other = (cv2.getRectSubPix(light, size, place[:2]) for place in (left, right))
    likeness = cv2.matchTemplate(one, np.ascontiguousarray(other[:, ::-1]), cv2.TM_CCOEFF_NORMED)
    return max(0.0, float(likeness[0, 0]))
