"""Measurements of an input's pixels: brightness, sharpness, cuts, camera motion and faces, kept for each file."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from ...model import notice_texts
from ..picture import Picture
from ..srgb import open_image, to_srgb
from ..video import Video
from .cuts import HEIGHT, TransitionFinder
from .faces import FaceSummary, FaceTimeline, reader_or_reason, summarize_faces, why_unseen

if TYPE_CHECKING:
    from numpy import float32, uint8
    from numpy.typing import NDArray

    from ...video.read import Frame
    from .scene import Scene


_SIDE = 480
"""Short side, in pixels, of the copies on which light, sharpness and faces are judged."""
_FPS = 12
"""Frames in each second that are judged; cuts are looked for in all."""
_FACE_FPS, _FACE_SAMPLES = 4.0, 240
"""Frames in each second in which faces are followed, and how many at most: of a long video fewer in each second."""
_APART = 3
"""Pixels from one that is asked for its brightness to the next."""
_SHARP_SAMPLES = 6
"""Frames of a video whose sharpness is measured."""
_MOTION_SIDE = 60
"""Short side, in pixels, of the copies on which the body's motion is measured."""
_GESTURES = 3.5
"""Grey levels of change from frame to frame, in the liveliest twentieth of all that is no head, from which on arms or
body move: in footage that was measured a presenter who gestures had 13, a figure that walks up 4.7, and people who only
talk, or turn their heads, 2.1 at most."""
_STILL = 1.5
"""Grey levels of change from frame to frame, beyond twice the median, below which even the liveliest spot stands
still: photographs that were filmed had 1.1 at most, with a sensor's noise or without; a face that only blinks has 7 and
more, filmed people 10."""
_CACHE_SIZE = 32

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True)
class PictureAnalysis:
    """Brightness, sharpness and faces of a picture."""

    brightness: float
    """Of its lightest places (notice_texts.LIGHTEST), 0 (black) to 1 (white)."""
    sharpness: float
    """Variance of the Laplacian at a short side of 480 pixels, in squared grey levels."""
    faces: FaceSummary | None
    """None where they were not looked for."""
    unseen: str = ""
    """The reason why they were not, as a sentence."""


@dataclass(frozen=True)
class VideoAnalysis:
    """Brightness, sharpness, cuts, faces and camera motion of a video."""

    brightness: float
    """As PictureAnalysis has it, the mean of all frames."""
    sharpness: float
    """Upper quartile over the sampled frames, in the unit of PictureAnalysis, since motion blurs the others."""
    cuts: tuple[float, ...]
    """Seconds at which another shot begins at once."""
    face_samples: tuple[tuple[float, FaceSummary], ...] | None
    """The sampled seconds and their faces; None where they were not looked for."""
    unseen: str = ""
    """The reason why they were not, as a sentence."""
    damaged: int = 0
    """Frames that are damaged."""
    camera_moves: bool = False
    """Whether the edges of the picture wander; False where that cannot be measured here."""
    body_moves: bool = False
    """Whether arms or body move, beside and below the face that was found."""
    stands_still: bool = False
    """Whether nothing moves in it at all."""
    dissolves: tuple[float, ...] = ()
    """Seconds of the middle of dissolves to another shot."""
    end: float = math.inf
    """Second up to which it was looked at, of a film whose beginning was."""


class Cached(Generic[K, V]):
    """A function that keeps its latest results; an exception is not kept, so the next call tries again.

    An analysis without faces is forgotten once the face models have come.

    Args:
        function: computes the value of a key; runs in the caller's thread.
    """

    def __init__(self, function: Callable[[K], V]) -> None:
        self._function = function
        self._lock = threading.Lock()
        self._results: dict[K, V] = {}
        self.__doc__ = function.__doc__

    def __call__(self, key: K) -> V:
        """Return the result for a key, computed where no earlier one is kept."""
        kept = self.cached(key)
        if kept is not None:
            return kept
        result = self._function(key)
        with self._lock:
            self._results[key] = result
            if len(self._results) > _CACHE_SIZE:
                del self._results[next(iter(self._results))]
        return result

    def cached(self, key: K) -> V | None:
        """Return the result of an earlier call, or None where there was none; computes nothing."""
        with self._lock:
            kept = self._results.get(key)
        return None if getattr(kept, "unseen", "") and not why_unseen() else kept


@Cached
def analyze_picture(picture: Picture) -> PictureAnalysis | None:
    """Measure a picture's pixels, which takes about half a second; None for a web address.

    Raises:
        MediaError: the file is gone.
    """
    import numpy as np

    path = picture.path
    if path is None:
        return None
    with open_image(path, picture.name) as opened:
        image = to_srgb(opened, picture.name)
    scale = min(1.0, _SIDE / min(image.size))
    pixels = np.asarray(image.resize((round(image.width * scale), round(image.height * scale))))
    grey = luma(pixels)
    reader = reader_or_reason()
    faces, unseen = (None, reader) if isinstance(reader, str) else (summarize_faces(reader, pixels), "")
    return PictureAnalysis(brightness(grey), sharpness(grey), faces, unseen)


@Cached
def analyze_video(video: Video) -> VideoAnalysis | None:
    """Measure a video's pixels; None for a web address.

    All of its frames are decoded, and faces followed in some: a few seconds in all. Of a film, the beginning is.

    Raises:
        MediaError: the file is gone or breaks on the way.
    """
    from ...video.probe import MAX_DECODED_PIXELS, decoded_pixels
    from ...video.read import frames

    if video.path is None or not (video.duration and video.fps and video.frames and video.width and video.height):
        return None
    fps = min(_FPS, video.fps)
    shown = max(video.frames, round(video.duration * fps))
    share = MAX_DECODED_PIXELS / decoded_pixels(shown, video.width, video.height)
    end = video.duration * share if share < 1 else None
    analyzer = VideoAnalyzer(video.duration, end)
    side = min(_SIDE, video.width, video.height)
    height, width = (side, None) if video.width > video.height else (None, side)
    for frame in frames(
        video.path, fps=fps, end=end, width=width, height=height, on_stored=analyzer.compare, stored_height=HEIGHT
    ):
        analyzer.add(frame)
    return analyzer.result()


