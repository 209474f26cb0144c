"""A drawn person at a known pose."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image

from . import body, hair, head
from .paint import Layer, Shape, Sheet, Sprite
from .people import Person
from .pose import BACK, Head, Pose

EYE_DISTANCE = 0.158
"""Eye distance of a picture as a part of its width."""
EYE_LINE = 0.405
"""Height of the eyes from the picture's top, as a part of its height."""
_EARS = -1.0
"""Depth of the ears, in eye distances."""
_THROAT = (0.0, 1.2, -0.6)
"""The top of the neck, whose place in the head it keeps, in eye distances."""


def unit(size: tuple[int, int]) -> float:
    """Return the pixels of one eye distance in a picture of this size."""
    return EYE_DISTANCE * size[0]


def draw(person: Person, pose: Pose, size: tuple[int, int]) -> Image.Image:
    """Draw a person.

    Args:
        person: one of people.PEOPLE.
        pose: of head, face and shoulders.
        size: width and height of the picture in pixels.

    Returns:
        An RGB picture.
    """
    figure, posed = painted_figure(person, size), Head(pose)
    frame, sheet = figure.backdrop.copy(), figure.sheet
    figure.hair_back.stamp(frame, in_pixels(sheet, posed.plane(BACK)))
    figure.neck.stamp(frame, neck_matrix(sheet, pose))
    figure.garment.stamp(frame, in_pixels(sheet, np.array([(1, 0, pose.sway), (0, 1, 0), (0, 0, 1)])))
    figure.ears.stamp(frame, in_pixels(sheet, posed.plane(_EARS)))
    figure.face.bend(frame, sheet, posed.skin, functools.partial(posed.behind, calm=False))
    layer = PosedLayer(sheet, frame, posed)
    head.mouth(layer, person, pose)
    for side in (1, -1):
        head.eye(layer, person, side, pose)
    for side in (1, -1):
        head.brow(layer, person, side, pose.brows)
    figure.hair_front.bend(frame, sheet, posed.seen, functools.partial(posed.behind, calm=True))
    margin = figure.margin
    return frame.convert("RGB").crop((margin, margin, margin + size[0], margin + size[1]))


@dataclass(frozen=True)
class Figure:
    """The painted parts of a person that keep their shape in every pose."""

    sheet: Sheet
    margin: int
    """Pixels around the picture, from which a moved part is filled."""
    backdrop: Image.Image
    hair_back: Sprite
    neck: Sprite
    garment: Sprite
    ears: Sprite
    face: Sprite
    hair_front: Sprite


@functools.lru_cache(maxsize=8)
def painted_figure(person: Person, size: tuple[int, int]) -> Figure:
    """Paint the parts of a person for a picture of this size, in pixels."""
    width, height = size
    margin = math.ceil(0.2 * unit(size))
    origin = (width / 2 + margin, EYE_LINE * height + margin)
    sheet = Sheet(width + 2 * margin, height + 2 * margin, unit(size), origin, person.softness)

    def painted(paint: Callable[[Layer, Person], None]) -> Layer:
        layer = Layer(sheet)
        paint(layer, person)
        return layer

    cut = hair.CUTS[person.cut]
    return Figure(
        sheet=sheet,
        margin=margin,
        backdrop=painted(body.backdrop).image,
        hair_back=Sprite.of(painted(cut.back)),
        neck=Sprite.of(painted(body.neck)),
        garment=Sprite.of(painted(body.garment)),
        ears=Sprite.of(painted(head.ears)),
        face=Sprite.of(painted(head.face)),
        hair_front=Sprite.of(painted(cut.front)),
    )


def neck_matrix(sheet: Sheet, pose: Pose) -> Shape:
    """Return the matrix of the neck, whose foot follows the shoulders and whose top follows the head."""
    _, top, z = _THROAT
    foot = 2.9
    throat = Head(pose).plane(z) @ (0, top, 1)
    slope = (throat[0] - pose.sway) / (foot - top)
    stretch = (throat[1] - top) / (foot - top)
    return in_pixels(
        sheet, np.array([(1, -slope, pose.sway + slope * foot), (0, 1 - stretch, stretch * foot), (0, 0, 1)])
    )


def in_pixels(sheet: Sheet, matrix: Shape) -> Shape:
    """Convert a matrix from eye distances to pixels."""
    to_pixels = np.array([(sheet.unit, 0, sheet.origin[0]), (0, sheet.unit, sheet.origin[1]), (0, 0, 1)])
    return to_pixels @ matrix @ np.linalg.inv(to_pixels)


class PosedLayer(Layer):
    """A frame on which shapes of the upright face are painted at a pose."""

    def __init__(self, sheet: Sheet, frame: Image.Image, posed: Head) -> None:
        super().__init__(sheet, frame)
        self._posed = posed

    def to_pixels(self, shape: Shape) -> Shape:
        """Return a shape of the upright face at the pose, in pixels of the frame."""
        return super().to_pixels(self._posed.seen(shape))
