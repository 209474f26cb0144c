"""The inside of the mouth: where the character's lips part, the performer's shows, in the character's light.

Of lips that are parted in its picture, what shows between them stays: parted.py.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ...faces.geometry import smoothstep
from .character import Character
from .parted import PartedMouth, between_lips, inside_lips
from .performance import MOUTH_RING, Performance, skin_colour
from .raster import Floats, Part, blend, cover, part_about
from .softness import softness
from .transfer import FaceFrame

_TEETH, _OF_SKIN, _FLESH, _TONGUE = 13.0, 0.75, 13.0, 0.45
"""CIELAB chroma that teeth have at most, and the share of the skin's, since teeth in a lamp's light are as coloured as
it is; how much more a tongue has, and how much of its light that loses."""
_BRIGHT = (0.65, 0.9)
"""How many times as light as the skin nothing is of teeth, and what has no more colour than they have surely is."""
_BARED = (0.1, 0.3)
"""Share of what a mouth shows that is teeth, from which on they take the place of the character's, and have."""
_RIM, _RIM_SHARE = 0.02, 0.15
"""Units, and share of the gap between the lips, by which the mesh may have their edges on the lips: of a mouth that is
drawn larger than the performer's a second lip would be seen."""
_DIMMEST, _BRIGHTEST, _WHITEST = 0.5, (1.1, 2.0), 1.15
"""How many times as light a mouth becomes in another's light, at least and at most; and by how much its teeth are then
lighter than the skin at most."""
_COLOURED = 10.0
"""CIELAB chroma of a skin from which its picture has colour: whatever a skin's, tongues and gums are as red."""
_SHADOW, _SHADE = 0.04, 0.4
"""How far the lips' shadow reaches into the mouth, in units, and how much light it takes."""
_SHARP, _SOFT = 1.1, 1.5
"""Pixels by which edges are soft in a sharp picture, and from which the picture is soft: of 110 those of faces that
were enlarged or out of focus have 1.7 to 6.3, all others less than 1.5."""
_NARROW = 0.03
"""Units between the lips below which, of what lies between them, ever less is seen."""


