"""A contact sheet of a clip: the character, frames of its reference above, and its own frames below."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..media.srgb import open_image, to_srgb
from ..video.probe import probe
from ..video.read import frames

if TYPE_CHECKING:
    from PIL import Image

COLUMNS = 6
"""Frames of each video on the sheet."""
TILE = 240
"""Height of a frame on the sheet, in pixels."""
GAP = 6
"""Pixels between two frames."""
PAPER = (250, 250, 250)
"""RGB of the background."""


def contact_sheet(character: Path, reference: Path, result: Path) -> Image.Image:
    """Draw the character beside frames of the reference and the frames of the result at the same instants.

    Args:
        character: the picture.
        reference: the video whose motion was taken.
        result: the finished clip.

    Returns:
        An RGB picture: the character on the left, reference frames in the upper row, result frames in the lower.

    Raises:
        MediaError: one of the three cannot be read.
    """
    from PIL import Image

    with open_image(character) as picture:
        upright, height = to_srgb(picture, character.name), 2 * TILE + GAP
    left = upright.resize((max(1, round(upright.width * height / upright.height)), height))
    rows = [spread_frames(reference), spread_frames(result)]
    widths = [sum(tile.width + GAP for tile in row) for row in rows]
    sheet = Image.new("RGB", (left.width + GAP + max(widths), left.height), PAPER)
    sheet.paste(left, (0, 0))
    for number, row in enumerate(rows):
        x = left.width + GAP
        for tile in row:
            sheet.paste(tile, (x, number * (TILE + GAP)))
            x += tile.width + GAP
    return sheet


def spread_frames(path: Path) -> list[Image.Image]:
    """Return COLUMNS frames that are spread evenly over a video, as pictures of TILE pixels height."""
    from PIL import Image

    duration = probe(path).duration or 0.0
    wanted = [duration * (number + 0.5) / COLUMNS for number in range(COLUMNS)]
    tiles: list[Image.Image] = []
    for frame in frames(path, height=TILE):
        if wanted and frame.time >= wanted[0]:
            tiles.append(Image.fromarray(frame.pixels))
            wanted.pop(0)
    return tiles
