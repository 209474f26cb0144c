"""Animated pictures, WebP and PNG, as videos: video decoders do not read them."""

from __future__ import annotations

import contextlib
import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import MediaError
from ..runtime.data_dir import atomic_write
from ..video.decode import SHORTEST, UNTIMED
from .srgb import MAX_DECODED_PIXELS, damaged, open_image, to_srgb
from .store import made_path, sha256_of

if TYPE_CHECKING:
    from PIL.Image import Image

_MOST_FRAMES = 20_000
"""Frames of the video, of which nothing can be cut away before they are written."""
_FASTEST = 60
_CRF = 14


def filmed_animation(path: Path, name: str) -> Path:
    """Return an animated picture as an MP4, at the usual pace of its pictures; made once.

    Raises:
        MediaError: it is damaged, too large, or too long.
        StorageError: the data directory cannot be written.
    """
    import numpy as np

    from ..video.write import Writer

    target = made_path(f"animation {sha256_of(path)}", ".mp4")
    if target.exists():
        return target
    times = [milliseconds for _, milliseconds in pictures(path, name)]
    step = max(statistics.median(times), 1000 / _FASTEST)
    if sum(times) / step > _MOST_FRAMES:
        raise MediaError(f"{name} lasts {sum(times) / 1000:,.0f} s, too long for an animated picture. Make it an MP4.")
    with atomic_write(target, keep=True) as partial, contextlib.ExitStack() as stack:
        writer, end = None, 0.0
        for picture, milliseconds in pictures(path, name):
            width, height = picture.width // 2 * 2, picture.height // 2 * 2
            if writer is None:
                writer = stack.enter_context(Writer(partial, width=width, height=height, fps=1000 / step, crf=_CRF))
            end += milliseconds
            while writer.frames * step < end - step / 2:
                writer.write(np.asarray(picture)[:height, :width])
    return target


def pictures(path: Path, name: str) -> Iterator[tuple[Image, float]]:
    """Yield the pictures of an animation as sRGB, and for how many milliseconds each of them is shown.

    Raises:
        MediaError: it is damaged, or has too many pixels.
    """
    with open_image(path, name) as animation:
        count = getattr(animation, "n_frames", 1)
        if count * animation.width * animation.height > MAX_DECODED_PIXELS:
            raise MediaError(f"{name} has {count:,} pictures, too many to be read here. Make it an MP4.")
        # A PNG may begin with a picture for readers that know no animation.
        for number in range(1 if animation.info.get("default_image") else 0, count):
            try:
                animation.seek(number)
                animation.load()
            except Exception as error:  # noqa: BLE001 - a decoder meets a damaged file with any exception at all
                raise damaged(name, error) from None
            milliseconds = float(animation.info.get("duration") or 0)
            yield to_srgb(animation, name), milliseconds if milliseconds > 1000 * SHORTEST else 1000 * UNTIMED
