"""The grid: what updates of a thousand tiles weigh, how well tiles keep in step, and how smoothly a hundred scroll."""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from wan_notebook.video.write import Writer
from wan_notebook.widgets.display.html_page import write_page
from wan_notebook.widgets.frontend import browser_value
from wan_notebook.widgets.grid.tile_updates import AxisState, GridSummary, TileState, TileUpdates
from wan_notebook.widgets.player.player import PlayerState

from ..browser import install
from ..browser.conftest import LAUNCH
from ..browser.grid_page import WATCH_STEP

TILES, RUNNING = 1_000, 64
FPS, FRAMES = 25, 50
PLAIN = "<body>{videos}</body>"
VIDEO = '<video src="{address}" autoplay loop muted style="width:120px"></video>'

PLAYING = "(count) => [...document.querySelectorAll('video')].filter((one) => one.currentTime > 0).length >= count"

SCROLL = """async ([part, seconds]) => {
  const gaps = [];
  let [before, way] = [performance.now(), 1];
  const end = before + 1000 * seconds;
  while (before < end) {
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    gaps.push(now - before);
    part.scrollTop += way * 0.4 * (now - before);
    if (part.scrollTop + part.clientHeight >= part.scrollHeight - 1) way = -1;
    if (part.scrollTop <= 0) way = 1;
    before = now;
  }
  return gaps;
}"""
"""Scrolls by 400 pixels a second, to and fro, and tells the milliseconds between two pictures."""


def weigh_updates() -> None:
    """Print bytes and time of an update in which all running tiles have moved on."""
    positions = {number: divmod(number, 40) for number in range(TILES)}
    axes = [AxisState(name, name.title(), tuple(map(str, range(40)))) for name in ("steps", "shift")]
    updates = TileUpdates(axes, positions, [])
    tiles = [TileState(number, "Generating", "busy", fraction=0.1, time_left="about 40 s left") for number in positions]
    updates.update(tiles, GridSummary())
    began = time.perf_counter()
    repeats = 20
    for step in range(repeats):
        known = updates.version
        moved = [replace(tile, fraction=step / repeats) for tile in tiles[:RUNNING]]
        updates.update(moved, GridSummary(words=str(step)))
        some = json.dumps(browser_value(updates.since(known)))
    seconds = (time.perf_counter() - began) / repeats
    whole = json.dumps(browser_value(updates.state()))
    print(f"updates of {RUNNING} of {TILES:,} tiles: {len(some) / 1000:.1f} kB, {1000 * seconds:.2f} ms; ", end="")
    print(f"the whole state: {len(whole) / 1000:.0f} kB, {len(whole) / len(some):.0f} times as much")


def clips(folder: Path, count: int) -> list[Path]:
    """Draw clips in which something moves."""
    paths = [folder / f"clip-{number}.mp4" for number in range(count)]
    grid = np.indices((312, 240)).sum(axis=0)
    for number, path in enumerate(paths):
        with Writer(path, width=240, height=312, fps=FPS) as writer:
            for frame in range(FRAMES):
                wave = 127 + 100 * np.sin((grid + 8 * frame) / (12 + number))
                writer.write(np.repeat(wave[..., None], 3, axis=2).astype(np.uint8))
    return paths


def page_of(folder: Path, paths: Sequence[Path], side: tuple[int, int]) -> Path:
    """Write a grid of so many rows and columns as a page."""
    rows, columns = side
    axes = [AxisState("a", "A", tuple(map(str, range(rows)))), AxisState("b", "B", tuple(map(str, range(columns))))]
    positions = {number: divmod(number, columns) for number in range(rows * columns)}
    updates = TileUpdates(axes, positions, [])
    tiles = [TileState(number, "Done", "good", clip=paths[number % len(paths)]) for number in positions]
    updates.update(tiles, GridSummary(fps=FPS, shape=240 / 312))
    labels = {fields["number"]: fields["clip"] for fields in updates.since(0).tiles}
    players = {number: PlayerState(title=str(number), fps=FPS, result=label) for number, label in labels.items()}
    target = folder / f"{rows}-{columns}.html"
    write_page(target, "Grid", updates, players, max_megabytes=1000)
    return target


def open_page(browser: Browser, path: Path, videos: int) -> Page:
    """Open a page and wait until so many videos play."""
    page = browser.new_context(viewport={"width": 1400, "height": 1000}, bypass_csp=True).new_page()
    page.goto(path.as_uri())
    playing = (
        "(count) => [...document.querySelectorAll('video')].filter((v) => !v.paused && v.currentTime).length >= count"
    )
    page.wait_for_function(playing, arg=videos)
    return page


def step(page: Page) -> str:
    """Return how far twelve videos are from each other while they play for some seconds."""
    videos = page.locator(".wan-grid-tile video, body > video").element_handles()
    apart = page.evaluate(WATCH_STEP, [videos, FPS, 8])
    within = sum(gap <= 1 for gap in apart) / len(apart)
    return f"{100 * within:5.1f} % of pictures within one frame, at most {max(apart):.0f} frames apart"


def smoothness(page: Page) -> str:
    """Return how many pictures a second are drawn while the grid scrolls."""
    scroller = page.locator(".wan-grid-scroller, html:not(:has(.wan-grid-scroller))")
    gaps = sorted(page.evaluate(SCROLL, [scroller.element_handle(), 6]))
    late = gaps[int(0.95 * len(gaps))]
    return f"{len(gaps) / 6:5.1f} pictures a second, 95 % within {late:.0f} ms, median {statistics.median(gaps):.0f} ms"


def main() -> None:
    weigh_updates()
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        paths = clips(folder, 12)
        plain = folder / "plain.html"
        browser = playwright.chromium.launch(executable_path=install.browser(), args=LAUNCH)
        videos = "".join(VIDEO.format(address=path.as_uri()) for path in paths)
        plain.write_text(PLAIN.format(videos=videos))
        print(f"12 tiles in step:      {step(open_page(browser, page_of(folder, paths, (3, 4)), 12))}")
        print(f"12 plain videos:       {step(open_page(browser, plain, 12))}")
        hundred = open_page(browser, page_of(folder, paths, (10, 10)), 20)
        print(f"100 tiles, playing:    {smoothness(hundred)}")
        hundred.get_by_role("button", name="Pause", exact=True).click()
        print(f"100 tiles, paused:     {smoothness(hundred)}")
        plain.write_text(PLAIN.format(videos=8 * videos))
        print(f"96 plain videos:       {smoothness(open_page(browser, plain, 20))}")
        browser.close()
