"""What the preview's own eyes see in pictures, as far as its libraries are installed: faces, and a moving camera."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

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
    forehead: bool = False
    """Whether the picture ends too close above that face."""
    chin: bool = False
    """Whether it ends too close below."""


def find_faces(pixels: NDArray[uint8]) -> Faces | None:
    """Return the faces of a picture; None where the finder is not installed.

    Args:
        pixels: H×W×3 RGB.
    """
    try:
        from ..faces.landmarks import find_face
        from ..service.preview.noticing import cropped_at_chin, cropped_at_forehead
    except ImportError:
        return None
    face, count = find_face(pixels)
    if face is None:
        return Faces(count)
    height, width = pixels.shape[:2]
    points = face.points
    (left, top), (right, bottom) = points.left_eye, points.right_eye
    middle = (left + right) / 2 / width, (top + bottom) / 2 / height
    share = points.eye_distance / min(width, height)
    return Faces(count, share, middle, cropped_at_forehead(points), cropped_at_chin(points, height))


class Camera(Protocol):
    """Sees every frame of a video once."""

    def see(self, pixels: NDArray[uint8]) -> None:
        """Take in the next frame, H×W×3 RGB."""

    @property
    def camera_moves(self) -> bool:
        """Whether the edges of the picture wander."""


def find_camera() -> Camera | None:
    """Return what watches how the camera moves; None where the preview's libraries are not installed."""
    try:
        from ..service.preview.noticing import Watcher
    except ImportError:
        return None
    return Watcher()
