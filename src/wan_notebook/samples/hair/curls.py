"""A round cloud of curls."""

from __future__ import annotations

import math
import random

import numpy as np

from ..looks import Look
from ..paint import Layer, brush, ellipse
from .locks import mass

_Ball = tuple[float, float, float]


def _arc(count: int, span: tuple[float, float], radii: tuple[float, float], middle: float, size: float) -> list[_Ball]:
    """Balls of curls along an arc about (0, middle): x, y and radius of each."""
    balls = []
    for number in range(count):
        angle = math.radians(span[0] + (span[1] - span[0]) * number / (count - 1))
        bump = 1 + 0.035 * math.sin(number * 2.4)
        x, y = radii[0] * bump * math.cos(angle), middle + radii[1] * bump * math.sin(angle)
        balls.append((x, y, size * (1 + 0.12 * math.sin(number * 1.9))))
    return balls


def _paint(layer: Layer, look: Look, balls: list[_Ball]) -> None:
    chance = random.Random(11)
    for x, y, radius in balls:
        mass(layer, ellipse(x, y, radius, radius), look)
    for x, y, radius in balls:
        for _ in range(3):
            angle, size = chance.uniform(0, 2 * math.pi), radius * chance.uniform(0.3, 0.55)
            turn = np.linspace(angle, angle + 4.2, 7)
            middle = (x + 0.5 * radius * math.cos(angle), y + 0.5 * radius * math.sin(angle))
            curl = np.stack([middle[0] + size * np.cos(turn), middle[1] + size * np.sin(turn)], axis=1)
            lit = sum(middle) < chance.uniform(-2.0, 0.5)
            colour, opacity = (look.hair_light, 0.55) if lit else (look.hair_dark, 0.8)
            layer.tint(brush(curl, 0.05), colour, opacity, 0.008)


def back(layer: Layer, look: Look) -> None:
    """Paint the cloud behind the head."""
    layer.fill(ellipse(0, -0.45, 1.75, 1.75), look.hair)
    for count, radius in ((30, 1.9), (22, 1.5), (14, 1.05)):
        _paint(layer, look, _arc(count, (-222, 42), (radius, radius), -0.42, 0.34))
    layer.tint(ellipse(0, 0.2, 1.35, 1.2), look.hair_dark, 0.6, 0.2)


def front(layer: Layer, look: Look) -> None:
    """Paint the curls along the hairline."""
    hairline = _arc(15, (-188, 8), (1.19, 1.08), -0.4, 0.18)
    for x, y, radius in hairline:
        layer.fill(ellipse(x, y + 0.1, radius, radius), look.shade, 0.5, blur=0.07, within=ellipse(0, 0, 1.12, 1.7))
    between = [(1.27 * math.cos(t), -0.46 + 1.2 * math.sin(t)) for t in np.linspace(-math.pi, 0, 9)]
    layer.fill(brush(between, 0.3, start=1, end=1), look.hair)
    _paint(layer, look, hairline + _arc(13, (-180, 0), (1.38, 1.34), -0.52, 0.3))
