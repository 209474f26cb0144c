"""Telling a face in a picture whose mouth or eyes are covered, as by a mask, a cup, a hand or dark glasses.

The mesh lies over such a face all the same, and is sure of it. But where it sees no chin it supposes one, from each
square in another place; between lips there is a dark line, and a cover has one hardly in that very place; and the nose,
the cheeks and the chin of a person have one hue, whatever the light. A beard has another one, but leaves the nose. A
hand has the hue of the face, but before the mouth its two sides are no mirror images, as a face's are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from .doubtful import Read, read_around
from .expression import Reading
from .eyes import Eyes
from .geometry import apply, inverse
from .mesh import Mesh, cut
from .passing_cover import LOWER, Look
from .topology import CHIN, EYE_CORNERS, LEFT_MOUTH, LOWER_LIP, RIGHT_MOUTH, UPPER_LIP

_SIDE = 256
"""Pixels of the square in which a face is looked at."""
_NOSE_BASE = 2
_UPPER_FACE = (6, 197, 168, 122, 351, 117, 118, 50, 346, 347, 280, 101, 330)
"""The bridge of the nose, and the cheeks below the eyes, which what covers a mouth leaves free."""
_LOWER_FACE = ((195, 5, 4, 1, 45, 275), (205, 425, 206, 426, 207, 427), (199, 200, 175, 18, 83, 313, 208, 428))
"""The tip of the nose, the cheeks beside the mouth, and the chin."""
_BELOW_EYES = ((110, 24, 23, 22), (339, 254, 253, 252))
_CHEEKS = ((50, 101, 205), (280, 330, 425))
"""What lies just below each eye, behind its glass, and the cheek below that."""
_FACING = 0.866
"""Cosine of the angle from which on a face is turned too far aside, up or down: 30°."""
_HUE, _LINE, _SPREAD = 6.0, 8.0, 0.05
"""How far in CIELAB's a and b each part of the lower face is from the upper one, at least; how much darker in L the
line between the lips is than what lies about it, at most; and how far apart chins are seen, at least. Of 492 people
with masks 57 in a hundred meet all three, of 324 who were looked at only afterwards 48. Of 1195 free faces nobody does,
nor of 268 by one of which the angle was limited, of 80 looked at only afterwards, and of fifteen hundred frames of 29
videos; nine meet two: bearded, painted, blurred, in coloured light, and dogs that the mesh takes for people."""
_NO_LINE, _SIDES, _WELL_SEEN = 4.5, 0.45, 36.0
"""Of a hand, instead of the hue: how much darker the line between the lips is, at most; the correlation of the lower
face with its mirror image, at most; and the distance of the eyes' outer corners in pixels, at least. Of 330 pictures in
which a hand was laid over the mouth 43 in a hundred meet all of them, and a spread of chins as above. Of 1809 others no
free face does, nor of fifteen hundred frames of 110 videos."""
_CONTRAST, _LIGHT = 9.0, 0.3
"""Range of L between the lids of both eyes, and L below them over that of the cheeks, below which glasses are dark: of
thirteen pairs six are told, and no eyes without. Open ones in a deep shadow have a range of 12, or what lies below them
is half as light as the cheeks."""
_OPEN = 0.22
"""Gap between the lids of both eyes, as Reading has it: under glasses open ones are supposed, of 0.28 and more, and so
are shut ones in a shadow left out."""
_BANDS = 64
"""Rows, from nose to chin, in which the lightness about the lips is taken."""
_REACH = 0.45
"""How far they reach to either side of the lips, in distances of the eyes' outer corners."""

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Covered:
    """Which parts of a face are surely covered."""

    mouth: bool = False
    eyes: bool = False
    """Both of them, by something dark: a single one may lie in the shadow, or under the hair."""


def find_covered(read: Read, pixels: Pixels, mesh: Mesh, eyes: Eyes) -> Covered:
    """Return what of a face is covered.

    Args:
        read: gives the mesh that fits a region of a picture best.
        pixels: H×W×3 RGB.
        mesh: the face.
        eyes: its eyes.
    """
    if mesh.axes[2, 2] < _FACING:
        return Covered()
    face = _Face(pixels, mesh)
    lower = mesh.points[[CHIN, LEFT_MOUTH, RIGHT_MOUTH, *np.concatenate(_LOWER_FACE)], :2]
    within = bool(((lower >= 0) & (lower < pixels.shape[1::-1])).all())
    line = face.line_between_lips() if within else _LINE
    mouth = (line < _LINE and face.least_change_of_hue() > _HUE) or (line < _NO_LINE and _is_uneven(pixels, mesh))
    reading = Reading.of(mesh, eyes)
    glasses = min(reading.eye_left, reading.eye_right) > _OPEN and face.has_dark_glasses(eyes)
    return Covered(mouth and _spread_of_chins(read, pixels, mesh) > _SPREAD, glasses)