class VideoAnalyzer:
    """Measurements of a video, gathered frame by frame.

    Args:
        duration: of the video, in seconds.
        end: the second before which its frames stop; the video's end when None.
    """

    def __init__(self, duration: float, end: float | None = None) -> None:
        self._end = math.inf if end is None else end
        self._pending = [duration * (number + 0.5) / _SHARP_SAMPLES for number in range(_SHARP_SAMPLES)]
        fps = min(_FACE_FPS, _FACE_SAMPLES / max(duration, 1e-3))
        reader = reader_or_reason()
        self._unseen = reader if isinstance(reader, str) else ""
        self._faces = None if isinstance(reader, str) else FaceTimeline(reader, fps)
        self._face_step, self._next_face = 1 / fps, 0.0
        self._transitions = TransitionFinder()
        self._times: list[float] = []
        self._brightness: list[float] = []
        self._sharpness: list[float] = []
        self._scene = new_scene()
        self._damaged = 0
        self._small: NDArray[float32] | None = None
        self._changes: NDArray[float32] | None = None
        self._compared = 0

    def compare(self, frame: Frame) -> None:
        """Look for a change of the shot in the next frame of the video, of cuts.HEIGHT rows; each one is wanted."""
        self._times.append(frame.time)
        self._damaged = frame.damaged
        self._transitions.add(frame.pixels)

    def add(self, frame: Frame) -> None:
        """Measure the next frame of those that are judged."""
        grey = luma(frame.pixels)
        self._brightness.append(brightness(grey))
        self._note_change(grey)
        if self._scene is not None:
            self._scene.update(frame.pixels)
        if self._pending and frame.time >= self._pending[0]:
            self._pending.pop(0)
            self._sharpness.append(sharpness(grey))
        if self._faces is not None and frame.time >= self._next_face - 1e-6:
            self._next_face += self._face_step
            self._faces.add(frame.time, frame.pixels)

    def result(self) -> VideoAnalysis:
        """Return the analysis of all frames added."""
        import numpy as np

        found = self._transitions.found()
        camera_moves = self._scene is not None and self._scene.camera_moves
        begins: dict[str, tuple[float, ...]] = {
            kind: tuple(self._times[one.frame] for one in found if one.kind == kind) for kind in ("cut", "dissolve")
        }
        changes = sorted(begins["cut"] + begins["dissolve"])
        samples = self._faces.samples(changes) if self._faces is not None else None
        return VideoAnalysis(
            brightness=float(np.mean(self._brightness)),
            sharpness=float(np.quantile(self._sharpness, 0.75)) if self._sharpness else 0.0,
            cuts=begins["cut"],
            face_samples=samples,
            unseen=self._unseen,
            damaged=self._damaged,
            camera_moves=camera_moves,
            dissolves=begins["dissolve"],
            end=self._end,
            body_moves=not camera_moves and self._body_moves([faces for _, faces in samples or () if faces.is_seen]),
            stands_still=not camera_moves and self._stands_still(),
        )

    def _note_change(self, grey: NDArray[float32]) -> None:
        import numpy as np

        step = max(1, min(grey.shape) // _MOTION_SIDE)
        small = grey[::step, ::step]
        if self._small is not None:
            change = np.abs(small - self._small)
            self._changes = change if self._changes is None else self._changes + change
            self._compared += 1
        self._small = small

    def _stands_still(self) -> bool:
        import numpy as np

        # Noise and flickering light change all spots alike.
        changes = self._changes
        return changes is not None and float(changes.max() - 2 * np.median(changes)) < _STILL * self._compared

    def _body_moves(self, found: list[FaceSummary]) -> bool:
        import numpy as np

        if not found or self._changes is None:
            return False
        height, width = self._changes.shape
        x, y = np.median([faces.middle for faces in found], axis=0) * (width, height)
        eyes = float(np.median([faces.eye_distance for faces in found])) * min(width, height)
        rows, columns = np.mgrid[:height, :width]
        body = (rows > y + 2.8 * eyes) | (abs(columns - x) > 2.6 * eyes)
        changes = self._changes[body] / self._compared
        return changes.size > 0 and float(np.quantile(changes, 0.95)) > _GESTURES


def luma(pixels: NDArray[uint8]) -> NDArray[float32]:
    """Return the brightness of H×W×3 RGB pixels, H×W, 0 to 255."""
    import numpy as np

    # Rec. 601 luma, as in the usual definition of grey.
    return pixels.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)


def brightness(grey: NDArray[float32]) -> float:
    """Return how bright the lightest places of H×W brightness are, 0 to 1."""
    import numpy as np

    return float(np.quantile(grey[::_APART, ::_APART], notice_texts.LIGHTEST)) / 255


def sharpness(grey: NDArray[float32]) -> float:
    """Return the variance of the Laplacian of H×W brightness, in squared grey levels."""
    inner = grey[1:-1, 1:-1]
    laplacian = 4 * inner - grey[:-2, 1:-1] - grey[2:, 1:-1] - grey[1:-1, :-2] - grey[1:-1, 2:]
    return float(laplacian.var()) if laplacian.size else 0.0


def new_scene() -> Scene | None:
    """Return a fresh measurement of camera motion; None where the preview's libraries are not installed."""
    try:
        from .scene import Scene
    except ImportError:
        return None
    return Scene()
