"""Backdrop, neck, shoulders and clothing of a drawn person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from .looks import Look
from .paint import Layer, Shape, brush, ellipse, flipped, mirrored, shifted, smooth


def backdrop(layer: Layer, look: Look) -> None:
    """Paint the background: a wall, lit behind the head."""
    centre, corners = look.backdrop
    layer.fill(np.array([(-99.0, -99.0), (99.0, -99.0), (99.0, 99.0), (-99.0, 99.0)]), corners)
    for radius in (3.6, 2.9, 2.2):
        layer.fill(ellipse(-0.3, -0.2, radius, radius * 1.1), centre, 0.5, blur=0.5 / max(layer.sheet.softness, 0.4))


def neck(layer: Layer, look: Look) -> None:
    """Paint neck and chest, with the shadow of the chin."""
    half = 0.72 * look.neck
    shape = mirrored(
        [
            (0, 0.9),
            (half * 0.98, 1.0),
            (half, 1.9),
            (half * 1.12, 2.35),
            (half * 1.7, 2.75),
            (2.4, 3.2),
            (2.4, 5),
            (0, 5),
        ]
    )
    _outline(layer, shape, look)
    layer.fill(shape, look.skin)
    layer.fill(ellipse(0.12, 1.62, 1.02, 0.62), look.shade, 0.85, blur=0.13, atop=True)
    layer.fill(smooth([(0.25, 1.5), (1.2, 1.4), (1.3, 2.9), (0.55, 2.75)]), look.shade, 0.55, blur=0.16, atop=True)
    for side in (1, -1):
        muscle = brush([(side * half * 0.8, 1.95), (side * half * 0.52, 2.4), (side * 0.12, 2.82)], 0.1)
        layer.fill(muscle, look.shade, 0.35, blur=0.05, atop=True)
        bone = brush([(side * 0.2, 2.92), (side * 0.7, 2.86), (side * 1.4, 2.95)], 0.1)
        layer.fill(bone, look.shade, 0.4, blur=0.05, atop=True)


def garment(layer: Layer, look: Look) -> None:
    """Paint the clothing."""
    GARMENTS[look.garment](layer, look)


def _outline(layer: Layer, shape: Shape, look: Look) -> None:
    if look.outline:
        closed = np.vstack([shape, shape[:1]])
        along = np.gradient(closed, axis=0)
        normal = np.stack([-along[:, 1], along[:, 0]], axis=1) / np.maximum(np.hypot(*along.T)[:, None], 1e-9)
        signed = np.sum(closed[:-1, 0] * closed[1:, 1] - closed[1:, 0] * closed[:-1, 1])
        layer.fill(closed - np.sign(signed) * normal * look.outline, look.hair_dark)


def _torso(look: Look, neckline: list[tuple[float, float]]) -> Shape:
    wide = look.shoulders
    return mirrored(
        [
            *neckline,
            (1.75 * wide, 2.78),
            (2.5 * wide, 3.08),
            (2.98 * wide, 3.55),
            (3.2 * wide, 4.3),
            (3.3 * wide, 5.4),
            (3.3 * wide, 7),
            (0, 7),
        ]
    )


def _folds(layer: Layer, look: Look) -> None:
    wide = look.shoulders
    layer.fill(
        smooth([(1.5 * wide, 2.7), (3.4 * wide, 3.0), (3.5 * wide, 7), (1.2, 7), (1.7 * wide, 4.6)]),
        look.cloth_dark,
        0.6,
        blur=0.35,
        atop=True,
    )
    layer.fill(
        smooth([(-3.4 * wide, 3.6), (-2.7 * wide, 4.2), (-2.9 * wide, 7), (-3.6, 7)]),
        look.cloth_dark,
        0.4,
        blur=0.25,
        atop=True,
    )
    layer.fill(ellipse(-1.9 * wide, 3.25, 0.8, 0.2, 24), "#ffffff", 0.16, blur=0.16, atop=True)
    for side in (1, -1):
        arm = brush([(side * 2.3 * wide, 4.0), (side * 2.42 * wide, 4.7), (side * 2.36 * wide, 5.8)], 0.07, end=1)
        layer.fill(arm, look.cloth_dark, 0.9, blur=0.03, atop=True)
        fold = brush([(side * 2.2 * wide, 4.3), (side * 1.75 * wide, 4.62), (side * 1.3 * wide, 4.7)], 0.09)
        layer.fill(fold, look.cloth_dark, 0.55, blur=0.06, atop=True)


def _collar(layer: Layer, look: Look) -> None:
    body = _torso(look, [(0, 3.62), (0.3, 3.2), (0.66, 2.62), (0.9, 2.42), (1.2, 2.52)])
    _outline(layer, body, look)
    layer.fill(body, look.cloth)
    _folds(layer, look)
    layer.fill(brush([(0.0, 3.5), (0.03, 4.6), (0.02, 6.5)], 0.05, end=1), look.cloth_dark, 0.8, blur=0.01, atop=True)
    for y in (4.05, 4.8):
        layer.fill(ellipse(0.14, y + 0.015, 0.07, 0.07), look.cloth_dark)
        layer.fill(ellipse(0.135, y, 0.062, 0.062), look.accent)
    flap = smooth(
        [(0.62, 2.26), (0.98, 2.36), (1.3, 2.62), (0.98, 3.28), (0.62, 3.62), (0.34, 3.42), (0.02, 3.62), (0.3, 3.1)],
        steps=8,
    )
    for shape, light in ((flap, 0.0), (flipped(flap), 1.0)):
        layer.fill(shifted(shape, 0.05, 0.09), look.cloth_dark, 0.7, blur=0.08, atop=True)
        layer.fill(shape, look.accent)
        layer.fill(brush((shifted(shape[::12], 0, -0.01))[2:6], 0.02), look.cloth_dark, 0.2)
        if not light:
            layer.fill(shape, look.cloth_dark, 0.12, atop=True)


def _knit(layer: Layer, look: Look) -> None:
    body = _torso(look, [(0, 2.86), (0.55, 2.72), (0.9, 2.4), (1.2, 2.44)])
    _outline(layer, body, look)
    layer.fill(body, look.cloth)
    for column in np.arange(-3.2, 3.3, 0.2):
        rib = brush([(column * 0.8, 2.6), (column, 4.0), (column * 1.04, 7)], 0.05, start=1, end=1)
        layer.fill(rib, look.cloth_dark, 0.28, blur=0.02, atop=True)
    _folds(layer, look)
    roll = [(-1.02, 2.28), (-0.72, 2.66), (0, 2.9), (0.72, 2.66), (1.02, 2.28)]
    layer.fill(
        brush([(x, y + 0.12) for x, y in roll], 0.42, start=0.8, end=0.8), look.cloth_dark, 0.6, blur=0.07, atop=True
    )
    layer.fill(brush(roll, 0.38, start=0.9, end=0.9), look.cloth)
    for t in np.linspace(-1, 1, 23):
        x, y = t * 1.0, 2.88 - 0.56 * abs(t) ** 2.2
        layer.fill(
            brush([(x * 0.93, y - 0.2), (x, y), (x * 1.05, y + 0.17)], 0.03, start=1, end=1),
            look.cloth_dark,
            0.45,
            blur=0.01,
            atop=True,
        )
    layer.fill(brush([(x, y - 0.08) for x, y in roll], 0.07), "#ffffff", 0.25, blur=0.04, atop=True)


def _stripes(layer: Layer, look: Look) -> None:
    body = _torso(look, [(0, 2.82), (0.5, 2.7), (0.78, 2.4), (1.1, 2.5)])
    _outline(layer, body, look)
    layer.fill(body, look.cloth)
    for y in np.arange(3.2, 7, 0.62):
        band = brush(
            [(-3.6, y + 0.62), (-1.8, y + 0.14), (0, y), (1.8, y + 0.14), (3.6, y + 0.62)], 0.26, start=1, end=1
        )
        layer.fill(band, look.accent, atop=True)
    _folds(layer, look)
    roll = [(-0.8, 2.36), (-0.52, 2.66), (0, 2.82), (0.52, 2.66), (0.8, 2.36)]
    layer.fill(brush(roll, 0.2 + 2 * look.outline, start=1, end=1), look.hair_dark)
    layer.fill(brush(roll, 0.2, start=1, end=1), look.accent)


def _jacket(layer: Layer, look: Look) -> None:
    shirt = _torso(look, [(0, 2.88), (0.5, 2.74), (0.85, 2.4), (1.2, 2.5)])
    layer.fill(shirt, look.accent)
    layer.fill(
        brush([(-0.85, 2.42), (-0.5, 2.78), (0, 2.94), (0.5, 2.78), (0.85, 2.42)], 0.12, start=1, end=1), "#cfcac0"
    )
    layer.fill(ellipse(0.2, 3.7, 0.7, 1.0), "#b9b3a8", 0.5, blur=0.25, atop=True)
    wide = look.shoulders
    half = smooth(
        [
            (0.86, 2.3),
            (1.2, 2.44),
            (1.75 * wide, 2.74),
            (2.5 * wide, 3.02),
            (3.0 * wide, 3.5),
            (3.25 * wide, 4.4),
            (3.35 * wide, 7),
            (0.45, 7),
            (0.5, 5.2),
            (0.98, 3.6),
        ]
    )
    coat = Layer(layer.sheet)
    for shape in (half, flipped(half)):
        layer.fill(shifted(shape, 0.0, 0.08), look.cloth_dark, 0.5, blur=0.1, atop=True)
        coat.fill(shape, look.cloth)
    _folds(coat, look)
    lapel = smooth(
        [(0.84, 2.24), (1.2, 2.42), (1.5, 3.0), (1.26, 3.35), (1.3, 3.7), (0.72, 5.0), (0.6, 4.6), (0.92, 3.4)], steps=8
    )
    for shape, dark in ((lapel, 0.18), (flipped(lapel), 0.0)):
        coat.fill(shifted(shape, 0.03, 0.07), look.cloth_dark, 0.9, blur=0.05, atop=True)
        coat.fill(shape, look.cloth, atop=True)
        coat.fill(shape, "#ffffff", 0.1, atop=True)
        coat.fill(shape, look.cloth_dark, dark, atop=True)
    layer.image.alpha_composite(coat.image)


GARMENTS: Mapping[str, Callable[[Layer, Look], None]] = MappingProxyType(
    {"collar": _collar, "knit": _knit, "stripes": _stripes, "jacket": _jacket}
)
"""How each kind of clothing is painted."""
