"""Finding faces in a picture: a detector run over the whole of it, and over parts where that shows none surely.

The model is MediaPipe's BlazeFace in its variant "back" (Bazarevsky and others, 2019, arXiv:1907.05047): 896 anchors,
each with a score, a box, and the places of two eyes, nose, mouth and two ears.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from .network import Network

_SIDE = 256
"""Pixels of the square that the model sees."""
_ANCHORS = ((16, 2), (8, 6))
"""Cells across and down, and anchors in each, of the model's two grids."""
_SEEN = 0.5
"""Score from which something may be a face: the model's authors' own threshold."""
_SURE = 0.75
"""Score from which a picture needs no closer look."""
_TILES = (0.6, 0.4)
"""Sides of the parts that are looked at in their turn, as shares of the picture's short side."""
_SMALLEST_TILE = 32
"""Pixels of a part below which no face in it has any features."""
_FRAME = 2.5
"""How many times as large a box is that does not show the same face as another whose middle is the same."""
_FARTHER, _FILLING = 2.0, 0.5
"""How many times as far away a picture is looked at that a face may fill, and the share of its short side from which
one does: smaller ones are seen larger in parts of the picture. Of 54 people cut out at their faces' edges the detector
misses six, and sees others in their foreheads; from there it misses none."""
_OVERLAP = 0.3
"""Share of the joint area from which two boxes are one face: the model's authors' own threshold."""


@dataclass(frozen=True)
class FaceBox:
    """Where a face is seen, in pixels of the picture."""

    x: float
    """Left edge."""
    y: float
    """Upper edge."""
    width: float
    height: float
    score: float
    """How surely it is a face, 0.5 to 1."""
    eyes: tuple[tuple[float, float], tuple[float, float]]
    """The eyes' centres; the first is the one at the left of an upright picture, however the head is tilted."""
    mouth: tuple[float, float]

    @property
    def is_sure(self) -> bool:
        """Whether it needs no closer look."""
        return self.score >= _SURE

    @property
    def middle(self) -> tuple[float, float]:
        """The box's centre (x, y), in pixels."""
        return self.x + self.width / 2, self.y + self.height / 2

    @property
    def size(self) -> float:
        """The box's longer side, in pixels."""
        return max(self.width, self.height)

    def overlap(self, other: FaceBox) -> float:
        """Return the share of the joint area that two boxes have in common."""
        across = min(self.x + self.width, other.x + other.width) - max(self.x, other.x)
        down = min(self.y + self.height, other.y + other.height) - max(self.y, other.y)
        common = max(0.0, across) * max(0.0, down)
        return common / max(1e-9, self.width * self.height + other.width * other.height - common)


