"""A character's head, animated: the picture with its face, eyes, mouth and surroundings where a frame wants them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ...faces.topology import INNER_LOWER_LIP, INNER_UPPER_LIP, LIDS, OVAL, between, skin
from .character import Character
from .eyes import Eyes
from .mouth import Mouth
from .performance import Performance
from .raster import Floats, Part, draw_map, part_about, soften_edge
from .surroundings import Surroundings
from .transfer import FaceFrame

_HOLES = np.concatenate([between(upper, lower) for upper, lower in ((INNER_UPPER_LIP, INNER_LOWER_LIP), *LIDS)])
_TRIANGLES = np.concatenate([_HOLES, skin()])
_CORNERS = np.ascontiguousarray(_TRIANGLES.T, np.intp)
"""The same, 3×N."""
_EDGED = 0.7
"""Pixels by which the surroundings miss the face's outline from which it has an edge before them."""


class AnimatedHead:
    """A picture whose face takes on the performer's expressions, and whose head moves as it shall.

    Args:
        character: one whose face is known.
        performance: the performer's motion.
        surroundings: move what lies around the face.
        matte: how much of each pixel belongs to what is cut out, H×W, 0 to 255; all of it when None.
    """

    def __init__(
        self,
        character: Character,
        performance: Performance,
        surroundings: Surroundings,
        matte: NDArray[np.uint8] | None = None,
    ) -> None:
        assert character.mesh is not None
        self._own = character.mesh.points.astype(float)
        # Of four channels cv2.remap makes a frame in half the time.
        self._pixels = cv2.cvtColor(character.pixels, cv2.COLOR_RGB2RGBA)
        if matte is not None:
            self._pixels[..., 3] = matte
        self._moved = np.empty_like(self._pixels)
        self._surroundings = surroundings
        self._eyes, self._mouth = Eyes(character), Mouth(character, performance)

    def render(
        self, number: int, face: FaceFrame, body: tuple[float, float] = (0.0, 0.0)
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Return one frame, H×W×3 RGB, and its matte, H×W, the latter until the next call.

        Args:
            number: of the frame.
            face: the character's face in it.
            body: how far the shoulders have moved to the right and down, in pixels.
        """
        face = face.at(self._surroundings.reached(face.mesh))
        across, down = self._surroundings.maps(face, body)
        around = self._behind(face, across, down)
        far_first = np.argsort(-np.take(face.mesh[:, 2], _CORNERS).sum(0), kind="stable")
        target, source = face.mesh[:, :2].astype(np.float32), self._own[:, :2].astype(np.float32)
        draw_map(across, down, _TRIANGLES[far_first], target, source)
        # Mirrored at the picture's edge, hair would be seen again beside it.
        cv2.remap(self._pixels, across, down, cv2.INTER_LINEAR, self._moved, cv2.BORDER_REPLICATE)
        pixels = np.asarray(cv2.cvtColor(self._moved, cv2.COLOR_RGBA2RGB), np.uint8)
        if around is not None:
            part, before, behind = around
            soften_edge(pixels[part], across[part] != before, behind)
        self._eyes.draw(pixels, face)
        self._mouth.draw(pixels, face, number)
        return pixels, self._moved[..., 3]

    def _behind(self, face: FaceFrame, across: Floats, down: Floats) -> tuple[Part, Floats, NDArray[np.uint8]] | None:
        """Return what lies behind the face of a turned head: the part of the frame, its map, and its pixels.

        None where the face goes over into its surroundings without an edge.
        """
        outline = list(OVAL)
        at = face.mesh[outline, :2].astype(np.float32)[:, None]
        seen = [
            cv2.remap(plane, at, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE) for plane in (across, down)
        ]
        if np.abs(np.hstack(seen) - self._own[outline, :2]).max() < _EDGED:
            return None
        part = part_about(face.mesh[:, :2], 2, (across.shape[1], across.shape[0]))
        if part is None:
            return None
        own = across[part].copy()
        behind = cv2.remap(self._pixels, own, down[part], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return part, own, np.asarray(behind[..., :3])
