"""The character's mouth: it splits at the lips' line, the jaw moves down, the gap shows the performer's mouth."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .geometry import FacePoints, apply, smoothstep

_HALF_WIDTH = 0.36
"""Half of a mouth's width, in face units."""
_COARSE = 3
"""The jaw's motion is smooth: it is worked out at every third pixel."""

Floats = NDArray[np.float32]


class Mouth:
    """Opens the mouth of a character.

    Args:
        pixels: the character, H×W×3 RGB.
        face: its three points.
    """

    def __init__(self, pixels: NDArray[np.uint8], face: FacePoints) -> None:
        height, width = pixels.shape[:2]
        at, unit = np.array(face.mouth), face.eye_distance
        left, top = np.maximum(np.floor(at - np.array([1.25, 0.75]) * unit), 0).astype(int)
        right, bottom = np.minimum(np.ceil(at + np.array([1.25, 1.75]) * unit), (width, height)).astype(int)
        self._part = (slice(top, bottom), slice(left, right))
        self._origin = np.array([left, top])
        self._still = pixels[self._part].astype(np.float32)
        self._face, self._mouth = face, face.mouth_units
        rows, columns = np.mgrid[top:bottom, left:right].astype(np.float32)
        self._x, self._y = _units(face, columns, rows)
        coarse = (slice(None, None, _COARSE), slice(None, None, _COARSE))
        self._coarse_x, self._coarse_y = self._x[coarse], self._y[coarse]
        self._size = (right - left, bottom - top)
        self._bow = np.clip(1 - (self._x / _HALF_WIDTH) ** 2, 0, 1)
        self.skin = np.median(pixels[self._part][: max(1, int(0.4 * unit))].reshape(-1, 3), axis=0)

    def open(self, pixels: NDArray[np.uint8], upper: float, lower: float, inside: NDArray[np.uint8] | None) -> None:
        """Move the lips, in place.

        Args:
            pixels: the character, H×W×3 RGB; changed.
            upper: how far the upper lip moves down, in face units.
            lower: the same of the lower lip.
            inside: what lies between the lips, for every pixel of `area`; darkness when None.
        """
        if abs(upper) < 0.004 and abs(lower) < 0.004:
            return
        above = self._moved(upper, self._rise)
        below = self._moved(lower, self._drop)
        soft = 1.2 / self._face.eye_distance
        under = smoothstep(-soft, soft, self._y - lower * self._bow)
        over = smoothstep(soft, -soft, self._y - upper * self._bow)
        gap = np.clip(1 - under - over, 0, 1) * (self._bow > 0)
        over = np.clip(1 - under - gap, 0, 1)
        filling = self._filling(inside, upper, lower)
        mixed = above * over[..., None] + below * under[..., None] + filling * gap[..., None]
        pixels[self._part] = np.clip(mixed + 0.5, 0, 255).astype(np.uint8)

    def places(self) -> tuple[Floats, Floats]:
        """Return x and y of every pixel of the mouth's area, in face units from the mouth's middle."""
        return self._x, self._y

    def _filling(self, inside: NDArray[np.uint8] | None, upper: float, lower: float) -> Floats:
        if inside is None:
            return np.broadcast_to(np.array([40, 16, 18], np.float32), self._still.shape)
        depth = np.clip(np.minimum(self._y - upper * self._bow, lower * self._bow - self._y) / 0.06, 0, 1)
        return np.asarray(inside * (0.55 + 0.45 * depth[..., None]), np.float32)

    @staticmethod
    def _drop(x: Floats, y: Floats) -> Floats:
        """How much of the lower lip's motion a place below the lips takes part in."""
        wide = _HALF_WIDTH + (1.0 - _HALF_WIDTH) * smoothstep(0.0, 0.6, y)
        return np.asarray(np.clip(1 - (x / wide) ** 2, 0, 1) * smoothstep(1.5, 0.5, y) * smoothstep(-0.3, 0.0, y))

    @staticmethod
    def _rise(x: Floats, y: Floats) -> Floats:
        """How much of the upper lip's motion a place above the lips takes part in."""
        wide = _HALF_WIDTH + 0.25 * smoothstep(0.0, -0.3, y)
        return np.asarray(np.clip(1 - (x / wide) ** 2, 0, 1) * smoothstep(-0.42, -0.05, y) * smoothstep(0.3, 0.0, y))

    def _moved(self, far: float, share: object) -> Floats:
        """Return the area with one lip and what hangs on it moved down."""
        source = self._coarse_y.copy()
        for _ in range(8):
            source += 0.7 * (self._coarse_y - source - np.float32(far) * share(self._coarse_x, source))  # type: ignore[operator]
        down = cv2.resize(self._coarse_y - source, self._size, interpolation=cv2.INTER_LINEAR)
        linear = self._face.to_pixels[:, :2]
        rows, columns = np.mgrid[0 : self._size[1], 0 : self._size[0]].astype(np.float32)
        return np.asarray(
            cv2.remap(
                self._still,
                columns - down * np.float32(linear[0, 1]),
                rows - down * np.float32(linear[1, 1]),
                cv2.INTER_LINEAR,
                borderMode=cv2.BORDER_REPLICATE,
            )
        )


def _units(face: FacePoints, columns: Floats, rows: Floats) -> tuple[Floats, Floats]:
    """Face units from the mouth's middle."""
    points = apply(face.to_units, np.stack([columns.ravel(), rows.ravel()], -1).astype(float))
    x, y = face.mouth_units
    return (
        (points[:, 0] - x).reshape(columns.shape).astype(np.float32),
        (points[:, 1] - y).reshape(columns.shape).astype(np.float32),
    )
