"""A still picture whose face takes on an expression: mouth and lids, in place."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ...faces.geometry import FacePoints, Matrix
from ...faces.lip_line import LipLine, trace_lips
from .expression import Expression
from .eyes import Eye, find_eyes
from .mouth import Mouth

Floats = NDArray[np.float32]

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
