"""Backdrop, neck and clothing of a drawn person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from PIL import Image

from .paint import Layer, brush, ellipse, flipped, mirrored, polygon, shifted, smooth
from .people import Person

_LIGHT = "#ffffff"


def backdrop(layer: Layer, person: Person) -> None:
    """Paint the background: a wall, lit behind the head."""
    sheet = layer.sheet
    reach = round(10.5 * sheet.unit)
    away = Image.radial_gradient("L").resize((reach, reach), Image.Resampling.BICUBIC)
    left, top = round(reach / 2 - sheet.origin[0] + 0.4 * sheet.unit), round(reach / 2 - sheet.origin[1])
    centre, corners = (Image.new("RGBA", (sheet.width, sheet.height), colour) for colour in person.backdrop)
    mask = away.crop((left, top, left + sheet.width, top + sheet.height))
    layer.image.paste(Image.composite(corners, centre, mask))


def neck(layer: Layer, person: Person) -> None:
    """Paint neck and chest, with the shadow of the chin."""
    half, chest = 0.72 * person.neck, 2.2 * person.shoulders
    skin = mirrored(
        [
            (0, 0.9), (half * 0.98, 1.0), (half, 1.9), (half * 1.12, 2.3), (half * 1.6, 2.66), (chest, 3.3),
            (chest, 5), (0, 5),
        ]
    )  # fmt: skip
    layer.part(skin, person.skin, person.hair_dark, person.outline)
    layer.tint(ellipse(0.1, 1.8 * person.chin - 0.18, 1.02, 0.62), person.shade, 0.85, 0.13)
    layer.tint(smooth([(0.25, 1.5), (1.2, 1.4), (1.3, 2.9), (0.55, 2.75)]), person.shade, 0.55 * person.lines, 0.16)
    for side in (1, -1):
        muscle = brush([(side * half * 0.8, 1.95), (side * half * 0.52, 2.4), (side * 0.12, 2.82)], 0.1)
        layer.tint(muscle, person.shade, 0.35 * person.lines, 0.05)


def garment(layer: Layer, person: Person) -> None:
    """Paint the clothing of shoulders and chest."""
    GARMENTS[person.garment](layer, person)


def torso(layer: Layer, person: Person, colour: str, *neckline: tuple[float, float]) -> None:
    """Paint shoulders and chest below a neckline, given from its middle to the right."""
    w = person.shoulders
    body = mirrored(
        [
            *neckline,
            (1.8 * w, 2.76),
            (2.5 * w, 3.04),
            (2.95 * w, 3.5),
            (3.2 * w, 4.3),
            (3.32 * w, 5.4),
            (3.4 * w, 9),
            (0, 9),
        ]
    )
    layer.part(body, colour, person.hair_dark, person.outline)


def folds(layer: Layer, person: Person) -> None:
    """Paint light and shade on shoulders and arms."""
    w = person.shoulders
    far = smooth([(1.5 * w, 2.7), (3.4 * w, 3.0), (3.8 * w, 9), (1.2, 9), (1.7 * w, 4.6)])
    layer.tint(far, person.cloth_dark, 0.6, 0.35)
    near = smooth([(-3.4 * w, 3.6), (-2.7 * w, 4.2), (-2.9 * w, 9), (-3.8 * w, 9)])
    layer.tint(near, person.cloth_dark, 0.4, 0.25)
    layer.tint(ellipse(-1.9 * w, 3.22, 0.8, 0.2, -24), _LIGHT, 0.18, 0.16)
    for side in (1, -1):
        arm = brush([(side * 2.3 * w, 4.0), (side * 2.42 * w, 4.7), (side * 2.36 * w, 6.4)], 0.06, end=1)
        layer.tint(arm, person.cloth_dark, 0.8, 0.03)


def collar(layer: Layer, person: Person) -> None:
    """Paint a shirt with buttons and an open collar."""
    torso(layer, person, person.cloth, (0, 3.62), (0.3, 3.2), (0.66, 2.62), (0.9, 2.42), (1.2, 2.5))
    folds(layer, person)
    layer.tint(brush([(0.0, 3.5), (0.03, 4.6), (0.02, 6.5)], 0.05, end=1), person.cloth_dark, 0.8, 0.01)
    for y in (4.05, 4.8):
        layer.fill(ellipse(0.14, y + 0.015, 0.07, 0.07), person.cloth_dark)
        layer.fill(ellipse(0.135, y, 0.062, 0.062), person.accent)
    flap = smooth(
        [
            (0.6, 2.28), (0.84, 2.26), (1.2, 2.54), (1.34, 2.74), (1.02, 3.3), (0.62, 3.66), (0.36, 3.6),
            (0.02, 3.64), (0.34, 3.0),
        ],
        steps=8,
    )  # fmt: skip
    for shape, shade in ((flap, 0.14), (flipped(flap), 0.0)):
        layer.tint(shifted(shape, 0.05, 0.09), person.cloth_dark, 0.7, 0.08)
        layer.fill(shape, person.accent)
        layer.tint(shape, person.cloth_dark, shade)


def knit(layer: Layer, person: Person) -> None:
    """Paint a ribbed pullover with a roll neck."""
    torso(layer, person, person.cloth, (0, 2.86), (0.55, 2.72), (0.9, 2.4), (1.2, 2.44))
    for x in np.arange(-3.2, 3.3, 0.2):
        rib = brush([(x * 0.8, 2.6), (x, 4.0), (x * 1.04, 9)], 0.05, start=1, end=1)
        layer.tint(rib, person.cloth_dark, 0.28, 0.02)
    folds(layer, person)
    roll = np.array([(-0.96, 2.3), (-0.72, 2.66), (0, 2.9), (0.72, 2.66), (0.96, 2.3)])
    layer.tint(brush(shifted(roll, 0, 0.12), 0.42, start=0.8, end=0.8), person.cloth_dark, 0.6, 0.07)
    layer.fill(brush(roll, 0.38, start=0.9, end=0.9), person.cloth)
    for x in np.linspace(-0.94, 0.94, 23):
        y = 2.88 - 0.56 * abs(x) ** 2.2
        rib = brush([(x * 0.93, y - 0.2), (x, y), (x * 1.05, y + 0.17)], 0.03, start=1, end=1)
        layer.tint(rib, person.cloth_dark, 0.45, 0.01)
    layer.tint(brush(shifted(roll, 0, -0.08), 0.07), _LIGHT, 0.25, 0.04)


def stripes(layer: Layer, person: Person) -> None:
    """Paint a striped shirt with a round neck."""
    torso(layer, person, person.cloth, (0, 2.8), (0.42, 2.7), (0.68, 2.42), (1.0, 2.48))
    for y in np.arange(3.2, 9, 0.62):
        course = [(-3.6, y + 0.62), (-1.8, y + 0.14), (0, y), (1.8, y + 0.14), (3.6, y + 0.62)]
        layer.tint(brush(course, 0.26, start=1, end=1), person.accent, 1)
    folds(layer, person)
    roll = [(-0.72, 2.34), (-0.5, 2.64), (0, 2.8), (0.5, 2.64), (0.72, 2.34)]
    layer.fill(brush(roll, 0.2 + 2 * person.outline, start=1, end=1), person.hair_dark)
    layer.fill(brush(roll, 0.2, start=1, end=1), person.accent)


def jacket(layer: Layer, person: Person) -> None:
    """Paint an open jacket over a shirt."""
    torso(layer, person, person.accent, (0, 2.88), (0.5, 2.74), (0.85, 2.4), (1.2, 2.5))
    hem = [(-0.85, 2.42), (-0.5, 2.78), (0, 2.94), (0.5, 2.78), (0.85, 2.42)]
    layer.fill(brush(hem, 0.11, start=1, end=1), "#cbc6bc")
    layer.tint(ellipse(0.25, 3.9, 0.6, 1.2), "#a9a398", 0.45, 0.3)
    w, coat = person.shoulders, Layer(layer.sheet)
    half = smooth(
        [
            (0.84, 2.3), (1.25, 2.46), (1.8 * w, 2.74), (2.5 * w, 3.02), (2.98 * w, 3.48), (3.23 * w, 4.3),
            (3.36 * w, 5.4), (3.45 * w, 9), (0.0, 9), (0.16, 5.6), (0.62, 4.2), (0.86, 3.2),
        ]
    )  # fmt: skip
    for shape in (flipped(half), half):
        layer.tint(shifted(shape, 0.0, 0.08), person.cloth_dark, 0.5, 0.1)
        coat.fill(shape, person.cloth)
    folds(coat, person)
    for side in (-1, 1):
        lapel(coat, person, side)
    layer.image.alpha_composite(coat.image)


def lapel(coat: Layer, person: Person, side: int) -> None:
    """Paint one lapel of a jacket; side is 1 for the picture's right, -1 for its left."""
    upper = polygon((0.8, 2.26), (1.04, 2.34), (1.5, 2.98), (1.12, 3.12), (0.9, 2.9))
    lower = polygon(
        (0.9, 2.9), (1.12, 3.12), (1.3, 3.03), (1.56, 3.5), (1.0, 4.5), (0.1, 5.75), (0.52, 4.4), (0.84, 3.3)
    )
    for shape in (lower * (side, 1), upper * (side, 1)):
        coat.tint(shifted(shape, 0.02, 0.05), person.cloth_dark, 0.95, 0.05)
        coat.tint(shape, person.cloth, 1)
        coat.tint(shape, _LIGHT, 0.1)
        coat.tint(shape, person.cloth_dark, 0.16 if side > 0 else 0.0)


GARMENTS: Mapping[str, Callable[[Layer, Person], None]] = MappingProxyType(
    {"collar": collar, "knit": knit, "stripes": stripes, "jacket": jacket}
)
"""The painter of each kind of clothing, by the name that a Person has for it."""
