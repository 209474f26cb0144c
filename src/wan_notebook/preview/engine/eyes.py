"""The eyes: eyeballs that stay in their place while lids move over them, and irises that look about."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ...faces.topology import LIDS
from .character import Character
from .raster import Floats, blend, interior, part_about, soften_line
from .transfer import FaceFrame, Points

_FARTHEST = (0.3, 0.2)
"""Widths of an eye from its middle, aside and up or down, to where an iris goes at most."""
_REACH = 1.3
"""Radii of an iris about it within which the white goes along, at least."""


class Eyes:
    """Draws a character's eyes.

    Args:
        character: one whose face and irises are known.
    """

    def __init__(self, character: Character) -> None:
        assert character.mesh is not None
        assert character.eyes is not None
        points = character.mesh.points.astype(float)
        self._pixels = character.pixels
        self._eyes = [
            _Eye.of(points, character.eyes.irises[side].astype(float), upper, lower)
            for side, (upper, lower) in enumerate(LIDS)
        ]

    def draw(self, pixels: NDArray[np.uint8], face: FaceFrame) -> None:
        """Draw both eyes into a frame, H×W×3 RGB, in place."""
        for eye in self._eyes:
            eye.draw(self._pixels, pixels, face)


Line = tuple[Points, Points]
"""A lid's rim: places along the eye, and how far it lies below the eye's line there, in pixels of the picture."""


@dataclass(frozen=True)
class _Eye:
    lids: tuple[tuple[int, ...], tuple[int, ...]]
    """Numbers of the points of the upper and of the lower one, from corner to corner."""
    width: float
    """Between the corners in the picture, in pixels."""
    along: Points
    """The direction from one corner to the other."""
    middle: Points
    """Midway between them."""
    own: tuple[Line, Line]
    """The lids' rims in the picture."""
    iris: Points
    """Its centre (x, y), and its radius."""

    @classmethod
    def of(cls, points: Points, iris: Points, upper: tuple[int, ...], lower: tuple[int, ...]) -> _Eye:
        radius = float(np.linalg.norm(iris[1:] - iris[0], axis=-1).mean())
        start, end = points[upper[0], :2], points[upper[-1], :2]
        width, middle = float(np.linalg.norm(end - start)), (start + end) / 2
        along = (end - start) / width
        own = _rim(points[list(upper), :2], middle, along), _rim(points[list(lower), :2], middle, along)
        return cls((upper, lower), width, along, middle, own, np.array([*iris[0], radius]))

    def draw(self, picture: NDArray[np.uint8], pixels: NDArray[np.uint8], face: FaceFrame) -> None:
        upper, lower = self.lids
        ring = [*upper, *lower[-2:0:-1]]
        outline = face.mesh[ring, :2]
        part = part_about(outline, 2, (pixels.shape[1], pixels.shape[0]))
        if part is None:
            return
        rows, columns = (np.arange(one.start, one.stop, dtype=np.float32) for one in part)
        across, down = self._source(columns, rows[:, None], face)
        ball = cv2.remap(picture, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        blend(pixels[part], ball, interior(outline, part).astype(np.float32) / np.float32(255))
        soften_line(pixels[part], outline - [part[1].start, part[0].start])

    def _source(self, columns: Floats, rows: Floats, face: FaceFrame) -> tuple[Floats, Floats]:
        """Return which place of the picture each pixel of the eye shows."""
        width, along, middle = self.width, self.along, self.middle
        new_start, new_end = face.mesh[self.lids[0][0], :2], face.mesh[self.lids[0][-1], :2]
        new_along = new_end - new_start
        new_width = float(np.linalg.norm(new_along)) + 1e-6
        right, below = (new_along / new_width).tolist()
        new_x, new_y = ((new_start + new_end) / 2).tolist()
        x, y = columns - new_x, rows - new_y
        u = (x * right + y * below) * (width / new_width)
        v = (y * right - x * below) / face.pose.growth
        # Where the eye is opened wider than the picture shows it, what there is of it is stretched.
        stretched = []
        for lid, own, sign in zip(self.lids, self.own, (-1, 1), strict=True):
            now = _rim(face.still[list(lid), :2], middle, along)
            most, wanted = (np.maximum(sign * np.interp(u, *rim), 1e-3).astype(np.float32) for rim in (own, now))
            stretched.append(np.minimum(most / wanted, 1))
        over, under = stretched
        u, v = self._looked(u, v * np.where(v < 0, over, under), face.gaze)
        if any(face.gaze):
            # What the iris leaves behind is drawn out of the eye's end, where the lids are nearer to each other.
            v = np.clip(v, *(np.interp(u, *height).astype(np.float32) for height in self.own))
        (a, b), (c, d) = middle.tolist(), along.tolist()
        return np.asarray(a + u * c - v * d, np.float32), np.asarray(b + u * d + v * c, np.float32)

    def _looked(self, u: Floats, v: Floats, gaze: tuple[float, float]) -> tuple[Floats, Floats]:
        """Return places along and across an eye before its iris looked aside."""
        iris, along, width = self.iris[:2] - self.middle, self.along, self.width
        at = float(iris @ along), float(along[0] * iris[1] - along[1] * iris[0])
        look_u, look_v = (
            min(max(one * width, min(-most * width - place, 0.0)), max(most * width - place, 0.0))
            for one, place, most in zip(gaze, at, _FARTHEST, strict=True)
        )
        new_u, new_v, radius = at[0] + look_u, at[1] + look_v, max(1e-3, float(self.iris[2]))
        far = np.hypot(u - new_u, v - new_v) / radius
        # On the side from which it comes the white is stretched as far as the eye's end: there it would be seen twice.
        behind = (width / 2 + np.sign(look_u) * new_u) / radius - 1
        reach = np.where((u - new_u) * look_u < 0, max(_REACH, behind), _REACH)
        follows = np.clip(1 - (far - 1) / reach, 0, 1).astype(np.float32)
        return u - follows * np.float32(look_u), v - follows * np.float32(look_v)


def _rim(lid: Points, middle: Points, along: Points) -> Line:
    away = lid - middle
    u, v = away @ along, along[0] * away[:, 1] - along[1] * away[:, 0]
    order = np.argsort(u)
    return u[order], v[order]
