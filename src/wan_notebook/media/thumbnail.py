"""Small JPEGs of pictures and videos, for pickers, histories, grids and saved notebooks."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import MediaError
from .srgb import open_image, to_srgb

if TYPE_CHECKING:
    from numpy import uint8
    from numpy.typing import NDArray
    from PIL.Image import Image

Box = tuple[float, float, float, float]

_SIDE = 640
"""Pixels of the longer side."""
STRIP_FRAMES, _STRIP_HEIGHT = 12, 72
"""Frames in a filmstrip, and the height of each in pixels."""
_BOXED_SIDE = 480
"""Pixels of the longer side of a picture with boxes: shown half as large, the lines stay sharp."""
_DECODED_WHOLE = 1_500
"""Frames up to which decoding all of a video is quicker than finding some of them."""


def video_thumbnail(path: Path) -> bytes:
    """Return a small JPEG of a video's first frame, drawn once for each state of the file; empty where it has none.

    Raises:
        MediaError: the video cannot be read.
    """
    try:
        found = path.stat()
    except OSError:
        return _first_frame(path, None)  # which says what is wrong
    return _first_frame(path, (found.st_mtime_ns, found.st_size))


@lru_cache(maxsize=64)
def _first_frame(path: Path, _state: object) -> bytes:
    from PIL import Image

    from ..video.read import frames

    first = next(frames(path), None)
    return b"" if first is None else encode_jpeg(Image.fromarray(first.pixels), _SIDE)


def filmstrip(path: Path) -> bytes:
    """Return a JPEG of small frames of a video side by side, evenly spaced, drawn once for each state of the file.

    All frames are decoded for it, some hundred in a second; of a long video those are looked up one by one.

    Raises:
        MediaError: the video cannot be read.
    """
    found = path.stat() if path.is_file() else None
    return _filmstrip(path, found and (found.st_mtime_ns, found.st_size))


@lru_cache(maxsize=8)
def _filmstrip(path: Path, _state: object) -> bytes:
    from ..video.probe import probe
    from ..video.read import frames

    info = probe(path)
    step = info.duration / STRIP_FRAMES
    if info.frames <= _DECODED_WHOLE:
        shown = [frame.pixels for frame in frames(path, fps=1 / step, height=_STRIP_HEIGHT)]
    else:
        times = (number * step for number in range(STRIP_FRAMES))
        shown = [next(frames(path, start=time, height=_STRIP_HEIGHT)).pixels for time in times]
    return _side_by_side([*shown, *[shown[-1]] * STRIP_FRAMES][:STRIP_FRAMES])


def stills(path: Path, count: int, *, height: int) -> list[bytes]:
    """Return JPEGs of some frames of a video, evenly spaced, each this many pixels high.

    Raises:
        MediaError: the video cannot be read.
    """
    from PIL import Image

    from ..video.probe import probe
    from ..video.read import frames

    shown = [Image.fromarray(frame.pixels) for frame in frames(path, fps=count / probe(path).duration, height=height)]
    return [encode_jpeg(picture, max(picture.size)) for picture in shown[:count]]


def frames_at(path: Path, times: Sequence[float]) -> bytes:
    """Return a JPEG of the small frames of a video at these seconds, side by side.

    Raises:
        MediaError: the video cannot be read, or ends before.
    """
    from ..video.read import frames

    return _side_by_side([next(frames(path, start=time, height=_STRIP_HEIGHT)).pixels for time in times])


def boxed_picture(path: Path, boxes: Sequence[Box]) -> bytes:
    """Return a small JPEG of a picture with a frame around each of some faces.

    Args:
        path: the picture.
        boxes: left edge, upper edge, width and height of each, in shares of the picture's.

    Raises:
        MediaError: the picture cannot be read any more.
    """
    with open_image(path) as picture:
        picture.draft("RGB", (_SIDE, _SIDE))
        return _boxed(to_srgb(picture, path.name), boxes)


def boxed_frame(path: Path, time: float, boxes: Sequence[Box]) -> bytes:
    """Return a small JPEG of a video's frame at a second, with a frame around each of some faces.

    Raises:
        MediaError: the video cannot be read, or ends before.
    """
    from PIL import Image

    from ..video.read import frames

    return _boxed(Image.fromarray(next(frames(path, start=time)).pixels), boxes)


def _boxed(picture: Image, boxes: Sequence[Box]) -> bytes:
    from PIL import ImageDraw

    picture.thumbnail((_BOXED_SIDE, _BOXED_SIDE))
    draw = ImageDraw.Draw(picture)
    for left, top, width, height in boxes:
        x, y, right, bottom = (
            left * picture.width,
            top * picture.height,
            (left + width) * picture.width,
            (top + height) * picture.height,
        )
        # A dark line around a light one is seen on any background.
        draw.rounded_rectangle((x - 1, y - 1, right + 1, bottom + 1), radius=5, outline=(20, 20, 20), width=4)
        draw.rounded_rectangle((x, y, right, bottom), radius=4, outline=(255, 255, 255), width=2)
    return encode_jpeg(picture, _BOXED_SIDE)


def _side_by_side(frames: Sequence[NDArray[uint8]]) -> bytes:
    import numpy as np
    from PIL import Image

    joined = np.concatenate(frames, axis=1)
    return encode_jpeg(Image.fromarray(joined), max(joined.shape))


def picture_thumbnail(path: Path) -> bytes:
    """Return a small JPEG of a picture, upright.

    Raises:
        MediaError: the picture cannot be read any more.
    """
    with open_image(path) as picture:
        picture.draft("RGB", (_SIDE, _SIDE))
        return encode_jpeg(to_srgb(picture, path.name), _SIDE)


def small_thumbnail(path: Path, side: int = 160) -> bytes:
    """Return a small JPEG of a picture or of a video's first frame; empty where it cannot be read any more."""
    try:
        return shrunk(picture_thumbnail(path), side)
    except MediaError:
        pass  # no picture that can be read: a video, or one that is gone
    try:
        return shrunk(video_thumbnail(path), side)
    except MediaError:
        return b""


def shrunk(jpeg: bytes, side: int) -> bytes:
    """Scale a JPEG down to at most this many pixels on its longer side."""
    from PIL import Image

    with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as picture:
        return encode_jpeg(picture, side)


def encode_jpeg(picture: Image, side: int) -> bytes:
    """Return a picture in RGB as a JPEG with at most this many pixels on its longer side."""
    picture.thumbnail((side, side))
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=85)
    return written.getvalue()
