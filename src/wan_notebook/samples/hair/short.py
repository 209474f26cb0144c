"""Short hair, cropped at the sides and combed up in front."""

from __future__ import annotations

from ..looks import Look
from ..paint import Layer, brush, ellipse, shifted, smooth
from .locks import mass, strands

_BACK = smooth(
    [
        (-1.12, 0.35), (-1.22, -0.5), (-1.14, -1.2), (-0.7, -1.8), (0, -1.95), (0.7, -1.8), (1.14, -1.2),
        (1.22, -0.5), (1.12, 0.35), (0, 0.5),
    ]
)  # fmt: skip
_SIDES = smooth(
    [
        (-1.1, 0.3), (-1.17, -0.3), (-1.17, -1.0), (-0.95, -1.6), (0.95, -1.6), (1.17, -1.0), (1.17, -0.3), (1.1, 0.3),
        (1.08, -0.25), (1.0, -0.66), (0.9, -0.98), (0.4, -1.14), (-0.4, -1.16), (-0.9, -0.98), (-1.0, -0.66),
        (-1.08, -0.25),
    ]
)  # fmt: skip
_TOP = smooth(
    [
        (-1.0, -0.98), (-1.17, -1.32), (-1.08, -1.76), (-0.66, -2.1), (0.0, -2.28), (0.62, -2.22), (1.06, -1.9),
        (1.2, -1.46), (1.06, -1.02), (0.8, -1.1), (0.4, -1.2), (-0.1, -1.24), (-0.6, -1.16),
    ]
)  # fmt: skip


def back(layer: Layer, look: Look) -> None:
    """Paint the hair behind the head."""
    mass(layer, _BACK, look)


def front(layer: Layer, look: Look) -> None:
    """Paint the cropped sides and the top."""
    for shape in (_SIDES, _TOP):
        layer.fill(shifted(shape, 0.02, 0.09), look.shade, 0.45, blur=0.07, within=ellipse(0, 0, 1.12, 1.6))
    layer.fill(_SIDES, look.hair, 0.9, blur=0.02)
    layer.fill(_TOP, look.hair)
    strands(
        layer,
        look,
        [(-0.92, -1.02), (-1.06, -1.4), (-0.84, -1.8), (-0.2, -2.12)],
        [(1.0, -1.06), (0.86, -1.4), (0.92, -1.8), (0.98, -2.0)],
        26,
        0.06,
    )
    layer.tint(brush([(-0.86, -1.6), (-0.3, -1.94), (0.4, -2.0)], 0.24), look.hair_light, 0.5, 0.1)
    for side in (1, -1):
        temple = brush([(side * 1.15, 0.25), (side * 1.15, -0.4), (side * 1.04, -1.0)], 0.12)
        layer.tint(temple, look.hair_dark, 0.5, 0.06)
