"""The character: its picture, upright and at the final size, its face and its outline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ...errors import MediaError
from ...faces.geometry import FacePoints, apply
from ...faces.landmarks import find_face
from ...media.srgb import open_image, to_srgb


@dataclass(frozen=True)
class Character:
    """A picture at the size of the final frames."""

    pixels: NDArray[np.uint8]
    """H×W×3 RGB, both sides multiples of 16."""
    face: FacePoints | None
    """The three points of its face; None where none was found."""
    confidence: float
    """About 1 for a clear frontal face; 0 where none was found."""
    faces: int
    """How many faces the picture seems to hold."""


def frame_size(width: int, height: int, resolution: str) -> tuple[int, int]:
    """Return the final width and height in pixels: the short side given, the aspect kept, both rounded to 16."""
    factor = int(resolution.removesuffix("p")) / min(width, height)
    return max(16, round(width * factor / 16) * 16), max(16, round(height * factor / 16) * 16)


def open_picture(path: Path) -> NDArray[np.uint8]:
    """Return the pixels of a picture, H×W×3 RGB, turned upright; transparent places become white.

    Raises:
        MediaError: it is no picture, is damaged, or is too large.
    """
    with open_image(path) as opened:
        _refuse_odd_size(opened, path.name)
        opened.draft("RGB", (2048, 2048))
        return np.asarray(to_srgb(opened, path.name))


def _refuse_odd_size(opened: Image.Image, name: str) -> None:
    width, height = opened.size
    if min(width, height) < 32:
        raise MediaError(f"{name} has only {width} × {height} pixels. Take a larger one.")
    if max(width, height) > 8 * min(width, height):
        raise MediaError(f"{name} is {width} × {height} pixels, too narrow for a clip. Crop it.")


def find_character(
    full: NDArray[np.uint8], resolution: str, points: Sequence[Sequence[float]] | None = None
) -> Character:
    """Bring a picture to its final size and find its face.

    Args:
        full: H×W×3 RGB, upright.
        resolution: the short side, as "480p".
        points: left eye, right eye and mouth given by the user, as (x, y) in pixels of the upright picture.

    Raises:
        MediaError: the points given are no face.
    """
    width, height = frame_size(full.shape[1], full.shape[0], resolution)
    shrinking = width < full.shape[1]
    pixels = cv2.resize(full, (width, height), interpolation=cv2.INTER_AREA if shrinking else cv2.INTER_CUBIC)
    if points is not None:
        factors = width / full.shape[1], height / full.shape[0]
        return Character(pixels, given_points(points, factors), confidence=1.0, faces=1)
    found, faces = find_face(pixels)
    return Character(pixels, found.points if found else None, found.confidence if found else 0.0, faces)


def given_points(points: Sequence[Sequence[float]], factors: tuple[float, float]) -> FacePoints:
    """Return the face at three points that the user gave.

    Args:
        points: left eye, right eye and mouth as (x, y) in pixels of the upright picture.
        factors: from those pixels to the final frame's, across and down.

    Raises:
        MediaError: the points given are no face.
    """
    left, right, mouth = ((float(x) * factors[0], float(y) * factors[1]) for x, y in points)
    face = FacePoints(min(left, right), max(left, right), mouth)
    if face.eye_distance < 4 or face.mouth_units[1] < 0.3:
        raise MediaError("The three points are no face: give the two eyes, apart, and the mouth below them.")
    return face


Mask = NDArray[np.bool_]

_SIDE = 200
"""Long side of the copy in which the outline is sought; it need not be finer, since motion fades out about it."""


def find_silhouette(pixels: NDArray[np.uint8], face: FacePoints) -> Mask:
    """Return which pixels belong to the person around a face, H×W.

    GrabCut starts from where a head and shoulders lie below and around three points; what it makes of the rest is
    believed as far as it hangs together with the face.

    Args:
        pixels: H×W×3 RGB.
        face: the three points of the face.
    """
    factor = _SIDE / max(pixels.shape[:2])
    small = cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    labels, core = initial_labels(small.shape[:2], face.scaled(factor))
    if (labels == cv2.GC_BGD).any() or (labels == cv2.GC_PR_BGD).any():
        cv2.setRNGSeed(1)
        cv2.grabCut(small, labels, None, np.zeros((1, 65)), np.zeros((1, 65)), 4, cv2.GC_INIT_WITH_MASK)
    person = ((labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD) | core).astype(np.uint8)
    person = cv2.morphologyEx(person, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    _, parts = cv2.connectedComponents(person)
    whole = (parts == np.bincount(parts[core], minlength=2).argmax()).astype(np.uint8)
    return np.asarray(cv2.resize(whole, pixels.shape[1::-1], interpolation=cv2.INTER_LINEAR) > 0)


def initial_labels(shape: tuple[int, ...], face: FacePoints) -> tuple[NDArray[np.uint8], Mask]:
    """Return GrabCut's first labels, and what belongs to the head for certain."""
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]].astype(float)
    x, y = apply(face.to_units, np.stack([columns.ravel(), rows.ravel()], -1)).T.reshape(2, *shape)
    core = np.hypot(x / 0.85, (y - 0.2) / 1.5) < 1
    if not core.any():
        core[shape[0] // 2, shape[1] // 2] = True
    # Both colour models start from whatever may be of their side: what is called background beside a head would
    # teach GrabCut that hair is none of the person's.
    labels = np.full(shape, cv2.GC_PR_BGD, np.uint8)
    shoulders = (y > 1.6) & (np.abs(x) < 1.6 + 1.2 * np.clip(y - 1.6, 0, 2.2))
    labels[(np.hypot(x / 2.15, (y - 0.1) / 2.6) < 1) | shoulders] = cv2.GC_PR_FGD
    labels[(y < -2.9) | ((y < 1.6) & (np.abs(x) > 2.6))] = cv2.GC_BGD
    rim = np.minimum.reduce([rows, columns, shape[1] - 1 - columns]) < 0.02 * min(shape)
    labels[rim & (y < 1.2)] = cv2.GC_BGD
    labels[core | ((y > 2.4) & (y < 5) & (np.abs(x) < 0.7))] = cv2.GC_FGD
    return labels, core
