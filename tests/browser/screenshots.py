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

FRIENDS = """
from PIL import Image
pair = [Image.open(wan.samples.character(name)) for name in ("ada", "noor")]
friends = Image.new("RGB", (pair[0].width + pair[1].width, pair[0].height))
friends.paste(pair[0])
friends.paste(pair[1], (pair[0].width, 0))
friends.save("friends.png")
studio.choose_image("friends.png")
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
    """Take pictures in JupyterLab: of the panel in light and dark, of what it notices, of the player and of a sweep."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=install.browser(), args=LAUNCH)
        with closing(Lab(browser, Path(folder))) as lab, closing(lab.open([CELL, FRIENDS])) as notebook:
            notebook.page.set_viewport_size({"width": 1280, "height": 2400})
            notebook.page.evaluate(FOLD)
            notebook.run_cell(0)
            panel = PanelPage(notebook)
            take_all(panel)
            notebook.run_cell(1)
            take_notice(panel)
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


def take_notice(panel: PanelPage) -> None:
    """Take a picture of two people who were chosen as one character."""
    expect(panel.root.get_by_alt_text("The picture with a box around each face")).to_be_visible(timeout=MAKING)
    take(panel.root.locator(".wan-generate"), "people")


def take_sweep(grid: GridPage) -> None:
    """Take a picture of twelve tiles, one of them enlarged."""
    grid.wait_until_done("All 12 done")
    grid.grid.get_by_label(re.compile("^Rows")).select_option("Reference")
    grid.grid.get_by_label(re.compile("^Measure")).select_option("Expression fidelity")
    expect(grid.words).not_to_contain_text("reading numbers", timeout=MAKING)
    grid.face("Picture pip.png · Reference hello.mp4").click()
    grid.player.get_by_role("radio", name="Beside the reference").check(force=True)
    for video in grid.player.locator("video").all():
        expect(video).to_have_js_property("readyState", 4)
    for part in (grid.player, grid.grid):
        part.get_by_label("Frame", exact=True).fill("30")
    expect(grid.player.get_by_text("frame 31 of 50")).to_be_visible()
    expect(grid.player.get_by_role("group", name="The face over time")).to_be_visible()
    grid.wait_until_each(12, "video.paused && !video.seeking && Math.abs(25 * video.currentTime - 30.5) < 0.01")
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
