"""Voila: the first cell runs as the page is made, and nothing else can be run but by a click on what it shows."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

from playwright.sync_api import Browser, Locator, Page, expect

from . import new_page
from .jupyter import STARTING
from .server import Server

BUTTON = """
import ipywidgets
def _run(button, code={code!r}):
    exec(code, globals())
    button.description = "Cell {number} has run"
_button = ipywidgets.Button(description="Run cell {number}")
_button.add_class("run-cell-{number}")
_button.on_click(_run)
display(_button)
"""
"""A cell after the first is a button that runs it, as an application made of a notebook has them."""


class VoilaNotebook:
    """A notebook which Voila shows as an application."""

    def __init__(self, page: Page, address: str, count: int) -> None:
        self.page = page
        self._address = address
        self._count = count
        self._load()

    def run_cell(self, number: int) -> None:
        if number:
            self.run_cell_nowait(number)
            expect(self._button(number)).to_have_text(f"Cell {number} has run", timeout=STARTING)

    def run_cell_nowait(self, number: int) -> None:
        self._button(number).click()

    def reload(self) -> None:
        self._load()

    def widget(self, selector: str) -> Locator:
        return self.page.locator(f"#rendered_cells {selector}")

    def close(self) -> None:
        self.page.context.close()

    def _load(self) -> None:
        self.page.goto("about:blank")
        self.page.goto(self._address)
        expect(
            self._button(self._count - 1) if self._count > 1 else self.widget(".jupyter-widgets").first
        ).to_be_visible(timeout=STARTING)

    def _button(self, number: int) -> Locator:
        return self.page.locator(f".run-cell-{number}")


class Voila:
    """A server that shows notebooks as applications; leaving the page ends its kernel."""

    keeps_kernel = False
    shows_late = True

    def __init__(self, browser: Browser, folder: Path) -> None:
        self._browser = browser
        command = [sys.executable, "-m", "voila", ".", "--no-browser", "--Voila.ip=127.0.0.1", "--show_tracebacks=True"]
        self.server = Server(command, folder, "--port", "voila/tree")

    def open(self, cells: Sequence[str]) -> VoilaNotebook:
        name = f"{uuid4().hex[:8]}.ipynb"
        buttons = [BUTTON.format(code=code, number=number) for number, code in enumerate(cells) if number]
        self.server.write(name, [cells[0], *buttons])
        page = new_page(self._browser)
        return VoilaNotebook(page, f"{self.server.url}/voila/render/{name}", len(cells))

    def close(self) -> None:
        self.server.close()
