"""Putting a frame together: the performer's expression on the character's face, its motion on the character's head."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from .character import Character
from .eye_search import find_eyes
from .eyes import Eye
from .footage import Footage
from .geometry import Matrix, apply
from .mark import Mark
from .mouth import Mouth
from .mouth_search import LipLine, trace_lips
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
    line = trace_lips(character.pixels, character.face)
    mouth = Mouth(character.pixels, character.face, line)
    eyes = [Eye(character.pixels, character.face, shape) for shape in find_eyes(character.pixels, character.face)]
    way = np.maximum(np.hypot(*track.heads[:, :2].T), np.hypot(*track.torsos[:, :2].T))
    warp = Warp(character.pixels, character.face, line, reach=float(np.percentile(way, 98)))
    borrowed = _Borrowed(mouth, line, track.lips)
    mark = Mark(width, height)
    for number, reference in enumerate(footage.frames(track.height)):
        doing = track.face(number)
        pixels = character.pixels.copy()
        mouth.open(pixels, doing, borrowed.inside(reference, track.place(number)))
        for eye, closure in zip(eyes, (doing.left_lid, doing.right_lid), strict=True):
            eye.close(pixels, closure)
        pixels = warp(pixels, track.head(number), track.torso(number), track.arms(number), doing)
        mark.write(pixels)
        yield pixels


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
