"""The posture and expression of a drawn person, and the surface of the head that shows them.

Points and lengths are in eye distances: the origin lies between the pupils, x to the right, y down, z towards us.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .paint import Shape

_STEPS = 8
"""Of the search for the point of the head that is seen at a place; at 20 degrees each leaves half of the error."""


@dataclass(frozen=True)
class Pose:
    """The posture and expression of a drawn person at one moment; all zero is upright, facing us, at rest."""

    head_x: float = 0.0
    """Motion of the point between the eyes to the right, about which the head turns and tilts, in eye distances."""
    head_y: float = 0.0
    """Its motion downwards."""
    roll: float = 0.0
    """Tilt of the head in degrees, clockwise."""
    yaw: float = 0.0
    """Turn of the face to the picture's right in degrees, up to 25 either way."""
    pitch: float = 0.0
    """Turn of the face downwards in degrees, up to 20 either way."""
    mouth: float = 0.0
    """0 for closed lips, 1 for a gap of 0.42 eye distances between them."""
    blink: float = 0.0
    """0 for open eyes, 1 for closed ones."""
    brows: float = 0.0
    """1 for brows raised by 0.15 eye distances as in surprise, -1 for lowered and drawn together as in a frown."""
    sway: float = 0.0
    """Motion of the shoulders to the right, in eye distances."""
    smile: float = 0.0
    """1 for a full smile: a mouth wider by a fifth with its corners raised by 0.13 eye distances, and lifted cheeks."""


# What moves the skin: the middle of the place on the right-hand side, its half width and half height, and how far it
# moves outwards and down.
_SMILE = ((0.72, 0.7, 0.3, 0.3, 0.03, -0.08), (0.5, 1.08, 0.2, 0.2, 0.05, -0.06))
_BROWS = ((0.5, -0.44, 0.42, 0.22, 0.0, -0.12),)
_JAW_TOP, _CHIN, _JAW_DROP = 0.5, 1.8, 0.22
"""Height from which a mouth that opens draws out the face, down to the chin, and how far it lowers that."""


def expressed(skin: Shape, pose: Pose) -> Shape:
    """Return where an expression moves points of the calm face."""
    x, y = skin.T
    jaw = np.maximum(y - _JAW_TOP, 0) / (_CHIN - _JAW_TOP)
    moved = np.stack([x, y + _JAW_DROP * pose.mouth * jaw**2], axis=1)
    for strength, places in ((pose.smile, _SMILE), (pose.brows, _BROWS)):
        for across, down, width, height, out, lower in places if strength else ():
            near = strength * hill((np.abs(x) - across) / width, (y - down) / height)
            moved += near[:, None] * np.stack([out * np.sign(x), np.full_like(x, lower)], axis=1)
    return moved


def hill(across: NDArray[np.float64], down: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a bell of height 1, as high as 0.61 at a distance of 1."""
    return np.asarray(np.exp(-0.5 * (across**2 + down**2)))


_NOSE_Y, _NOSE_HEIGHT = (-0.25, 0.0, 0.3, 0.62, 0.76, 0.92), (0.0, 0.06, 0.17, 0.3, 0.2, 0.0)
"""The ridge of the nose from brow to lip, and how far it rises from the face: its tip stands 0.44 before the pupils."""
BACK, CAMERA = -1.3, 12.0
"""Depth of the hair behind the head, and of the camera that sees it: as far as in a call, 75 cm."""


def depth(points: Shape) -> NDArray[np.float64]:
    """Return how far points of the upright head lie before the pupils, about as an average adult's do."""
    x, y = points.T
    skull = 0.15 - 0.62 * x**2 - 0.55 * np.maximum(-y - 0.85, 0) ** 2 - 0.8 * np.clip(y - 1.5, 0, 0.5) ** 2
    nose = np.interp(y, _NOSE_Y, _NOSE_HEIGHT) * hill(x / (0.1 + 0.07 * np.clip(y, 0, 0.7)), np.zeros_like(y))
    lips, chin = 0.1 * hill(x / 0.35, (y - 1.15) / 0.25), 0.06 * hill(x / 0.3, (y - 1.65) / 0.15)
    return np.asarray(np.maximum(skull, BACK) + nose + lips + chin)


class Head:
    """A head at a pose before the camera, which sees the upright head as it was painted."""

    def __init__(self, pose: Pose) -> None:
        (cos_roll, sin_roll), (cos_yaw, sin_yaw), (cos_pitch, sin_pitch) = (
            (math.cos(angle), math.sin(angle)) for angle in np.radians((pose.roll, pose.yaw, pose.pitch))
        )
        self._pose, self._place = pose, np.array([pose.head_x, pose.head_y])
        self._tilt = np.array([(cos_roll, -sin_roll), (sin_roll, cos_roll)])
        self._turn = np.array(
            [
                (cos_yaw, -sin_yaw * sin_pitch, sin_yaw * cos_pitch),
                (0, cos_pitch, sin_pitch),
                (-sin_yaw, -cos_yaw * sin_pitch, cos_yaw * cos_pitch),
            ]
        )

    def plane(self, z: float) -> Shape:
        """Return the 3×3 matrix that takes points of one depth, painted on the upright head, to where they are seen.

        It is exact for a camera far away; from CAMERA a plane of the head's size is off by some hundredths.
        """
        shift = self._tilt @ self._turn[:2, 2] * z / (1 - z / CAMERA) + self._place
        return np.asarray(np.vstack([np.column_stack([self._tilt @ self._turn[:2, :2], shift]), (0, 0, 1)]))

    def seen(self, points: Shape) -> Shape:
        """Return where points painted on the upright head are seen."""
        return np.asarray(self._turned(points) @ self._tilt.T + self._place)

    def skin(self, points: Shape) -> Shape:
        """Return where points painted on the upright, calm face are seen."""
        return self.seen(expressed(points, self._pose))

    def behind(self, places: Shape, *, calm: bool) -> Shape:
        """Return the painted points that are seen at these places.

        Args:
            places: in the picture.
            calm: True for hair, False for skin, which the expression moves.
        """
        level = (places - self._place) @ self._tilt
        points = np.array(level)
        for _ in range(_STEPS):
            points += level - self._turned(points if calm else expressed(points, self._pose))
        return points

    def _turned(self, points: Shape) -> Shape:
        z = depth(points)[:, None]
        turned = np.hstack([points * (1 - z / CAMERA), z]) @ self._turn.T
        return np.asarray(turned[:, :2] / (1 - turned[:, 2:] / CAMERA))
