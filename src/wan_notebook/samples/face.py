"""The parts of a drawn head that keep their shape: ears, skin with its shading, nose."""

from __future__ import annotations

from .looks import Look
from .paint import Layer, Shape, brush, ellipse, mirrored, smooth


def contour(look: Look) -> Shape:
    """Return the outline of the face, from crown to chin."""
    c, j, chin = look.cheeks, look.jaw, look.chin
    return mirrored(
        [
            (0, -1.72),
            (0.62 * c, -1.6),
            (1.02 * c, -1.12),
            (1.13 * c, -0.42),
            (1.11 * c, 0.2),
            (1.02 * (c + j) / 2, 0.78 * chin),
            (0.8 * j, 1.27 * chin),
            (0.46 * j, 1.64 * chin),
            (0.2 * j, 1.77 * chin),
            (0, 1.8 * chin),
        ]
    )


def grown(shape: Shape, by: float) -> Shape:
    """Return a shape about the face's middle, grown by a width."""
    middle = shape.mean(axis=0)
    half: Shape = (shape.max(axis=0) - shape.min(axis=0)) / 2
    larger: Shape = (shape - middle) * (1 + by / half) + middle
    return larger


def ears(layer: Layer, look: Look) -> None:
    """Paint both ears, and what hangs on them."""
    for side in (1, -1):
        ear = ellipse(side * 1.14 * look.cheeks, 0.26, 0.2, 0.38, -side * 8)
        if look.outline:
            layer.fill(grown(ear, look.outline), look.hair_dark)
        layer.fill(ear, look.skin)
        layer.fill(
            ellipse(side * 1.16 * look.cheeks, 0.26, 0.11, 0.25, -side * 8), look.shade, 0.6, blur=0.05, atop=True
        )
        rim = [(side * 1.22 * look.cheeks, 0.0), (side * 1.3 * look.cheeks, 0.2), (side * 1.22 * look.cheeks, 0.48)]
        layer.fill(brush(rim, 0.06), look.blush, 0.5, blur=0.02, atop=True)
        if look.earrings:
            layer.fill(ellipse(side * 1.16 * look.cheeks, 0.86, 0.14, 0.2), look.accent)
            layer.fill(ellipse(side * 1.16 * look.cheeks, 0.86, 0.09, 0.15), look.cloth_dark, 0.9)


def skull(layer: Layer, look: Look) -> None:
    """Paint the skin of the whole head with its light and shade."""
    skin = contour(look)
    if look.outline:
        layer.fill(grown(skin, look.outline), look.hair_dark)
    layer.fill(skin, look.skin)
    _large_shades(layer, look)
    _around_the_eyes(layer, look)
    _around_the_mouth(layer, look)
    if look.freckles:
        _freckles(layer, look)


def _large_shades(layer: Layer, look: Look) -> None:
    c = look.cheeks
    side = smooth(
        [(1.2 * c, -1.4), (0.92 * c, -0.6), (0.98 * c, 0.2), (0.74 * c, 0.95), (0.42, 1.6), (0.1, 1.9), (1.4, 1.9)]
    )
    layer.fill(side, look.shade, 0.62, blur=0.17, atop=True)
    layer.fill(
        brush([(-1.1 * c, -0.5), (-1.12 * c, 0.3), (-0.95 * c, 0.95), (-0.5, 1.62)], 0.22, start=1),
        look.shade,
        0.4,
        blur=0.12,
        atop=True,
    )
    layer.fill(
        brush([(-1.0 * c, -1.0), (0, -1.2), (1.0 * c, -1.0)], 0.5, start=1, end=1),
        look.shade,
        0.42,
        blur=0.2,
        atop=True,
    )
    layer.fill(ellipse(-0.18, -0.72, 0.5, 0.22), "#ffffff", 0.2, blur=0.2, atop=True)
    for x, opacity in ((-0.68, 0.5), (0.68, 0.42)):
        layer.fill(ellipse(x * c, 0.58, 0.27, 0.19), look.blush, opacity, blur=0.15, atop=True)
    layer.fill(ellipse(-0.62 * c, 0.36, 0.2, 0.08, -14), "#ffffff", 0.22, blur=0.09, atop=True)
    if look.stubble:
        beard = smooth(
            [(-1.06, 0.55), (-0.6, 0.98), (0, 0.86), (0.6, 0.98), (1.06, 0.55), (0.95, 1.5), (0, 1.95), (-0.95, 1.5)]
        )
        layer.fill(beard, look.hair, 0.3, blur=0.12, atop=True)


