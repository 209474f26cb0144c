"""Where a character's lids truly are: drawn eyes may be half as large again as any that the models have seen."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from ...faces.geometry import smoothstep

Points = NDArray[np.float64]
Floats = NDArray[np.float32]

_ASIDE = np.linspace(1.0, 1.6, 7)
_UP, _DOWN = np.linspace(1.0, 2.2, 13), np.linspace(1.0, 1.9, 10)
"""How much larger the eye may be than it was read: to either side, above the line of its corners, and below."""
_CLEAR = 6.0
"""CIELAB's lightness by which the white of a drawn eye differs from the line of its lashes: 9 and more; in pictures of
people, whose lids are as dark as their irises, 3 at most."""
_DARKER = 5.0
"""Lightness by which something between the lid and an edge above it is darker than what lies below that edge, where it
is the line of the lashes: then the edge is the crease of the lid."""
_IN_AND_OUT = (-0.06, 0.22)
"""Widths of an eye beyond its upper lid's rim at which the eye and the lid are compared."""
_SHADE = 5.0
"""Lightness by which an eye is lighter than a lid in a deep shadow, or painted dark: 7 and 9; of fifteen people that no
lid is darker than by 2."""
_SAMPLES = 25
_REACH = np.linspace(-0.08, 0.16, 25)
"""Widths of an eye, outwards, within which an edge is followed about the larger eye's lid."""
_STIFF = 2e4
"""Colour difference that a step aside of one width of the eye costs, squared, as a lid's edge is followed."""
_BEYOND = 0.05
"""Widths of an eye by which a lid lies beyond its edge, the upper one within its lashes: of what lies there nothing may
be the eye's, since it is drawn out as the eye shuts."""
_ALONG, _STILL = 1.5, 3.0
"""Radii of an eye, or of a mouth, up to which the skin about it goes along, and from which it does not: rows of skin
that stayed would lie within the larger eye, and lashes where skin is drawn out as it shuts."""


