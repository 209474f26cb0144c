"""Hair of the drawn people, behind the head and over the face."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from .paint import Layer, Shape, brush, ellipse, flipped, shifted, smooth
from .people import Person


def mass(layer: Layer, shape: Shape, person: Person) -> None:
    """Paint a body of hair."""
    layer.part(shape, person.hair, person.hair_dark, person.outline)


def strands(layer: Layer, person: Person, first: ArrayLike, last: ArrayLike, count: int, width: float = 0.05) -> None:
    """Paint strands whose course changes from the first guide to the last, light and dark by turns."""
    chance = random.Random(7)
    start, end = np.asarray(first, dtype=float), np.asarray(last, dtype=float)
    for number in range(count):
        t = (number + chance.uniform(-0.3, 0.3)) / max(count - 1, 1)
        colour = person.hair_light if number % 2 else person.hair_dark
        opacity = chance.uniform(0.2, 0.5)
        strand = brush(start * (1 - t) + end * t, width * chance.uniform(0.6, 1.5))
        layer.tint(strand, colour, opacity, 0.014)


Ball = tuple[float, float, float]
"""x, y and radius of a ball of curls, in eye distances."""


def arc_of_curls(
    count: int, span: tuple[float, float], radii: tuple[float, float], middle: float, size: float
) -> list[Ball]:
    """Return balls of curls along an arc about (0, middle).

    Args:
        count: number of balls.
        span: first and last angle, in degrees.
        radii: half axes of the arc.
        middle: height of its middle.
        size: mean radius of a ball.
    """
    balls = []
    for number in range(count):
        angle = math.radians(span[0] + (span[1] - span[0]) * number / (count - 1))
        bump = 1 + 0.035 * math.sin(number * 2.4)
        x, y = radii[0] * bump * math.cos(angle), middle + radii[1] * bump * math.sin(angle)
        balls.append((x, y, size * (1 + 0.12 * math.sin(number * 1.9))))
    return balls


def paint_curls(layer: Layer, person: Person, balls: list[Ball]) -> None:
    """Paint balls of curls, each with three strands."""
    chance = random.Random(11)
    for x, y, radius in balls:
        mass(layer, ellipse(x, y, radius, radius), person)
    for x, y, radius in balls:
        for _ in range(3):
            angle, size = chance.uniform(0, 2 * math.pi), radius * chance.uniform(0.3, 0.55)
            turn = np.linspace(angle, angle + 4.2, 7)
            middle = (x + 0.5 * radius * math.cos(angle), y + 0.5 * radius * math.sin(angle))
            curl = np.stack([middle[0] + size * np.cos(turn), middle[1] + size * np.sin(turn)], axis=1)
            lit = sum(middle) < chance.uniform(-2.0, 0.5)
            colour, opacity = (person.hair_light, 0.55) if lit else (person.hair_dark, 0.8)
            layer.tint(brush(curl, 0.05), colour, opacity, 0.008)


def curls_back(layer: Layer, person: Person) -> None:
    """Paint the cloud behind the head."""
    layer.fill(ellipse(0, -0.45, 1.75, 1.75), person.hair)
    for count, radius in ((30, 1.9), (22, 1.5), (14, 1.05)):
        paint_curls(layer, person, arc_of_curls(count, (-222, 42), (radius, radius), -0.42, 0.34))
    layer.tint(ellipse(0, 0.2, 1.35, 1.2), person.hair_dark, 0.6, 0.2)


def curls_front(layer: Layer, person: Person) -> None:
    """Paint the curls along the hairline."""
    hairline = arc_of_curls(15, (-188, 8), (1.19, 1.08), -0.4, 0.18)
    for x, y, radius in hairline:
        layer.fill(ellipse(x, y + 0.1, radius, radius), person.shade, 0.5, blur=0.07, within=ellipse(0, 0, 1.12, 1.7))
    between = [(1.27 * math.cos(t), -0.46 + 1.2 * math.sin(t)) for t in np.linspace(-math.pi, 0, 9)]
    layer.fill(brush(between, 0.3, start=1, end=1), person.hair)
    paint_curls(layer, person, hairline + arc_of_curls(13, (-180, 0), (1.38, 1.34), -0.52, 0.3))


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


def long_back(layer: Layer, person: Person) -> None:
    """Paint the hair that falls behind the shoulders."""
    mass(layer, smooth(np.vstack([_FALL, flipped(_FALL[1:][::-1])])), person)
    layer.tint(ellipse(0, 1.7, 1.15, 1.9), person.hair_dark, 0.75, 0.25)
    for side in (1, -1):
        outer = np.array([(1.3, -1.2), (1.5, 0.4), (1.68, 1.6), (1.56, 2.4), (1.72, 3.3)])
        inner = np.array([(0.9, -1.0), (1.1, 0.4), (1.0, 1.6), (0.8, 2.4), (0.9, 3.6)])
        strands(layer, person, outer * (side, 1), inner * (side, 1), 13, 0.07)


def long_front(layer: Layer, person: Person) -> None:
    """Paint the two sides that frame the face."""
    for shape in (_BROAD_SIDE, _NARROW_SIDE):
        layer.fill(shifted(shape, 0.0, 0.09), person.shade, 0.5, blur=0.08, within=ellipse(0, 0, 1.1, 1.7))
    for shape in (_NARROW_SIDE, _BROAD_SIDE):
        mass(layer, shape, person)
    strands(
        layer,
        person,
        [_PARTING, (0.5, -1.22), (1.0, -0.6), (1.14, 0.3), (1.32, 1.5)],
        [_CROWN, (0.5, -2.05), (1.22, -1.4), (1.46, -0.2), (1.6, 1.3)],
        17,
        0.075,
    )
    strands(
        layer,
        person,
        [_PARTING, (-0.7, -1.1), (-1.0, -0.5), (-1.14, 0.3), (-1.32, 1.5)],
        [_CROWN, (-0.9, -1.84), (-1.3, -1.2), (-1.46, -0.2), (-1.6, 1.3)],
        12,
        0.065,
    )
    layer.tint(brush([(-0.1, -1.72), (0.5, -1.68), (1.0, -1.24)], 0.22), person.hair_light, 0.5, 0.09)
    layer.tint(brush([(-0.6, -1.74), (-0.98, -1.42), (-1.18, -0.9)], 0.14), person.hair_light, 0.4, 0.08)


_SHORT_BACK = smooth(
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


def short_back(layer: Layer, person: Person) -> None:
    """Paint the hair behind the head."""
    mass(layer, _SHORT_BACK, person)


def short_front(layer: Layer, person: Person) -> None:
    """Paint the cropped sides and the top."""
    for shape in (_SIDES, _TOP):
        layer.fill(shifted(shape, 0.02, 0.09), person.shade, 0.45, blur=0.07, within=ellipse(0, 0, 1.12, 1.6))
    layer.fill(_SIDES, person.hair, 0.9, blur=0.02)
    layer.fill(_TOP, person.hair)
    strands(
        layer,
        person,
        [(-0.92, -1.02), (-1.06, -1.4), (-0.84, -1.8), (-0.2, -2.12)],
        [(1.0, -1.06), (0.86, -1.4), (0.92, -1.8), (0.98, -2.0)],
        26,
        0.06,
    )
    layer.tint(brush([(-0.86, -1.6), (-0.3, -1.94), (0.4, -2.0)], 0.24), person.hair_light, 0.5, 0.1)
    for side in (1, -1):
        temple = brush([(side * 1.15, 0.25), (side * 1.15, -0.4), (side * 1.04, -1.0)], 0.12)
        layer.tint(temple, person.hair_dark, 0.5, 0.06)


_TOUSLED_BACK = smooth(
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


def tousled_back(layer: Layer, person: Person) -> None:
    """Paint the hair behind the head."""
    mass(layer, _TOUSLED_BACK, person)


def tousled_front(layer: Layer, person: Person) -> None:
    """Paint the fringe and its tips."""
    layer.fill(shifted(_FRINGE * (0.96, 1), 0, 0.1), person.shade, 0.9, within=ellipse(0, 0, 1.1, 1.1))
    mass(layer, _FRINGE, person)
    for courses, colour in ((_SHADES, person.hair_dark), (_LIGHTS, person.hair_light)):
        for course in courses:
            layer.tint(brush(course, 0.1), colour, 0.8)


class Cut(NamedTuple):
    """The two painters of a shape of hair."""

    back: Callable[[Layer, Person], None]
    """Paints the hair behind head and neck."""
    front: Callable[[Layer, Person], None]
    """Paints the hair over the face."""


CUTS: Mapping[str, Cut] = MappingProxyType(
    {
        "long": Cut(long_back, long_front),
        "curls": Cut(curls_back, curls_front),
        "tousled": Cut(tousled_back, tousled_front),
        "short": Cut(short_back, short_front),
    }
)
"""The painters of each shape of hair, by the name that a Person has for it."""