class FaceDetector:
    """Finds faces of any number and size.

    Args:
        network: the model "detection".
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        self._anchors = np.concatenate([_centres(cells, count) for cells, count in _ANCHORS])

    def find(self, pixels: NDArray[np.uint8], *, closely: bool = True) -> list[FaceBox]:
        """Return the faces of a picture, the largest first.

        Args:
            pixels: H×W×3 RGB.
            closely: look at it from farther away, upside down and at parts of it as well where the whole shows none
                surely, which takes twenty times as long.
        """
        found = self._look(pixels)
        if closely and not any(box.is_sure for box in found):
            large = _FILLING * min(pixels.shape[:2])
            found += [box for box in self._look(pixels, _FARTHER) if box.size > large]
        if closely and not any(box.is_sure for box in found):
            height, width = pixels.shape[:2]
            turned = self._look(np.asarray(cv2.rotate(pixels, cv2.ROTATE_180), np.uint8))
            found += [_upside_down(box, width, height) for box in turned]
        for share in _TILES if closely else ():
            if any(box.is_sure for box in found) or share * min(pixels.shape[:2]) < _SMALLEST_TILE:
                break
            for left, top, side in _tiles(pixels.shape[1], pixels.shape[0], share):
                part = pixels[top : top + side, left : left + side]
                found += [_moved(box, left, top) for box in self._look(part) if _is_whole(box, side)]
        return sorted(_distinct(found), key=lambda box: box.size, reverse=True)

    def _look(self, pixels: NDArray[np.uint8], farther: float = 1.0) -> list[FaceBox]:
        """Return the faces of a picture that is seen in the middle of a square so many times as large."""
        height, width = pixels.shape[:2]
        side = farther * max(height, width)
        factor = _SIDE / side
        small = cv2.resize(
            pixels,
            (max(1, round(width * factor)), max(1, round(height * factor))),
            interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR,
        )
        left, top = (_SIDE - small.shape[1]) // 2, (_SIDE - small.shape[0]) // 2
        square = np.zeros((_SIDE, _SIDE, 3), np.float32)
        square[top : top + small.shape[0], left : left + small.shape[1]] = small / np.float32(127.5) - 1
        outputs = self._network.run(square)
        scores = next(values for values in outputs if values.size == len(self._anchors)).ravel()
        boxes = next(values for values in outputs if values.size == 16 * len(self._anchors)).reshape(-1, 16)
        seen = 1 / (1 + np.exp(-np.clip(scores, -50, 50))) > _SEEN
        values = boxes[seen].reshape(-1, 8, 2) / _SIDE
        values[:, [0, 2, 3, 4, 5, 6, 7]] += self._anchors[seen][:, None]
        values *= _SIDE / factor
        values[:, [0, 2, 3, 4, 5, 6, 7]] -= np.array([left, top]) / factor
        chances = 1 / (1 + np.exp(-np.clip(scores[seen], -50, 50)))
        return _merged([_box(row, chance) for row, chance in zip(values, chances.tolist(), strict=True)])


def _centres(cells: int, count: int) -> NDArray[np.float32]:
    rows, columns = np.mgrid[0:cells, 0:cells].astype(np.float32)
    places = (np.stack([columns, rows], -1).reshape(-1, 2) + 0.5) / np.float32(cells)
    return np.repeat(places, count, axis=0)


def _box(values: NDArray[np.float32], score: float) -> FaceBox:
    (x, y), (width, height), first, second, _nose, mouth = values[:6].tolist()
    eyes = (first[0], first[1]), (second[0], second[1])
    return FaceBox(x - width / 2, y - height / 2, width, height, score, eyes, (mouth[0], mouth[1]))


def _merged(boxes: list[FaceBox]) -> list[FaceBox]:
    """Return one box for each face, the mean of those that show it, weighed by their scores."""
    merged = []
    rest = sorted(boxes, key=lambda box: box.score, reverse=True)
    while rest:
        same = [box for box in rest if box.overlap(rest[0]) > _OVERLAP]
        weights = np.array([box.score for box in same])
        values = np.array([[box.x, box.y, box.width, box.height, *sum(box.eyes, ()), *box.mouth] for box in same])
        x, y, width, height, *places = (weights @ values / weights.sum()).tolist()
        eyes = (places[0], places[1]), (places[2], places[3])
        merged.append(FaceBox(x, y, width, height, rest[0].score, eyes, (places[4], places[5])))
        rest = [box for box in rest if box.overlap(rest[0]) <= _OVERLAP]
    return merged


def _tiles(width: int, height: int, share: float) -> Iterator[tuple[int, int, int]]:
    """Yield left, top and side of squares that cover a picture, each half over the next."""
    side = round(share * min(width, height))
    for top in _steps(height, side):
        for left in _steps(width, side):
            yield left, top, side


def _steps(length: int, side: int) -> list[int]:
    count = max(1, int(np.ceil((length - side) / (side / 2)))) + 1
    return sorted({round(at) for at in np.linspace(0, max(0, length - side), count)})


def _is_whole(box: FaceBox, side: int) -> bool:
    """Whether a face lies within its tile, so that the next tile shows it no better."""
    edge = 0.15 * box.size
    return -edge < box.x and -edge < box.y and box.x + box.width < side + edge and box.y + box.height < side + edge


def _moved(box: FaceBox, left: int, top: int) -> FaceBox:
    (a, b), mouth = box.eyes, box.mouth
    eyes = (a[0] + left, a[1] + top), (b[0] + left, b[1] + top)
    return FaceBox(box.x + left, box.y + top, box.width, box.height, box.score, eyes, (mouth[0] + left, mouth[1] + top))


def _upside_down(box: FaceBox, width: int, height: int) -> FaceBox:
    """Return where a face is in a picture of that size, of which it was seen upside down."""
    (a, b), mouth = box.eyes, box.mouth
    eyes = (width - a[0], height - a[1]), (width - b[0], height - b[1])
    x, y = width - box.x - box.width, height - box.y - box.height
    return FaceBox(x, y, box.width, box.height, box.score, eyes, (width - mouth[0], height - mouth[1]))


def _distinct(boxes: list[FaceBox]) -> list[FaceBox]:
    """Keep each face once, as the surest view of the picture shows it."""
    kept: list[FaceBox] = []
    for box in sorted(boxes, key=lambda box: box.score, reverse=True):
        if all(box.overlap(other) < _OVERLAP and not _inside(box, other) for other in kept):
            kept.append(box)
    return kept


def _inside(box: FaceBox, other: FaceBox) -> bool:
    """Whether the middle of one lies within the other, of which it is no frame: a nose may look like a small face."""
    (x, y), near = box.middle, box.size < _FRAME * other.size
    return near and other.x < x < other.x + other.width and other.y < y < other.y + other.height
