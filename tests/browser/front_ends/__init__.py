"""One way to drive every front end, so that one test is proved in all of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

from playwright.sync_api import Browser, Locator, Page

from .server import Server

ELSEWHERE = re.compile(r"^(http|ws)s?://(?!127\.0\.0\.1[:/])")


def new_page(browser: Browser) -> Page:
    """Open a page as large as a laptop shows it, which reaches nothing outside this machine."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    context.route(ELSEWHERE, lambda route: route.abort())
    return context.new_page()


class Notebook(Protocol):
    """A notebook open in a browser, with a kernel of its own."""

    page: Page

    def run_cell(self, number: int) -> None:
        """Run a cell and wait until the kernel has run it."""

    def run_cell_nowait(self, number: int) -> None:
        """Run a cell, and do not wait."""

    def reload(self) -> None:
        """Load the page anew, as a person does, and wait until it shows again what it showed."""

    def widget(self, selector: str) -> Locator:
        """Find a part of what the cells show."""

    def close(self) -> None:
        """Close the page and end the kernel."""


class FrontEnd(Protocol):
    """A program that shows notebooks."""

    server: Server
    keeps_kernel: bool
    """Whether the kernel lives on when the page is loaded anew."""
    shows_late: bool
    """Whether it shows what changes after the cell has ended, unasked."""

    def open(self, cells: Sequence[str]) -> Notebook:
        """Open a new notebook of these cells; none has run yet."""

    def close(self) -> None:
        """End the server and all its kernels."""
