"""How the frames of a clip look: their sharpness, the drift of their colours, the likeness to the character."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...model import family
from .motion import luma, scaled

Pixels = NDArray[np.uint8]
_SHORT_SIDE = 240
"""Pixels of the short side of the copies in which the face is searched for."""
_SIZES = np.geomspace(0.5, 1.5, 12)
"""The face may be so many times as large in the clip as in the picture."""
_SIDE = 96
"""Pixels of the square in which faces are compared."""
_BINS = 32
FIELDS = 8
"""Colours are compared in this many by this many fields, so that one moving subject does not decide."""


class Sharpness:
    """Measures the fine detail of some frames of a clip."""

    def __init__(self) -> None:
        self._variances: list[float] = []

    def update(self, pixels: NDArray[np.uint8]) -> None:
        """Add a frame, H×W×3 RGB."""
        import cv2

        self._variances.append(float(cv2.Laplacian(luma(pixels), cv2.CV_64F).var()))

    @property
    def value(self) -> float:
        """The variance of the Laplacian, averaged over the frames, in grey levels²."""
        return float(np.mean(self._variances))


class ColourDrift:
    """Measures how far the colours wander from those of the first frame."""

    def __init__(self) -> None:
        self._first: NDArray[np.float32] | None = None
        self._distances: list[float] = []

    def update(self, pixels: NDArray[np.uint8]) -> None:
        """Add the next frame, H×W×3 RGB."""
        import cv2

        # Averaging before the change to L*a*b* keeps the noise of single pixels out.
        means = cv2.resize(pixels.astype(np.float32) / 255, (FIELDS, FIELDS), interpolation=cv2.INTER_AREA)
        lab: NDArray[np.float32] = cv2.cvtColor(means, cv2.COLOR_RGB2LAB)
        self._first = lab if self._first is None else self._first
        self._distances.append(float(np.median(np.linalg.norm(lab - self._first, axis=2))))

    @property
    def series(self) -> tuple[float, ...]:
        """The distance of each frame from the first, in ΔE (CIE 1976)."""
        return tuple(self._distances)

    @property
    def value(self) -> float:
        """The distance over the last tenth of the clip, in ΔE."""
        last = max(1, len(self._distances) // 10)
        return float(np.mean(self._distances[-last:]))


def window_borders(frames: int) -> tuple[int, ...]:
    """Return the frames at which the model begins a new window: each shares one frame with the one before."""
    step = family.WINDOW_FRAMES - 1
    return tuple(range(step, frames - 1, step))


class Likeness:
    """Compares some frames of a clip with the character's picture.

    Raises:
        MediaError: the picture cannot be read.
    """

    def __init__(self, character: Path) -> None:
        from ...preview.engine.character import open_picture

        self._face = crop_face(scaled(open_picture(character), _SHORT_SIDE))
        self._portrait = _Portrait.of(self._face)
        self._values: list[float] = []

    def update(self, pixels: Pixels) -> None:
        """Add a frame, H×W×3 RGB."""
        found = best_match(self._face, scaled(pixels, _SHORT_SIDE))
        self._values.append(self._portrait.likeness(_Portrait.of(found)))

    @property
    def value(self) -> float:
        """The median likeness over the frames, 0 to 1."""
        return float(np.median(self._values))


def crop_face(picture: Pixels) -> Pixels:
    """Return the face of a picture, or its middle where no face is found."""
    from ...faces.cascade import find_faces

    height, width = picture.shape[:2]
    found = find_faces(picture)
    (x, y), reach = (found[0].middle, 0.6 * found[0].size) if found else ((width / 2, height / 2), 0.35 * _SHORT_SIDE)
    left, top = max(0, round(x - reach)), max(0, round(y - reach))
    return picture[top : max(top + 1, round(y + reach)), left : max(left + 1, round(x + reach))]


def best_match(face: Pixels, frame: Pixels) -> Pixels:
    """Return the part of a frame that looks most like the face, whatever its size."""
    import cv2

    grey, pattern = luma(frame), luma(face)
    best, part = -2.0, (0, frame.shape[0], 0, frame.shape[1])
    for size in _SIZES:
        height, width = (max(8, round(side * size)) for side in pattern.shape)
        if height > grey.shape[0] or width > grey.shape[1]:
            break
        score = cv2.matchTemplate(grey, cv2.resize(pattern, (width, height)), cv2.TM_CCOEFF_NORMED)
        _, high, _, (left, top) = cv2.minMaxLoc(score)
        if high > best:
            best, part = high, (top, top + height, left, left + width)
    return frame[part[0] : part[1], part[2] : part[3]]


@dataclass(frozen=True)
class _Portrait:
    """A face in the form in which two of them are compared."""

    luma: NDArray[np.float32]
    """_SIDE×_SIDE, 0 to 1."""
    colours: NDArray[np.float32]
    """The share of each a*b* in the face; the sum is 1."""

    @classmethod
    def of(cls, face: Pixels) -> _Portrait:
        import cv2

        square = cv2.resize(face, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
        lab = cv2.cvtColor(square.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
        counts = cv2.calcHist([lab], [1, 2], None, [_BINS, _BINS], [-64, 64, -64, 64])
        # Soft bins: a slight cast should cost a little, not everything.
        soft = cv2.GaussianBlur(counts, (0, 0), 1.0)
        return cls(lab[..., 0] / 100, soft / max(float(soft.sum()), 1e-9))

    def likeness(self, other: _Portrait) -> float:
        from skimage.metrics import structural_similarity

        colour = float(np.minimum(self.colours, other.colours).sum())
        structure = float(structural_similarity(self.luma, other.luma, data_range=1.0, gaussian_weights=True))
        return float(np.sqrt(colour * max(0.0, structure)))
