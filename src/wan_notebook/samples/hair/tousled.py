"""Short wild hair with a jagged fringe."""

from __future__ import annotations

from ..looks import Look
from ..paint import Layer, brush, ellipse, shifted, smooth
from .locks import mass

_BACK = smooth(
    [
        (-1.16, 0.5), (-1.36, -0.4), (-1.3, -1.3), (-0.6, -1.95), (0.4, -2.0), (1.15, -1.5),
        (1.36, -0.6), (1.16, 0.5), (0, 0.2),
    ]
)  # fmt: skip
_FRINGE = smooth(
    [
        (-1.14, 0.14), (-1.34, -0.4), (-1.38, -0.8), (-1.58, -1.28), (-1.18, -1.5), (-1.16, -2.0), (-0.66, -1.94),
        (-0.24, -2.36), (0.06, -2.06), (0.64, -2.34), (0.74, -1.94), (1.28, -1.9), (1.22, -1.42), (1.58, -1.04),
        (1.34, -0.7), (1.32, -0.3), (1.16, 0.16), (1.06, -0.32), (1.0, -0.74), (0.72, -0.56), (0.62, -0.94),
        (0.3, -0.64), (0.08, -1.0), (-0.3, -0.6), (-0.44, -0.96), (-0.78, -0.6), (-0.94, -0.84), (-1.04, -0.3),
    ],
    steps=6,
)  # fmt: skip
_SHADES = (
    [(0.1, -1.95), (0.6, -1.6), (0.72, -0.95)],
    [(-0.2, -1.95), (-0.6, -1.5), (-0.62, -0.95)],
    [(0.8, -1.6), (1.12, -1.1), (1.14, -0.4)],
    [(-0.9, -1.5), (-1.18, -1.0), (-1.14, -0.4)],
    [(0.0, -1.8), (0.1, -1.4), (0.02, -1.12)],
)
_LIGHTS = (
    [(-0.9, -1.72), (-0.3, -1.86), (0.2, -1.7)],
    [(0.4, -1.8), (0.85, -1.5), (0.98, -1.1)],
    [(-0.4, -1.6), (-0.85, -1.4), (-1.05, -1.0)],
)


def back(layer: Layer, look: Look) -> None:
    """Paint the hair behind the head."""
    mass(layer, _BACK, look)


def front(layer: Layer, look: Look) -> None:
    """Paint fringe and tips."""
    layer.fill(shifted(_FRINGE * (0.96, 1), 0, 0.1), look.shade, 0.9, within=ellipse(0, 0, 1.1, 1.1))
    mass(layer, _FRINGE, look)
    for courses, colour in ((_SHADES, look.hair_dark), (_LIGHTS, look.hair_light)):
        for course in courses:
            layer.tint(brush(course, 0.1), colour, 0.8)
