"""Finding faces: the frontal cascade that ships inside scikit-image, run on four renderings.

A cascade trained on photographs wavers on paintings, statues and cartoons: it sees them in one rendering of the picture
and misses them in the next. What is seen in several renderings is a face; what is seen in one is chance.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

_SIDE = 320
"""Short side of the copy in which faces are searched."""
_SMALLEST = 28
"""Pixels of the smallest face in that copy."""


@dataclass(frozen=True)
class FaceBox:
    """A square around a face, in pixels."""

    x: float
    y: float
    size: float
    votes: int = 1
    """In how many of four renderings it was seen."""

    @property
    def middle(self) -> tuple[float, float]:
        """The centre (x, y) of the square, in pixels."""
        return self.x + self.size / 2, self.y + self.size / 2

    def joined(self, other: FaceBox) -> FaceBox:
        """Return the mean of two squares, each weighing as often as it was seen."""
        both = self.votes + other.votes
        x, y, size = (
            (a * self.votes + b * other.votes) / both
            for a, b in ((self.x, other.x), (self.y, other.y), (self.size, other.size))
        )
        return FaceBox(x, y, size, both)

    def mirrored(self, width: float) -> FaceBox:
        """Return the square in the mirror image of a picture of this width."""
        return replace(self, x=width - self.x - self.size)

    def grown(self, factor: float) -> FaceBox:
        """Return a square of `factor` times the size about the same middle."""
        more = (factor - 1) * self.size / 2
        return FaceBox(self.x - more, self.y - more, self.size * factor, self.votes)

    def agrees(self, other: FaceBox) -> bool:
        """Whether two squares show the same face."""
        apart = np.hypot(self.middle[0] - other.middle[0], self.middle[1] - other.middle[1])
        small, large = sorted((self.size, other.size))
        return bool(apart < 0.3 * large and large < 1.6 * small)


def find_faces(pixels: NDArray[np.uint8]) -> list[FaceBox]:
    """Return the squares that look like faces, those seen most often first, then the larger.

    Args:
        pixels: H×W×3 RGB.
    """
    *_, last = find_faces_in_steps(pixels)
    return last


def find_faces_in_steps(pixels: NDArray[np.uint8]) -> Iterator[list[FaceBox]]:
    """Yield the squares found after half of the time, and then again, more surely, after all of it."""
    view, seen = _WholeView(pixels), list[FaceBox]()
    for number, (rendered, mirrored) in enumerate(four_renderings(view.gray), start=1):
        seen += _seen(view, rendered, mirrored)
        if number % 2 == 0:
            yield merge_boxes(view, seen)


def find_faces_near(pixels: NDArray[np.uint8], near: FaceBox) -> list[FaceBox]:
    """Return the squares in the surroundings of a place where a face of a like size was before."""
    view = _AreaView(pixels, near)
    found = (_seen(view, rendered, mirrored) for rendered, mirrored in four_renderings(view.gray))
    return merge_boxes(view, next(filter(None, found), []))


class _WholeView:
    """A picture, small enough to be searched."""

    sizes = (_SMALLEST, _SIDE)

    def __init__(self, pixels: NDArray[np.uint8]) -> None:
        self._factor = _SIDE / min(pixels.shape[:2])
        self.gray = _gray(pixels, self._factor)

    def back(self, box: FaceBox) -> FaceBox:
        return FaceBox(box.x / self._factor, box.y / self._factor, box.size / self._factor, box.votes)


class _AreaView:
    """The surroundings of a place where a face was."""

    sizes = (40, 96)

    def __init__(self, pixels: NDArray[np.uint8], near: FaceBox) -> None:
        self._factor, reach = 60 / near.size, 1.2 * near.size
        self._left, self._top = (max(0, round(at - reach)) for at in near.middle)
        right, bottom = (max(1, round(at + reach)) for at in near.middle)
        self.gray = _gray(pixels[self._top : bottom, self._left : right], self._factor)

    def back(self, box: FaceBox) -> FaceBox:
        x, y = box.x / self._factor + self._left, box.y / self._factor + self._top
        return FaceBox(x, y, box.size / self._factor, box.votes)


def _gray(pixels: NDArray[np.uint8], factor: float) -> NDArray[np.uint8]:
    size = max(32, round(pixels.shape[1] * factor)), max(32, round(pixels.shape[0] * factor))
    smaller = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR)
    gray: NDArray[np.uint8] = cv2.cvtColor(smaller, cv2.COLOR_RGB2GRAY)
    return gray


def four_renderings(gray: NDArray[np.uint8]) -> Iterator[tuple[NDArray[np.uint8], bool]]:
    """Yield the picture in four ways, and whether it is mirrored."""
    yield gray, False
    yield np.ascontiguousarray(gray[:, ::-1]), True
    yield cv2.createCLAHE(3, (4, 4)).apply(gray), False
    yield cv2.GaussianBlur(gray, (0, 0), 1.6), False


@cache
def _cascade() -> Any:
    from skimage.data import lbp_frontal_face_cascade_filename
    from skimage.feature import Cascade

    return Cascade(lbp_frontal_face_cascade_filename())


def _detected(gray: NDArray[np.uint8], sizes: tuple[int, int]) -> list[FaceBox]:
    found = _cascade().detect_multi_scale(
        img=gray,
        scale_factor=1.15,
        step_ratio=1.3,
        min_size=(sizes[0], sizes[0]),
        max_size=(sizes[1], sizes[1]),
        min_neighbor_number=2,
    )
    return [FaceBox(f["c"], f["r"], f["width"]) for f in found]


def _seen(view: _WholeView | _AreaView, rendered: NDArray[np.uint8], mirrored: bool) -> list[FaceBox]:
    boxes = _detected(rendered, view.sizes)
    return [box.mirrored(view.gray.shape[1]) for box in boxes] if mirrored else boxes


def merge_boxes(view: _WholeView | _AreaView, seen: list[FaceBox]) -> list[FaceBox]:
    """Merge the squares that show the same face, and bring them back to the picture."""
    merged: list[FaceBox] = []
    for box in seen:
        same = next((number for number, other in enumerate(merged) if box.agrees(other)), None)
        if same is None:
            merged.append(box)
        else:
            merged[same] = merged[same].joined(box)
    return sorted(map(view.back, merged), key=lambda box: (box.votes, box.size), reverse=True)
