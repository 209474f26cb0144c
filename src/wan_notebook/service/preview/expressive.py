"""A still face that does what the performer's face does: mouth and lids, in place."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .expression import Face
from .eye_search import find_eyes
from .eyes import Eye
from .geometry import FacePoints, Matrix, apply
from .mouth import Mouth
from .mouth_search import LipLine, trace_lips


class Expressive:
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
        self._borrowed = _Borrowed(self._mouth, self.lips, performer)

    def playing(self, doing: Face, reference: NDArray[np.uint8], place: Matrix) -> NDArray[np.uint8]:
        """Return the picture with this expression, H×W×3 RGB.

        Args:
            doing: what the performer's face does.
            reference: the frame in which it does so, H×W×3 RGB.
            place: the map from the performer's face units to that frame's pixels.
        """
        pixels = self._still.copy()
        self._mouth.open(pixels, doing, self._borrowed.inside(reference, place))
        for eye, closure in zip(self._eyes, (doing.left_lid, doing.right_lid), strict=True):
            eye.close(pixels, closure)
        return pixels


class _Borrowed:
    """The inside of the performer's mouth, brought to the character's and tinted to its skin."""

    def __init__(self, mouth: Mouth, line: LipLine, performer: LipLine) -> None:
        wider = (performer.left + performer.right) / (line.left + line.right)
        x = mouth.x * np.float32(wider)
        # A character that shows its upper teeth already needs none from the performer.
        lower_down = 0.11 if line.teeth else 0.0
        places = np.stack([x + performer.middle, mouth.y + performer.at(x) + np.float32(lower_down)], -1)
        self._places, self._shape = places.reshape(-1, 2).astype(float), mouth.x.shape
        self._above = mouth.y < -0.35
        self._skin = mouth.skin

    def inside(self, reference: NDArray[np.uint8], place: Matrix) -> NDArray[np.uint8]:
        """Return what the performer shows at each pixel of the character's mouth."""
        maps = apply(place, self._places).astype(np.float32).reshape(*self._shape, 2)
        seen: NDArray[np.uint8] = cv2.remap(reference, maps, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        skin = np.median(seen[self._above], axis=0)
        tint = np.clip(self._skin / np.maximum(skin, 1), 0.5, 1.5)
        tinted: NDArray[np.uint8] = np.clip(seen * tint, 0, 255).astype(np.uint8)
        return tinted
