"""What JupyterLab and Notebook 7 share: the notebook itself is the same in both."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar
from uuid import uuid4

from playwright.sync_api import Browser, Locator, Page, expect

from ..install import own_bin
from . import new_page
from .server import OPEN_TO_LOOPBACK, Server

QUIET = {
    "@jupyterlab/apputils-extension": {
        "notification": {"checkForUpdates": False, "fetchNews": "false", "doNotDisturbMode": True},
    },
}
"""Settings which keep pop-ups away that have nothing to do with us."""

KERNEL_IS_THERE = """() => {
  const kernel = window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel;
  return kernel?.connectionStatus === "connected" && kernel.status === "idle";
}"""
"""What the page shows of the kernel says idle for a moment before it says connecting."""

STARTING = 60_000
"""Milliseconds that a page and its kernel may take to be there."""


class JupyterNotebook:
    """A notebook open in a page of Jupyter's own front ends."""

    def __init__(self, page: Page, server: Server, address: str, first_address: str) -> None:
        self.page = page
        self._server = server
        self._address = address
        page.goto(first_address)
        self._wait_until_ready()

    def run_cell(self, number: int) -> None:
        prompt = self._cell(number).locator(".jp-InputPrompt")
        before = prompt.inner_text()
        self.run_cell_nowait(number)
        expect(prompt).not_to_have_text(before)
        expect(prompt).to_have_text(re.compile(r"^\[\d+\]:$"), timeout=STARTING)
        raised = self._cell(number).locator("[data-mime-type='application/vnd.jupyter.error']")
        assert not raised.count(), raised.inner_text()

    def run_cell_nowait(self, number: int) -> None:
        self.select_cell(number)
        self.press_run()

    def select_cell(self, number: int) -> None:
        self._cell(number).locator(".cm-content").click()

    def press_run(self) -> None:
        """Run the cell that is selected."""
        self.page.keyboard.press("Control+Enter")

    def reload(self) -> None:
        with self.page.expect_response(lambda answer: answer.request.method == "PUT" and "/api/contents" in answer.url):
            self.page.keyboard.press("Control+s")
        self.page.goto("about:blank")
        self.page.goto(self._address)
        self._wait_until_ready()

    def widget(self, selector: str) -> Locator:
        return self.page.locator(f".jp-Notebook .jp-OutputArea-output {selector}")

    def close(self) -> None:
        self.page.context.close()
        self._server.end_kernels()

    def _cell(self, number: int) -> Locator:
        return self.page.locator(".jp-Notebook .jp-CodeCell").nth(number)

    def _wait_until_ready(self) -> None:
        self.page.wait_for_function(KERNEL_IS_THERE, timeout=STARTING)


class Jupyter:
    """A server of one of Jupyter's own front ends."""

    keeps_kernel = True
    shows_late = True
    program: ClassVar[str]
    options: ClassVar[tuple[str, ...]] = ()

    def __init__(self, browser: Browser, folder: Path) -> None:
        self.browser = browser
        self._settle(folder / "settings")
        command = [str(own_bin(f"jupyter-{self.program}")), *OPEN_TO_LOOPBACK, *self.options]
        self.server = Server(command, folder)

    def open(self, cells: Sequence[str]) -> JupyterNotebook:
        name = f"{uuid4().hex[:8]}.ipynb"
        self.server.write(name, cells)
        return self.open_saved(name)

    def open_saved(self, name: str) -> JupyterNotebook:
        """Open a notebook that lies in the server's folder, with the outputs that it was saved with."""
        page = new_page(self.browser)
        address = self._address(name)
        return JupyterNotebook(page, self.server, address, f"{address}?reset")

    def close(self) -> None:
        self.server.close()

    def _address(self, name: str) -> str:
        raise NotImplementedError

    @staticmethod
    def _settle(folder: Path) -> None:
        for extension, plugins in QUIET.items():
            (folder / extension).mkdir(parents=True)
            for plugin, settings in plugins.items():
                (folder / extension / f"{plugin}.jupyterlab-settings").write_text(json.dumps(settings))