class _Face:
    """A face upright in a square, in CIELAB."""

    def __init__(self, pixels: Pixels, mesh: Mesh) -> None:
        self._to_square = inverse(mesh.region.to_pixels(_SIDE))
        self._points = apply(self._to_square, mesh.points[:, :2].astype(float))
        left, right = self._points[[EYE_CORNERS[0], EYE_CORNERS[-1]]]
        self._unit = float(np.hypot(*(right - left)))
        part = cut(pixels, mesh.region, _SIDE)
        self._lab = cv2.cvtColor(part.astype(np.float32) / np.float32(255), cv2.COLOR_RGB2LAB)
        soft = cv2.GaussianBlur(part, (0, 0), max(0.8, 0.02 * self._unit))
        self._soft = cv2.cvtColor(soft.astype(np.float32) / np.float32(255), cv2.COLOR_RGB2LAB)

    def _colour(self, points: Sequence[int]) -> NDArray[np.float32]:
        """Return the median colour at some points."""
        columns, rows = self._points[list(points)].round().astype(int).clip(0, _SIDE - 1).T
        return np.asarray(np.median(self._soft[rows, columns], axis=0), np.float32)

    def least_change_of_hue(self) -> float:
        """Return how far from the hue of the upper face that part of the lower one is which is most alike."""
        upper = self._colour(_UPPER_FACE)
        return min(float(np.hypot(*(self._colour(part) - upper)[1:])) for part in _LOWER_FACE)

    def line_between_lips(self) -> float:
        """Return how much darker the darkest line where lips should meet is than what lies above and below it."""
        points = self._points
        middle, half = (points[UPPER_LIP] + points[LOWER_LIP]) / 2, (points[RIGHT_MOUTH] - points[LEFT_MOUTH]) / 2
        down = points[CHIN] - points[_NOSE_BASE]
        down = down / max(1e-6, float(np.hypot(*down))) * self._unit
        across, along = np.meshgrid(np.linspace(-0.7, 0.7, 28), np.linspace(-_REACH, _REACH, _BANDS))
        places = (middle + across[..., None] * half + along[..., None] * down).astype(np.float32)
        rows = cv2.remap(self._lab[..., 0], places, None, cv2.INTER_LINEAR).mean(1)
        lines = rows - cv2.GaussianBlur(rows[:, None], (1, 41), 9)[:, 0]
        return float(-lines[3 * _BANDS // 8 : 5 * _BANDS // 8].min())

    def has_dark_glasses(self, eyes: Eyes) -> bool:
        """Whether both eyes are as dark as what lies below them, and that is much darker than the cheeks."""
        pairs = zip(_BELOW_EYES, _CHEEKS, strict=True)
        light = max(self._colour(below)[0] / max(5.0, self._colour(cheek)[0]) for below, cheek in pairs)
        return bool(light < _LIGHT and max(self._contrast(rim) for rim in eyes.rims) < _CONTRAST)

    def _contrast(self, rim: NDArray[np.float32]) -> float:
        """Return the range of lightness within an eye's rim."""
        within = np.zeros((_SIDE, _SIDE), np.uint8)
        hull = cv2.convexHull(apply(self._to_square, rim.astype(float)).round().astype(np.int32))
        values = self._soft[cv2.fillConvexPoly(within, hull, 1) > 0, 0]
        return float(np.ptp(np.quantile(values, (0.05, 0.95))))


def _is_uneven(pixels: Pixels, mesh: Mesh) -> bool:
    """Whether the left and the right half of a lower face, well seen and with its lips shut, are no mirror images."""
    look = Look.of(pixels, mesh)
    if mesh.unit < _WELL_SEEN or not look.tells:
        return False
    x, y = ((mesh.points - mesh.points[list(EYE_CORNERS)].mean(0)) @ mesh.axes[:, :2])[LOWER].T
    mirrored = np.hypot(x[:, None] + x, y[:, None] - y).argmin(1)
    return float(look.lower @ look.lower[mirrored]) < _SIDES


def _spread_of_chins(read: Read, pixels: Pixels, mesh: Mesh) -> float:
    """Return how far apart chins are seen from squares near a face's, straight and in a mirror, from its eyes.

    It is the deviation of their places, in distances of the eyes' outer corners.
    """
    mirrored = np.ascontiguousarray(pixels[:, ::-1])
    straight, turned = (
        [one.points[CHIN, :2] - one.points[list(EYE_CORNERS), :2].mean(0) for one in read_around(read, *where)]
        for where in ((pixels, mesh.region), (mirrored, mesh.region.mirrored(pixels.shape[1])))
    )
    chins = np.array([*straight, *(chin * (-1, 1) for chin in turned)], float)
    return float(np.sqrt(((chins - chins.mean(0)) ** 2).sum(1).mean())) / mesh.unit
