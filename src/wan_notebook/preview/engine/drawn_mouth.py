"""Where a drawn character's mouth truly is: a small one, on a face as flat as those of comics, the mesh sees too large.

It also sees it too low, on a short chin or below it. There a second mouth would open beside the drawn one. But plain
skin surrounds a drawn mouth, and has one hue or goes over from one into another without an edge: filled from cheeks and
nose on, it leaves the mouth out.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ...faces.topology import (
    INNER_LOWER_LIP,
    INNER_UPPER_LIP,
    LEFT_CORNER,
    LEFT_MOUTH,
    LOWER_LIP_ROWS,
    RIGHT_CORNER,
    RIGHT_MOUTH,
    UPPER_LIP_ROWS,
)
from .lids import widened

Points = NDArray[np.float64]
Pixels = NDArray[np.uint8]

_UNIT = 100
"""Pixels of a unit in the picture of the lower face in which a mouth is sought."""
_LEFT, _TOP, _WIDE, _HIGH = -0.7, 0.1, 1.4, 1.3
"""That picture's edges and sides, in units from midway between the eyes."""
_SEEDS = (50, 280, 205, 425, 187, 411, 195, 5)
"""Points of the cheeks and the nose, on the skin."""
_SAME = 2.5
"""CIELAB by which neighbours differ at most in each channel that are both skin."""
_ASIDE, _NARROWEST, _HIGHEST = 0.08, 0.07, 0.3
"""Units to either side of the mesh's mouth within which the middle of a mouth lies: parts of one are farther away; how
wide it is at least, and how far below the eyes."""
_EDGE, _NEAR = 0.04, 0.12
"""Units about a mouth that are its outline, and up to which the skin about it is looked at."""
_FLAT = 3.0
"""CIELAB by which that skin differs from its median, in the median, up to which a face is drawn flatly: of eleven
characters of comics 0.7 to 2.2, of people with a mouth to be seen in this way 3.9 and more but for six of 180."""
_BARE, _PLAIN = 4, 4.0
"""Points of the mesh's lips that lie on skin elsewhere, at least, and how far seven in ten of them may be from its
colour: comics' 3.5 at most, people's lips 5 and more."""
_OUTLINE = 0.015
"""Units of an open mouth's outline, which belongs to its lips."""
_LINE = 0.06
"""Units up to which a mouth is so low that it is a line, where lips meet."""
_LIP = 0.03
"""Units of a drawn mouth's lips, which are hardly seen."""
_OUTER = (*UPPER_LIP_ROWS[-1], *LOWER_LIP_ROWS[-1][-2:0:-1])
"""The outer edge of both lips, around the mouth."""
_LIPS = np.concatenate([*UPPER_LIP_ROWS, *LOWER_LIP_ROWS]).tolist()


@dataclass(frozen=True)
class _Spot:
    """A place that is no skin: its columns, and the first and the last row in each."""

    columns: NDArray[np.int64]
    top: NDArray[np.int64]
    bottom: NDArray[np.int64]


