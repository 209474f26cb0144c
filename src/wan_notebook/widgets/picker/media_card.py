"""The card of a chosen picture or video: a small picture of it, and its facts in words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ...media.picture import Picture
from ...media.thumbnail import picture_thumbnail, video_thumbnail
from ...media.video import Video
from ...model.formatting import file_size


@dataclass(frozen=True)
class MediaCard:
    """A chosen picture or video as the picker shows it."""

    name: str
    facts: tuple[str, ...] = ()
    """Shown beside the name, as "1280 × 720", "5.2 s", "30 fps", "2.9 MB"."""
    poster: bytes = b""
    """A small JPEG."""
    clip: Path | None = None
    """The video itself; the browser loops it where it is small or at hand already."""
    url: str = ""
    """An http(s) address, which the browser shows by itself."""

    @classmethod
    def of(cls, chosen: Picture | Video) -> MediaCard:
        """Return the card of a picture or a video; the same one is read once.

        Raises:
            MediaError: the file cannot be read any more.
        """
        return _card(chosen)


@lru_cache(maxsize=32)
def _card(chosen: Picture | Video) -> MediaCard:
    path = chosen.path
    if path is None:
        return MediaCard(chosen.name, ("from the web, not checked here",), url=chosen.url)
    size = f"{chosen.width} × {chosen.height}"
    if isinstance(chosen, Video):
        facts = (size, f"{chosen.duration:.1f} s", f"{chosen.fps:.3g} fps", file_size(chosen.size or 0))
        return MediaCard(chosen.name, facts, video_thumbnail(path), path)
    return MediaCard(chosen.name, (size, file_size(chosen.size or 0)), picture_thumbnail(path))
