"""Faces in pictures, as far as the preview's finder is installed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numpy import uint8
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Faces:
    """What the finder saw in one picture."""

    count: int
    eye_distance: float = 0.0
    """Between the eyes of the clearest face, as a share of the picture's short side."""
    middle: tuple[float, float] = (0.5, 0.3)
    """Between them, in shares of the picture's width and height."""


def find_faces(pixels: NDArray[uint8]) -> Faces | None:
    """Return the faces of a picture; None where the finder is not installed.

    Args:
        pixels: H×W×3 RGB.
    """
    try:
        from ..service.preview.points import find_face

        face, count = find_face(pixels)
    except ImportError:
        return None
    if face is None:
        return Faces(count)
    height, width = pixels.shape[:2]
    (left, top), (right, bottom) = face.points.left_eye, face.points.right_eye
    middle = (left + right) / 2 / width, (top + bottom) / 2 / height
    return Faces(count, face.points.eye_distance / min(width, height), middle)
