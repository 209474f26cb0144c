"""A character's head, animated: the picture with its face, eyes, mouth and surroundings where a frame wants them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ...faces.topology import INNER_LOWER_LIP, INNER_UPPER_LIP, LIDS, between, skin
from .character import Character
from .eyes import Eyes
from .mouth import Mouth
from .performance import Performance
from .raster import draw_map
from .surroundings import Maps, Surroundings
from .transfer import Transfer

_HOLES = np.concatenate([between(upper, lower) for upper, lower in ((INNER_UPPER_LIP, INNER_LOWER_LIP), *LIDS)])
_TRIANGLES = np.concatenate([_HOLES, skin()])


class AnimatedHead:
    """A picture whose face takes on the performer's expressions, and whose head moves as it shall.

    Args:
        character: one whose face is known.
        performance: the performer's motion.
        transfer: gives the character's mesh of each frame.
        surroundings: move what lies around the face.
    """

    def __init__(
        self, character: Character, performance: Performance, transfer: Transfer, surroundings: Surroundings
    ) -> None:
        assert character.mesh is not None
        self._pixels, self._own = character.pixels, character.mesh.points.astype(float)
        self._transfer, self._surroundings = transfer, surroundings
        self._shares = surroundings.share_at(self._own)[:, None]
        self._eyes, self._mouth = Eyes(character), Mouth(character, performance)

    def render(
        self, number: int, reference: NDArray[np.uint8], body: tuple[float, float] = (0.0, 0.0)
    ) -> tuple[NDArray[np.uint8], Maps]:
        """Return one frame, H×W×3 RGB, and the maps of where its pixels come from.

        Args:
            number: of the frame.
            reference: the performer's frame.
            body: how far the shoulders have moved to the right and down, in pixels.
        """
        face = self._transfer.frame(number)
        face = face.at(self._own + self._shares * (face.mesh - self._own))
        across, down = self._surroundings.maps(face, body)
        far_first = np.argsort(-face.mesh[_TRIANGLES, 2].mean(1), kind="stable")
        target, source = face.mesh[:, :2].astype(np.float32), self._own[:, :2].astype(np.float32)
        draw_map(across, down, _TRIANGLES[far_first], target, source)
        pixels = cv2.remap(self._pixels, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        self._eyes.draw(pixels, face)
        self._mouth.draw(pixels, face, reference, number)
        return np.asarray(pixels), (across, down)
