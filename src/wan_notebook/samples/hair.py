"""Hair of the drawn people: what lies behind the head, and what falls over the face."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from .face import grown
from .looks import Look
from .paint import Layer, Shape, brush, ellipse, flipped, shifted, smooth


class Cut(NamedTuple):
    """A shape of hair."""

    back: Callable[[Layer, Look], None]
    front: Callable[[Layer, Look], None]


def _mass(layer: Layer, shape: Shape, look: Look) -> None:
    if look.outline:
        layer.fill(grown(shape, look.outline), look.hair_dark)
    layer.fill(shape, look.hair)


def _strands(layer: Layer, look: Look, first: Shape, last: Shape, count: int, width: float = 0.05) -> None:
    """Paint strands whose course runs from the first guide over to the last."""
    chance = random.Random(7)
    for number in range(count):
        t = (number + chance.uniform(-0.3, 0.3)) / max(count - 1, 1)
        course = first * (1 - t) + last * t
        colour = look.hair_light if number % 2 else look.hair_dark
        opacity = chance.uniform(0.2, 0.55)
        layer.fill(brush(course, width * chance.uniform(0.6, 1.5)), colour, opacity, blur=0.012, atop=True)


def _long_back(layer: Layer, look: Look) -> None:
    half = [
        (0, -2.08),
        (0.8, -1.95),
        (1.35, -1.4),
        (1.5, -0.5),
        (1.48, 0.5),
        (1.62, 1.5),
        (1.5, 2.3),
        (1.66, 3.1),
        (1.3, 3.75),
        (0.8, 3.5),
        (0.5, 2),
    ]
    right = np.array(half)
    shape = smooth(np.vstack([right, flipped(right[1:][::-1]) * (1.02, 1.0)]))
    _mass(layer, shape, look)
    layer.fill(ellipse(0, 1.5, 1.2, 1.6), look.hair_dark, 0.75, blur=0.25, atop=True)
    for side in (1, -1):
        outer = np.array(
            [(side * 1.3, -1.2), (side * 1.52, 0.4), (side * 1.66, 1.6), (side * 1.5, 2.4), (side * 1.66, 3.3)]
        )
        inner = np.array(
            [(side * 0.9, -1.0), (side * 1.1, 0.4), (side * 1.0, 1.6), (side * 0.8, 2.4), (side * 0.9, 3.6)]
        )
        _strands(layer, look, outer, inner, 13, 0.07)


def _long_front(layer: Layer, look: Look) -> None:
    big = smooth(
        [
            (-0.42, -2.1),
            (0.3, -2.12),
            (1.0, -1.78),
            (1.34, -1.1),
            (1.38, -0.2),
            (1.42, 0.7),
            (1.3, 1.25),
            (1.16, 0.7),
            (1.12, 0.0),
            (1.0, -0.5),
            (0.62, -0.98),
            (0.1, -1.22),
            (-0.36, -1.42),
        ]
    )
    small = smooth(
        [
            (-0.3, -2.1),
            (-0.36, -1.42),
            (-0.62, -1.12),
            (-0.94, -0.68),
            (-1.08, -0.1),
            (-1.14, 0.7),
            (-1.3, 1.25),
            (-1.42, 0.6),
            (-1.38, -0.3),
            (-1.3, -1.2),
            (-0.95, -1.82),
        ]
    )
    for shape in (big, small):
        layer.fill(shifted(shape, 0.0, 0.1), look.shade, 0.5, blur=0.08)
    for shape in (small, big):
        _mass(layer, shape, look)
    part = (-0.36, -1.45)
    _strands(
        layer,
        look,
        np.array([part, (0.5, -1.22), (1.02, -0.6), (1.16, 0.1), (1.24, 1.1)]),
        np.array([(-0.36, -2.05), (0.5, -2.05), (1.2, -1.4), (1.38, -0.4), (1.4, 0.9)]),
        17,
        0.075,
    )
    _strands(
        layer,
        look,
        np.array([part, (-0.7, -1.1), (-1.02, -0.5), (-1.14, 0.1), (-1.22, 1.1)]),
        np.array([(-0.36, -2.05), (-0.9, -1.8), (-1.3, -1.2), (-1.38, -0.4), (-1.4, 0.9)]),
        11,
        0.065,
    )
    layer.fill(brush([(-0.1, -1.72), (0.5, -1.66), (0.98, -1.22)], 0.2), look.hair_light, 0.45, blur=0.09, atop=True)
    layer.fill(brush([(-0.6, -1.7), (-0.96, -1.4), (-1.16, -0.9)], 0.14), look.hair_light, 0.4, blur=0.08, atop=True)


def _curl_cloud(layer: Layer, look: Look, spots: list[tuple[float, float, float]]) -> None:
    chance = random.Random(11)
    for x, y, radius in spots:
        layer.fill(ellipse(x, y, radius, radius), look.hair)
    for x, y, radius in spots:
        for _ in range(3):
            angle = chance.uniform(0, 2 * math.pi)
            px, py = x + 0.5 * radius * math.cos(angle), y + 0.5 * radius * math.sin(angle)
            r = radius * chance.uniform(0.3, 0.55)
            turn = np.linspace(angle, angle + 4.2, 7)
            ring = np.stack([px + r * np.cos(turn), py + r * np.sin(turn)], axis=1)
            light = (px + py) < chance.uniform(-1.8, 0.4)
            layer.fill(
                brush(ring, 0.05),
                look.hair_light if light else look.hair_dark,
                0.6 if light else 0.8,
                blur=0.008,
                atop=True,
            )


def _curls_back(layer: Layer, look: Look) -> None:
    spots = []
    for ring, count in ((1.9, 30), (1.5, 22), (1.05, 14)):
        for number in range(count):
            angle = math.radians(-222 + 264 * number / (count - 1))
            bump = 0.06 * math.sin(number * 2.4)
            spots.append(((ring + bump) * math.cos(angle), -0.42 + (ring + bump) * math.sin(angle), 0.34))
    layer.fill(ellipse(0, -0.45, 1.75, 1.75), look.hair)
    _curl_cloud(layer, look, spots)
    layer.fill(ellipse(0, 0.2, 1.35, 1.2), look.hair_dark, 0.6, blur=0.2, atop=True)


def _curls_front(layer: Layer, look: Look) -> None:
    spots = []
    for number in range(15):
        angle = math.radians(-196 + 212 * number / 14)
        spots.append((1.12 * math.cos(angle), -0.36 + 1.02 * math.sin(angle), 0.19 + 0.03 * math.sin(number * 1.9)))
    for number in range(13):
        angle = math.radians(-180 + 180 * number / 12)
        spots.append((1.28 * math.cos(angle), -0.5 + 1.28 * math.sin(angle), 0.3))
    for x, y, radius in spots[:15]:
        layer.fill(ellipse(x, y + 0.1, radius, radius), look.shade, 0.5, blur=0.07)
    _curl_cloud(layer, look, spots)


def _tousled_back(layer: Layer, look: Look) -> None:
    _mass(
        layer,
        smooth(
            [
                (-1.2, 0.5),
                (-1.42, -0.4),
                (-1.3, -1.3),
                (-0.6, -1.95),
                (0.4, -2.0),
                (1.15, -1.5),
                (1.4, -0.6),
                (1.22, 0.5),
                (0, 0.2),
            ]
        ),
        look,
    )


def _tousled_front(layer: Layer, look: Look) -> None:
    tips = [
        (-1.16, 0.1),
        (-1.36, -0.4),
        (-1.38, -0.8),
        (-1.58, -1.28),
        (-1.16, -1.5),
        (-1.1, -2.0),
        (-0.62, -1.94),
        (-0.2, -2.34),
        (0.08, -2.06),
        (0.66, -2.3),
        (0.74, -1.92),
        (1.28, -1.86),
        (1.2, -1.4),
        (1.56, -1.0),
        (1.34, -0.7),
        (1.3, -0.3),
        (1.16, 0.12),
        (1.06, -0.32),
        (1.0, -0.74),
        (0.72, -0.52),
        (0.62, -0.92),
        (0.3, -0.6),
        (0.08, -0.98),
        (-0.3, -0.56),
        (-0.44, -0.94),
        (-0.78, -0.56),
        (-0.94, -0.82),
        (-1.04, -0.3),
    ]
    shape = smooth(tips, steps=6)
    layer.fill(shape * (0.96, 1) + (0, 0.1), look.shade, 0.9, within=ellipse(0, 0, 1.1, 1.1))
    _mass(layer, shape, look)
    for course, colour in (
        ([(0.1, -1.95), (0.6, -1.6), (0.72, -0.9)], look.hair_dark),
        ([(-0.2, -1.95), (-0.6, -1.5), (-0.62, -0.9)], look.hair_dark),
        ([(0.8, -1.6), (1.1, -1.1), (1.12, -0.4)], look.hair_dark),
        ([(-0.9, -1.5), (-1.16, -1.0), (-1.12, -0.4)], look.hair_dark),
        ([(0.0, -1.8), (0.1, -1.4), (0.02, -1.1)], look.hair_dark),
        ([(-0.9, -1.72), (-0.3, -1.86), (0.2, -1.7)], look.hair_light),
        ([(0.4, -1.8), (0.85, -1.5), (0.98, -1.1)], look.hair_light),
        ([(-0.4, -1.6), (-0.85, -1.4), (-1.05, -1.0)], look.hair_light),
    ):
        layer.fill(brush(course, 0.1), colour, 0.8, atop=True)


def _short_back(layer: Layer, look: Look) -> None:
    _mass(
        layer,
        smooth(
            [
                (-1.14, 0.35),
                (-1.26, -0.5),
                (-1.16, -1.2),
                (-0.7, -1.8),
                (0, -1.95),
                (0.7, -1.8),
                (1.16, -1.2),
                (1.26, -0.5),
                (1.14, 0.35),
                (0, 0.5),
            ]
        ),
        look,
    )


def _short_front(layer: Layer, look: Look) -> None:
    sides = smooth(
        [
            (-1.1, 0.3),
            (-1.26, -0.3),
            (-1.24, -1.0),
            (-0.95, -1.6),
            (0.95, -1.6),
            (1.24, -1.0),
            (1.26, -0.3),
            (1.1, 0.3),
            (1.07, -0.3),
            (0.98, -0.75),
            (0.8, -1.05),
            (-0.7, -1.1),
            (-0.95, -0.75),
            (-1.07, -0.3),
        ]
    )
    top = smooth(
        [
            (-0.98, -1.0),
            (-1.2, -1.35),
            (-1.02, -1.82),
            (-0.5, -2.16),
            (0.2, -2.28),
            (0.86, -2.08),
            (1.2, -1.6),
            (1.1, -1.1),
            (0.9, -0.98),
            (0.5, -1.16),
            (0.0, -1.12),
            (-0.5, -1.2),
            (-0.8, -1.0),
        ]
    )
    for shape in (sides, top):
        layer.fill(shifted(shape, 0.02, 0.09), look.shade, 0.45, blur=0.07, within=ellipse(0, 0, 1.12, 1.6))
    layer.fill(sides, look.hair, 0.85, blur=0.02)
    layer.fill(top, look.hair)
    _strands(
        layer,
        look,
        np.array([(-0.85, -1.02), (-1.02, -1.4), (-0.7, -1.8), (-0.1, -2.06)]),
        np.array([(0.92, -1.0), (0.72, -1.3), (0.8, -1.8), (0.9, -2.06)]),
        24,
        0.07,
    )
    layer.fill(brush([(-0.8, -1.66), (-0.2, -1.94), (0.5, -1.9)], 0.2), look.hair_light, 0.45, blur=0.1, atop=True)
    for side in (1, -1):
        layer.fill(
            brush([(side * 1.16, 0.25), (side * 1.16, -0.4), (side * 1.04, -1.0)], 0.12),
            look.hair_dark,
            0.5,
            blur=0.06,
            atop=True,
        )


CUTS: Mapping[str, Cut] = MappingProxyType(
    {
        "long": Cut(_long_back, _long_front),
        "curls": Cut(_curls_back, _curls_front),
        "tousled": Cut(_tousled_back, _tousled_front),
        "short": Cut(_short_back, _short_front),
    }
)
"""How each shape of hair is painted."""
