"""A mark in the corner of every frame: of a preview, and of a clip that says it was generated."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

_SMALLEST = 9
"""Pixels of the letters' height that can still be read."""


class Watermark:
    """Draws a mark into frames of one size: light letters on a dark plate.

    Args:
        text: of the mark.
        width: of the frames in pixels.
        height: likewise.
        corner: the lower one in which it stands.
        share: of the frame's short side, the height of the letters; less where the mark would not fit.
        plate: how dark the plate is, from 0 for none to 255 for black.
        light: how light the letters are, likewise up to white.
    """

    def __init__(
        self,
        text: str,
        width: int,
        height: int,
        *,
        corner: Literal["left", "right"],
        share: float,
        plate: int,
        light: int,
    ) -> None:
        size = max(_SMALLEST, round(min(width, height) * share))
        shade, letters = _drawn(text, size, plate, light)
        while shade.shape[1] > width and size > 1:
            size -= 1
            shade, letters = _drawn(text, size, plate, light)
        margin = min(max(4, size // 2), max(0, width - shade.shape[1]))
        rows, columns = min(shade.shape[0], height), min(shade.shape[1], width)
        y = max(0, height - margin - rows)
        x = margin if corner == "left" else max(0, width - margin - columns)
        self.part = (slice(y, y + rows), slice(x, x + columns))
        """The rows and columns of a frame that it covers."""
        self._shade = shade[:rows, :columns, None] / 255
        self._light = letters[:rows, :columns, None] / 255

    def draw(self, pixels: NDArray[np.uint8]) -> None:
        """Draw the mark into a frame, H×W×3 RGB, in place."""
        under = pixels[self.part].astype(np.float32) * (1 - self._shade)
        pixels[self.part] = np.round(under + (255 - under) * self._light).astype(np.uint8)


def _drawn(text: str, size: int, plate: int, light: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the plate and the letters upon it, each as levels from 0 to 255."""
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.load_default(size)
    left, top, right, bottom = (round(edge) for edge in font.getbbox(text))
    pad = size // 2
    shade = Image.new("L", (right - left + 2 * pad, bottom - top + 2 * pad), 0)
    ImageDraw.Draw(shade).rounded_rectangle((0, 0, shade.width - 1, shade.height - 1), radius=pad, fill=plate)
    letters = Image.new("L", shade.size, 0)
    ImageDraw.Draw(letters).text((pad - left, pad - top), text, font=font, fill=light)
    return np.asarray(shade, np.float32), np.asarray(letters, np.float32)
