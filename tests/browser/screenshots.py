"""Draw the README's pictures anew: `make screenshots`."""

from __future__ import annotations

import re
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from playwright.sync_api import Locator, expect, sync_playwright

from . import install
from .conftest import LAUNCH
from .front_ends.lab import FOLD, Lab, wear
from .grid_page import MAKING, GridPage
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


SWEEP = """
import shutil
import wan_notebook as wan
heroes = [shutil.copy(wan.samples.character(name), f"{name}.png") for name in wan.samples.PEOPLE]
dances = [shutil.copy(wan.samples.reference(name, seconds=2), f"{name}.mp4") for name in wan.samples.PERFORMANCES]
grid = wan.sweep(heroes, dances, service=wan.Service.embedded()).run()
grid
"""


def main() -> None:
    """Make clips in JupyterLab, and take pictures of the panel in light and in dark, of the player and of a sweep."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=install.browser(), args=LAUNCH)
        with closing(Lab(browser, Path(folder))) as lab, closing(lab.open([CELL])) as notebook:
            notebook.page.set_viewport_size({"width": 1280, "height": 2400})
            notebook.page.evaluate(FOLD)
            notebook.run_cell(0)
            take_all(PanelPage(notebook))
        with closing(Lab(browser, Path(folder) / "sweep")) as lab, closing(lab.open([SWEEP])) as notebook:
            notebook.page.set_viewport_size({"width": 1500, "height": 1600})
            notebook.page.evaluate(FOLD)
            notebook.run_cell(0)
            take_sweep(GridPage(notebook.page, notebook.widget(".wan-sweep")))


def take_all(panel: PanelPage) -> None:
    """Take the three pictures."""
    panel.generate.click()
    panel.wait_for_clip()
    panel.view("Beside the reference")
    panel.wait_until_playing(panel.reference)
    panel.player.get_by_label("Frame", exact=True).fill("34")
    expect(panel.player.get_by_text("frame 35 of 75")).to_be_visible()
    panel.page.mouse.move(0, 0)
    take(panel.player, "player")
    panel.view("Wipe")
    for theme in ("Dark", "Light"):
        wear(panel.page, theme)
        take(panel.root, f"panel-{theme.lower()}")


def take_sweep(grid: GridPage) -> None:
    """Take a picture of twelve tiles, one of them enlarged."""
    grid.wait_until_done("All 12 done")
    grid.grid.get_by_label(re.compile("^Rows")).select_option("Reference")
    grid.grid.get_by_label(re.compile("^Measure")).select_option("Expression fidelity")
    expect(grid.grid.get_by_text("Best", exact=True).filter(visible=True)).to_be_visible(timeout=MAKING)
    grid.face("Picture pip.png · Reference hello.mp4").click()
    grid.player.get_by_role("radio", name="Beside the reference").check(force=True)
    for video in grid.player.locator("video").all():
        expect(video).to_have_js_property("readyState", 4)
    for part in (grid.player, grid.grid):
        part.get_by_label("Frame", exact=True).fill("30")
    expect(grid.player.get_by_text("frame 31 of 50")).to_be_visible()
    grid.page.mouse.move(0, 0)
    take(grid.root, "grid")


def take(part: Locator, name: str) -> None:
    """Take a picture of a part of the page."""
    path = IMAGES / f"{name}.jpg"
    part.screenshot(path=path, type="jpeg", quality=85)
    size = path.stat().st_size
    assert size <= LARGEST, f"{path} is too large: {size} bytes"
    sys.stderr.write(f"docs/images/{path.name}  {size // 1000} kB\n")


if __name__ == "__main__":
    main()
