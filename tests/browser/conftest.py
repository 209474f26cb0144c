"""A browser, and every front end in turn."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from wan_notebook.media import samples

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
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]
"""The last two give the browser a camera which shows a moving figure, and a person who allows it."""

SHOTS = Path(__file__).parent / "shots"
BROWSER = pytest.StashKey[Browser]()


@pytest.fixture(scope="package")
def browser(request: pytest.FixtureRequest) -> Iterator[Browser]:
    """One browser for all; it ends with this package, since asyncio.run works in no test while it lives."""
    if missing := list(install.missing()):
        pytest.fail(f"Not installed: {', '.join(missing)}. Run: python tests/browser/install.py", pytrace=False)
    SHOTS.mkdir(exist_ok=True)
    expect.set_options(timeout=20_000)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=install.browser(), args=LAUNCH)
        request.config.stash[BROWSER] = launched
        yield launched
        del request.config.stash[BROWSER]
        launched.close()


@pytest.fixture(scope="package", params=list(FRONT_ENDS))
def front_end_name(request: pytest.FixtureRequest) -> str:
    """Each front end in turn."""
    return str(request.param)


@pytest.fixture(scope="package")
def started(front_end_name: str, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FrontEnd]:
    """The front end, started once."""
    program = FRONT_ENDS[front_end_name](browser, tmp_path_factory.mktemp(front_end_name))
    yield program
    program.close()


@pytest.fixture(scope="module")
def front_end(started: FrontEnd, drawn: Path) -> FrontEnd:
    """The front end, before a person who has made nothing yet: no job of another module's tests is known."""
    shutil.rmtree(started.server.home, ignore_errors=True)
    with_samples(started.server.home, drawn)
    return started


def with_samples(home: Path, drawn: Path) -> Path:
    """Make a data directory with nothing in it but samples, which are drawn once for all tests."""
    home.mkdir()
    (home / "samples").symlink_to(drawn / "samples")
    return home


@pytest.fixture(scope="package")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data directory of its own for what is drawn before any test has one."""
    folder = tmp_path_factory.mktemp("drawn")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WAN_NOTEBOOK_HOME", str(folder))
        samples.character()
        yield folder


@pytest.fixture(scope="package")
def image(drawn: Path) -> Path:
    """A picture of the character."""
    return Path(shutil.copy(samples.character(), drawn / "hero.png"))


@pytest.fixture(scope="package")
def video(drawn: Path) -> Path:
    """A reference video of two seconds and more than 20 MB."""
    return large_video(drawn, seconds=2, fps=16)


LARGE = 21_000_000


def large_video(folder: Path, seconds: float, fps: float) -> Path:
    """Return a performance in a file of more than 20 MB, as a phone would make one, but quick to read.

    What makes it large is one box of the MP4 which readers skip, full of what no compression makes smaller.
    """
    small = samples.reference(seconds=seconds, fps=fps).read_bytes()
    filling = os.urandom(LARGE)
    large = folder / "dance.mp4"
    large.write_bytes(small + (len(filling) + 8).to_bytes(4, "big") + b"free" + filling)
    return large


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """When a test fails, keep a picture of what the browser showed, and print what it said."""
    report = yield
    launched = item.config.stash.get(BROWSER, None)
    if report.failed and launched:
        for page in (page for context in launched.contexts for page in context.pages):
            shot = SHOTS / f"failed-{item.name}.png"
            page.screenshot(path=shot)
            said = [*(message.text for message in page.console_messages()), *map(str, page.page_errors())]
            report.sections.append((f"Browser, seen in {shot}", "\n".join(said[-30:])))
    return report
