"""The parts of a drawn head.

Ears, skin and nose are painted once and bent as the head turns; eyes, brows and mouth are painted anew in every frame.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .paint import Layer, Shape, brush, ellipse, mirrored, shifted, smooth
from .people import Person
from .pose import Pose

_LIGHT = "#ffffff"


def contour(person: Person) -> Shape:
    """Return the outline of the face, from crown to chin."""
    c, j, chin = person.cheeks, person.jaw, person.chin
    return mirrored(
        [
            (0, -1.72), (0.62 * c, -1.6), (1.02 * c, -1.12), (1.13 * c, -0.42), (1.11 * c, 0.2),
            (1.02 * (c + j) / 2, 0.78 * chin), (0.8 * j, 1.27 * chin), (0.46 * j, 1.64 * chin),
            (0.2 * j, 1.77 * chin), (0, 1.8 * chin),
        ]
    )  # fmt: skip


def ears(layer: Layer, person: Person) -> None:
    """Paint both ears and the earrings."""
    for side in (1, -1) if person.ears else ():
        x = side * person.cheeks
        ear = ellipse(x * 1.14, 0.26, 0.2, 0.38, -side * 8)
        layer.part(ear, person.skin, person.hair_dark, person.outline)
        layer.tint(ellipse(x * 1.16, 0.26, 0.11, 0.25, -side * 8), person.shade, 0.6, 0.05)
        layer.tint(brush([(x * 1.22, 0.0), (x * 1.3, 0.2), (x * 1.22, 0.48)], 0.06), person.blush, 0.5, 0.02)
        if person.earrings:
            layer.fill(ellipse(x * 1.16, 0.86, 0.14, 0.2), person.accent)
            layer.fill(ellipse(x * 1.16, 0.86, 0.09, 0.15), person.cloth_dark, 0.9)


def face(layer: Layer, person: Person) -> None:
    """Paint the skin of the whole head, and the nose."""
    skin = contour(person)
    layer.part(skin, person.skin, person.hair_dark, person.outline)
    face_sides(layer, person)
    cheeks(layer, person)
    eye_sockets(layer, person)
    mouth_folds(layer, person)
    nose(layer, person)


def face_sides(layer: Layer, person: Person) -> None:
    """Paint the shade on both sides of the face and below the hairline, and the light on the brow."""
    c = person.cheeks
    far = smooth(
        [(1.2 * c, -1.4), (0.94 * c, -0.6), (1.0 * c, 0.2), (0.78 * c, 0.95), (0.44, 1.6), (0.1, 1.9), (1.4, 1.9)]
    )
    near = brush([(-1.1 * c, -0.5), (-1.12 * c, 0.3), (-0.95 * c, 0.95), (-0.5, 1.62)], 0.22, start=1)
    hairline = brush([(-1.0 * c, -1.0), (0, -1.2), (1.0 * c, -1.0)], 0.5, start=1, end=1)
    layer.tint(far, person.shade, 0.6, 0.17)
    layer.tint(near, person.shade, 0.4, 0.12)
    layer.tint(hairline, person.shade, 0.42, 0.2)
    layer.tint(ellipse(-0.18, -0.72, 0.5, 0.22), _LIGHT, 0.2, 0.2)


def cheeks(layer: Layer, person: Person) -> None:
    """Paint the blush of the cheeks, stubble and freckles."""
    c = person.cheeks
    for side in (1, -1):
        layer.tint(ellipse(side * 0.68 * c, 0.58, 0.27, 0.19), person.blush, 0.46, 0.15)
    layer.tint(ellipse(-0.62 * c, 0.36, 0.2, 0.08, -14), _LIGHT, 0.22, 0.09)
    if person.stubble:
        beard = [(-1.06, 0.55), (-0.6, 1.0), (0, 0.88), (0.6, 1.0), (1.06, 0.55), (0.95, 1.5), (0, 1.95), (-0.95, 1.5)]
        layer.tint(smooth(beard), person.hair, 0.28, 0.12)
    for x, y in _FRECKLES if person.freckles else ():
        layer.tint(ellipse(x, y, 0.024, 0.02), person.shade, 0.9)


_FRECKLES = (
    (0.52, 0.4), (0.66, 0.34), (0.8, 0.42), (0.6, 0.52), (0.74, 0.54),
    (-0.5, 0.42), (-0.64, 0.35), (-0.78, 0.41), (-0.58, 0.53), (-0.72, 0.55), (-0.86, 0.5),
)  # fmt: skip


def eye_sockets(layer: Layer, person: Person) -> None:
    """Paint the shade above, between and below the eyes."""
    for side in (1, -1):
        layer.tint(ellipse(side * 0.5, -0.16, 0.34, 0.17, side * 4), person.shade, 0.42, 0.08)
        layer.tint(ellipse(side * 0.27, -0.02, 0.1, 0.2), person.shade, 0.34 * person.lines, 0.07)
        layer.tint(ellipse(side * 0.52, 0.2, 0.27, 0.07), person.shade, 0.26 * person.lines, 0.05)


def mouth_folds(layer: Layer, person: Person) -> None:
    """Paint the folds beside the mouth, and the shade above and below it."""
    for side in (1, -1):
        fold = brush([(side * 0.3, 0.7), (side * 0.47, 0.92), (side * 0.52, 1.12)], 0.06)
        layer.tint(fold, person.shade, 0.3 * person.lines, 0.04)
    layer.tint(ellipse(0, 1.39, 0.22, 0.06), person.shade, 0.4, 0.06)
    layer.tint(ellipse(0, 0.88, 0.07, 0.1), person.shade, 0.3 * person.lines, 0.04)
    layer.tint(ellipse(-0.05, 1.8 * person.chin - 0.24, 0.22, 0.1), _LIGHT, 0.16, 0.09)


def nose(layer: Layer, person: Person) -> None:
    """Paint the nose: its shadow side, wings, nostrils and highlight."""
    n, y = person.nose, 0.7
    bridge = smooth([(0.08, -0.1), (0.14, 0.3), (0.28 * n, y - 0.06), (0.1, y + 0.02), (0.06, 0.3)])
    layer.fill(bridge, person.shade, 0.42 * person.lines, blur=0.06)
    layer.fill(ellipse(0, y + 0.06, 0.27 * n, 0.07), person.shade, 0.5, blur=0.05)
    layer.fill(ellipse(0, y - 0.1, 0.17 * n, 0.15), person.blush, 0.22, blur=0.07)
    for side in (1, -1):
        wing = brush([(side * 0.22 * n, y - 0.2), (side * 0.3 * n, y - 0.06), (side * 0.22 * n, y + 0.05)], 0.045)
        layer.fill(wing, person.shade, 0.8, blur=0.02)
        nostril = ellipse(side * 0.12 * n, y + 0.035, 0.075 * n, 0.034, -side * 12)
        layer.fill(nostril, person.hair_dark, 0.7, blur=0.012)
    layer.fill(brush([(-0.1 * n, y + 0.06), (0, y + 0.085), (0.1 * n, y + 0.06)], 0.035), person.shade, 0.8, blur=0.015)
    layer.fill(brush([(-0.045, 0.02), (-0.05, 0.3), (-0.045, 0.52)], 0.08), _LIGHT, 0.24 * person.lines, blur=0.04)
    layer.fill(ellipse(-0.06 * n, y - 0.14, 0.055, 0.045), _LIGHT, 0.5, blur=0.03)


GAPE, SMILE, RAISED = 0.42, 0.13, 0.15
"""Eye distances between the lips of a wide open mouth, by which a full smile raises its corners, and surprise brows."""
WIDENED = 0.2
"""By which part of its width a full smile widens the mouth."""
_MOUTH_Y, _AT_REST, _CURVED = 1.1, 0.068, 0.06
"""Height of the mouth, and how much higher its corners are at rest; by how much a full smile lifts the lips beside its
middle, so that they stay on the way to the corners."""

# The lids of the right-hand eye from its inner corner to its outer one, about the pupil.
_UPPER_LID = np.array([(-0.27, 0.035), (-0.15, -0.09), (0.02, -0.14), (0.18, -0.085), (0.28, -0.005)])
_LOWER_LID = np.array([(-0.27, 0.035), (-0.13, 0.095), (0.04, 0.115), (0.19, 0.075), (0.28, -0.005)])
_CLOSED_LID = np.array([(-0.27, 0.035), (-0.13, 0.082), (0.04, 0.1), (0.19, 0.062), (0.28, -0.005)])


def eye(layer: Layer, person: Person, side: int, pose: Pose) -> None:
    """Paint one eye; a smile lifts its lower lid, and raised brows its upper one.

    Args:
        layer: to paint on.
        person: who has the eye.
        side: 1 for the one on the picture's right, -1 for the left.
        pose: tells the expression.
    """

    def at(shape: Shape) -> Shape:
        return shifted(shape * (side * person.eyes, person.eyes), side * 0.5, 0.0)

    blink = pose.blink
    wide = _UPPER_LID * (1, 1 + 0.2 * pose.brows)
    low = _LOWER_LID * (1, 1 - 0.2 * pose.smile)
    lid = wide * (1 - blink) + (_CLOSED_LID * (1, 1 - 0.2 * pose.smile)) * blink
    upper, lower, opened = (smooth(line, closed=False) for line in (lid, low, wide))
    if blink < 0.95:
        almond = at(np.vstack([upper, lower[::-1]]))
        eyeball(layer, person, almond, side * 0.5)
        shadow = at(np.vstack([upper, shifted(upper, 0, 0.07)[::-1]]))
        layer.fill(shadow, person.hair_dark, 0.35, blur=0.02, within=almond)
    if blink > 0.02:
        skin = at(np.vstack([shifted(opened, 0, -0.02), upper[::-1]]))
        layer.fill(skin, person.skin)
        layer.fill(skin, person.shade, 0.4, blur=0.02)
    lashes(layer, person, at, lid, blink)
    layer.fill(at(brush(low[1:], 0.022)), person.shade, 0.7, blur=0.004)


def eyeball(layer: Layer, person: Person, almond: Shape, x: float) -> None:
    """Paint white, iris, pupil and highlights of an eye within its almond, about the pupil at x."""
    y, iris = -0.012, 0.142 * person.eyes
    layer.fill(almond, "#f7f3ee")
    for radius, colour in ((1.0, person.hair_dark), (0.87, person.iris), (0.46, "#120c0a")):
        layer.fill(ellipse(x, y, iris * radius, iris * radius), colour, within=almond)
    layer.fill(ellipse(x, y + 0.6 * iris, iris * 0.5, iris * 0.26), _LIGHT, 0.3, blur=0.02, within=almond)
    layer.fill(ellipse(x - iris * 0.36, y - iris * 0.34, iris * 0.27, iris * 0.27), _LIGHT, 0.96, within=almond)
    layer.fill(ellipse(x + iris * 0.4, y + iris * 0.42, iris * 0.13, iris * 0.13), _LIGHT, 0.6, within=almond)


def lashes(layer: Layer, person: Person, at: Callable[[Shape], Shape], lid: Shape, blink: float) -> None:
    """Paint lashes and the crease above them; `at` moves a shape to its eye."""
    thick = 0.062 * person.lashes
    tip = lid[-1] + (0.035 * person.lashes, 0.05 * blink - 0.015)
    line = brush(np.vstack([shifted(lid, 0, -0.2 * thick), tip]), thick, start=0.3, end=0.15)
    layer.fill(at(line), person.hair_dark, 0.95)
    crease = shifted(_UPPER_LID * (0.96, 1.25), 0, 0.03 * blink - 0.062)
    layer.fill(at(brush(crease, 0.03)), person.shade, 0.75, blur=0.008)


def brow(layer: Layer, person: Person, side: int, raised: float) -> None:
    """Paint one brow; `raised` is 1 for surprise and -1 for a frown, which draws its inner end in and down."""
    height, lift, frown = 0.35 + 0.06 * person.eyes, RAISED * raised, max(-raised, 0)
    course = np.array(
        [
            (0.2 - 0.06 * frown, 0.02 - 0.8 * lift + 0.02 * frown), (0.42 - 0.03 * frown, -0.035 - lift),
            (0.64, -0.03 - lift), (0.84, 0.06 - 0.7 * lift),
        ]
    )  # fmt: skip
    points = shifted(course, 0, -height) * (side, 1)
    layer.fill(brush(points, 0.1 * person.brows, start=0.6, end=0.08), person.hair, 0.9, blur=0.014)
    layer.fill(brush(points[:3], 0.045 * person.brows, start=0.5), person.hair_dark, 0.5, blur=0.014)
    crease = brush([(side * 0.09, -0.36), (side * 0.07, -0.24), (side * 0.1, -0.12)], 0.035)
    layer.fill(crease, person.shade, 0.5 * frown, blur=0.015)


def mouth(layer: Layer, person: Person, pose: Pose) -> None:
    """Paint the mouth and the folds beside it, as open and as smiling as the pose tells."""
    opening, smile = pose.mouth, pose.smile
    gap, full = GAPE * opening, 0.1 * person.mouth * (1 - 0.15 * smile)
    wide = 0.42 * person.mouth * (1 - 0.1 * opening) * (1 + WIDENED * smile)
    up, down = _MOUTH_Y - 0.2 * gap, _MOUTH_Y + 0.8 * gap
    corner = _MOUTH_Y - _AT_REST - SMILE * smile + 0.25 * gap
    for side in (1, -1):
        fold = brush([(side * 0.32, 0.68), (side * 0.52, 0.86), (side * 0.62, 1.1)], 0.06)
        layer.fill(fold, person.shade, 0.6 * smile, blur=0.03)
        dimple = brush([(side * (wide + 0.06), corner - 0.06), (side * (wide + 0.08), corner + 0.06)], 0.05)
        layer.fill(dimple, person.shade, 0.35 * smile, blur=0.02)

    def lip(*half: tuple[float, float]) -> Shape:
        """A line from corner to corner through points given from the right, as parts of the width, to the middle."""
        right = [(wide * x, y - _CURVED * smile * x**2) for x, y in half]
        left = [(-x, y) for x, y in right if x]
        return smooth([(-wide, corner), *left, *right[::-1], (wide, corner)], closed=False)

    inner_upper = lip((0.55, up + 0.012), (0, up + 0.03))
    inner_lower = lip((0.58, down + 0.008 - 0.02 * opening), (0, down + 0.034))
    bow = lip((0.62, up - 0.5 * full), (0.22, up - 0.95 * full), (0, up - 0.72 * full))
    under = lip((0.66, down + 0.75 * full), (0.3, down + 1.45 * full), (0, down + 1.6 * full))
    if opening > 0.02:
        mouth_inside(layer, np.vstack([inner_upper, inner_lower[::-1]]), up, down, wide, gap)
    layer.fill(np.vstack([inner_lower, under[::-1]]), person.lips, blur=0.008)
    layer.fill(np.vstack([bow, inner_upper[::-1]]), person.lips, blur=0.008)
    layer.fill(np.vstack([bow, inner_upper[::-1]]), person.hair_dark, 0.2, blur=0.008)
    layer.fill(ellipse(-0.05, down + 0.85 * full, 0.4 * wide, 0.2 * full), _LIGHT, 0.3, blur=0.03)
    layer.fill(brush(inner_upper, 0.026, start=0.4, end=0.4), person.hair_dark, 0.7, blur=0.006)


def mouth_inside(layer: Layer, inside: Shape, up: float, down: float, wide: float, gap: float) -> None:
    """Paint the dark inside of an open mouth, with tongue and upper teeth."""
    layer.fill(inside, "#4a1618")
    layer.fill(ellipse(0, down + 0.02, wide * 0.62, gap * 0.42), "#b5524f", 0.9, blur=0.02, within=inside)
    edge = up + min(gap * 0.36, 0.1)
    teeth = smooth(
        [(-0.72 * wide, up - 0.02), (0.72 * wide, up - 0.02), (0.6 * wide, edge), (0, edge + 0.03), (-0.6 * wide, edge)]
    )
    layer.fill(teeth, "#f5efe8", within=inside)
