"""The parts of a drawn head that keep their shape: ears, skin with its light and shade, nose."""

from __future__ import annotations

from .looks import Look
from .paint import Layer, Shape, brush, ellipse, mirrored, smooth

_LIGHT = "#ffffff"


def contour(look: Look) -> Shape:
    """Return the outline of the face, from crown to chin."""
    c, j, chin = look.cheeks, look.jaw, look.chin
    return mirrored(
        [
            (0, -1.72), (0.62 * c, -1.6), (1.02 * c, -1.12), (1.13 * c, -0.42), (1.11 * c, 0.2),
            (1.02 * (c + j) / 2, 0.78 * chin), (0.8 * j, 1.27 * chin), (0.46 * j, 1.64 * chin),
            (0.2 * j, 1.77 * chin), (0, 1.8 * chin),
        ]
    )  # fmt: skip


def ears(layer: Layer, look: Look) -> None:
    """Paint both ears, and what hangs on them."""
    for side in (1, -1) if look.ears else ():
        x = side * look.cheeks
        ear = ellipse(x * 1.14, 0.26, 0.2, 0.38, -side * 8)
        layer.part(ear, look.skin, look.hair_dark, look.outline)
        layer.tint(ellipse(x * 1.16, 0.26, 0.11, 0.25, -side * 8), look.shade, 0.6, 0.05)
        layer.tint(brush([(x * 1.22, 0.0), (x * 1.3, 0.2), (x * 1.22, 0.48)], 0.06), look.blush, 0.5, 0.02)
        if look.earrings:
            layer.fill(ellipse(x * 1.16, 0.86, 0.14, 0.2), look.accent)
            layer.fill(ellipse(x * 1.16, 0.86, 0.09, 0.15), look.cloth_dark, 0.9)


def skull(layer: Layer, look: Look) -> None:
    """Paint the skin of the whole head."""
    skin = contour(look)
    layer.part(skin, look.skin, look.hair_dark, look.outline)
    _sides(layer, look)
    _cheeks(layer, look)
    _around_the_eyes(layer, look)
    _around_the_mouth(layer, look)


def _sides(layer: Layer, look: Look) -> None:
    c = look.cheeks
    far = smooth(
        [(1.2 * c, -1.4), (0.94 * c, -0.6), (1.0 * c, 0.2), (0.78 * c, 0.95), (0.44, 1.6), (0.1, 1.9), (1.4, 1.9)]
    )
    near = brush([(-1.1 * c, -0.5), (-1.12 * c, 0.3), (-0.95 * c, 0.95), (-0.5, 1.62)], 0.22, start=1)
    hairline = brush([(-1.0 * c, -1.0), (0, -1.2), (1.0 * c, -1.0)], 0.5, start=1, end=1)
    layer.tint(far, look.shade, 0.6, 0.17)
    layer.tint(near, look.shade, 0.4, 0.12)
    layer.tint(hairline, look.shade, 0.42, 0.2)
    layer.tint(ellipse(-0.18, -0.72, 0.5, 0.22), _LIGHT, 0.2, 0.2)


def _cheeks(layer: Layer, look: Look) -> None:
    c = look.cheeks
    for side in (1, -1):
        layer.tint(ellipse(side * 0.68 * c, 0.58, 0.27, 0.19), look.blush, 0.46, 0.15)
    layer.tint(ellipse(-0.62 * c, 0.36, 0.2, 0.08, -14), _LIGHT, 0.22, 0.09)
    if look.stubble:
        beard = [(-1.06, 0.55), (-0.6, 1.0), (0, 0.88), (0.6, 1.0), (1.06, 0.55), (0.95, 1.5), (0, 1.95), (-0.95, 1.5)]
        layer.tint(smooth(beard), look.hair, 0.28, 0.12)
    for x, y in _FRECKLES if look.freckles else ():
        layer.tint(ellipse(x, y, 0.024, 0.02), look.shade, 0.9)


_FRECKLES = (
    (0.52, 0.4), (0.66, 0.34), (0.8, 0.42), (0.6, 0.52), (0.74, 0.54),
    (-0.5, 0.42), (-0.64, 0.35), (-0.78, 0.41), (-0.58, 0.53), (-0.72, 0.55), (-0.86, 0.5),
)  # fmt: skip


def _around_the_eyes(layer: Layer, look: Look) -> None:
    for side in (1, -1):
        layer.tint(ellipse(side * 0.5, -0.16, 0.34, 0.17, side * 4), look.shade, 0.42, 0.08)
        layer.tint(ellipse(side * 0.27, -0.02, 0.1, 0.2), look.shade, 0.34 * look.lines, 0.07)
        layer.tint(ellipse(side * 0.52, 0.2, 0.27, 0.07), look.shade, 0.26 * look.lines, 0.05)


def _around_the_mouth(layer: Layer, look: Look) -> None:
    for side in (1, -1):
        fold = brush([(side * 0.3, 0.7), (side * 0.47, 0.92), (side * 0.52, 1.12)], 0.06)
        layer.tint(fold, look.shade, 0.3 * look.lines, 0.04)
    layer.tint(ellipse(0, 1.39, 0.22, 0.06), look.shade, 0.4, 0.06)
    layer.tint(ellipse(0, 0.88, 0.07, 0.1), look.shade, 0.3 * look.lines, 0.04)
    layer.tint(ellipse(-0.05, 1.8 * look.chin - 0.24, 0.22, 0.1), _LIGHT, 0.16, 0.09)


def nose(layer: Layer, look: Look) -> None:
    """Paint the nose: its shadow side, wings, nostrils and highlight."""
    n, y = look.nose, 0.7
    bridge = smooth([(0.08, -0.1), (0.14, 0.3), (0.28 * n, y - 0.06), (0.1, y + 0.02), (0.06, 0.3)])
    layer.fill(bridge, look.shade, 0.42 * look.lines, blur=0.06)
    layer.fill(ellipse(0, y + 0.06, 0.27 * n, 0.07), look.shade, 0.5, blur=0.05)
    layer.fill(ellipse(0, y - 0.1, 0.17 * n, 0.15), look.blush, 0.22, blur=0.07)
    for side in (1, -1):
        wing = brush([(side * 0.22 * n, y - 0.2), (side * 0.3 * n, y - 0.06), (side * 0.22 * n, y + 0.05)], 0.045)
        layer.fill(wing, look.shade, 0.8, blur=0.02)
        nostril = ellipse(side * 0.12 * n, y + 0.035, 0.075 * n, 0.034, -side * 12)
        layer.fill(nostril, look.hair_dark, 0.7, blur=0.012)
    layer.fill(brush([(-0.1 * n, y + 0.06), (0, y + 0.085), (0.1 * n, y + 0.06)], 0.035), look.shade, 0.8, blur=0.015)
    layer.fill(brush([(-0.045, 0.02), (-0.05, 0.3), (-0.045, 0.52)], 0.08), _LIGHT, 0.24 * look.lines, blur=0.04)
    layer.fill(ellipse(-0.06 * n, y - 0.14, 0.055, 0.045), _LIGHT, 0.5, blur=0.03)
