"""Finding a face's three points: two eyes and the mouth, by where a face has its dark places."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from .faces import FaceBox, find_faces
from .geometry import FacePoints

_SIDE = 120
"""Pixels of the square in which points are searched."""
_MARGIN = 0.12
"""How far that square reaches beyond the face's, of the face's side."""

# Where eyes and mouth lie in the cascade's square, of its side, and how far they stray.
_EYE_X, _EYE_Y, _EYE_STRAY = 0.20, 0.39, 0.075
_MOUTH_BELOW, _MOUTH_STRAY = 1.08, 0.22


@dataclass(frozen=True)
class FoundFace:
    """A face whose three points are known."""

    points: FacePoints
    confidence: float
    """About 1 for a clear frontal face, below 0.35 for a chance pattern."""


def find_face(pixels: NDArray[np.uint8]) -> tuple[FoundFace | None, int]:
    """Return the best face of a picture, and how many faces there seem to be.

    Args:
        pixels: H×W×3 RGB.
    """
    faces: list[tuple[FaceBox, FoundFace]] = []
    for box in find_faces(pixels)[:6]:
        face = _read_points(pixels, box)
        if face.confidence >= 0.35 and not any(box.overlaps(other) for other, _ in faces):
            faces.append((box, face))
    if not faces:
        return None, 0
    best = max(faces, key=lambda found: found[1].confidence * found[0].size)
    return best[1], sum(box.size > 0.4 * best[0].size for box, _ in faces)


def _read_points(pixels: NDArray[np.uint8], box: FaceBox) -> FoundFace:
    factor = _SIDE / (box.size * (1 + 2 * _MARGIN))
    origin = (box.x - _MARGIN * box.size, box.y - _MARGIN * box.size)
    to_crop = np.array([[factor, 0, -origin[0] * factor], [0, factor, -origin[1] * factor]])
    crop = cv2.warpAffine(pixels, to_crop, (_SIDE, _SIDE), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    lab = cv2.cvtColor(crop, cv2.COLOR_RGB2LAB).astype(np.float32)
    (left, right), eye_score = _eyes(lab[..., 0])
    mouth, mouth_score = _mouth(lab, left, right)

    def back(point: tuple[float, float]) -> tuple[float, float]:
        return point[0] / factor + origin[0], point[1] / factor + origin[1]

    points = FacePoints(back(left), back(right), back(mouth))
    return FoundFace(points, confidence=float(np.sqrt(eye_score * mouth_score)))


def _eye_map(light: NDArray[np.float32]) -> NDArray[np.float32]:
    """Dark blobs of an eye's size that change quickly from left to right, as irises do and brows do not."""
    unit = _SIDE / (1 + 2 * _MARGIN)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * int(0.09 * unit) + 1, 2 * int(0.09 * unit) + 1))
    dark = cv2.GaussianBlur(cv2.morphologyEx(light, cv2.MORPH_BLACKHAT, kernel), (0, 0), 0.022 * unit)
    change = cv2.GaussianBlur(np.abs(cv2.Sobel(light, cv2.CV_32F, 1, 0)), (0, 0), 0.05 * unit)
    strength = dark / (dark.max() + 1e-3) * (0.35 + change / (change.max() + 1e-3))
    return np.asarray(strength, np.float32)


def _prior(x: float, y: float, stray: float) -> NDArray[np.float32]:
    rows, columns = np.mgrid[0:_SIDE, 0:_SIDE].astype(np.float32)
    prior: NDArray[np.float32] = np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * stray**2)).astype(np.float32)
    return prior


def _peaks(strength: NDArray[np.float32], count: int = 5) -> list[tuple[float, float, float]]:
    left = strength.copy()
    peaks = []
    for _ in range(count):
        _, value, _, (x, y) = cv2.minMaxLoc(left)
        peaks.append((float(x), float(y), float(value)))
        cv2.circle(left, (x, y), int(0.05 * _SIDE), 0, -1)
    return peaks


def _eyes(light: NDArray[np.float32]) -> tuple[tuple[tuple[float, float], tuple[float, float]], float]:
    unit = _SIDE / (1 + 2 * _MARGIN)
    middle, height = _SIDE / 2, (_EYE_Y + _MARGIN) * unit
    strength = _eye_map(light)
    stray = _EYE_STRAY * unit
    best, best_score = None, -1.0
    for lx, ly, lv in _peaks(strength * _prior(middle - _EYE_X * unit, height, stray)):
        for rx, ry, rv in _peaks(strength * _prior(middle + _EYE_X * unit, height, stray)):
            apart, slope = (rx - lx) / unit, (ry - ly) / max(rx - lx, 1)
            geometry = np.exp(-(((apart - 0.4) / 0.09) ** 2) / 2 - (slope / 0.2) ** 2 / 2)
            score = float(np.sqrt(lv * rv) * geometry)
            if score > best_score:
                best, best_score = ((lx, ly), (rx, ry)), score
    assert best is not None
    return best, min(1.0, best_score * 1.6)


def _mouth(
    lab: NDArray[np.float32], left: tuple[float, float], right: tuple[float, float]
) -> tuple[tuple[float, float], float]:
    unit = float(np.hypot(right[0] - left[0], right[1] - left[1]))
    along = np.subtract(right, left) / unit
    down = np.array([-along[1], along[0]])
    place = np.add(left, right) / 2 + down * _MOUTH_BELOW * unit
    light, red = lab[..., 0], lab[..., 1]
    wide = cv2.getStructuringElement(cv2.MORPH_RECT, (1, 2 * int(0.16 * unit) + 1))
    valley = cv2.blur(cv2.morphologyEx(light, cv2.MORPH_BLACKHAT, wide), (2 * int(0.18 * unit) + 1, 3))
    redness = cv2.blur(red, (2 * int(0.2 * unit) + 1, 2 * int(0.1 * unit) + 1))
    redness = np.clip(redness - np.median(redness), 0, None)
    strength = valley / (valley.max() + 1e-3) + 0.5 * redness / (redness.max() + 1e-3)
    rows, columns = np.mgrid[0:_SIDE, 0:_SIDE].astype(np.float32)
    aside = ((columns - place[0]) * along[0] + (rows - place[1]) * along[1]) / unit
    below = ((columns - place[0]) * down[0] + (rows - place[1]) * down[1]) / unit
    prior = np.exp(-((aside / 0.12) ** 2) / 2 - (below / _MOUTH_STRAY) ** 2 / 2)
    _, value, _, (x, y) = cv2.minMaxLoc((strength * prior).astype(np.float32))
    return (float(x), float(y)), min(1.0, value / 0.8)
