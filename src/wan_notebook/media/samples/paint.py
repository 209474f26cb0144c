"""Painting of smooth shapes with Pillow, in coordinates of the drawn face.

A shape is an N×2 array of points in eye distances, with its origin between the eyes, x to the right and y down.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFilter

Shape = NDArray[np.float64]
SAMPLES = 4
"""Edges are drawn this many times larger and then averaged, which makes them smooth."""
_CELL = 0.2
"""Side of the cells in which a sprite is bent, in eye distances: a nose is three wide."""


def smooth(points: ArrayLike, closed: bool = True, steps: int = 10) -> Shape:
    """Return a curve through the points (Catmull–Rom spline)."""
    knots = np.asarray(points, dtype=float)
    if closed:
        before, start, end, after = (np.roll(knots, shift, axis=0) for shift in (1, 0, -1, -2))
    else:
        padded = np.vstack([2 * knots[0] - knots[1], knots, 2 * knots[-1] - knots[-2]])
        before, start, end, after = padded[:-3], padded[1:-2], padded[2:-1], padded[3:]
    t = np.linspace(0, 1, steps, endpoint=False)[:, None, None]
    curve = 0.5 * (
        2 * start
        + (end - before) * t
        + (2 * before - 5 * start + 4 * end - after) * t**2
        + (3 * start - before - 3 * end + after) * t**3
    )
    line = curve.transpose(1, 0, 2).reshape(-1, 2)
    return line if closed else np.vstack([line, knots[-1]])


def mirrored(half: ArrayLike) -> Shape:
    """Return a closed symmetric curve from the points of its right half, given from top to bottom."""
    right = np.asarray(half, dtype=float)
    inner = right[(np.abs(right[:, 0]) > 1e-9)]
    return smooth(np.vstack([right, inner[::-1] * (-1, 1)]))


def flipped(shape: ArrayLike) -> Shape:
    """Return the shape seen in a mirror."""
    return np.asarray(shape, dtype=float) * (-1, 1)


def polygon(*points: tuple[float, float]) -> Shape:
    """Return a shape with straight edges."""
    return np.array(points, dtype=float)


def shifted(shape: Shape, x: float, y: float) -> Shape:
    """Return the shape moved by x and y."""
    moved: Shape = shape + np.array([x, y])
    return moved


def ellipse(x: float, y: float, rx: float, ry: float, tilt: float = 0.0) -> Shape:
    """Return an ellipse about (x, y) with half axes rx and ry, turned by `tilt` degrees."""
    t = np.linspace(0, 2 * math.pi, 48, endpoint=False)
    c, s = math.cos(math.radians(tilt)), math.sin(math.radians(tilt))
    px, py = rx * np.cos(t), ry * np.sin(t)
    return np.stack([x + c * px - s * py, y + s * px + c * py], axis=1)


def brush(points: ArrayLike, width: float, *, start: float = 0.0, end: float = 0.0) -> Shape:
    """Return the outline of a brush stroke along a curve through the points.

    Args:
        points: on the middle of the stroke.
        width: at its widest, in eye distances.
        start: width at the beginning, as a part of the widest.
        end: width at the end, likewise.
    """
    line = smooth(points, closed=False)
    along = np.gradient(line, axis=0)
    normal = np.stack([-along[:, 1], along[:, 0]], axis=1) / np.maximum(np.hypot(*along.T)[:, None], 1e-9)
    t = np.linspace(0, 1, len(line))
    swell = np.sin(math.pi * t) ** 0.6
    profile = np.maximum(swell, np.where(t < 0.5, start, end))
    half = normal * (width / 2 * profile)[:, None]
    return np.vstack([line + half, (line - half)[::-1]])


@dataclass(frozen=True)
class Sheet:
    """Where face coordinates lie on a picture: pixel = origin + unit · point."""

    width: int
    height: int
    unit: float
    """Pixels per eye distance."""
    origin: tuple[float, float]
    """The pixel between the eyes."""
    softness: float = 1.0
    """Factor on every blur."""

    def to_pixels(self, points: Shape) -> Shape:
        """Return points of the face in pixels of the picture."""
        return points * self.unit + self.origin

    def to_face(self, pixels: Shape) -> Shape:
        """Return pixels of the picture in coordinates of the face."""
        return (pixels - self.origin) / self.unit


class Layer:
    """An RGBA picture which shapes are painted on."""

    def __init__(self, sheet: Sheet, image: Image.Image | None = None) -> None:
        self.sheet = sheet
        self.image = image or Image.new("RGBA", (sheet.width, sheet.height))

    def fill(
        self,
        shape: Shape,
        colour: str,
        opacity: float = 1.0,
        *,
        blur: float = 0.0,
        atop: bool = False,
        within: Shape | None = None,
        grow: float = 0.0,
    ) -> None:
        """Paint a shape.

        Args:
            shape: its outline.
            colour: `#rrggbb`.
            opacity: between 0 and 1.
            blur: softness of the edge, in eye distances.
            atop: only where something is painted already.
            within: another shape, outside of which nothing is painted.
            grow: how far it is painted beyond its outline, in eye distances.
        """
        pixels = self.to_pixels(shape)
        radius, beyond = blur * self.sheet.unit * self.sheet.softness, grow * self.sheet.unit
        box = self.bounding_box(pixels, margin=3 * radius + beyond + 2)
        if box is None or opacity <= 0:
            return
        mask = shape_mask(pixels, box, round(255 * opacity), radius, beyond)
        if within is not None:
            mask = ImageChops.multiply(mask, shape_mask(self.to_pixels(within), box, 255))
        if atop:
            mask = ImageChops.multiply(mask, self.image.crop(box).getchannel("A"))
        paint = Image.new("RGBA", mask.size, colour)
        paint.putalpha(mask)
        self.image.alpha_composite(paint, dest=box[:2])

    def part(self, shape: Shape, colour: str, line: str, width: float) -> None:
        """Paint a part of the body, with a line around it where `width` is not 0."""
        if width:
            self.fill(shape, line, grow=width)
        self.fill(shape, colour)

    def tint(self, shape: Shape, colour: str, opacity: float, blur: float = 0.0) -> None:
        """Paint light or shade on parts that are painted already."""
        self.fill(shape, colour, opacity, blur=blur, atop=True)

    def to_pixels(self, shape: Shape) -> Shape:
        """Return a shape in pixels of the picture."""
        return self.sheet.to_pixels(shape)

    def bounding_box(self, pixels: Shape, margin: float) -> tuple[int, int, int, int] | None:
        """Return left, top, right and bottom of a shape with a margin, in pixels; None where it is out of sight."""
        left, top = np.floor(pixels.min(axis=0) - margin).astype(int)
        right, bottom = np.ceil(pixels.max(axis=0) + margin).astype(int)
        box = (max(left, 0), max(top, 0), min(right, self.sheet.width), min(bottom, self.sheet.height))
        empty = box[0] >= box[2] or box[1] >= box[3]
        return None if empty else (int(box[0]), int(box[1]), int(box[2]), int(box[3]))


def shape_mask(
    pixels: Shape, box: tuple[int, int, int, int], ink: int, radius: float = 0.0, beyond: float = 0.0
) -> Image.Image:
    """Return a shape as an alpha mask of a box.

    Args:
        pixels: the outline, in pixels of the picture.
        box: left, top, right and bottom, likewise.
        ink: alpha inside the shape, 0 to 255.
        radius: of the blur, in pixels.
        beyond: width of a line around the outline, in pixels.
    """
    samples = 1 if radius > 2 else SAMPLES
    mask = Image.new("L", ((box[2] - box[0]) * samples, (box[3] - box[1]) * samples))
    corners = ((pixels - box[:2]) * samples - 0.5).ravel().tolist()
    pen = ImageDraw.Draw(mask)
    pen.polygon(corners, fill=ink)
    if beyond:
        pen.line(corners + corners[:4], fill=ink, width=round(2 * beyond * samples), joint="curve")
    mask = mask.reduce(samples) if samples > 1 else mask
    return mask.filter(ImageFilter.GaussianBlur(radius)) if radius > 0.3 else mask


@dataclass(frozen=True)
class Sprite:
    """A painted layer, cut to its painted part, that can be stamped at any pose."""

    image: Image.Image
    """With premultiplied alpha (RGBa), as it must be for turning."""
    left: int
    top: int

    @classmethod
    def of(cls, layer: Layer) -> Sprite:
        """Cut a layer to its painted part."""
        left, top, right, bottom = layer.image.getbbox() or (0, 0, 1, 1)
        margin = 2
        box = (left - margin, top - margin, right + margin, bottom + margin)
        return cls(layer.image.crop(box).convert("RGBa"), box[0], box[1])

    def stamp(self, frame: Image.Image, matrix: Shape) -> None:
        """Paint the sprite on a frame.

        Args:
            frame: an RGBA picture, which changes.
            matrix: 3×3, from the sheet's pixels to the frame's.
        """
        width, height = self.image.size
        corners = np.array([(0, 0), (width, 0), (0, height), (width, height)], dtype=float)
        corners += (self.left, self.top)
        placed = corners @ matrix[:2, :2].T + matrix[:2, 2]
        left, top = np.maximum(np.floor(placed.min(axis=0)).astype(int), 0)
        right, bottom = np.minimum(np.ceil(placed.max(axis=0)).astype(int), frame.size)
        if left >= right or top >= bottom:
            return
        back = np.linalg.inv(matrix)
        back[:2, 2] += back[:2, :2] @ (left, top) - (self.left, self.top)
        turned = self.image.transform(
            (int(right - left), int(bottom - top)),
            Image.Transform.AFFINE,
            tuple(back[:2].ravel().tolist()),
            Image.Resampling.BILINEAR,
        )
        frame.alpha_composite(turned.convert("RGBA"), dest=(int(left), int(top)))

    def bend(
        self, frame: Image.Image, sheet: Sheet, onto: Callable[[Shape], Shape], back: Callable[[Shape], Shape]
    ) -> None:
        """Paint the sprite on a frame as a surface that is not flat, cell by cell of a grid.

        Args:
            frame: an RGBA picture of the sheet's size, which changes.
            sheet: where face coordinates lie.
            onto: takes points of the sprite to where they are seen, in eye distances.
            back: takes places of the frame to the points of the sprite that are seen there.
        """
        cell = max(2, round(_CELL * sheet.unit))
        width, height = self.image.size
        own = grid(np.arange(0, width + cell, cell) + self.left, np.arange(0, height + cell, cell) + self.top)
        placed = sheet.to_pixels(onto(sheet.to_face(own.reshape(-1, 2))))
        left, top = np.maximum(np.floor(placed.min(axis=0)).astype(int), 0)
        right, bottom = np.minimum(np.ceil(placed.max(axis=0)).astype(int), frame.size)
        if left >= right or top >= bottom:
            return
        columns, rows = np.append(np.arange(left, right, cell), right), np.append(np.arange(top, bottom, cell), bottom)
        seen = grid(columns, rows)
        source = sheet.to_pixels(back(sheet.to_face(seen.reshape(-1, 2)))).reshape(seen.shape) - (self.left, self.top)
        corners = np.concatenate([source[:-1, :-1], source[1:, :-1], source[1:, 1:], source[:-1, 1:]], axis=-1)
        boxes = np.concatenate([seen[:-1, :-1], seen[1:, 1:]], axis=-1) - (left, top, left, top)
        cells = zip(boxes.reshape(-1, 4).astype(int).tolist(), corners.reshape(-1, 8).tolist(), strict=True)
        bent = self.image.transform(
            (int(right - left), int(bottom - top)),
            Image.Transform.MESH,
            [(tuple(box), tuple(quad)) for box, quad in cells],
            Image.Resampling.BILINEAR,
        )
        frame.alpha_composite(bent.convert("RGBA"), dest=(int(left), int(top)))


def grid(columns: NDArray[np.int64], rows: NDArray[np.int64]) -> Shape:
    """Return the points where columns and rows of pixels cross, rows × columns × 2."""
    return np.stack(np.meshgrid(columns, rows), axis=-1).astype(float)
