"""Changes in the whole picture of a video: cuts, light, and a camera that moves."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ...model import notice_texts
from .cuts import HEIGHT, TransitionFinder

_SIZE = (64, 36)
"""Width and height, in pixels, of the copy that is measured."""
_SAME = 0.08
"""Share of its light by which a place of the picture changes at most that stays."""
_NOISE = 4.0
"""Grey levels by which it may change besides."""
_ALIKE, _FAR = 0.2, 6.0
"""Response of phase correlation from which two frames' borders show the same, and pixels by which they may be apart:
from there on others are compared with the later one. From frame to frame the errors would add up: in a video of 140 s
before whose still camera people come and go to 58 pixels, in place of 0.5."""
_STAYS = 0.4
"""Share of places that stay over which something only comes before the scene: a hand before a face that fills the
picture leaves 0.58 of them, and another scene 0.06 to 0.18."""


class Scene:
    """Cuts, light and camera motion of a video, measured on a small copy of every frame."""

    def __init__(self) -> None:
        self._previous: NDArray[np.float32] | None = None
        self._border = np.ones(_SIZE[::-1], np.float32)
        self._border[6:, 16:-16] = 0
        self._transitions = TransitionFinder()
        self._mark: NDArray[np.float32] | None = None
        self._marked = self._at = np.zeros(2)
        self._places: list[NDArray[np.float64]] = []
        self._lights: list[float] = []
        self._kept: list[float] = []

    def update(self, pixels: NDArray[np.uint8]) -> None:
        """Measure the next frame, H×W×3 RGB."""
        width = max(1, round(HEIGHT * pixels.shape[1] / pixels.shape[0]))
        near = _halved(pixels, HEIGHT)
        small = np.asarray(cv2.resize(near, (width, HEIGHT), interpolation=cv2.INTER_AREA), np.uint8)
        gray = cv2.cvtColor(near, cv2.COLOR_RGB2GRAY)
        gray = cv2.resize(gray, _SIZE, interpolation=cv2.INTER_AREA).astype(np.float32)
        before = gray if self._previous is None else self._previous
        same = np.abs(gray - before) < _NOISE + _SAME * np.maximum(gray, before)
        self._kept.append(float(same.mean()))
        self._follow(gray)
        self._transitions.add(small)
        self._lights.append(float(np.quantile(gray, notice_texts.LIGHTEST)))
        self._previous = gray

    def _follow(self, gray: NDArray[np.float32]) -> None:
        """Note where the picture's border has wandered to since the first frame."""
        # Its own edges would be seen to stand still, if it were brighter or darker than what is left out.
        border = (gray - np.average(gray, weights=self._border).astype(np.float32)) * self._border
        shift, response = (0.0, 0.0), 0.0
        if self._mark is not None:
            shift, response = cv2.phaseCorrelate(self._mark, border)
        if response > _ALIKE:
            self._at = self._marked + shift
        if response <= _ALIKE or max(map(abs, shift)) >= _FAR:
            self._mark, self._marked = border, self._at
        self._places.append(self._at)

    @property
    def frames(self) -> int:
        """How many frames were measured."""
        return len(self._lights)

    def cuts(self, fps: float) -> list[float]:
        """Return the seconds at which the scene changes from one frame to the next.

        Args:
            fps: rate of the frames that were measured.
        """
        return [round(number / fps, 2) for number in self._cut_frames]

    def stays(self, frame: int) -> bool:
        """Whether much of the picture is in a frame as it was in the one before."""
        return self._kept[frame] > _STAYS

    @property
    def _cut_frames(self) -> list[int]:
        return [one.frame for one in self._transitions.found() if one.kind == "cut"]

    @property
    def camera_moves(self) -> bool:
        """Whether the edges of the picture wander, more than a tenth of it in all."""
        if not self._places:
            return False
        drifts = np.diff(self._places, axis=0, prepend=self._places[:1])
        for cut in self._cut_frames:
            # Between two shots, one of which may be blended into the other, nothing wanders.
            drifts[max(0, cut - 1) : cut + 2] = 0
        return float(np.abs(np.cumsum(drifts, axis=0)).max()) > 0.1 * _SIZE[0]

    @property
    def light(self) -> float:
        """How bright the lightest places are (notice_texts.LIGHTEST), 0 to 255: the mean of all frames."""
        return float(np.mean(self._lights)) if self._lights else 0.0


def _halved(pixels: NDArray[np.uint8], rows: int) -> NDArray[np.uint8]:
    """Return a picture halved while twice the rows are left: to average four pixels each time is many times faster.

    Args:
        pixels: H×W×3.
        rows: that it keeps at least.
    """
    while pixels.shape[0] >= 4 * rows and pixels.shape[1] >= 2:
        height, width = pixels.shape[0] // 2, pixels.shape[1] // 2
        even = pixels[: 2 * height, : 2 * width]
        pixels = np.asarray(cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    return pixels
