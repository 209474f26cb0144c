"""What is shown in marimo, which knows anywidget alone, and draws in a shadow root."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from .conftest import with_samples
from .front_ends import new_page
from .front_ends.server import Server
from .panel_page import MAKING

NOTEBOOK = """\
# /// script
# [tool.marimo.display]
# theme = "dark"
# ///
import marimo

app = marimo.App()


@app.cell
def _():
    import wan_notebook as wan

    preview = dict(service=wan.Service.embedded(), num_inference_steps=2)
    hero, dance = wan.samples.character(), wan.samples.reference(seconds=1)
    return dance, hero, preview, wan


@app.cell
def _(dance, hero, preview, wan):
    studio = wan.Studio(shift=4, **preview)
    studio.choose_image(hero)
    studio.choose_video(dance)
    wan.Panel(studio)
    return


@app.cell
def _(dance, hero, preview, wan):
    wan.animate(hero, dance, **preview)
    return


@app.cell
def _(dance, hero, preview, wan):
    grid = wan.sweep(hero, dance, shift=[3, 7], **preview).run()
    grid.result()
    grid
    return


@app.cell
def _(wan):
    wan.history()
    return


@app.cell
def _():
    from wan_notebook.lessons.steps_and_shift import FlowFigure

    FlowFigure()
    return
"""


@pytest.fixture(scope="module")
def home(drawn: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data directory of both: what the application made is found by the editor."""
    return with_samples(tmp_path_factory.mktemp("person") / "home", drawn)


@pytest.fixture(scope="module", params=["run", "edit"])
def page(
    request: pytest.FixtureRequest, browser: Browser, home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Page]:
    """The notebook as an application, all of whose cells run at once, and in the editor, where a person runs them."""
    folder = tmp_path_factory.mktemp("marimo")
    (folder / "notebook.py").write_text(NOTEBOOK)
    command = [sys.executable, "-m", "marimo", "--quiet", request.param, str(folder / "notebook.py")]
    with closing(Server([*command, "--headless", "--no-token"], folder, "--port", "health")) as server:
        server.home.symlink_to(home)
        opened = new_page(browser)
        opened.goto(server.url)
        if request.param == "edit":
            expect(opened.locator(".cm-content")).to_have_count(6)  # the kernel is there by then
            opened.get_by_test_id("run-button").last.click()  # behind those of the cells stands that of all
        yield opened
        opened.context.close()


def test_values_show_themselves(page: Page) -> None:
    """A clip plays as the last line of a cell, a sweep shows its tiles, and the history its jobs."""
    expect(page.locator(".wan-run video[aria-label=Result]")).to_be_visible(timeout=MAKING)
    sweep = page.locator(".wan-sweep")
    expect(sweep).to_contain_text("All 2 done", timeout=MAKING)
    sweep.scroll_into_view_if_needed()
    expect(sweep.locator("video")).to_have_count(2)
    expect(page.locator(".wan-history-view")).to_contain_text(re.compile("[34] earlier jobs"))


def test_panel_makes_a_clip(page: Page) -> None:
    """The panel takes clicks, tells how far the job is, and plays the clip, dark in a dark page."""
    panel = page.locator(".wan-panel")
    generate = panel.get_by_role("button", name="Generate", exact=True)
    expect(generate).to_be_enabled(timeout=MAKING)
    generate.click()
    expect(panel.locator(".wan-status-phase")).to_have_text("Done", timeout=MAKING)
    expect(panel.get_by_role("button", name="Cancel")).to_be_hidden()
    clip = panel.locator("video[aria-label=Result]")
    page.wait_for_function("(video) => video.readyState >= 2", arg=clip.element_handle())
    ground = "(part) => getComputedStyle(part).backgroundColor"
    assert panel.locator(".wan-settings").evaluate(ground) == "rgb(27, 29, 33)"


def test_lesson_is_dragged(page: Page) -> None:
    """The figure of a lesson has its sliders, and is drawn anew as they move."""
    figure = page.locator(".wan-flow-figure")
    expect(figure).to_contain_text("8 steps, shift 1:", timeout=MAKING)
    figure.get_by_role("slider", name="Steps").fill("30")
    expect(figure).to_contain_text("30 steps, shift 1:")
    expect(figure.locator("svg[role=img]")).to_have_count(3)
