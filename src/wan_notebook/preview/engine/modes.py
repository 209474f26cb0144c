"""The modes: a character that moves in its own picture, one that replaces the performer, and one without a face."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from ...faces.geometry import FacePoints, Matrix, chain, levelled, smoothstep
from .character import Character, frame_size
from .face import CUTOUT, AnimatedFace, Cutout
from .head import head_matte
from .performer import Track
from .reference import Footage
from .smoothing import median_of_five, smoothed
from .warp import Warp


def render_move(character: Character, footage: Footage, track: Track) -> Iterator[NDArray[np.uint8]]:
    """Stream the frames of a character that moves as the performer does, H×W×3 RGB.

    Args:
        character: one whose face is known.
        footage: the performer.
        track: the performer's motion.
    """
    assert character.face is not None
    height, width = character.pixels.shape[:2]
    actor = AnimatedFace(character.pixels, character.face, track.lips)
    way = np.maximum(np.hypot(*track.heads[:, :2].T), np.hypot(*track.torsos[:, :2].T))
    warp = Warp(character.pixels, character.face, actor.lips, reach=float(np.percentile(way, 98)))
    watermark = Watermark(width, height)
    for number, reference in enumerate(footage.frames(track.height)):
        expression = track.expression(number)
        pixels = actor.render(expression, reference, track.mouth_to_pixels(number))
        pixels = warp(pixels, track.head(number), track.torso(number), track.arms(number), expression)
        watermark.draw(pixels)
        yield pixels


_INPAINTED = 80
"""Long side of the copy in which the scene behind the performer's head is made up."""


def render_replace(
    character: Character, footage: Footage, track: Track, resolution: str
) -> Iterator[NDArray[np.uint8]]:
    """Stream the frames of the reference with the character's head on the performer's shoulders, H×W×3 RGB.

    Args:
        character: one whose face is known.
        footage: the performer.
        track: the performer's motion.
        resolution: the short side, as "480p".
    """
    rest = footage.neutral
    assert character.face is not None
    assert rest is not None
    assert rest.face is not None
    width, height = frame_size(footage.info.width, footage.info.height, resolution)
    factor = height / track.height
    unit = rest.face.eye_distance * factor * float(np.exp(np.percentile(track.heads[:, 3], 90)))
    skin = levelled(rest.pixels, rest.face, (-0.8, 0.8, -0.2, 1.0), 24)
    head = Cutout(character.pixels, character.face, track.lips, skin, detail=float(np.clip(unit, 12, 160)))
    scene = _HeadlessScene(rest.pixels, rest.face)
    watermark = Watermark(width, height)
    for number, reference in enumerate(footage.frames(height)):
        # The stored sides need not be multiples of 16: what lies over is cut off at the right and the bottom.
        pixels = cv2.resize(reference, (width, height)) if reference.shape[1] != width else reference.copy()
        if number >= track.first:
            to_pixels = track.to_pixels(number) * factor
            mouth_to_pixels = track.mouth_to_pixels(number) * factor
            face = head.render(track.expression(number), track.head(number), pixels, mouth_to_pixels)
            pixels = head.paste(scene.without_head(pixels, to_pixels), face, to_pixels)
        watermark.draw(pixels)
        yield pixels


