"""What only the pixels of the inputs tell, gathered once for each file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from ...errors import MediaError
from ...video import Frame, frames
from .. import Picture, Video
from .cuts import CutFinder

if TYPE_CHECKING:
    from numpy import float32, uint8
    from numpy.typing import NDArray


_SIDE = 480
"""Short side, in pixels, of the copies on which light, sharpness and faces are judged."""
_CUT_FPS = 12
"""Frames in each second that are searched for cuts."""
_LOOKS = 6
"""Frames of a video in which faces are looked for, which takes longer than everything else."""
_KEPT = 32


@dataclass(frozen=True)
class PictureAnalysis:
    """What a picture's pixels tell."""

    brightness: float
    """Of the whole, 0 (black) to 1 (white)."""
    sharpness: float
    """Variance of the Laplacian at a short side of 480 pixels, in squared grey levels."""
    faces: Faces | None
    """None where the finder is not installed."""


@dataclass(frozen=True)
class VideoAnalysis:
    """What a video's pixels tell."""

    brightness: float
    sharpness: float
    """That of the sharper frames among those looked at, since motion blurs the others."""
    cuts: tuple[float, ...]
    """Seconds at which another picture begins."""
    looks: tuple[tuple[float, Faces], ...] | None
    """The seconds looked at and their faces; None where the finder is not installed."""
    camera_moves: bool = False
    """Whether the edges of the picture wander, as far as that can be told here."""


@lru_cache(_KEPT)
def analyze_picture(picture: Picture) -> PictureAnalysis | None:
    """Return what the picture's pixels tell; None of a web address. It takes about half a second, once for each.

    Raises:
        MediaError: the file is gone.
    """
    import numpy as np
    import PIL.Image

    path = picture.path
    if path is None:
        return None
    try:
        with PIL.Image.open(path) as image:
            image.thumbnail((_SIDE * 3, _SIDE * 3))
            scale = min(1.0, _SIDE / min(image.size))
            size = round(image.width * scale), round(image.height * scale)
            pixels = np.asarray(image.convert("RGB").resize(size))
    except OSError as error:
        raise MediaError(f"{picture.name} cannot be read any more ({error}). Choose it again.") from None
    light = _light(pixels)
    return PictureAnalysis(float(light.mean()) / 255, _sharpness(light), find_faces(pixels))


@lru_cache(_KEPT)
def analyze_video(video: Video) -> VideoAnalysis | None:
    """Return what the video's pixels tell; None of a web address.

    All of its frames are decoded and a few searched for faces: a few seconds in all, once for each video.

    Raises:
        MediaError: the file is gone or breaks on the way.
    """
    if video.path is None or not (video.duration and video.width and video.height):
        return None
    looking = _Looking(video.duration)
    side = min(_SIDE, video.width, video.height)
    size = {"height": side} if video.width > video.height else {"width": side}
    for frame in frames(video.path, fps=_CUT_FPS, **size):
        looking.take(frame)
    return looking.sight()


class _Looking:
    """Gathers what a video's frames tell while they pass."""

    def __init__(self, duration: float) -> None:
        self._pending = [duration * (number + 0.5) / _LOOKS for number in range(_LOOKS)]
        self._cuts = CutFinder()
        self._brightness: list[float] = []
        self._sharpness: list[float] = []
        self._faces: list[tuple[float, Faces | None]] = []
        self._camera = find_camera()

    def take(self, frame: Frame) -> None:
        light = _light(frame.pixels)
        self._cuts.add(frame.time, light)
        self._brightness.append(float(light.mean()) / 255)
        if self._camera is not None:
            self._camera.update(frame.pixels)
        if self._pending and frame.time >= self._pending[0]:
            self._pending.pop(0)
            self._sharpness.append(_sharpness(light))
            self._faces.append((frame.time, find_faces(frame.pixels)))

    def sight(self) -> VideoAnalysis:
        import numpy as np

        seen = tuple((time, faces) for time, faces in self._faces if faces is not None)
        return VideoAnalysis(
            brightness=float(np.mean(self._brightness)),
            sharpness=float(np.quantile(self._sharpness, 0.75)) if self._sharpness else 0.0,
            cuts=self._cuts.found(),
            looks=seen if len(seen) == len(self._faces) else None,
            camera_moves=self._camera is not None and self._camera.camera_moves,
        )


def _light(pixels: NDArray[uint8]) -> NDArray[float32]:
    import numpy as np

    # Rec. 601 luma, as in the usual definition of grey.
    return pixels.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)


def _sharpness(light: NDArray[float32]) -> float:
    inner = light[1:-1, 1:-1]
    laplacian = 4 * inner - light[:-2, 1:-1] - light[2:, 1:-1] - light[1:-1, :-2] - light[1:-1, 2:]
    return float(laplacian.var()) if laplacian.size else 0.0


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
        from ...faces.geometry import cropped_at_chin, cropped_at_forehead
        from ...faces.landmarks import find_face
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

    def update(self, pixels: NDArray[uint8]) -> None:
        """Take in the next frame, H×W×3 RGB."""

    @property
    def camera_moves(self) -> bool:
        """Whether the edges of the picture wander."""


def find_camera() -> Camera | None:
    """Return what watches how the camera moves; None where the preview's libraries are not installed."""
    try:
        from .scene import Scene
    except ImportError:
        return None
    return Scene()