class DrawnEye:
    """An eye in a picture that may be larger than the models see it.

    Args:
        picture: in CIELAB, H×W×3.
        upper: the upper lid's rim from corner to corner as the models see it, N×2 in pixels.
        lower: the lower lid's.
    """

    def __init__(self, picture: Floats, upper: Points, lower: Points) -> None:
        self._picture = picture
        self._middle = (upper[0] + upper[-1]) / 2
        self._width = float(np.linalg.norm(upper[-1] - upper[0])) + 1e-6
        along = (upper[-1] - upper[0]) / self._width
        self._axes = np.array([along, [-along[1], along[0]]])
        self._step = max(1.0, 0.04 * self._width)
        self._upper, self._lower = ((lid - self._middle) @ self._axes.T for lid in (upper, lower))

    def lids(self) -> tuple[Points, Points] | None:
        """Return its lids where the picture has their edges, in pixels; None where it is none that was drawn."""
        above = {sides: self._above(*sides) for sides in product(_ASIDE, _ASIDE)}
        # Towards its corners the edge is ever fainter: of eyes that have it the widest is meant.
        sides = max(above, key=lambda sides: above[sides].max() * sum(sides) ** 2)
        if above[sides].max() >= _CLEAR:
            high, deep = _UP[above[sides].argmax()], _DOWN[self._below(*sides).argmax()]
        elif self._shaded():
            sides, high, deep = (1.0, 1.0), 1.0, 1.0
        else:
            return None
        upper = self._along_edge(_larger(self._upper, *sides, high), -1)
        lower = self._along_edge(_larger(self._lower, *sides, deep), 1)
        for corner in (0, -1):
            upper[corner] = lower[corner] = (upper[corner] + lower[corner]) / 2
        return upper @ self._axes + self._middle, lower @ self._axes + self._middle

    def _shaded(self) -> bool:
        """Whether the eye is lighter than the whole lid above it, so that no line of lashes tells where that ends."""
        course = _sampled(self._upper)[_SAMPLES // 4 : -(_SAMPLES // 4), None]
        eye, lid = (self._colours(course - [0.0, out * self._width])[..., 0].mean() for out in _IN_AND_OUT)
        return bool(eye - lid > _SHADE)

    def _colours(self, places: Points) -> Floats:
        at = (places @ self._axes + self._middle).astype(np.float32)
        return np.asarray(cv2.remap(self._picture, at, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))

    def _rims(self, lid: Points, left: float, right: float, heights: Points) -> Points:
        """Return the lid of a larger eye for each of these heights, without its corners."""
        course = _sampled(_larger(lid, left, right, 1.0))[1:-1]
        return np.asarray(course * np.stack([np.ones_like(heights), heights], 1)[:, None])

    def _above(self, left: float, right: float) -> Points:
        """Return for each height how much lighter the eye is than the line above it."""
        rims, step = self._rims(self._upper, left, right, _UP), np.array([0.0, self._step])
        inside, at, outside = (self._colours(rims + way)[..., 0].mean(1) for way in (step, 0 * step, -step))
        # Its lashes' inner edge is the lid. Their outer one is not, nor is what lies beyond.
        darkest = np.minimum.accumulate(np.concatenate([[np.inf], at[:-1]]))
        return np.where(darkest < inside - _DARKER, 0.0, inside - outside) * (1.15 - 0.15 * _UP)

    def _below(self, left: float, right: float) -> Points:
        """Return for each height how much the eye and the skin below differ in lightness."""
        rims, step = self._rims(self._lower, left, right, _DOWN), np.array([0.0, self._step])
        inside, outside = (self._colours(rims + way)[..., 0].mean(1) for way in (-step, step))
        return np.asarray(np.abs(inside - outside) * (1.15 - 0.15 * _DOWN))

    def _along_edge(self, lid: Points, down: int) -> Points:
        """Return a lid that follows the clearest edge from corner to corner.

        Source: Amini, Weymouth, Jain (1990), using dynamic programming for solving variational problems in vision.
        """
        course, outs = _sampled(lid), _REACH * self._width
        rims = course[:, None] + np.stack([np.zeros_like(outs), down * outs], 1)
        step = np.array([0.0, down * max(1.0, 0.03 * self._width)])
        changes = self._colours(rims - step) - self._colours(rims + step)
        edges = np.maximum(changes[..., 0], 0) if down < 0 else np.linalg.norm(changes, axis=2)
        out = outs[_smoothest(edges.astype(float))] + _BEYOND * self._width
        return np.column_stack([lid[:, 0], lid[:, 1] + down * np.interp(lid[:, 0], course[:, 0], out)])


def widened(points: Points, ring: Sequence[int], places: Points) -> Points:
    """Return points of a face, N×2, with an eye's lids, or lips, where they truly are, and the skin about them moved.

    Args:
        points: as the models see them, in pixels.
        ring: numbers of those around the eye or the mouth.
        places: where those truly are.
    """
    rim = list(ring)
    away = points - points[rim].mean(0)
    angles, radii = np.arctan2(away[:, 1], away[:, 0]), np.hypot(*away.T)
    beyond = radii / np.interp(angles, angles[rim], radii[rim], period=2 * np.pi)
    moves = places - points[rim]
    along = np.column_stack([np.interp(angles, angles[rim], move, period=2 * np.pi) for move in moves.T])
    moved: Points = points + smoothstep(_STILL, _ALONG, beyond)[:, None] * along
    moved[rim] = places
    return moved


def _larger(lid: Points, left: float, right: float, high: float) -> Points:
    return np.column_stack([np.where(lid[:, 0] < 0, left, right) * lid[:, 0], high * lid[:, 1]])


def _sampled(lid: Points) -> Points:
    at = np.linspace(lid[0, 0], lid[-1, 0], _SAMPLES)
    return np.column_stack([at, np.interp(at, lid[:, 0], lid[:, 1])])


def _smoothest(edges: Points) -> NDArray[np.int64]:
    """Return the place in each row that makes up the clearest course through all rows, bent little."""
    cost = _STIFF * (_REACH[:, None] - _REACH) ** 2
    total, came = edges[0], []
    for row in edges[1:]:
        ways = total - cost
        came.append(ways.argmax(1))
        total = ways.max(1) + row
    path = [int(total.argmax())]
    for back in reversed(came):
        path.append(int(back[path[-1]]))
    return np.array(path[::-1])
