"""Draw the README's pictures anew: `make screenshots`."""

from __future__ import annotations

import sys
import tempfile
from contextlib import closing
from pathlib import Path

from playwright.sync_api import Locator, expect, sync_playwright

from . import install
from .conftest import LAUNCH
from .front_ends.lab import FOLD, THEME, Lab
from .panel_page import PanelPage

IMAGES = Path(__file__).parents[2] / "docs" / "images"
LARGEST = 300_000
"""Bytes of a picture in the README, at most."""

CELL = """
import shutil
import wan_notebook as wan
studio = wan.Studio(service=wan.Service.embedded())
studio.choose_image(shutil.copy(wan.samples.character(), "hero.png"))
studio.choose_video(shutil.copy(wan.samples.reference(), "hello.mp4"))
display(wan.Panel(studio))
"""


def main() -> None:
    """Make a clip in JupyterLab, and take a picture of the panel in light and in dark, and of the player."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=install.browser(), args=LAUNCH)
        with closing(Lab(browser, Path(folder))) as lab, closing(lab.open([CELL])) as notebook:
            notebook.page.set_viewport_size({"width": 1280, "height": 2400})
            notebook.page.evaluate(FOLD)
            notebook.run_cell(0)
            take_all(PanelPage(notebook))


def take_all(panel: PanelPage) -> None:
    """Take the three pictures."""
    panel.generate.click()
    panel.wait_for_clip()
    panel.look("Beside the reference")
    panel.wait_until_playing(panel.reference)
    panel.player.get_by_label("Frame", exact=True).fill("34")
    expect(panel.player.get_by_text("frame 35 of 75")).to_be_visible()
    panel.page.mouse.move(0, 0)
    take(panel.player, "player")
    panel.look("Wipe")
    for theme in ("Dark", "Light"):
        panel.page.evaluate(THEME, theme)
        expect(panel.page.locator(f"body[data-jp-theme-light={str(theme == 'Light').lower()}]")).to_be_attached()
        take(panel.root, f"panel-{theme.lower()}")


def take(part: Locator, name: str) -> None:
    """Take a picture of a part of the page."""
    path = IMAGES / f"{name}.jpg"
    part.screenshot(path=path, type="jpeg", quality=85)
    size = path.stat().st_size
    assert size <= LARGEST, f"{path} is too large: {size} bytes"
    sys.stderr.write(f"docs/images/{path.name}  {size // 1000} kB\n")


if __name__ == "__main__":
    main()
