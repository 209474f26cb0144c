"""A still face that takes on an expression, in place, and a head cut out to be laid on another's shoulders."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ...faces.geometry import FacePoints, Matrix, apply, chain, levelled, smoothstep
from ...faces.lip_line import LipLine, trace_lips
from .expression import Expression
from .eyes import Eye, find_eyes
from .head import depth, head_matte, own_colours
from .mouth import Mouth
from .tracker import Floats, Pose, Region

_INWARDS = 0.88
"""How far out, of the character's gap, the performer's is shown: at its rim are the performer's lips."""


class AnimatedFace:
    """A character's picture with a face that moves.

    Args:
        pixels: the character, H×W×3 RGB.
        face: its three points.
        performer: where the performer's lips meet at rest.
    """

    def __init__(self, pixels: NDArray[np.uint8], face: FacePoints, performer: LipLine) -> None:
        self._still = pixels
        self.lips = trace_lips(pixels, face)
        """Where the character's lips meet."""
        self._mouth = Mouth(pixels, face, self.lips)
        self._eyes = [Eye(pixels, face, shape) for shape in find_eyes(pixels, face)]
        self._mouth_inside = _MouthInside(self._mouth, self.lips, performer)

    def render(self, expression: Expression, reference: NDArray[np.uint8], to_pixels: Matrix) -> NDArray[np.uint8]:
        """Return the picture with this expression, H×W×3 RGB.

        Args:
            expression: of the performer's face.
            reference: the frame that shows it, H×W×3 RGB.
            to_pixels: the map from the performer's face units about the mouth to that frame's pixels.
        """
        pixels = self._still.copy()
        self._mouth.open(pixels, expression, self._mouth_inside.inside(expression, reference, to_pixels))
        for eye, closure in zip(self._eyes, (expression.left_lid, expression.right_lid), strict=True):
            eye.close(pixels, closure)
        return pixels


