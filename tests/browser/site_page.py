"""The site of the documentation in a browser: how its pages look, what they load, and whom they hinder.

    python -m tests.browser.site_page          looks at ten pages of build/site/html, at three widths, light and dark
    python -m tests.browser.site_page --all    looks at every page, 400 pixels wide, light and dark

Pictures of them are left in build/site/looks.
"""

from __future__ import annotations

import functools
import itertools
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Response, sync_playwright

from . import install
from .axe import serious_faults

SITE = Path(__file__).parents[2] / "build" / "site" / "html"
PAGES = (
    *("index", "guides/first_clip", "guides/what_went_wrong", "guides/before_you_pay", "gallery/characters"),
    *("notebooks/3_sweeps", "notebooks/lessons/1_steps_and_shift", "reference/index", "reference/animate"),
    "reference/errors",
)
WIDTHS = (1280, 800, 400)
WEIGH = """() => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
  .filter(({ initiatorType, name }) => !["img", "video"].includes(initiatorType) && !/\\.(jpg|mp4|svg)$/.test(name))
  .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)"""
"""Bytes that came over the wire, without pictures and videos."""
Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_arguments: object) -> None:
        pass

    def end_headers(self) -> None:
        # A browser tells versions of a file by the second: one written twice within it would stay the first.
        self.send_header("Cache-Control", "no-store")
        super().end_headers()


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on a port of loopback, and yield its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(folder)))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class Look:
    """A page of the site that is looked at: loaded once in a width, and seen in both themes.

    A width is the one in which it was loaded: the theme takes a third of a second to follow another.

    Attributes:
        bytes: what came over the wire, without pictures and videos.
    """

    def __init__(self, browser: Browser, address: str, width: int) -> None:
        self._context = browser.new_context(viewport={"width": width, "height": 900})
        self._heard: list[str] = []
        self._page = self._context.new_page()
        self._page.on("console", lambda said: said.type == "error" and self._heard.append(f"console: {said.text}"))
        self._page.on("pageerror", lambda error: self._heard.append(f"script: {error}"))
        self._page.on("response", self._note_missing)
        self._page.goto(address, wait_until="load")
        self.bytes: int = self._page.evaluate(WEIGH)

    def faults(self, theme: Theme, shot: Path | None = None) -> list[str]:
        """Return a sentence for each thing that is wrong with it, seen so; a picture of it is written to `shot`."""
        self._page.emulate_media(color_scheme=theme, reduced_motion="no-preference")
        found: list[str] = []
        overflow = self._page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if overflow > 0:
            found.append(f"is {overflow} pixels wider than the window")
        found += [f"{rule}: {element}" for rule, element in serious_faults(self._page, "html")]
        if shot:
            self._page.screenshot(path=shot, full_page=True)
        found, self._heard = [*self._heard, *found], []
        return found

    def close(self) -> None:
        """Close the page."""
        self._context.close()

    def _note_missing(self, response: Response) -> None:
        if response.status >= 400:
            self._heard.append(f"{response.url}: {response.status}")


def every_page() -> list[str]:
    """Return the names of all pages of the built site, without those that the theme itself makes."""
    found = (path.relative_to(SITE).with_suffix("").as_posix() for path in sorted(SITE.rglob("*.html")))
    return [name for name in found if not name.startswith(("_static/", "_sources/", "gallery/play/"))]


def main() -> None:
    """Look at the pages, and say what is wrong."""
    if not (SITE / "index.html").exists():
        raise SystemExit("The site is not built. Run: make docs")
    looks = SITE.parent / "looks"
    looks.mkdir(exist_ok=True)
    pages, widths = (every_page(), (400,)) if "--all" in sys.argv else (PAGES, WIDTHS)
    found: list[str] = []
    with served(SITE) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=install.browser(), args=["--no-sandbox", "--disable-gpu"])
        for name, width in itertools.product(pages, widths):
            with closing(Look(browser, f"{address}/{name}.html", width)) as look:
                for theme in THEMES:
                    shot = looks / f"{name.replace('/', '-')}-{width}-{theme}.png"
                    faults = look.faults(theme, shot)
                    found += [f"{name} at {width} pixels, {theme}: {fault}" for fault in faults]
        browser.close()
    if found:
        raise SystemExit("\n".join(found))
    sys.stderr.write(f"{len(pages)} pages looked at; see {looks}\n")


if __name__ == "__main__":
    main()
