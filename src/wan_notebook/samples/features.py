"""The parts of a drawn face that change: eyes, brows and mouth, painted anew in every frame."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .looks import Look
from .paint import Layer, Shape, brush, ellipse, shifted, smooth

EYE = np.array([(-0.27, 0.035), (-0.14, -0.095), (0.03, -0.145), (0.18, -0.085), (0.28, -0.01)])
"""The upper lid of an open right-hand eye from its inner corner to its outer one, about the pupil."""
LOWER_LID = np.array([(-0.27, 0.035), (-0.13, 0.095), (0.04, 0.115), (0.19, 0.075), (0.28, -0.01)])
CLOSED_LID = np.array([(-0.27, 0.035), (-0.13, 0.082), (0.04, 0.1), (0.19, 0.062), (0.28, -0.01)])

GAPE = 0.42
"""Distance between the lips of a wide open mouth, in eye distances."""
MOUTH_Y = 1.11


def eye(layer: Layer, look: Look, side: int, blink: float, gaze: tuple[float, float] = (0.0, 0.0)) -> None:
    """Paint one eye.

    Args:
        layer: what it is painted on.
        look: whose eye.
        side: 1 for the one on the picture's right, -1 for the left.
        blink: 0 open, 1 closed.
        gaze: where the iris looks, in eye distances.
    """
    scale = np.array([side * look.eyes, look.eyes])

    def at(shape: Shape) -> Shape:
        return shifted(shape * scale, side * 0.5, 0.0)

    lid = EYE * (1 - blink) + CLOSED_LID * blink
    upper, lower = smooth(lid, closed=False), smooth(LOWER_LID, closed=False)
    opened = smooth(EYE, closed=False)
    almond = at(np.vstack([upper, lower[::-1]]))
    if blink < 0.95:
        _eyeball(layer, look, almond, side, gaze)
        layer.fill(
            at(np.vstack([upper, (shifted(upper, 0, 0.07))[::-1]])), look.hair_dark, 0.35, blur=0.02, within=almond
        )
    if blink > 0.02:
        layer.fill(at(np.vstack([shifted(opened, 0, -0.02), upper[::-1]])), look.skin)
        layer.fill(at(np.vstack([shifted(opened, 0, -0.02), upper[::-1]])), look.shade, 0.4, blur=0.02)
    _lashes(layer, look, at, lid, blink)


def _eyeball(layer: Layer, look: Look, almond: Shape, side: int, gaze: tuple[float, float]) -> None:
    x, y = side * 0.5 + gaze[0], gaze[1] - 0.012
    radius = 0.142 * look.eyes
    layer.fill(almond, "#f7f3ee")
    layer.fill(ellipse(x, y, radius, radius), look.hair_dark, 0.92, within=almond)
    layer.fill(ellipse(x, y, radius * 0.86, radius * 0.86), look.iris, within=almond)
    layer.fill(ellipse(x, y + radius * 0.42, radius * 0.6, radius * 0.4), "#ffffff", 0.28, blur=0.02, within=almond)
    layer.fill(ellipse(x, y, radius * 0.46, radius * 0.46), "#120c0a", within=almond)
    layer.fill(
        ellipse(x - radius * 0.36, y - radius * 0.36, radius * 0.27, radius * 0.27), "#ffffff", 0.96, within=almond
    )
    layer.fill(
        ellipse(x + radius * 0.4, y + radius * 0.42, radius * 0.13, radius * 0.13), "#ffffff", 0.6, within=almond
    )


def _lashes(layer: Layer, look: Look, at: Callable[[Shape], Shape], lid: Shape, blink: float) -> None:
    thick = 0.062 * look.lashes
    tip = lid[-1] + (0.05 * look.lashes, -0.03 + 0.05 * blink)
    line = np.vstack([shifted(lid, 0, -thick * 0.2), tip])
    layer.fill(at(brush(line, thick, start=0.3, end=0.2)), look.hair_dark, 0.95)
    crease = EYE * (0.96, 1.25) - (0, 0.062) + (0, 0.03 * blink)
    layer.fill(at(brush(crease, 0.03)), look.shade, 0.75, blur=0.008)
    layer.fill(at(brush(LOWER_LID[1:], 0.022)), look.shade, 0.7, blur=0.004)
    layer.fill(at(ellipse(-0.235, 0.035, 0.035, 0.02)), look.blush, 0.6 * (1 - blink))


def brow(layer: Layer, look: Look, side: int, raised: float) -> None:
    """Paint one brow; `raised` is 1 for surprise and -1 for a frown."""
    lift = 0.12 * raised
    height = 0.36 + 0.05 * look.eyes
    points = np.array(
        [
            (0.2, -height + 0.06 - lift * 0.8),
            (0.42, -height - 0.03 - lift),
            (0.64, -height - 0.04 - lift),
            (0.85, -height + 0.07 - lift * 0.7),
        ]
    )
    stroke = brush(points * (side, 1), 0.105 * look.brows, start=0.55, end=0.05)
    layer.fill(stroke, look.hair, 0.9, blur=0.012)
    layer.fill(
        brush(points[:3] * (side, 1) + (0, 0.012), 0.05 * look.brows, start=0.5), look.hair_dark, 0.6, blur=0.012
    )


def mouth(layer: Layer, look: Look, opening: float, smile: float = 0.4) -> None:
    """Paint the mouth; `opening` is 0 for closed lips and 1 for a gap of GAPE."""
    gap = GAPE * opening
    wide = 0.4 * look.mouth * (1 - 0.1 * opening)
    up, down = MOUTH_Y - 0.2 * gap, MOUTH_Y + 0.8 * gap
    corner = MOUTH_Y - 0.07 * smile + 0.25 * gap
    upper = smooth(
        [(-wide, corner), (-wide * 0.5, up + 0.012), (0, up + 0.025), (wide * 0.5, up + 0.012), (wide, corner)],
        closed=False,
    )
    lower = smooth(
        [
            (-wide, corner),
            (-wide * 0.55, down - 0.02 * opening),
            (0, down + 0.03),
            (wide * 0.55, down - 0.02 * opening),
            (wide, corner),
        ],
        closed=False,
    )
    full = 0.115 * look.mouth
    bow = smooth(
        [
            (-wide * 1.02, corner),
            (-wide * 0.5, up - full * 0.62),
            (-wide * 0.2, up - full * 0.95),
            (0, up - full * 0.7),
            (wide * 0.2, up - full * 0.95),
            (wide * 0.5, up - full * 0.62),
            (wide * 1.02, corner),
        ],
        closed=False,
    )
    under = smooth(
        [
            (-wide * 1.02, corner),
            (-wide * 0.6, down + full * 0.85),
            (0, down + full * 1.5),
            (wide * 0.6, down + full * 0.85),
            (wide * 1.02, corner),
        ],
        closed=False,
    )
    inside = np.vstack([upper, lower[::-1]])
    if opening > 0.02:
        _inside(layer, inside, up, down, wide, gap)
    layer.fill(np.vstack([lower, under[::-1]]), look.lips)
    layer.fill(np.vstack([bow, upper[::-1]]), look.lips)
    layer.fill(np.vstack([bow, upper[::-1]]), look.hair_dark, 0.22)
    layer.fill(ellipse(-0.05, down + full * 0.75, wide * 0.42, full * 0.2), "#ffffff", 0.32, blur=0.03)
    layer.fill(brush(upper[::8], 0.03, start=0.5, end=0.5), look.hair_dark, 0.75, blur=0.004)
    for side in (1, -1):
        layer.fill(ellipse(side * wide * 1.04, corner, 0.035, 0.03), look.hair_dark, 0.45, blur=0.015)


def _inside(layer: Layer, inside: Shape, up: float, down: float, wide: float, gap: float) -> None:
    layer.fill(inside, "#4a1618")
    layer.fill(ellipse(0, down + 0.02, wide * 0.62, gap * 0.42), "#b5524f", 0.9, blur=0.02, within=inside)
    teeth = min(gap * 0.36, 0.1)
    layer.fill(
        smooth(
            [
                (-wide * 0.72, up - 0.02),
                (wide * 0.72, up - 0.02),
                (wide * 0.6, up + teeth),
                (0, up + teeth + 0.03),
                (-wide * 0.6, up + teeth),
            ]
        ),
        "#f5efe8",
        within=inside,
    )
