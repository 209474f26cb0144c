"""Small JPEGs of pictures and videos, for pickers, histories, grids and saved notebooks."""

from __future__ import annotations

import io
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import MediaError

if TYPE_CHECKING:
    from PIL.Image import Image

_SIDE = 640
"""Pixels of the longer side."""


@lru_cache(maxsize=64)
def video_thumbnail(path: Path) -> bytes:
    """Return a small JPEG of a video's first frame, drawn once; empty where it has none.

    Raises:
        MediaError: the video cannot be read.
    """
    from PIL import Image

    from ..video.read import frames

    first = next(frames(path), None)
    return b"" if first is None else encode_jpeg(Image.fromarray(first.pixels), _SIDE)


def picture_thumbnail(path: Path) -> bytes:
    """Return a small JPEG of a picture, upright.

    Raises:
        MediaError: the picture cannot be read any more.
    """
    from PIL import Image, ImageOps

    try:
        with Image.open(path) as picture:
            picture.draft("RGB", (_SIDE, _SIDE))
            return encode_jpeg(ImageOps.exif_transpose(picture), _SIDE)
    except OSError as error:
        raise MediaError(f"{path} cannot be read any more ({error.strerror or error}).") from None


def shrunk(jpeg: bytes, side: int) -> bytes:
    """Scale a JPEG down to at most this many pixels on its longer side."""
    from PIL import Image

    with Image.open(io.BytesIO(jpeg)) as picture:
        return encode_jpeg(picture, side)


def encode_jpeg(picture: Image, side: int) -> bytes:
    """Return a picture as a JPEG on white, with at most this many pixels on its longer side."""
    from PIL import Image

    picture.thumbnail((side, side))
    ground = Image.new("RGB", picture.size, "white")
    ground.paste(picture, mask=picture.convert("RGBA").getchannel("A"))
    written = io.BytesIO()
    ground.save(written, "JPEG", quality=85)
    return written.getvalue()
