"""Long smooth hair with a parting."""

from __future__ import annotations

import numpy as np

from ..looks import Look
from ..paint import Layer, brush, ellipse, flipped, shifted, smooth
from .locks import mass, strands

_FALL = np.array(
    [
        (0, -2.08), (0.8, -1.95), (1.33, -1.4), (1.46, -0.5), (1.5, 0.5), (1.66, 1.5),
        (1.58, 2.3), (1.72, 3.1), (1.4, 3.75), (0.8, 3.5), (0.5, 2),
    ]
)  # fmt: skip
_BROAD_SIDE = smooth(
    [
        (-0.42, -2.1), (0.3, -2.14), (0.96, -1.86), (1.34, -1.2), (1.45, -0.4), (1.52, 0.5), (1.64, 1.4),
        (1.42, 1.9), (1.28, 1.3), (1.14, 0.7), (1.08, 0.0), (0.98, -0.52), (0.62, -0.98), (0.1, -1.22), (-0.36, -1.42),
    ]
)  # fmt: skip
_NARROW_SIDE = smooth(
    [
        (-0.3, -2.12), (-0.36, -1.42), (-0.62, -1.12), (-0.92, -0.68), (-1.06, -0.1), (-1.13, 0.7), (-1.26, 1.3),
        (-1.4, 1.9), (-1.62, 1.4), (-1.52, 0.5), (-1.44, -0.4), (-1.3, -1.25), (-0.92, -1.86),
    ]
)  # fmt: skip
_PARTING = (-0.36, -1.45)
_CROWN = (-0.36, -2.05)


def back(layer: Layer, look: Look) -> None:
    """Paint the hair that falls behind the shoulders."""
    mass(layer, smooth(np.vstack([_FALL, flipped(_FALL[1:][::-1])])), look)
    layer.tint(ellipse(0, 1.7, 1.15, 1.9), look.hair_dark, 0.75, 0.25)
    for side in (1, -1):
        outer = np.array([(1.3, -1.2), (1.5, 0.4), (1.68, 1.6), (1.56, 2.4), (1.72, 3.3)])
        inner = np.array([(0.9, -1.0), (1.1, 0.4), (1.0, 1.6), (0.8, 2.4), (0.9, 3.6)])
        strands(layer, look, outer * (side, 1), inner * (side, 1), 13, 0.07)


def front(layer: Layer, look: Look) -> None:
    """Paint the two sides that frame the face."""
    for shape in (_BROAD_SIDE, _NARROW_SIDE):
        layer.fill(shifted(shape, 0.0, 0.09), look.shade, 0.5, blur=0.08, within=ellipse(0, 0, 1.1, 1.7))
    for shape in (_NARROW_SIDE, _BROAD_SIDE):
        mass(layer, shape, look)
    strands(
        layer,
        look,
        [_PARTING, (0.5, -1.22), (1.0, -0.6), (1.14, 0.3), (1.32, 1.5)],
        [_CROWN, (0.5, -2.05), (1.22, -1.4), (1.46, -0.2), (1.6, 1.3)],
        17,
        0.075,
    )
    strands(
        layer,
        look,
        [_PARTING, (-0.7, -1.1), (-1.0, -0.5), (-1.14, 0.3), (-1.32, 1.5)],
        [_CROWN, (-0.9, -1.84), (-1.3, -1.2), (-1.46, -0.2), (-1.6, 1.3)],
        12,
        0.065,
    )
    layer.tint(brush([(-0.1, -1.72), (0.5, -1.68), (1.0, -1.24)], 0.22), look.hair_light, 0.5, 0.09)
    layer.tint(brush([(-0.6, -1.74), (-0.98, -1.42), (-1.18, -0.9)], 0.14), look.hair_light, 0.4, 0.08)
