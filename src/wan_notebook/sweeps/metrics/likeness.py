"""How much the face in a clip looks like the character's."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .flow import luma, scaled

Pixels = NDArray[np.uint8]
_SHORT_SIDE = 240
"""Pixels of the short side of the copies in which the face is looked for."""
_SIZES = np.geomspace(0.5, 1.5, 12)
"""The face may be so many times as large in the clip as in the picture."""
_SIDE = 96
"""Pixels of the square in which faces are compared."""
_BINS = 32


class Likeness:
    """Compares some frames of a clip with the character's picture.

    Raises:
        MediaError: the picture cannot be read.
    """

    def __init__(self, character: Path) -> None:
        from ...preview.engine.character import open_picture

        self._face = _face(scaled(open_picture(character), _SHORT_SIDE))
        self._portrait = _Portrait.of(self._face)
        self._values: list[float] = []

    def see(self, pixels: Pixels) -> None:
        """Take a frame, H×W×3 RGB."""
        found = _most_like(self._face, scaled(pixels, _SHORT_SIDE))
        self._values.append(self._portrait.likeness(_Portrait.of(found)))

    @property
    def reading(self) -> float:
        """The median over the frames, 0 to 1."""
        return float(np.median(self._values))


def _face(picture: Pixels) -> Pixels:
    """Cut the face out of a picture, or its middle where no face is found."""
    from ...faces.detect import find_faces

    height, width = picture.shape[:2]
    found = find_faces(picture)
    (x, y), reach = (found[0].middle, 0.6 * found[0].size) if found else ((width / 2, height / 2), 0.35 * _SHORT_SIDE)
    left, top = max(0, round(x - reach)), max(0, round(y - reach))
    return picture[top : max(top + 1, round(y + reach)), left : max(left + 1, round(x + reach))]


def _most_like(face: Pixels, frame: Pixels) -> Pixels:
    """Cut that part out of a frame which looks most like the face, whatever its size."""
    import cv2

    grey, pattern = luma(frame), luma(face)
    best, place = -2.0, (0, frame.shape[0], 0, frame.shape[1])
    for size in _SIZES:
        height, width = (max(8, round(side * size)) for side in pattern.shape)
        if height > grey.shape[0] or width > grey.shape[1]:
            break
        score = cv2.matchTemplate(grey, cv2.resize(pattern, (width, height)), cv2.TM_CCOEFF_NORMED)
        _, high, _, (left, top) = cv2.minMaxLoc(score)
        if high > best:
            best, place = high, (top, top + height, left, left + width)
    return frame[place[0] : place[1], place[2] : place[3]]


@dataclass(frozen=True)
class _Portrait:
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