def _around_the_eyes(layer: Layer, look: Look) -> None:
    for side in (1, -1):
        layer.fill(ellipse(side * 0.5, -0.16, 0.34, 0.17, side * 4), look.shade, 0.42, blur=0.08, atop=True)
        layer.fill(ellipse(side * 0.27, -0.02, 0.1, 0.2), look.shade, 0.34, blur=0.07, atop=True)
        layer.fill(ellipse(side * 0.52, 0.2, 0.27, 0.07), look.shade, 0.26, blur=0.05, atop=True)


def _around_the_mouth(layer: Layer, look: Look) -> None:
    low = 1.8 * look.chin
    for side in (1, -1):
        fold = brush([(side * 0.3, 0.7), (side * 0.47, 0.92), (side * 0.52, 1.12)], 0.06)
        layer.fill(fold, look.shade, 0.3, blur=0.04, atop=True)
    layer.fill(ellipse(0, 1.37, 0.24, 0.07), look.shade, 0.5, blur=0.06, atop=True)
    layer.fill(ellipse(-0.05, low - 0.24, 0.22, 0.1), "#ffffff", 0.16, blur=0.09, atop=True)
    layer.fill(ellipse(0, 0.88, 0.07, 0.1), look.shade, 0.3, blur=0.04, atop=True)


def _freckles(layer: Layer, look: Look) -> None:
    spots = [(0.52, 0.4), (0.66, 0.33), (0.8, 0.42), (0.6, 0.52), (0.74, 0.54), (0.44, 0.5), (0.88, 0.52)]
    for x, y in spots:
        for side in (1, -1):
            layer.fill(ellipse(side * x, y + 0.01 * side, 0.024, 0.02), look.shade, 0.9)


def nose(layer: Layer, look: Look) -> None:
    """Paint the nose: its shadow side, wings, nostrils and highlight."""
    n, y = look.nose, 0.7
    soft = 1 if look.softness > 0.5 else 0
    layer.fill(
        smooth([(0.08, -0.1), (0.14, 0.3), (0.28 * n, y - 0.06), (0.1, y + 0.02), (0.06, 0.3)]),
        look.shade,
        0.42 * soft,
        blur=0.06,
    )
    layer.fill(ellipse(0, y + 0.06, 0.27 * n, 0.07), look.shade, 0.5, blur=0.05)
    layer.fill(ellipse(0, y - 0.1, 0.17 * n, 0.15), look.blush, 0.22, blur=0.07)
    for side in (1, -1):
        wing = brush([(side * 0.22 * n, y - 0.2), (side * 0.3 * n, y - 0.06), (side * 0.22 * n, y + 0.05)], 0.045)
        layer.fill(wing, look.shade, 0.8, blur=0.02)
        layer.fill(ellipse(side * 0.12 * n, y + 0.035, 0.075 * n, 0.034, -side * 12), look.hair_dark, 0.72, blur=0.012)
    layer.fill(brush([(-0.1 * n, y + 0.06), (0, y + 0.085), (0.1 * n, y + 0.06)], 0.035), look.shade, 0.8, blur=0.015)
    layer.fill(brush([(-0.045, 0.02), (-0.05, 0.3), (-0.045, 0.52)], 0.08), "#ffffff", 0.24 * soft, blur=0.04)
    layer.fill(ellipse(-0.06 * n, y - 0.14, 0.055, 0.045), "#ffffff", 0.55, blur=0.03)