class _HeadlessScene:
    """The reference's frames without the performer's head, as far as the character's will not cover it."""

    def __init__(self, rest: NDArray[np.uint8], face: FacePoints) -> None:
        x, y = CUTOUT.grid(24)
        small, large = np.hypot(x / 1.1, (y - 0.1) / 1.7), np.hypot(x / 1.45, (y - 0.1) / 2.6)
        # Every head is at least as large as the one, and few are larger than the other.
        seen = np.maximum(head_matte(rest, face, CUTOUT, 24) * (large < 1), (small < 1).astype(np.float32))
        head = cv2.dilate(seen, np.ones((7, 7), np.uint8)) * smoothstep(1.9, 1.5, y + 0.2 * np.abs(x))
        self._head = np.asarray(cv2.GaussianBlur(head, (0, 0), 1.5), np.float32)
        self._from_grid = np.array([[1 / 24, 0, CUTOUT.left], [0, 1 / 24, CUTOUT.top]])

    def without_head(self, pixels: NDArray[np.uint8], to_pixels: Matrix) -> NDArray[np.uint8]:
        """Return a frame in which the head's surroundings have closed over it."""
        height, width = pixels.shape[:2]
        hidden = cv2.warpAffine(self._head, chain(self._from_grid, to_pixels), (width, height))
        left, top, wide, high = cv2.boundingRect((hidden > 0.02).astype(np.uint8))
        if not wide or not high:
            return pixels
        margin = max(4, max(wide, high) // 6)
        part = (slice(max(0, top - margin), top + high + margin), slice(max(0, left - margin), left + wide + margin))
        near, hole = pixels[part], hidden[part]
        factor = min(1.0, _INPAINTED / max(near.shape[:2]))
        small = cv2.resize(near, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        gone = (cv2.resize(hole, small.shape[1::-1]) > 0.15).astype(np.uint8)
        filled = cv2.resize(cv2.inpaint(small, gone, 2, cv2.INPAINT_TELEA), near.shape[1::-1])
        share = np.minimum(1.6 * hole, 1)
        emptied = pixels.copy()
        emptied[part] = cv2.blendLinear(filled, near, share, 1 - share)
        return emptied


CELLS = 10
"""Cells of the grid, across and down."""
_HEIGHT = 180
_LONGEST = 0.12
"""The longest way that anything moves, as a share of the picture's short side."""


def measure_cells(
    footage: Footage, shift: float, on_frame: Callable[[int, NDArray[np.uint8]], None]
) -> NDArray[np.float64]:
    """Measure how each cell of the reference has moved since its first frame.

    Args:
        footage: the reference.
        shift: more of it smooths over more frames.
        on_frame: is called with the number of frames measured so far, and the last of them.

    Returns:
        Frames × CELLS × CELLS × 2, in shares of the frame's short side.
    """
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    first, last, cells = None, None, []
    for number, pixels in enumerate(footage.frames(min(_HEIGHT, footage.info.height)), start=1):
        gray = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
        first = gray if first is None else first
        last = flow.calc(first, gray, last)
        cells.append(cv2.resize(last, (CELLS, CELLS), interpolation=cv2.INTER_AREA) / min(gray.shape))
        on_frame(number, pixels)
    rows = median_of_five(np.array(cells, dtype=float).reshape(len(cells), -1))
    return smoothed(rows, max(1.0, (shift - 1) / 8 * footage.fps / 25)).reshape(-1, CELLS, CELLS, 2)


def render_faceless(character: Character, footage: Footage, cells: NDArray[np.float64]) -> Iterator[NDArray[np.uint8]]:
    """Stream the frames of a picture that sways as the reference does, H×W×3 RGB.

    Args:
        character: the picture.
        footage: the reference.
        cells: the motion of the reference, from measure_cells().
    """
    height, width = character.pixels.shape[:2]
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    inside = np.hanning(CELLS + 2)[1:-1] ** 0.5
    window = np.outer(inside, inside)[..., None]
    watermark, short = Watermark(width, height), min(height, width)
    for moves in cells[: footage.count]:
        soft = cv2.GaussianBlur(_LONGEST * np.tanh(moves / _LONGEST) * window, (0, 0), 1.8) * short
        field = cv2.resize(soft.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
        pixels = cv2.remap(
            character.pixels,
            columns - field[..., 0],
            rows - field[..., 1],
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REFLECT,
        )
        watermark.draw(pixels)
        yield pixels


TEXT = "motion preview"


class Watermark:
    """Draws the mark into frames of one size.

    Args:
        width: of the frames in pixels.
        height: likewise.
    """

    def __init__(self, width: int, height: int) -> None:
        from PIL import Image, ImageDraw, ImageFont

        size = max(9, round(min(width, height) / 40))
        font = ImageFont.load_default(size)
        left, top, right, bottom = (round(edge) for edge in font.getbbox(TEXT))
        pad = size // 2
        plate = Image.new("L", (right - left + 2 * pad, bottom - top + 2 * pad), 0)
        draw = ImageDraw.Draw(plate)
        draw.rounded_rectangle((0, 0, plate.width - 1, plate.height - 1), radius=pad, fill=90)
        letters = Image.new("L", plate.size, 0)
        ImageDraw.Draw(letters).text((pad - left, pad - top), TEXT, font=font, fill=215)
        margin = max(4, size // 2)
        rows, columns = min(plate.height, height), min(plate.width, width)
        y, x = max(0, height - margin - rows), max(0, width - margin - columns)
        self._part = (slice(y, y + rows), slice(x, x + columns))
        self._shade = np.asarray(plate, np.float32)[:rows, :columns, None] / 255
        self._light = np.asarray(letters, np.float32)[:rows, :columns, None] / 255

    def draw(self, pixels: NDArray[np.uint8]) -> None:
        """Draw the mark into a frame, H×W×3 RGB, in place."""
        under = pixels[self._part].astype(np.float32) * (1 - self._shade)
        pixels[self._part] = np.round(under + (255 - under) * self._light).astype(np.uint8)
