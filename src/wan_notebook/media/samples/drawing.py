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
    """What a drawn person does at one moment; all zero is upright, facing us, at rest.

    Lengths are in eye distances (`unit` pixels of the picture), x to the right and y down.
    """

    head_x: float = 0.0
    """How far the point between the eyes has moved."""
    head_y: float = 0.0
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
    """How far the shoulders have moved to the right."""
    smile: float = 0.8


def unit(size: tuple[int, int]) -> float:
    """Return the pixels of one eye distance in a picture of this size."""
    return EYE_DISTANCE * size[0]


def draw(person: Person, pose: Pose, size: tuple[int, int]) -> Image.Image:
    """Draw a person.

    Args:
        person: who; one of looks.PEOPLE.
        pose: what they do.
        size: width and height of the picture in pixels.

    Returns:
        An RGB picture.
    """
    figure = _figure(person, size)
    frame = figure.backdrop.copy()
    place = functools.partial(_place, figure.sheet, pose)
    lean = _lean(figure.sheet, pose)
    figure.hair_back.stamp(frame, place(depth=-0.14))
    figure.neck.stamp(frame, lean)
    figure.garment.stamp(frame, _shifted(figure.sheet, pose.sway, 0))
    figure.ears.stamp(frame, place(depth=-0.13))
    figure.jaw.stamp(frame, place(depth=-0.07, jaw=0.15 * pose.mouth))
    figure.skull.stamp(frame, place(depth=-0.07))
    _features(figure.sheet, frame, person, pose)
    figure.nose.stamp(frame, place(depth=0.09))
    _brows(figure.sheet, frame, person, pose)
    figure.hair_front.stamp(frame, place(depth=-0.05))
    margin = figure.margin
    return frame.convert("RGB").crop((margin, margin, margin + size[0], margin + size[1]))


@dataclass(frozen=True)
class _Figure:
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
def _figure(person: Person, size: tuple[int, int]) -> _Figure:
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
    return _Figure(
        sheet=sheet,
        margin=margin,
        backdrop=painted(body.backdrop).image,
        hair_back=Sprite.of(painted(cut.back)),
        neck=Sprite.of(painted(body.neck)),
        garment=Sprite.of(painted(body.garment)),
        ears=Sprite.of(painted(head.ears)),
        jaw=Sprite.of(_faded(skull, gone=_JAW_HINGE, full=_JAW_HINGE + 0.01)),
        skull=Sprite.of(_faded(skull, gone=1.0, full=0.55)),
        nose=Sprite.of(painted(head.nose)),
        hair_front=Sprite.of(painted(cut.front)),
    )


def _faded(layer: Layer, gone: float, full: float) -> Layer:
    """A copy that comes in between two heights, so that the jaw may drop beneath the skull."""
    sheet = layer.sheet
    rows = (np.arange(sheet.height) - sheet.origin[1]) / sheet.unit
    keep = np.clip((rows - gone) / (full - gone), 0, 1)[:, None]
    pixels = np.asarray(layer.image).copy()
    pixels[..., 3] = np.round(pixels[..., 3] * keep)
    return Layer(sheet, Image.fromarray(pixels))


def _head(pose: Pose) -> Shape:
    c, s = math.cos(math.radians(pose.roll)), math.sin(math.radians(pose.roll))
    return np.array([(c, -s, pose.head_x), (s, c, pose.head_y), (0, 0, 1)])


def _place(sheet: Sheet, pose: Pose, depth: float, jaw: float = 0.0) -> Shape:
    """Return the matrix from the sheet to the frame for a part of the head.

    Args:
        sheet: where face coordinates lie.
        pose: of the head.
        depth: how far the part lies before the eyes, in eye distances by which a full turn moves it.
        jaw: how much longer it grows from _JAW_HINGE downwards, as a part of its length.
    """
    slide = np.array([(1, 0, depth * pose.yaw), (0, 1 + jaw, 0.7 * depth * pose.pitch - jaw * _JAW_HINGE), (0, 0, 1)])
    return _in_pixels(sheet, _head(pose) @ slide)


def _shifted(sheet: Sheet, x: float, y: float) -> Shape:
    return _in_pixels(sheet, np.array([(1, 0, x), (0, 1, y), (0, 0, 1)]))


def _lean(sheet: Sheet, pose: Pose) -> Shape:
    """Matrix of the neck, whose foot follows the shoulders and whose top follows the head."""
    top, foot = 1.2, 2.9
    throat = _head(pose) @ (0, top, 1)
    slope = (throat[0] - pose.sway) / (foot - top)
    stretch = (throat[1] - top) / (foot - top)
    return _in_pixels(
        sheet, np.array([(1, -slope, pose.sway + slope * foot), (0, 1 - stretch, stretch * foot), (0, 0, 1)])
    )


def _in_pixels(sheet: Sheet, matrix: Shape) -> Shape:
    to_pixels = np.array([(sheet.unit, 0, sheet.origin[0]), (0, sheet.unit, sheet.origin[1]), (0, 0, 1)])
    return to_pixels @ matrix @ np.linalg.inv(to_pixels)


class _PosedLayer(Layer):
    """A frame whose shapes are given on the face and painted where the pose puts them."""

    def __init__(self, sheet: Sheet, frame: Image.Image, pose: Pose, depth: float) -> None:
        super().__init__(sheet, frame)
        self._pose, self._depth, self._matrix = pose, depth, _head(pose)

    def _pixels(self, shape: Shape) -> Shape:
        yaw, pitch = self._pose.yaw, self._pose.pitch
        turned = shape.copy()
        turned[:, 0] += self._depth * yaw - 0.05 * yaw * (shape[:, 0] ** 2 - 0.25)
        turned[:, 1] += 0.7 * self._depth * pitch
        return super()._pixels(turned @ self._matrix[:2, :2].T + self._matrix[:2, 2])


def _features(sheet: Sheet, frame: Image.Image, person: Person, pose: Pose) -> None:
    head.mouth(_PosedLayer(sheet, frame, pose, 0.02), person, pose.mouth, pose.smile)
    eyes = _PosedLayer(sheet, frame, pose, 0.0)
    for side in (1, -1):
        head.eye(eyes, person, side, pose.blink)


def _brows(sheet: Sheet, frame: Image.Image, person: Person, pose: Pose) -> None:
    layer = _PosedLayer(sheet, frame, pose, 0.01)
    for side in (1, -1):
        head.brow(layer, person, side, pose.brows)
