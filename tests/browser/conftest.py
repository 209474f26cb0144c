"""A browser, and every front end in turn."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from . import install
from .front_ends import FrontEnd
from .front_ends.html_manager import DeafHtmlManager, HtmlManager
from .front_ends.lab import Lab
from .front_ends.notebook7 import Notebook7
from .front_ends.voila import Voila

FRONT_ENDS = {
    "lab": Lab,
    "notebook7": Notebook7,
    "voila": Voila,
    "colab": HtmlManager,
    "colab_deaf": DeafHtmlManager,
}

LAUNCH = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One browser for all; it ends with this package, since asyncio.run works in no test while it lives."""
    if missing := list(install.missing()):
        pytest.fail(f"Not installed: {', '.join(missing)}. Run: python tests/browser/install.py", pytrace=False)
    expect.set_options(timeout=20_000)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=install.browser(), args=LAUNCH)
        yield launched
        launched.close()


@pytest.fixture(scope="package", params=list(FRONT_ENDS))
def front_end(
    request: pytest.FixtureRequest, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FrontEnd]:
    """A server of the front end, started once."""
    started = FRONT_ENDS[request.param](browser, tmp_path_factory.mktemp(request.param))
    yield started
    started.close()