class _MouthInside:
    """The inside of the performer's mouth, brought to the character's and tinted to its skin."""

    def __init__(self, mouth: Mouth, line: LipLine, performer: LipLine) -> None:
        wider = (performer.left + performer.right) / (line.left + line.right)
        x = mouth.x * np.float32(_INWARDS * wider)
        self._x, self._line, self._y = x + performer.middle, performer.at(x), mouth.y
        # A character that shows its upper teeth already needs none from the performer.
        self._lower_down = 0.11 if line.teeth else 0.0
        self._above = mouth.y < -0.35
        self._skin = mouth.skin

    def inside(self, expression: Expression, reference: NDArray[np.uint8], to_pixels: Matrix) -> Floats:
        """Return the performer's mouth, tinted, at each pixel of the character's."""
        middle = (expression.upper_lip + expression.lower_lip) / 2
        y = middle + np.float32(_INWARDS) * (self._y - middle) + self._line + np.float32(self._lower_down)
        m = to_pixels.astype(np.float32)
        columns, rows = m[0, 0] * self._x + m[0, 1] * y + m[0, 2], m[1, 0] * self._x + m[1, 1] * y + m[1, 2]
        seen = cv2.remap(reference, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        skin = np.maximum(np.median(seen[self._above], axis=0), 1)
        # Teeth take on the light that falls on the skin, but little of the skin's own hue.
        light = self._skin.mean() / skin.mean()
        tint = light * (self._skin / skin / light) ** 0.4
        return np.asarray(np.clip(seen * np.clip(tint, 0.5, 1.5), 0, 255), np.float32)


CUTOUT = Region(left=-2.3, right=2.3, top=-2.9, bottom=2.5)
"""How much of a picture is taken along, in face units."""


class Cutout:
    """A character's head at the size in which it will be seen.

    Args:
        pixels: the character, H×W×3 RGB.
        face: its three points.
        performer: where the performer's lips meet at rest.
        skin: the middle of the performer's face at rest, RGB: some of the light that falls on it is taken over.
        detail: pixels per face unit.
    """

    def __init__(
        self, pixels: NDArray[np.uint8], face: FacePoints, performer: LipLine, skin: NDArray[np.uint8], detail: float
    ) -> None:
        part = levelled(pixels, face, (CUTOUT.left, CUTOUT.right, CUTOUT.top, CUTOUT.bottom), detail)
        matte = head_matte(pixels, face, CUTOUT, detail)
        x, y = CUTOUT.grid(detail)
        middle = part[(np.abs(x) < 0.8) & (y > -0.2) & (y < 1.0)]
        lit = np.clip(own_colours(part, matte, detail) * colour_factors(middle, skin), 0, 255).astype(np.uint8)
        points = face.mapped(face.to_units).mapped(CUTOUT.from_units(detail))
        self._alpha = np.asarray(matte * edge_fade(x, y), np.float32)
        self._actor = AnimatedFace(lit, points, performer)
        self._rows, self._columns = np.mgrid[0 : x.shape[0], 0 : x.shape[1]].astype(np.float32)
        self._near = depth(x, y) * np.float32(detail)
        self._fit = self._fitted(performer, detail)

    def _fitted(self, performer: LipLine, detail: float) -> Matrix:
        """The map from the cutout's pixels to the performer's face units: eyes upon eyes, mouth near mouth."""
        own, other = self._actor.lips.height, performer.height
        scale = float(np.clip(np.sqrt(other / own), 0.8, 1.3))
        to_units = np.array([[1 / detail, 0, CUTOUT.left], [0, 1 / detail, CUTOUT.top]])
        return chain(to_units, np.array([[scale, 0, 0], [0, scale, (other - scale * own) / 2]]))

    def render(
        self, expression: Expression, pose: Pose, reference: NDArray[np.uint8], mouth: Matrix
    ) -> NDArray[np.uint8]:
        """Return the cutout with this expression, turned as the head is.

        Args:
            expression: of the performer's face.
            pose: of the performer's head.
            reference: the frame that shows it, H×W×3 RGB.
            mouth: the map from the performer's face units about the mouth to that frame's pixels.
        """
        face = self._actor.render(expression, reference, mouth)
        columns, rows = self._columns - pose.yaw * self._near, self._rows - pose.pitch * self._near
        turned: NDArray[np.uint8] = cv2.remap(face, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return turned

    def paste(self, scene: NDArray[np.uint8], cutout: NDArray[np.uint8], to_pixels: Matrix) -> NDArray[np.uint8]:
        """Lay the rendered cutout on a frame, in place, and return the frame.

        Args:
            scene: H×W×3 RGB; changed.
            cutout: from render().
            to_pixels: the map from the performer's face units to the frame's pixels.
        """
        to_frame = chain(self._fit, to_pixels)
        corners = np.array([[0, 0], [1, 0], [0, 1], [1, 1]]) * cutout.shape[1::-1]
        spots = apply(to_frame, corners)
        left, top = np.maximum(np.floor(spots.min(0)), 0).astype(int)
        right, bottom = np.minimum(np.ceil(spots.max(0)), scene.shape[1::-1]).astype(int)
        if right <= left or bottom <= top:
            return scene
        to_part, size = to_frame - np.array([[0, 0, left], [0, 0, top]]), (int(right - left), int(bottom - top))
        over = cv2.warpAffine(cutout, to_part, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        alpha = cv2.warpAffine(self._alpha, to_part, size, flags=cv2.INTER_LINEAR)
        part = scene[top:bottom, left:right]
        part[:] = cv2.blendLinear(over, part, alpha, 1 - alpha)
        return scene


def colour_factors(own: NDArray[np.uint8], performer: NDArray[np.uint8]) -> Floats:
    """Return factors of red, green and blue that bring one face's light near another's, and its hue a little."""
    here, there = np.median(own, axis=0), np.median(performer.reshape(-1, 3), axis=0)
    light = np.clip(there.mean() / max(here.mean(), 1), 0.4, 2.2) ** 0.7
    hue = np.clip((there / max(there.mean(), 1)) / np.maximum(here / max(here.mean(), 1), 0.1), 0.6, 1.6) ** 0.35
    return np.asarray(light * hue, np.float32)


def edge_fade(x: Floats, y: Floats) -> Floats:
    """Fade out towards the cutout's own edges."""
    across = smoothstep(CUTOUT.left, CUTOUT.left + 0.2, x) * smoothstep(CUTOUT.right, CUTOUT.right - 0.2, x)
    return np.asarray(across * smoothstep(CUTOUT.top, CUTOUT.top + 0.15, y), np.float32)
