"""The panel in every front end, as one person uses it from the first file to the next morning."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from wan_notebook.client import Service

from .boxes import boxes
from .conftest import SHOTS
from .front_ends import FrontEnd, Notebook
from .panel_page import MAKING, SHOW_PANEL, PanelPage
from support import engines

pytestmark = pytest.mark.usefixtures("progress")

BLOCK = """
import time, pathlib
while not pathlib.Path("seen").exists():
    time.sleep(0.1)
"""
"""Blocks the kernel until the test has seen what it waits for."""
NEWS = 8
"""More than what could come before the kernel is blocked."""
ELSEWHERE = 'studio.service = wan.Service.at("{url}", "token", paid=True)'
IN_STEP = "([one, other]) => Math.abs(one.currentTime - other.currentTime) < 0.05"


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def notebook(front_end: FrontEnd, served: Service) -> Iterator[Notebook]:
    """A notebook which shows the panel; the tests below use it one after the other, as a person does."""
    opened = front_end.open([SHOW_PANEL, BLOCK, ELSEWHERE.format(url=served.base_url)])
    with closing(opened):
        opened.run_cell(0)
        yield opened


@pytest.fixture(scope="module")
def panel(notebook: Notebook) -> PanelPage:
    return PanelPage(notebook)


@pytest.fixture(scope="module")
def progress(panel: PanelPage, image: Path, video: Path) -> list[str]:
    """What the status bar showed while a clip was made of two files with changed settings, begun by a double click."""
    panel.pick(panel.image, image)
    panel.pick(panel.video, video)
    panel.settings.get_by_text("More", exact=True).click()
    panel.choose("small")
    panel.slide("Steps", 6)
    expect(panel.generate).to_be_enabled()
    panel.watch_status()
    panel.generate.dblclick()
    panel.wait_for_clip()
    return panel.drawn()


@pytest.fixture
def saved_jobs(front_end: FrontEnd) -> list[dict[str, Any]]:
    """What is written beside each clip that was saved."""
    return [json.loads(path.read_text()) for path in (front_end.server.home / "clips").glob("*.json")]


def test_files_arrive_whole(panel: PanelPage, front_end: FrontEnd, video: Path) -> None:
    """A file of more than 20 MB reaches the kernel byte for byte, and the panel says what it is."""
    expect(panel.video).to_contain_text("480 × 624 · 2.0 s · 16 fps · 21 MB")
    assert sha256(video) in {sha256(path) for path in front_end.server.home.rglob(video.name)}


def test_double_click_makes_one_clip(saved_jobs: list[dict[str, Any]]) -> None:
    """One job is begun, however often one clicks, and it has the settings that the panel shows."""
    assert [job["request"]["num_inference_steps"] for job in saved_jobs] == [6]
    assert [job["request"]["video_write_mode"] for job in saved_jobs] == ["small"]


def test_status_shows_progress(progress: list[str]) -> None:
    """From the click to the clip at least three different things are said."""
    assert len(set(progress)) >= 3
    assert progress[-1].startswith("Done")


def test_clip_has_its_size(panel: PanelPage) -> None:
    """The short side of the clip has what the resolution says, and the picture's shape is the character's."""
    size = panel.result.evaluate("(video) => [video.videoWidth, video.videoHeight]")
    assert size == [480, 624]


def test_clip_is_compared_in_step(panel: PanelPage, front_end_name: str) -> None:
    """Beside the clip its reference plays at the same place; wiped, one lies over the other."""
    panel.view("Beside the reference")
    panel.wait_until_playing(panel.reference)
    panel.page.wait_for_function(IN_STEP, arg=[panel.result.element_handle(), panel.reference.element_handle()])
    panel.root.screenshot(path=SHOTS / f"panel-{front_end_name}.png")
    panel.view("Wipe")
    result, reference = boxes(panel.result, panel.reference)
    assert result == reference


def test_panel_is_accessible(panel: PanelPage) -> None:
    """axe-core finds nothing in the panel that seriously hinders a screen reader, a keyboard or weak eyes."""
    assert panel.faults() == []


def test_status_survives_blocking_cell(front_end: FrontEnd, notebook: Notebook, panel: PanelPage) -> None:
    """While a cell blocks the kernel, the status bar goes on showing what is new of a job."""
    notebook.run_cell(2)
    panel.slide("Steps", engines.TALK)
    expect(panel.generate).to_be_enabled()
    panel.generate.click()
    panel.root.get_by_role("button", name="Generate and pay").click()
    expect(panel.words).to_contain_text("Talking", timeout=MAKING)
    notebook.run_cell_nowait(1)
    panel.watch_status()
    panel.page.wait_for_function("(news) => new Set(drawn).size > news", arg=NEWS)
    (front_end.server.notebooks / "seen").touch()
    panel.root.get_by_role("button", name="Stop watching").click()
    expect(panel.phase).to_have_text("Stopped")


def test_reload_loses_nothing(front_end: FrontEnd, notebook: Notebook, panel: PanelPage, image: Path) -> None:
    """A page that is loaded anew shows what was chosen and plays the clip, as long as there is the same kernel."""
    notebook.reload()
    if front_end.keeps_kernel:
        expect(panel.image).to_contain_text(image.name)
        panel.wait_until_playing(panel.result)
    else:
        expect(panel.phase).to_have_text("Ready")


def test_earlier_job_plays_again(panel: PanelPage) -> None:
    """After a reload, and in a new kernel too, an earlier job is played and its settings are taken over."""
    panel.history.get_by_role("button", name="Play job 1").click()
    panel.wait_until_playing(panel.result)
    panel.history.get_by_role("button", name="Use settings: job 1").click()
    expect(panel.settings.get_by_label("Steps", exact=True)).to_have_value("6")
    panel.settings.locator("details").evaluate("(more) => { more.open = true; }")
    expect(panel.settings.get_by_role("radio", name="small", exact=True)).to_be_checked()


def test_deleting_needs_two_clicks(panel: PanelPage) -> None:
    """One click on Delete only asks; looking elsewhere takes it back, and a second click deletes.

    The focus stays in the list, where somebody without a mouse goes on.
    """
    jobs = panel.history.get_by_role("listitem")
    before = jobs.count()
    panel.history.get_by_role("button", name="Delete: job 1").click()
    panel.image.get_by_role("textbox").click()
    panel.history.get_by_role("button", name="Delete: job 1").click()
    expect(jobs).to_have_count(before)
    panel.history.get_by_role("button", name="Really delete?: job 1").click()
    expect(jobs).to_have_count(before - 1)
    expect(panel.history.get_by_role("list")).to_be_focused()
