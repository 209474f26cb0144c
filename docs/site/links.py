"""A look at every link inside the site, and at what its pages would load from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

_LINKS = {"a": "href", "link": "href", "img": "src", "script": "src", "video": "src", "source": "src", "iframe": "src"}
_NO_PAGES = ("_static/", "gallery/play/")
"""Where the theme has templates, and where pages hold all that they play."""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[tuple[str, str]] = []
        self.names: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.names |= {values[name] for name in ("id", "name") if name in values}
        if values.get(_LINKS.get(tag, "")):
            self.links.append((tag, values[_LINKS[tag]]))
        if values.get("poster"):
            self.links.append(("img", values["poster"]))


@cache
def _read(page: Path) -> _Reader:
    reader = _Reader()
    reader.feed(page.read_text(encoding="utf-8"))
    return reader


def faults(site: Path, *, without: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield a sentence for each link that leads nowhere, and for each thing that a page loads from another host.

    Args:
        site: the folder of the built site.
        without: beginnings of paths that were not built, and are taken for granted.
    """
    for page in sorted(site.rglob("*.html")):
        named = page.relative_to(site).as_posix()
        if named.startswith(_NO_PAGES):
            continue
        for tag, link in _read(page).links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                if tag != "a" and parts.scheme != "data":
                    yield f"{named} loads {link}"
                continue
            aim = (page.parent / unquote(parts.path)).resolve() if parts.path else page.resolve()
            aim = aim / "index.html" if aim.is_dir() else aim
            inside = aim.relative_to(site.resolve()).as_posix() if aim.is_relative_to(site.resolve()) else "outside"
            if inside.startswith(without or ("\0",)):
                continue
            if not aim.exists():
                yield f"{named} links to {link}, which is not there"
            elif parts.fragment and aim.suffix == ".html" and unquote(parts.fragment) not in _read(aim).names:
                yield f"{named} links to {link}, and there is no such place on that page"
