"""The parts of a drawn face that change: eyes, brows and mouth, painted anew in every frame."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .looks import Look
from .paint import Layer, Shape, brush, ellipse, shifted, smooth

GAPE = 0.42
"""Distance between the lips of a wide open mouth, in eye distances."""
_MOUTH_Y = 1.1
_LIGHT = "#ffffff"

# The lids of the right-hand eye from its inner corner to its outer one, about the pupil.
_UPPER_LID = np.array([(-0.27, 0.035), (-0.15, -0.09), (0.02, -0.14), (0.18, -0.085), (0.28, -0.005)])
_LOWER_LID = np.array([(-0.27, 0.035), (-0.13, 0.095), (0.04, 0.115), (0.19, 0.075), (0.28, -0.005)])
_CLOSED_LID = np.array([(-0.27, 0.035), (-0.13, 0.082), (0.04, 0.1), (0.19, 0.062), (0.28, -0.005)])


def eye(layer: Layer, look: Look, side: int, blink: float) -> None:
    """Paint one eye.

    Args:
        layer: what it is painted on.
        look: whose eye.
        side: 1 for the one on the picture's right, -1 for the left.
        blink: 0 open, 1 closed.
    """

    def at(shape: Shape) -> Shape:
        return shifted(shape * (side * look.eyes, look.eyes), side * 0.5, 0.0)

    lid = _UPPER_LID * (1 - blink) + _CLOSED_LID * blink
    upper, lower, opened = (smooth(line, closed=False) for line in (lid, _LOWER_LID, _UPPER_LID))
    if blink < 0.95:
        almond = at(np.vstack([upper, lower[::-1]]))
        _eyeball(layer, look, almond, side * 0.5)
        shadow = at(np.vstack([upper, shifted(upper, 0, 0.07)[::-1]]))
        layer.fill(shadow, look.hair_dark, 0.35, blur=0.02, within=almond)
    if blink > 0.02:
        skin = at(np.vstack([shifted(opened, 0, -0.02), upper[::-1]]))
        layer.fill(skin, look.skin)
        layer.fill(skin, look.shade, 0.4, blur=0.02)
    _lashes(layer, look, at, lid, blink)


def _eyeball(layer: Layer, look: Look, almond: Shape, x: float) -> None:
    y, iris = -0.012, 0.142 * look.eyes
    layer.fill(almond, "#f7f3ee")
    for radius, colour in ((1.0, look.hair_dark), (0.87, look.iris), (0.46, "#120c0a")):
        layer.fill(ellipse(x, y, iris * radius, iris * radius), colour, within=almond)
    layer.fill(ellipse(x, y + 0.6 * iris, iris * 0.5, iris * 0.26), _LIGHT, 0.3, blur=0.02, within=almond)
    layer.fill(ellipse(x - iris * 0.36, y - iris * 0.34, iris * 0.27, iris * 0.27), _LIGHT, 0.96, within=almond)
    layer.fill(ellipse(x + iris * 0.4, y + iris * 0.42, iris * 0.13, iris * 0.13), _LIGHT, 0.6, within=almond)


def _lashes(layer: Layer, look: Look, at: Callable[[Shape], Shape], lid: Shape, blink: float) -> None:
    thick = 0.062 * look.lashes
    tip = lid[-1] + (0.035 * look.lashes, 0.05 * blink - 0.015)
    line = brush(np.vstack([shifted(lid, 0, -0.2 * thick), tip]), thick, start=0.3, end=0.15)
    layer.fill(at(line), look.hair_dark, 0.95)
    crease = shifted(_UPPER_LID * (0.96, 1.25), 0, 0.03 * blink - 0.062)
    layer.fill(at(brush(crease, 0.03)), look.shade, 0.75, blur=0.008)
    layer.fill(at(brush(_LOWER_LID[1:], 0.022)), look.shade, 0.7, blur=0.004)


def brow(layer: Layer, look: Look, side: int, raised: float) -> None:
    """Paint one brow; `raised` is 1 for surprise and -1 for a frown."""
    height, lift = 0.35 + 0.06 * look.eyes, 0.12 * raised
    course = np.array(
        [(0.2, 0.02 - 0.8 * lift), (0.42, -0.035 - lift), (0.64, -0.03 - lift), (0.84, 0.06 - 0.7 * lift)]
    )
    points = shifted(course, 0, -height) * (side, 1)
    layer.fill(brush(points, 0.1 * look.brows, start=0.6, end=0.08), look.hair, 0.9, blur=0.014)
    layer.fill(brush(points[:3], 0.045 * look.brows, start=0.5), look.hair_dark, 0.5, blur=0.014)


def mouth(layer: Layer, look: Look, opening: float, smile: float) -> None:
    """Paint the mouth.

    Args:
        layer: what it is painted on.
        look: whose mouth.
        opening: 0 for closed lips, 1 for a gap of GAPE.
        smile: 0 for level corners, 1 for raised ones.
    """
    gap, full = GAPE * opening, 0.1 * look.mouth
    wide = 0.42 * look.mouth * (1 - 0.1 * opening)
    up, down = _MOUTH_Y - 0.2 * gap, _MOUTH_Y + 0.8 * gap
    corner = _MOUTH_Y - 0.085 * smile + 0.25 * gap

    def lip(*half: tuple[float, float]) -> Shape:
        """A line from corner to corner through points given from the right, as parts of the width, to the middle."""
        right = [(wide * x, y) for x, y in half]
        left = [(-x, y) for x, y in right if x]
        return smooth([(-wide, corner), *left, *right[::-1], (wide, corner)], closed=False)

    inner_upper = lip((0.55, up + 0.012), (0, up + 0.03))
    inner_lower = lip((0.58, down + 0.008 - 0.02 * opening), (0, down + 0.034))
    bow = lip((0.62, up - 0.5 * full), (0.22, up - 0.95 * full), (0, up - 0.72 * full))
    under = lip((0.66, down + 0.75 * full), (0.3, down + 1.45 * full), (0, down + 1.6 * full))
    if opening > 0.02:
        _inside(layer, np.vstack([inner_upper, inner_lower[::-1]]), up, down, wide, gap)
    layer.fill(np.vstack([inner_lower, under[::-1]]), look.lips, blur=0.008)
    layer.fill(np.vstack([bow, inner_upper[::-1]]), look.lips, blur=0.008)
    layer.fill(np.vstack([bow, inner_upper[::-1]]), look.hair_dark, 0.2, blur=0.008)
    layer.fill(ellipse(-0.05, down + 0.85 * full, 0.4 * wide, 0.2 * full), _LIGHT, 0.3, blur=0.03)
    layer.fill(brush(inner_upper, 0.026, start=0.4, end=0.4), look.hair_dark, 0.7, blur=0.006)


def _inside(layer: Layer, inside: Shape, up: float, down: float, wide: float, gap: float) -> None:
    layer.fill(inside, "#4a1618")
    layer.fill(ellipse(0, down + 0.02, wide * 0.62, gap * 0.42), "#b5524f", 0.9, blur=0.02, within=inside)
    edge = up + min(gap * 0.36, 0.1)
    teeth = smooth(
        [(-0.72 * wide, up - 0.02), (0.72 * wide, up - 0.02), (0.6 * wide, edge), (0, edge + 0.03), (-0.6 * wide, edge)]
    )
    layer.fill(teeth, "#f5efe8", within=inside)
