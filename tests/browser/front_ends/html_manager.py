"""The bare widget manager before a kernel with just what Colab has; also as Colab may be: deaf to what comes late."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page

from ..install import PAGE, colab_bin, colab_environment
from . import new_page
from .jupyter import STARTING
from .server import OPEN_TO_LOOPBACK, Server


class BareNotebook:
    """A page of cells and their widgets, with a live kernel."""

    def __init__(self, page: Page, server: Server, address: str, cells: Sequence[str]) -> None:
        self.page = page
        self._server = server
        self._address = address
        self._cells = cells
        page.set_default_timeout(STARTING)
        self._load()

    def run_cell(self, number: int) -> None:
        self.page.evaluate("([number, code]) => notebook.run(number, code)", [number, self._cells[number]])

    def run_cell_nowait(self, number: int) -> None:
        self.page.evaluate("([number, code]) => void notebook.run(number, code)", [number, self._cells[number]])

    def reload(self) -> None:
        self._load()

    def widget(self, selector: str) -> Locator:
        return self.page.locator(f"main {selector}")

    def close(self) -> None:
        self.page.context.close()
        self._server.end_kernels()

    def _load(self) -> None:
        self.page.goto(self._address)
        self.page.evaluate("notebook.ready")


class HtmlManager:
    """A server of kernels with Colab's versions, and of the page that shows their widgets."""

    keeps_kernel = True
    shows_late = True
    query = "ipywidgets7"

    def __init__(self, browser: Browser, folder: Path) -> None:
        self._browser = browser
        extensions = colab_environment() / "share" / "jupyter" / "nbextensions"
        shown = [f"--ServerApp.extra_static_paths={place}" for place in (PAGE / "dist", extensions)]
        self.server = Server([str(colab_bin("python")), "-m", "jupyter_server", *OPEN_TO_LOOPBACK, *shown], folder)

    def open(self, cells: Sequence[str]) -> BareNotebook:
        kernel = self.server.ask("api/kernels", "POST")["id"]
        page = new_page(self._browser)
        address = f"{self.server.url}/static/page.html?kernel={kernel}&{self.query}"
        return BareNotebook(page, self.server, address, cells)

    def close(self) -> None:
        self.server.close()


class DeafHtmlManager(HtmlManager):
    """The same, but a message is lost unless the request that caused it is still under way."""

    shows_late = False
    query = "ipywidgets7&drop_late"
