"""What a picker shows of a chosen picture or video: a small picture of it, and its facts in words."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import MediaError
from ..media import Picture, Video

if TYPE_CHECKING:
    from PIL.Image import Image

_POSTER_SIDE = 640


@dataclass(frozen=True)
class Preview:
    """What a picker shows of one choice."""

    name: str
    facts: tuple[str, ...] = ()
    """Said beside the name, as "1280 × 720", "5.2 s", "30 fps", "2.9 MB"."""
    poster: bytes = b""
    """A small JPEG."""
    clip: Path | None = None
    """The video itself; the browser loops it where it is small or at hand already."""
    url: str = ""
    """An http(s) address, which the browser shows by itself."""

    @classmethod
    def of(cls, chosen: Picture | Video) -> Preview:
        """Look at a picture or a video; the same one is looked at once.

        Raises:
            MediaError: the file cannot be read any more.
        """
        return _look(chosen)


@lru_cache(maxsize=32)
def _look(chosen: Picture | Video) -> Preview:
    path = chosen.path
    if path is None:
        return Preview(chosen.name, ("from the web, not checked here",), url=chosen.url)
    poster = poster_of(path) if isinstance(chosen, Video) else _picture_poster(path)
    return Preview(chosen.name, _facts(chosen), poster, path if isinstance(chosen, Video) else None)


def _facts(chosen: Picture | Video) -> tuple[str, ...]:
    facts = [f"{chosen.width} × {chosen.height}"]
    if isinstance(chosen, Video):
        facts += [f"{chosen.duration:.1f} s", f"{chosen.fps:.3g} fps"]
    return (*facts, size_in_words(chosen.size or 0))


def size_in_words(size: float) -> str:
    """Return a number of bytes as a person says it."""
    units = iter(("bytes", "kB", "MB", "GB", "TB"))
    unit = next(units)
    while size >= 1000:
        size, unit = size / 1000, next(units)
    return f"{size:.1f} {unit}" if size < 10 and unit != "bytes" else f"{size:.0f} {unit}"


def _picture_poster(path: Path) -> bytes:
    from PIL import Image, ImageOps

    try:
        with Image.open(path) as picture:
            picture.draft("RGB", (_POSTER_SIDE, _POSTER_SIDE))
            return _jpeg(ImageOps.exif_transpose(picture))
    except OSError as error:
        raise MediaError(f"{path} cannot be read any more ({error.strerror or error}).") from None


@lru_cache(maxsize=64)
def poster_of(path: Path) -> bytes:
    """Return a small JPEG of a video's first frame, drawn once; empty where it has none.

    Raises:
        MediaError: it cannot be read.
    """
    from PIL import Image

    from ..video import frames

    first = next(frames(path), None)
    return b"" if first is None else _jpeg(Image.fromarray(first.pixels))


def smaller(poster: bytes, side: int) -> bytes:
    """Return a poster as a JPEG whose longer side has at most so many pixels."""
    from PIL import Image

    with Image.open(io.BytesIO(poster)) as picture:
        return _jpeg(picture, side)


def _jpeg(picture: Image, side: int = _POSTER_SIDE) -> bytes:
    from PIL import Image

    picture.thumbnail((side, side))
    ground = Image.new("RGB", picture.size, "white")
    ground.paste(picture, mask=picture.convert("RGBA").getchannel("A"))
    written = io.BytesIO()
    ground.save(written, "JPEG", quality=85)
    return written.getvalue()
