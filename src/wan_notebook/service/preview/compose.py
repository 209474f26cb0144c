"""Putting a frame together: the performer's expression on the character's face, its motion on the character's head."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from .character import Character
from .eyes import Eye
from .footage import Footage
from .geometry import Matrix, apply
from .mark import Mark
from .mouth import Mouth
from .track import Track
from .warp import Warp


def moved(character: Character, footage: Footage, track: Track) -> Iterator[NDArray[np.uint8]]:
    """Stream the frames of a character that moves as the performer does, H×W×3 RGB.

    Args:
        character: one whose face is known.
        footage: the performer.
        track: the performer's motion.
    """
    assert character.face is not None
    height, width = character.pixels.shape[:2]
    mouth = Mouth(character.pixels, character.face)
    eyes = [Eye(character.pixels, character.face, side) for side in (-1, 1)]
    reach = float(np.percentile(np.hypot(track.heads[:, 0], track.heads[:, 1]), 98))
    warp = Warp((width, height), character.face, reach)
    borrowed = _Borrowed(mouth, track.mouth)
    mark = Mark(width, height)
    for number, reference in enumerate(footage.frames(track.height)):
        doing = track.face(number)
        pixels = character.pixels.copy()
        mouth.open(pixels, doing.upper_lip, doing.lower_lip, borrowed.inside(reference, track.place(number)))
        for eye, closure in zip(eyes, (doing.left_lid, doing.right_lid), strict=True):
            eye.close(pixels, closure)
        pixels = warp(pixels, track.head(number), doing)
        mark.write(pixels)
        yield pixels


class _Borrowed:
    """The inside of the performer's mouth, brought to the character's and tinted to its skin."""

    def __init__(self, mouth: Mouth, performer: tuple[float, float]) -> None:
        self._x, self._y = mouth.places()
        self._mouth = performer
        self._skin = mouth.skin

    def inside(self, reference: NDArray[np.uint8], place: Matrix) -> NDArray[np.uint8]:
        """Return what the performer shows at each pixel of the character's mouth."""
        points = np.stack([self._x.ravel() + self._mouth[0], self._y.ravel() + self._mouth[1]], -1)
        maps = apply(place, points.astype(float)).astype(np.float32).reshape(*self._x.shape, 2)
        seen: NDArray[np.uint8] = cv2.remap(reference, maps, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        skin = np.median(seen[: max(1, len(seen) // 6)].reshape(-1, 3), axis=0)
        tint = np.clip(self._skin / np.maximum(skin, 1), 0.5, 1.5)
        tinted: NDArray[np.uint8] = np.clip(seen * tint, 0, 255).astype(np.uint8)
        return tinted
