"""Telling when something covers a mouth in a video for a while, as a hand or a cup, though the mesh is read on.

The mesh supposes a mouth behind a hand, and is sure of it. But a face changes step by step: of how its lower part looks
in one frame, another frame nearly always shows almost the same, be it open-mouthed, laughing or turned. A hand comes at
once, and what is seen then looks like no other frame in which the upper face is the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from .geometry import apply, inverse
from .mesh import Mesh, cut
from .topology import EYE_CORNERS, JAW, LOWER_LIP_ROWS, NOSE, OVAL, UPPER_LIP_ROWS

_SIDE, _SOFT = 96, 1.2
"""Pixels of the square in which a face is looked at, and of the blur that leaves its larger features."""
LOWER = sorted({*np.concatenate(UPPER_LIP_ROWS + LOWER_LIP_ROWS).tolist(), *JAW})
"""Points of the lower face, in the order of Look.lower."""
_UPPER = sorted(set(range(468)) - {*LOWER, *NOSE, *OVAL})
_BETWEEN, _EDGES = UPPER_LIP_ROWS[0] + LOWER_LIP_ROWS[0], UPPER_LIP_ROWS[-1] + LOWER_LIP_ROWS[-1]
_FACING, _OPEN, _SMALLEST = 0.866, 0.12, 28.0
"""Cosine of the angle from which on a face is turned too far aside, the gap between the lips, in distances of the eyes'
outer corners, from which on they are seen, and that distance, in pixels, from which on a face is seen well."""
_ALIKE, _SAME_FACE = 0.6, 0.8
"""Correlation from which the lower parts of two faces look alike, and the upper ones.

Of 190 videos, drawn ones and animals among them, and of 4,500 stretches of two to six seconds of their shots, none with
a free mouth is told; the first stretch was from 0.65 on. Of 192 faces over whose mouth a hand was laid for a second 77
in a hundred are told, and of cups, masks and plain patches of skin 86; but of dark bars one in four, and of microphones
one in ten: they are as dark as the line of the lips. What leaves the mouth free is not told.
"""
_ENOUGH, _USUAL, _KNOWN = 8, 0.5, 3
"""Frames from which on it is known how a face looks, the share of them in which it has to be free, and how many of
those have to tell: of a laugh alone it is not known how shut lips look."""


@dataclass(frozen=True)
class Look:
    """How a face looks in one frame."""

    lower: NDArray[np.float32]
    """Lightness at points of the mesh below the nose, its mean and its slope over the face taken away; of length 1."""
    upper: NDArray[np.float32]
    """The same above it."""
    line: float
    """By how many levels it is darker between the lips than at their outer edges."""
    tells: bool
    """Whether a cover would be told: the face is large, looks ahead, and its lips are shut, as behind a cover."""

    @classmethod
    def of(cls, pixels: NDArray[np.uint8], mesh: Mesh) -> Look:
        """Return the look of a face in a picture, H×W×3 RGB."""
        grey = cv2.cvtColor(cut(pixels, mesh.region, _SIDE), cv2.COLOR_RGB2GRAY).astype(np.float32)
        places = apply(inverse(mesh.region.to_pixels(_SIDE)), mesh.points[:, :2].astype(float)).astype(np.float32)
        soft = cv2.GaussianBlur(grey, (0, 0), _SOFT)
        light = cv2.remap(soft, places[None], None, cv2.INTER_LINEAR)[0]
        flat = (mesh.points - mesh.points[list(EYE_CORNERS)].mean(0)) @ mesh.axes[:, :2]
        line = float(light[list(_EDGES)].mean() - light[list(_BETWEEN)].mean())
        tells = mesh.unit >= _SMALLEST and mesh.axes[2, 2] >= _FACING and mesh.lips_apart < _OPEN
        return cls(_pattern(light, flat, LOWER), _pattern(light, flat, _UPPER), line, bool(tells))


def _pattern(light: NDArray[np.float32], places: NDArray[np.float64], points: list[int]) -> NDArray[np.float32]:
    """Return lightness at points without its mean and its slope, of length 1."""
    slopes = np.column_stack([np.ones(len(points)), places[points]])
    values = light[points] - slopes @ np.linalg.lstsq(slopes, light[points], rcond=None)[0]
    return np.asarray(values / (np.linalg.norm(values) + 1e-6), np.float32)


def passing_covers(looks: Sequence[Look]) -> NDArray[np.bool_]:
    """Return in which frames of a shot something covers a face's mouth that is free in most of them.

    Args:
        looks: of one face, some four in each second.
    """
    if len(looks) < _ENOUGH:
        return np.zeros(len(looks), bool)
    lower, upper = (np.array([getattr(look, part) for look in looks]) for part in ("lower", "upper"))
    tells = np.array([look.tells for look in looks])
    free = _connected(lower @ lower.T >= _ALIKE)
    if free.mean() < _USUAL or (free & tells).sum() < _KNOWN:
        return np.zeros(len(looks), bool)
    same = (upper @ upper[free & tells].T).max(1) >= _SAME_FACE
    found = _lasting(~free & tells & same)
    # What is there for as long as the mouth, or longer, would be the usual look; but it has hardly a line there.
    lines = np.array([look.line for look in looks])
    return found & (np.median(lines[free & tells]) > np.median(lines[found])) if found.any() else found


def _connected(alike: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which frames look like the most usual one, or like one that does, and so on."""
    found = np.asarray(alike[alike.sum(1).argmax()])
    while (grown := alike[found].any(0)).sum() > found.sum():
        found = grown
    return found


def _lasting(found: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the same without single frames: a shadow or a strand of hair passes that quickly."""
    before, after = np.append(False, found[:-1]), np.append(found[1:], False)
    return np.asarray(found & (before | after))
