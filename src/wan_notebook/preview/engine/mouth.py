"""The character's mouth: it splits at the lips' line, the jaw moves down, the gap shows the performer's mouth."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from ...faces.geometry import FacePoints, apply, smoothstep
from ...faces.lip_line import LipLine
from .expression import Expression

Floats = NDArray[np.float32]

_SIDEWAYS, _ABOVE, _BELOW = 1.35, 0.6, 1.75
"""How far from the mouth anything moves with it, in face units."""
_COARSE = 3
"""The jaw's motion is smooth: it is worked out at every third pixel."""


class Mouth:
    """Opens the mouth of a character.

    Args:
        pixels: the character, H×W×3 RGB.
        face: its three points.
        line: where its lips meet.
    """

    def __init__(self, pixels: NDArray[np.uint8], face: FacePoints, line: LipLine) -> None:
        height, width = pixels.shape[:2]
        at, unit = np.array(face.mouth), face.eye_distance
        left, top = np.maximum(np.floor(at - np.array([_SIDEWAYS, _ABOVE]) * unit), 0).astype(int)
        right, bottom = np.minimum(np.ceil(at + np.array([_SIDEWAYS, _BELOW]) * unit), (width, height)).astype(int)
        self._part = (slice(top, bottom), slice(left, right))
        self._still = pixels[self._part].astype(np.float32)
        self._across, self._down = face.to_pixels[:, :2].T.astype(np.float32)
        self._rows, self._columns = np.mgrid[0 : bottom - top, 0 : right - left].astype(np.float32)
        places = apply(
            face.to_units, np.stack([self._columns + left, self._rows + top], -1).reshape(-1, 2).astype(float)
        )
        self.x = (places[:, 0] - line.middle).reshape(self._rows.shape).astype(np.float32)
        """Of every pixel nearby: how far it lies to the right of the mouth's middle, in face units."""
        self.y = places[:, 1].reshape(self._rows.shape).astype(np.float32) - line.at(self.x)
        """How far it lies below the line of the lips."""
        self._soft = 1.0 / unit
        self._nose = -0.28 * line.height
        self._corner = np.where(self.x < 0, line.left, line.right).astype(np.float32)
        self.skin = np.median(self._still[(np.abs(self.y + 0.3) < 0.2) & (np.abs(self.x) < 0.8)], axis=0)
        """The colour of the skin about the mouth."""

    def open(self, pixels: NDArray[np.uint8], expression: Expression, inside: Floats) -> None:
        """Move the lips, in place.

        Args:
            pixels: the character, H×W×3 RGB; changed.
            expression: of the face.
            inside: the picture between the lips, for every pixel of `x` and `y`.
        """
        if abs(expression.upper_lip) < 0.004 and abs(expression.lower_lip) < 0.004:
            return
        x = narrow(self.x, expression.mouth_width)
        bow = np.sqrt(np.clip(1 - (x / self._corner) ** 2, 0, 1))
        cheek = corner_drop(expression, np.abs(x) - self._corner)
        upper, lower = (cheek + (np.float32(lip) - cheek) * bow for lip in (expression.upper_lip, expression.lower_lip))
        above = self._moved(expression.upper_lip, expression, self._rise)
        below = self._moved(expression.lower_lip, expression, self._drop)
        under = smoothstep(-self._soft, self._soft, self.y - lower)[..., None]
        over = smoothstep(self._soft, -self._soft, self.y - upper)[..., None]
        gap = np.clip(1 - under - over, 0, 1) * (bow > 0)[..., None]
        shade = np.clip(np.minimum(self.y - upper, lower - self.y) / 0.06, 0, 1)[..., None]
        mixed = above * np.clip(1 - under - gap, 0, 1) + below * under + inside * (0.55 + 0.45 * shade) * gap
        pixels[self._part] = np.clip(mixed + 0.5, 0, 255).astype(np.uint8)

    def _wide(self, y: Floats, corner: Floats, widest: float) -> Floats:
        return corner + (widest - corner) * smoothstep(0.0, 0.5, np.abs(y))

    def _drop(self, x: Floats, y: Floats, corner: Floats) -> tuple[Floats, Floats]:
        """How much of the lower lip's motion a place below takes part in: the chin two thirds, the neck none."""
        across = arch(x / self._wide(y, corner, 1.3), smoothstep(0.0, 0.3, y))
        down = (1 - 0.35 * smoothstep(0.0, 0.6, y)) * smoothstep(1.6, 0.55, y) * smoothstep(-0.3, 0.0, y)
        return across, np.asarray(down, np.float32)

    def _rise(self, x: Floats, y: Floats, corner: Floats) -> tuple[Floats, Floats]:
        """How much of the upper lip's motion a place above the lips takes part in: the nose none."""
        across = arch(x / self._wide(y, corner, 0.7), smoothstep(0.0, -0.3, y))
        up = smoothstep(self._nose, -0.03, y) * smoothstep(0.3, 0.0, y)
        return across, np.asarray(up, np.float32)

    def _moved(self, lip: float, expression: Expression, share: Callable[..., tuple[Floats, Floats]]) -> Floats:
        """Return the surroundings with one lip, and what hangs on it, moved down, and the corners where they go."""
        coarse = (slice(None, None, _COARSE), slice(None, None, _COARSE))
        x, y, corner = self.x[coarse], self.y[coarse], self._corner[coarse]
        part = smoothstep(-0.4, -0.1, y) * smoothstep(1.2, 0.75, y)
        source_x, source_y = x + (narrow(x, expression.mouth_width) - x) * part, y.copy()
        cheek = corner_drop(expression, np.abs(source_x) - corner)
        for _ in range(6):
            across, along = share(source_x, source_y, corner)
            source_y += np.float32(0.7) * (y - source_y - (cheek + (np.float32(lip) - cheek) * across) * along)
        right, down = self._grown(x - source_x), self._grown(y - source_y)
        moved: Floats = cv2.remap(
            self._still,
            self._columns - right * self._across[0] - down * self._down[0],
            self._rows - right * self._across[1] - down * self._down[1],
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return moved

    def _grown(self, coarse: Floats) -> Floats:
        grow = np.array([[_COARSE, 0, 0], [0, _COARSE, 0]], np.float32)
        size = self.x.shape[::-1]
        return np.asarray(
            cv2.warpAffine(coarse, grow, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32
        )


def arch(x: Floats, soft: Floats) -> Floats:
    """Return an ellipse's height at places from -1 to 1, with ends that run out gently where it is soft."""
    inside = np.clip(1 - x * x, 0, 1)
    return np.asarray(np.sqrt(inside) * (1 - soft * (1 - inside)), np.float32)


def narrow(x: Floats, width: float) -> Floats:
    """Return from where the mouth's surroundings come when its corners have moved inwards or outwards."""
    return x + x * np.float32(1 / width - 1) * smoothstep(0.8, 0.4 * width, np.abs(x))


def corner_drop(expression: Expression, beyond: Floats) -> Floats:
    """Return how far the mouth's corners go down, and the cheeks less and less the farther beyond them.

    For an O it is half the way of the lips, for a cry less.
    """
    share = min(0.5, max(0.3, 0.85 - 0.55 * expression.mouth_width))
    corner = expression.upper_lip + share * (expression.lower_lip - expression.upper_lip)
    return np.float32(corner) * smoothstep(0.5, 0.0, beyond)
