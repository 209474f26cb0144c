"""The mark that every frame of a preview bears."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

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
