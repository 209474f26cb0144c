"""The inside of a mouth whose lips are parted in the character's own picture, mostly by a smile that shows teeth."""

from __future__ import annotations

import cv2
import numpy as np

from ...faces.geometry import smoothstep
from ...faces.topology import INNER_LOWER_LIP, INNER_UPPER_LIP, between
from .character import Character
from .performance import MOUTH_RING
from .raster import Floats, Part, draw_map
from .transfer import FaceFrame, Points

_ROWS = {point: row for row, point in enumerate(MOUTH_RING)}
_TRIANGLES = np.vectorize(_ROWS.get)(between(INNER_UPPER_LIP, INNER_LOWER_LIP)).astype(np.int32)
_NESTED = np.concatenate([_TRIANGLES, _TRIANGLES + len(MOUTH_RING)])
"""Those of a ring, and over them those of a second one within it."""
_OPPOSITE = [10, *range(19, 10, -1), 0, *range(9, 0, -1)]
"""For each row of the ring, the row across the mouth from it."""
_CORNERS = [0, 10]
"""The rows of the corners."""
_BEYOND = 2
"""Pixels by which the inside goes on beyond its outline."""
_UPPER, _LOWER = list(INNER_UPPER_LIP), list(INNER_LOWER_LIP)
_LOWER_ROWS = [_ROWS[point] for point in INNER_LOWER_LIP[1:-1]]
_PARTED = 0.04
"""Units between the lips from which there is an inside to be seen, as of lips that are shut .03 is read at most."""
_SEEN = 0.5
"""How surely a face is there: of a mesh that was only laid upon marks the lips are parted whatever the picture
shows."""
_SHUT, _OPEN = 0.03, 0.2
"""Units between the performer's lips up to which nothing is taken from between them, and from which all is."""
_STRETCH = 0.5
"""The power of a mouth's growth by which its own inside grows: a lip that is raised bares more of the teeth."""
_FADE = 0.3
"""The share of its height over which the own inside goes over into what lies below it, at most."""
_OUTGROWN = (2.2, 4.5)
"""How many times as far as in the picture lips part from which on the performer's teeth take the place of their own,
and from which they have: two rows of upper teeth would be seen."""
_LINE = 0.25
"""How high what lies below is, in the same heights, when it is seen wholly."""


class PartedMouth:
    """What the character's own picture shows between its lips.

    It hangs from the upper lip, as upper teeth do: a mouth that shuts covers it from below, and below it opens what the
    performer's mouth shows.

    Args:
        character: one whose lips are parted.
    """

    def __init__(self, character: Character) -> None:
        assert character.mesh is not None
        self._pixels, own = character.pixels, character.mesh.points.astype(float)
        self._ring = own[list(MOUTH_RING), :2].astype(np.float32)
        self._upper, self._gap = own[_UPPER, :2], _gap(own)

    @classmethod
    def of(cls, character: Character) -> PartedMouth | None:
        """Return that of a character; None where its lips are shut, or nobody has seen any."""
        assert character.mesh is not None
        parted = character.mesh.lips_apart > _PARTED
        return cls(character) if parted and character.mesh.presence > _SEEN else None

    def draw(self, ring: Floats, part: Part, face: FaceFrame, opened: float) -> tuple[Floats, Floats]:
        """Return it for each pixel of a part of a frame, H×W×3, and how far it hides what lies behind it, H×W, 0 to 1.

        Args:
            ring: performance.MOUTH_RING in the frame.
            part: rows and columns of the frame.
            face: the face therein.
            opened: how far the performer's lips are apart, in units.
        """
        grown = _gap(face.still) / self._gap
        # Where the performer's lips are shut nothing is known of what would show below.
        power = 1 - (1 - _STRETCH) * float(smoothstep(_SHUT, _OPEN, np.array(opened)))
        depth = grown / max(grown, 1.0) ** power
        source = self._ring.copy()
        lip = self._upper[1:-1]
        source[_LOWER_ROWS] = lip + depth * (self._ring[_LOWER_ROWS] - lip)
        below = np.zeros_like(ring)
        below[_LOWER_ROWS, 1] = depth
        below[_CORNERS, 1] = depth / 2
        across, down = between_lips(ring, source, part)
        _, depths = between_lips(ring, below, part)
        inside = cv2.remap(self._pixels, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        # While it fills the mouth all of it is seen, down to the lower lip; what lies below begins as a faint line.
        over = max(0.0, depth - 1)
        fade, least = np.float32(np.clip(over, 1e-6, _FADE)), 1 - min(1.0, over / _LINE)
        hides = np.clip((1 - depths) / fade, least, 1)
        return inside.astype(np.float32), np.asarray(hides, np.float32)

    def outgrown(self, face: FaceFrame) -> float:
        """Return how surely the lips part so far that their own inside makes room for another's teeth, 0 to 1."""
        return float(smoothstep(*_OUTGROWN, np.array(_gap(face.still) / self._gap)))


def inside_lips(ring: Floats, pixels: float, share: float) -> Floats:
    """Return performance.MOUTH_RING drawn in by so many pixels, or a share of the gap where that is less."""
    across = ring[_OPPOSITE] - ring
    gaps = np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-3)
    return np.asarray(ring + np.minimum(pixels, share * gaps) * across / gaps, np.float32)


def between_lips(ring: Floats, source: Floats, part: Part) -> tuple[Floats, Floats]:
    """Return for each pixel of a part of a frame where it comes from: two maps, H×W, of columns and of rows.

    Args:
        ring: performance.MOUTH_RING in the frame.
        source: the same points where they come from.
        part: rows and columns of the frame.
    """
    # Its soft edge ends beyond the outline; there goes on what lies within. Lips that touch have nothing between them.
    rows, columns = (np.arange(one.start, one.stop, dtype=np.float32) for one in part)
    (low, high), (from_low, from_high) = ((places.min(0), places.max(0)) for places in (ring, source))
    zoom = (from_high - from_low) / np.maximum(high - low, 1)
    across, down = np.meshgrid(from_low[0] + zoom[0] * (columns - low[0]), from_low[1] + zoom[1] * (rows - low[1]))
    out = ring - ring[_OPPOSITE]
    wide = ring + _BEYOND * out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1)
    corner = np.array([part[1].start, part[0].start], np.float32)
    outlines = np.concatenate([wide, ring]) - corner
    draw_map(across, down, _NESTED, outlines, np.concatenate([source, source]))
    return across, down


def _gap(points: Points) -> float:
    """Return how far the lips are apart, from corner to corner."""
    return float(np.linalg.norm(points[_LOWER, :2] - points[_UPPER, :2], axis=1).mean())
