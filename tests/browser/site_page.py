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
from contextlib import contextmanager
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
    """A look at one page.

    Attributes:
        faults: sentences on what is wrong with it.
        bytes: what came over the wire, without pictures and videos.
    """

    def __init__(self, browser: Browser, address: str, width: int, theme: Theme, shot: Path | None = None) -> None:
        self.faults: list[str] = []
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=theme, reduced_motion="no-preference"
        )
        page = context.new_page()
        page.on("console", lambda said: said.type == "error" and self.faults.append(f"console: {said.text}"))
        page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        page.on("response", self._note_missing)
        page.goto(address, wait_until="load")
        self.bytes = page.evaluate(WEIGH)
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if overflow > 0:
            self.faults.append(f"is {overflow} pixels wider than the window")
        self.faults += [f"{rule}: {element}" for rule, element in serious_faults(page, "html")]
        if shot:
            page.screenshot(path=shot, full_page=True)
        context.close()

    def _note_missing(self, response: Response) -> None:
        if response.status >= 400:
            self.faults.append(f"{response.url}: {response.status}")


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
        for name, width, theme in itertools.product(pages, widths, THEMES):
            shot = looks / f"{name.replace('/', '-')}-{width}-{theme}.png"
            look = Look(browser, f"{address}/{name}.html", width, theme, shot)
            found += [f"{name} at {width} pixels, {theme}: {fault}" for fault in look.faults]
        browser.close()
    if found:
        raise SystemExit("\n".join(found))
    sys.stderr.write(f"{len(pages)} pages looked at; see {looks}\n")


if __name__ == "__main__":
    main()
