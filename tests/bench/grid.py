"""The grid: what updates of a thousand tiles weigh, how well twelve keep in step, and how smoothly a hundred scroll."""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from browser import install
from browser.conftest import LAUNCH
from browser.grid_page import WATCH_STEP
from wan_notebook.video.write import Writer
from wan_notebook.widgets.display.html_page import write_page
from wan_notebook.widgets.frontend import browser_value
from wan_notebook.widgets.grid.tile_updates import AxisState, GridSummary, TileState, TileUpdates
from wan_notebook.widgets.player.player import PlayerState

from support.bench_rows import Row, at_least, at_most
from support.measuring import taken

TILES, RUNNING = 1_000, 64
FEW, MANY = (3, 4), (10, 10)
"""Rows and columns of the grid whose clips keep in step, and of the one that scrolls."""
FPS, FRAMES = 25, 50
PLAIN = "<body>{videos}</body>"
VIDEO = '<video src="{address}" autoplay loop muted style="width:120px"></video>'

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


def updates() -> Iterator[Row]:
    """Yield bytes and time of an update in which all running tiles have moved on."""
    positions = {number: divmod(number, 40) for number in range(TILES)}
    axes = [AxisState(name, name.title(), tuple(map(str, range(40)))) for name in ("steps", "shift")]
    updates = TileUpdates[TileState](axes, positions, [], lambda tile: tile)
    tiles = [TileState(number, "Generating", "busy", fraction=0.1, time_left="about 40 s left") for number in positions]
    updates.update(tiles, GridSummary())

    def move_on(step: int) -> str:
        known = updates.version
        moved = [replace(tile, fraction=step / 100) for tile in tiles[:RUNNING]]
        updates.update(moved, GridSummary(words=str(step)))
        return json.dumps(browser_value(updates.since(known)))

    costs = [taken(move_on, step) for step in range(20)]
    whole = json.dumps(browser_value(updates.state()))
    kilobytes, note = len(costs[-1].result) / 1000, f"{RUNNING} of {TILES:,} tiles"
    yield Row(
        "update: size",
        kilobytes,
        "kB",
        "the whole state",
        len(whole) / 1000,
        at_most(0.2, of_ratio=True, loosely=1),
        note,
    )
    yield Row("update: time", 1000 * statistics.median(cost.seconds for cost in costs), "ms", note=note)


def clips(folder: Path, count: int, width: int, height: int) -> list[Path]:
    """Draw clips in which something moves."""
    paths = [folder / f"clip-{number}.mp4" for number in range(count)]
    grid = np.indices((height, width)).sum(axis=0)
    for number, path in enumerate(paths):
        with Writer(path, width=width, height=height, fps=FPS) as writer:
            for frame in range(FRAMES):
                wave = 127 + 100 * np.sin((grid + 8 * frame) / (12 + number))
                writer.write(np.repeat(wave[..., None], 3, axis=2).astype(np.uint8))
    return paths


def page_of(folder: Path, paths: Sequence[Path], side: tuple[int, int]) -> Path:
    """Write a grid of so many rows and columns as a page."""
    rows, columns = side
    axes = [AxisState("a", "A", tuple(map(str, range(rows)))), AxisState("b", "B", tuple(map(str, range(columns))))]
    positions = {number: divmod(number, columns) for number in range(rows * columns)}
    updates = TileUpdates[TileState](axes, positions, [], lambda tile: tile)
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


def in_step(page: Page, seconds: float) -> float:
    """Return the share of pictures in which all videos are within one frame of each other, in percent."""
    videos = page.locator(".wan-grid-tile video, body > video").element_handles()
    apart = page.evaluate(WATCH_STEP, [videos, FPS, seconds])
    return 100 * sum(gap <= 1 for gap in apart) / len(apart)


def pictures_a_second(page: Page, seconds: float) -> float:
    """Return how many pictures a second are drawn while the grid scrolls."""
    scroller = page.locator(".wan-grid-scroller, html:not(:has(.wan-grid-scroller))")
    return len(page.evaluate(SCROLL, [scroller.element_handle(), seconds])) / seconds


def rows(folder: Path, *, small: bool) -> Iterator[Row]:
    yield from updates()
    paths = clips(folder, 2, 120, 156) if small else clips(folder, 12, 240, 312)
    plain = folder / "plain.html"
    videos = "".join(VIDEO.format(address=path.as_uri()) for path in paths)
    few, many, repeats = ((1, 2), (2, 2), 2) if small else (FEW, MANY, 8)
    seconds, playing = (0.5, 2) if small else (8.0, 12)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=install.browser(), args=LAUNCH)
        plain.write_text(PLAIN.format(videos=videos))
        ours = in_step(open_page(browser, page_of(folder, paths, few), playing), seconds)
        theirs = in_step(open_page(browser, plain, playing), seconds)
        what, figure = (f"{math.prod(shape)} tiles within one frame" for shape in (few, FEW))
        bound = at_least(99, loosely=3)
        yield Row(what, ours, "% of pictures", "plain videos", theirs, bound, figure=figure)
        hundred = open_page(browser, page_of(folder, paths, many), playing)
        ours = pictures_a_second(hundred, seconds)
        hundred.get_by_role("button", name="Pause", exact=True).click()
        paused = pictures_a_second(hundred, seconds)
        plain.write_text(PLAIN.format(videos=repeats * videos))
        theirs = pictures_a_second(open_page(browser, plain, playing), seconds)
        what, figure = (f"{math.prod(shape)} tiles, playing and scrolled" for shape in (many, MANY))
        beside, bound = f"{repeats * len(paths)} plain videos", at_least(20, loosely=20)
        yield Row(what, ours, "pictures/s", beside, theirs, bound, figure=figure)
        yield Row(f"{math.prod(many)} tiles, paused and scrolled", paused, "pictures/s")
        browser.close()