class _LowerFace:
    """The lower face in a picture of its own, the eyes' line level above it.

    Args:
        pixels: H×W×3 RGB.
        points: the mesh, 468×2 in its pixels.
    """

    def __init__(self, pixels: Pixels, points: Points) -> None:
        left, right = points[LEFT_CORNER], points[RIGHT_CORNER]
        self._unit = float(np.hypot(*(right - left))) + 1e-6
        across = (right - left) / self._unit
        self._axes, self._origin = np.array([across, [-across[1], across[0]]]), (left + right) / 2
        rows, columns = np.mgrid[0 : round(_UNIT * _HIGH), 0 : round(_UNIT * _WIDE)]
        at = self.to_picture(np.stack([columns, rows], -1).astype(float)).astype(np.float32)
        soft = cv2.GaussianBlur(pixels, (0, 0), max(0.6, 0.5 * self._unit / _UNIT))
        seen = cv2.remap(soft, at, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        self._lab = cv2.cvtColor(seen.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
        self._points = self._from_picture(points)

    def to_picture(self, places: Points) -> Points:
        """Return places of the lower face in the picture."""
        units = places / _UNIT + (_LEFT, _TOP)
        return np.asarray(self._origin + self._unit * (units @ self._axes))

    def _from_picture(self, points: Points) -> Points:
        return np.asarray((self._units(points) - (_LEFT, _TOP)) * _UNIT)

    def _units(self, points: Points) -> Points:
        """Return places of the picture in the face's own axes, in units from the point between its eyes."""
        return np.asarray((points - self._origin) @ self._axes.T / self._unit)

    def _within(self, points: Points) -> NDArray[np.int64]:
        return np.asarray(points.round().clip(0, np.array(self._lab.shape[1::-1]) - 1).astype(np.int64))

    def mouth(self) -> _Spot | None:
        """Return the mouth where it is elsewhere, or smaller, than the mesh has it; None where there is no such."""
        plain = self._skin()
        found = self._spot(plain)
        if found is None or not self._is_drawn(plain, found):
            return None
        columns = np.flatnonzero(found.any(0))
        rows = found[:, columns]
        return _Spot(columns, rows.argmax(0), len(rows) - 1 - rows[::-1].argmax(0))

    def shortening(self) -> float | None:
        """Return how much higher a drawn mouth is than the mesh's lips, of their way below the eyes; None if it is not.

        It is where its middle lies above all of them.
        """
        plain = self._skin()
        found, lips = self._spot(plain), self._points[_LIPS, 1]
        if found is None or not self._is_flat_about(plain, found):
            return None
        high = float(np.flatnonzero(found.any(1)).mean())
        return (high / _UNIT + _TOP) / (float(lips.mean()) / _UNIT + _TOP) if high < lips.min() else None

    def _skin(self) -> NDArray[np.bool_]:
        filled = np.zeros((self._lab.shape[0] + 2, self._lab.shape[1] + 2), np.uint8)
        for x, y in self._within(self._points[list(_SEEDS)]).tolist():
            if not filled[y + 1, x + 1]:
                flags = 4 | (1 << 8) | cv2.FLOODFILL_MASK_ONLY
                cv2.floodFill(self._lab, filled, (x, y), 0, (_SAME,) * 3, (_SAME,) * 3, flags)
        return np.asarray(filled[1:-1, 1:-1] > 0)

    def _spot(self, plain: NDArray[np.bool_]) -> NDArray[np.bool_] | None:
        """Return the pixels of what is most likely a mouth within plain skin, H×W."""
        height, width = plain.shape
        _, labels, stats, _ = cv2.connectedComponentsWithStats((~plain).astype(np.uint8), connectivity=4)
        x, y, wide, high, _ = stats.T
        within = (x > 0) & (y > 0) & (x + wide < width) & (y + high < height)
        within[0] = False
        # Of a line the ends may be seen by themselves.
        spots = np.isin(labels, np.flatnonzero(within)).astype(np.uint8)
        joined = cv2.morphologyEx(spots, cv2.MORPH_CLOSE, np.ones((3, 9), np.uint8))
        _, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
        x, y, wide, high, _ = stats.T
        aside = np.abs(x + wide / 2 - self._points[[LEFT_MOUTH, RIGHT_MOUTH], 0].mean()) / _UNIT
        fits = (aside < _ASIDE) & (wide >= _UNIT * _NARROWEST) & ((y + high / 2) / _UNIT + _TOP > _HIGHEST)
        fits[0] = False
        likely = wide * np.where(wide >= 0.8 * high, 1.0, 0.3) * (1 - aside) * fits
        best = int(likely.argmax())
        return np.asarray(labels == best) if likely[best] > 0 else None

    def _is_drawn(self, plain: NDArray[np.bool_], spot: NDArray[np.bool_]) -> bool:
        """Whether flat skin surrounds the spot, and lies where the mesh has lips elsewhere."""
        columns, rows = self._within(self._points[list(_OUTER)]).T
        bare = plain[rows, columns] & ~_grown(spot, _EDGE)[rows, columns]
        if bare.sum() < _BARE or not self._is_flat_about(plain, spot):
            return False
        colour = np.median(self._skin_about(plain, spot), axis=0)
        return bool(np.percentile(np.linalg.norm(self._lab[rows, columns][bare] - colour, axis=1), 70) < _PLAIN)

    def _is_flat_about(self, plain: NDArray[np.bool_], spot: NDArray[np.bool_]) -> bool:
        skin = self._skin_about(plain, spot)
        return bool(len(skin) and np.median(np.linalg.norm(skin - np.median(skin, axis=0), axis=1)) <= _FLAT)

    def _skin_about(self, plain: NDArray[np.bool_], spot: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Return the colours of the skin about the spot, N×3."""
        return np.asarray(self._lab[_grown(spot, _NEAR) & ~_grown(spot, _EDGE) & plain])

    def shortened(self, points: Points, share: float) -> Points:
        """Return places in the picture whose way below the eyes is so many times as long."""
        units = self._units(points)
        units[:, 1] = np.where(units[:, 1] > 0, share * units[:, 1], units[:, 1])
        return np.asarray(self._origin + self._unit * (units @ self._axes))


def _grown(spot: NDArray[np.bool_], reach: float) -> NDArray[np.bool_]:
    side = 2 * round(_UNIT * reach) + 1
    return np.asarray(cv2.dilate(spot.astype(np.uint8), np.ones((side, side), np.uint8)) > 0)


def with_drawn_chin(pixels: Pixels, points: Points) -> Points | None:
    """Return a mesh, 468×3 in pixels, that does not reach beyond a small drawn chin: of some its lips lie on the neck.

    None where no mouth is drawn above its lips.

    Args:
        pixels: H×W×3 RGB.
        points: as the model sees it.
    """
    face = _LowerFace(pixels, points[:, :2])
    share = face.shortening()
    if share is None:
        return None
    return np.column_stack([face.shortened(points[:, :2], share), points[:, 2]])


def with_drawn_mouth(pixels: Pixels, points: Points) -> Points:
    """Return a mesh, 468×3 in pixels, whose lips lie where a drawn mouth is; unchanged where none is elsewhere.

    Args:
        pixels: H×W×3 RGB.
        points: as the model sees it.
    """
    face = _LowerFace(pixels, points[:, :2])
    spot = face.mouth()
    if spot is None:
        return points
    lips = dict(zip(_LIPS, face.to_picture(np.concatenate(_lips(spot))), strict=True))
    moved = points.copy()
    moved[:, :2] = widened(points[:, :2], _OUTER, np.array([lips[point] for point in _OUTER]))
    moved[list(lips), :2] = list(lips.values())
    # Flat lips have no depth between them, by which they would be apart where they touch.
    meet = [list(INNER_UPPER_LIP), list(INNER_LOWER_LIP)]
    moved[meet, 2] = moved[meet, 2].mean(0)
    return moved


def _lips(spot: _Spot) -> list[Points]:
    """Return the rows of the upper lip and of the lower one, each from where they meet to its outer edge."""
    columns = spot.columns.astype(float)
    along = np.linspace(0, 1, len(INNER_UPPER_LIP))
    at = columns[0] + along * (columns[-1] - columns[0])
    top, bottom = (np.interp(at, columns, edge.astype(float)) for edge in (spot.top, spot.bottom))
    middle, inset = (top + bottom) / 2, np.minimum(_UNIT * _OUTLINE, (bottom - top) / 4)
    is_line = np.max(spot.bottom - spot.top) <= _UNIT * _LINE
    top, bottom = (middle, middle) if is_line else (top + inset, bottom - inset)
    # They meet at the corners, where a lip is thin as well.
    open_ = np.sign(np.sin(np.pi * along).round(6))
    thick, wide = _UNIT * _LIP * np.sin(np.pi * along), _UNIT * _OUTLINE * (2 * along - 1)
    return [
        np.column_stack([at + share * wide, middle + open_ * (edge - middle) + way * share * thick])
        for edge, way in ((top, -1), (bottom, 1))
        for share in np.linspace(0, 1, len(UPPER_LIP_ROWS))
    ]
