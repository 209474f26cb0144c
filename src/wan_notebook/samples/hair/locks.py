"""What every shape of hair is made of: a mass of colour, and strands that follow it."""

from __future__ import annotations

import random

import numpy as np
from numpy.typing import ArrayLike

from ..looks import Look
from ..paint import Layer, Shape, brush


def mass(layer: Layer, shape: Shape, look: Look) -> None:
    """Paint a body of hair."""
    layer.part(shape, look.hair, look.hair_dark, look.outline)


def strands(layer: Layer, look: Look, first: ArrayLike, last: ArrayLike, count: int, width: float = 0.05) -> None:
    """Paint strands whose course changes from the first guide to the last, light and dark by turns."""
    chance = random.Random(7)
    start, end = np.asarray(first, dtype=float), np.asarray(last, dtype=float)
    for number in range(count):
        t = (number + chance.uniform(-0.3, 0.3)) / max(count - 1, 1)
        colour = look.hair_light if number % 2 else look.hair_dark
        opacity = chance.uniform(0.2, 0.5)
        strand = brush(start * (1 - t) + end * t, width * chance.uniform(0.6, 1.5))
        layer.tint(strand, colour, opacity, 0.014)
