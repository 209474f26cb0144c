"""What a picker shows of a chosen picture or video: a small picture of it, and its facts in words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from ...media import Picture, Video
from ...media.thumbnail import picture_thumbnail, video_thumbnail
from ...model.formatting import file_size

if TYPE_CHECKING:
    pass


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
    poster = video_thumbnail(path) if isinstance(chosen, Video) else picture_thumbnail(path)
    return Preview(chosen.name, _facts(chosen), poster, path if isinstance(chosen, Video) else None)


def _facts(chosen: Picture | Video) -> tuple[str, ...]:
    facts = [f"{chosen.width} × {chosen.height}"]
    if isinstance(chosen, Video):
        facts += [f"{chosen.duration:.1f} s", f"{chosen.fps:.3g} fps"]
    return (*facts, file_size(chosen.size or 0))
