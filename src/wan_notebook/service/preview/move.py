"""Mode "move": the character's own picture, its head and body moving as the performer's do."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from .character import Character
from .expressive import Expressive
from .footage import Footage
from .mark import Mark
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
    actor = Expressive(character.pixels, character.face, track.lips)
    way = np.maximum(np.hypot(*track.heads[:, :2].T), np.hypot(*track.torsos[:, :2].T))
    warp = Warp(character.pixels, character.face, actor.lips, reach=float(np.percentile(way, 98)))
    mark = Mark(width, height)
    for number, reference in enumerate(footage.frames(track.height)):
        doing = track.face(number)
        pixels = actor.playing(doing, reference, track.mouth_place(number))
        pixels = warp(pixels, track.head(number), track.torso(number), track.arms(number), doing)
        mark.write(pixels)
        yield pixels
