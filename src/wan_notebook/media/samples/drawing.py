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

EYE_DISTANCE = 0.158
"""Eye distance of a picture as a part of its width."""
EYE_LINE = 0.405
"""Height of the eyes from the picture's top, as a part of its height."""
_JAW_HINGE = 0.3
"""Height below the eyes from which an opening mouth stretches the face."""


@dataclass(frozen=True)
class Pose:
    """The posture and expression of a drawn person at one moment; all zero is upright, facing us, at rest.

    Lengths are in eye distances (`unit` pixels of the picture), x to the right and y down.
    """

    head_x: float = 0.0
    """Motion of the point between the eyes to the right."""
    head_y: float = 0.0
    """Its motion downwards."""
    roll: float = 0.0
    """Tilt of the head about the point between the eyes, in degrees, clockwise."""
    yaw: float = 0.0
    """Turn of the face to the picture's right (1) or left (-1), about 20 degrees each; the eyes keep their place."""
    pitch: float = 0.0
    """Face turned down (1) or up (-1), about 20 degrees each."""
    mouth: float = 0.0
    """0 for closed lips, 1 for a gap of 0.42 between them."""
    blink: float = 0.0
    """0 for open eyes, 1 for closed ones."""
    brows: float = 0.0
    """1 for raised, -1 for lowered by 0.12."""
    sway: float = 0.0
    """Motion of the shoulders to the right."""
    smile: float = 0.8
    """0 for level corners of the mouth, 1 for raised ones."""


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
    figure = painted_figure(person, size)
    frame = figure.backdrop.copy()
    part = functools.partial(part_matrix, figure.sheet, pose)
    layer = functools.partial(PosedLayer, figure.sheet, frame, pose)
    figure.hair_back.stamp(frame, part(depth=-0.14))
    figure.neck.stamp(frame, neck_matrix(figure.sheet, pose))
    figure.garment.stamp(frame, in_pixels(figure.sheet, np.array([(1, 0, pose.sway), (0, 1, 0), (0, 0, 1)])))
    figure.ears.stamp(frame, part(depth=-0.13))
    figure.jaw.stamp(frame, part(depth=-0.07, jaw=0.15 * pose.mouth))
    figure.skull.stamp(frame, part(depth=-0.07))
    head.mouth(layer(depth=0.02), person, pose.mouth, pose.smile)
    for side in (1, -1):
        head.eye(layer(depth=0.0), person, side, pose.blink)
    figure.nose.stamp(frame, part(depth=0.09))
    for side in (1, -1):
        head.brow(layer(depth=0.01), person, side, pose.brows)
    figure.hair_front.stamp(frame, part(depth=-0.05))
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
    jaw: Sprite
    skull: Sprite
    nose: Sprite
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

    skull = painted(head.skull)
    cut = hair.CUTS[person.cut]
    return Figure(
        sheet=sheet,
        margin=margin,
        backdrop=painted(body.backdrop).image,
        hair_back=Sprite.of(painted(cut.back)),
        neck=Sprite.of(painted(body.neck)),
        garment=Sprite.of(painted(body.garment)),
        ears=Sprite.of(painted(head.ears)),
        jaw=Sprite.of(faded(skull, gone=_JAW_HINGE, full=_JAW_HINGE + 0.01)),
        skull=Sprite.of(faded(skull, gone=1.0, full=0.55)),
        nose=Sprite.of(painted(head.nose)),
        hair_front=Sprite.of(painted(cut.front)),
    )


def faded(layer: Layer, gone: float, full: float) -> Layer:
    """Return a copy that fades in between two heights, so that the jaw may drop beneath the skull.

    Args:
        layer: to copy.
        gone: height below the eyes, in eye distances, at which it is transparent.
        full: height at which it is opaque.
    """
    sheet = layer.sheet
    rows = (np.arange(sheet.height) - sheet.origin[1]) / sheet.unit
    keep = np.clip((rows - gone) / (full - gone), 0, 1)[:, None]
    pixels = np.asarray(layer.image).copy()
    pixels[..., 3] = np.round(pixels[..., 3] * keep)
    return Layer(sheet, Image.fromarray(pixels))


def head_matrix(pose: Pose) -> Shape:
    """Return the matrix of the head's motion and roll, in eye distances."""
    c, s = math.cos(math.radians(pose.roll)), math.sin(math.radians(pose.roll))
    return np.array([(c, -s, pose.head_x), (s, c, pose.head_y), (0, 0, 1)])


def part_matrix(sheet: Sheet, pose: Pose, depth: float, jaw: float = 0.0) -> Shape:
    """Return the matrix of a part of the head, from the sheet's pixels to the frame's.

    Args:
        sheet: where face coordinates lie.
        pose: of the head.
        depth: how far the part lies before the eyes, in eye distances by which a full turn moves it.
        jaw: how much longer it grows from _JAW_HINGE downwards, as a part of its length.
    """
    slide = np.array([(1, 0, depth * pose.yaw), (0, 1 + jaw, 0.7 * depth * pose.pitch - jaw * _JAW_HINGE), (0, 0, 1)])
    return in_pixels(sheet, head_matrix(pose) @ slide)


def neck_matrix(sheet: Sheet, pose: Pose) -> Shape:
    """Return the matrix of the neck, whose foot follows the shoulders and whose top follows the head."""
    top, foot = 1.2, 2.9
    throat = head_matrix(pose) @ (0, top, 1)
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

    def __init__(self, sheet: Sheet, frame: Image.Image, pose: Pose, depth: float) -> None:
        super().__init__(sheet, frame)
        self._pose, self._depth, self._matrix = pose, depth, head_matrix(pose)

    def to_pixels(self, shape: Shape) -> Shape:
        """Return a shape of the upright face at the pose, in pixels of the frame."""
        yaw, pitch = self._pose.yaw, self._pose.pitch
        turned = shape.copy()
        turned[:, 0] += self._depth * yaw - 0.05 * yaw * (shape[:, 0] ** 2 - 0.25)
        turned[:, 1] += 0.7 * self._depth * pitch
        return super().to_pixels(turned @ self._matrix[:2, :2].T + self._matrix[:2, 2])