class Mouth:
    """Fills the gap between a character's lips.

    Args:
        character: one whose face is known.
        performance: the performer's motion.
    """

    def __init__(self, character: Character, performance: Performance) -> None:
        assert character.mesh is not None
        mesh = character.mesh
        self._unit, self._performance = mesh.unit, performance
        self._own_gap = mesh.lips_apart
        self._parted = PartedMouth.of(character)
        self._skin = skin_colour(character.pixels, mesh.points)
        soft = softness(character.pixels, mesh)
        self._soft = soft if soft > _SOFT else 0.0
        # While a hand hides the performer's mouth, the last that was seen of it stands for it.
        self._last: int | None = None

    def draw(self, pixels: NDArray[np.uint8], face: FaceFrame, number: int) -> None:
        """Draw the performer's mouth into a frame, in place.

        Args:
            pixels: the frame, H×W×3 RGB, its lips where they shall be.
            face: the face therein.
            number: of the frame.
        """
        if self._performance.mouths[number] is not None:
            self._last = number
        if self._parted is not None:
            shown = min(1.0, face.gap / _NARROW)
        else:
            # What a mouth that is shut at rest shows of its own is but the line between its lips.
            shown = float(np.clip((abs(face.gap - self._own_gap) - 0.01) / 0.04, 0, 1))
            # Between lips that touch nothing shows, whatever gap is read: those of the performer would be taken for it.
            shown *= 1 - float(self._performance.shut[number])
        if shown <= 0 or face.gap < 0.005 or (self._parted is None and self._last is None):
            return
        ring = face.mesh[list(MOUTH_RING), :2].astype(np.float32)
        blur = max(0.5, self._unit / 90, self._soft / 2)
        part = part_about(ring, 2 + int(np.ceil(3 * blur)), (pixels.shape[1], pixels.shape[0]))
        if part is None:
            return
        within = cover(ring, part)
        inside = self._inside(ring, part, within, face)
        # The edge is soft inwards: outside of it are lips.
        soft = cv2.GaussianBlur(within, (0, 0), blur).astype(np.float32) * within * np.float32(shown / 255**2)
        blend(pixels[part], inside, soft)

    def _inside(self, ring: Floats, part: Part, within: NDArray[np.uint8], face: FaceFrame) -> Floats:
        """Return what shows between the lips, H×W×3, for each pixel of a part of the frame."""
        if self._parted is None:
            return self._performers(ring, part, within)[0]
        opened = 0.0 if self._last is None else float(self._performance.mouth[self._last])
        own, hides = self._parted.draw(ring, part, face, opened)
        if hides.min() >= 1 or self._last is None:
            return own
        behind, teeth = self._performers(ring, part, within)
        kept = 1 - self._parted.outgrown(face) * float(smoothstep(*_BARED, teeth[within > 127].mean()))
        return behind + (own - behind) * (kept * hides)[..., None]

    def _performers(self, ring: Floats, part: Part, within: NDArray[np.uint8]) -> tuple[Floats, Floats]:
        """Return the same of the performer's mouth, as it was last seen, and how much of it is teeth, H×W, 0 to 1."""
        number = self._last
        assert number is not None
        mouth = self._performance.mouths[number]
        assert mouth is not None
        source = self._performance.rings[number] - np.array([mouth.left, mouth.top], np.float32)
        source = inside_lips(source, _RIM * float(self._performance.units[number]), _RIM_SHARE)
        across, down = between_lips(ring, source, part)
        inside = cv2.remap(mouth.pixels, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        # In a soft picture a sharp mouth would be seen to be another's. One that is enlarged is soft by itself.
        sharp = _SHARP * max(1.0, self._unit / float(self._performance.units[number]))
        if self._soft > sharp:
            inside = cv2.GaussianBlur(inside, (0, 0), float(np.sqrt(self._soft**2 - sharp**2)))
        lit, teeth = self._in_own_light(np.asarray(inside, np.uint8), number)
        # Lips cast their shadow on what lies behind them.
        deep = cv2.distanceTransform((within > 127).astype(np.uint8), cv2.DIST_L2, 3) / np.float32(_SHADOW * self._unit)
        lit *= (1 - _SHADE * np.clip(1 - deep, 0, 1))[..., None]
        return lit, teeth

    def _in_own_light(self, inside: NDArray[np.uint8], number: int) -> tuple[Floats, Floats]:
        """Return the performer's mouth as the character's skin would have it, and how much of it is teeth, 0 to 1."""
        theirs = self._performance.skins[number]
        lab = cv2.cvtColor(inside.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
        # Of a dark clip teeth are as light as in the character's light, but none glows before its skin.
        most = _WHITEST * self._skin[0] / max(1.0, float(np.percentile(lab[..., 0], 95)))
        light = float(np.clip(self._skin[0] / max(theirs[0], 1), _DIMMEST, np.clip(most, *_BRIGHTEST)))
        teeth = max(_TEETH, _OF_SKIN * float(np.hypot(*theirs[1:])))
        flesh = np.clip((np.hypot(lab[..., 1], lab[..., 2]) - teeth) / _FLESH, 0, 1)
        colour = min(1.0, float(np.hypot(*self._skin[1:])) / _COLOURED)
        # In a lamp's light teeth are as coloured as it is; in another's they are as white as any.
        bright = smoothstep(*_BRIGHT, lab[..., 0] / max(1.0, float(theirs[0]))) * (1 - flesh)
        lab[..., 1:] *= (1 - bright * (1 - _TEETH / teeth))[..., None]
        tint = 0.3 * colour * (self._skin[1:] - theirs[1:] * colour)
        # What gets less light has less colour: else a mouth in the dark would glow red.
        lab[..., 1:] = min(1.0, light) * lab[..., 1:] * colour + tint * (lab[..., :1] / 100)
        # A tongue as bright as lips are would be taken for one of them.
        lab[..., 0] = np.clip(lab[..., 0] * light * (1 - _TONGUE * flesh), 0, 100)
        return np.asarray(np.clip(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), 0, 1) * 255, np.float32), bright
