"""A film in JupyterLab: its shots are made, it plays with its shots marked, and one of them is made anew."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import expect

from .axe import serious_faults
from .boxes import boxes
from .conftest import SHOTS
from .front_ends import FrontEnd, Notebook
from .front_ends.lab import FOLD, RESTART, wear

PLAN = """
from pathlib import Path
import wan_notebook as wan
from wan_notebook.media.samples import REFERENCE_SIZE
from wan_notebook.video.read import frames
from wan_notebook.video.write import Writer
with Writer(Path("long.mp4"), width=REFERENCE_SIZE[0], height=REFERENCE_SIZE[1], fps=12.5) as writer:
    for person in ("ada", "noor"):
        for frame in frames(wan.samples.reference("hello", 2, 12.5, person=person)):
            writer.write(frame.pixels)
plan = wan.film(wan.samples.character("pip"), "long.mp4", service=wan.Service.embedded(), num_inference_steps=4)
plan
"""
RUN = "film = plan.run(); film"
PANEL = """
studio = wan.Studio(num_inference_steps=4)
studio.choose_image(wan.samples.character("pip"))
studio.choose_video("long.mp4")
wan.Panel(studio)
"""
JUMPED = "([video, second]) => Math.abs(video.currentTime - second) < 0.7 && !video.seeking"
"""Whether a clip plays from about a second on; it goes on playing."""

pytestmark = pytest.mark.parametrize("front_end_name", ["lab"], indirect=True)


@pytest.fixture(scope="module")
def notebook(front_end: FrontEnd) -> Iterator[Notebook]:
    """A notebook whose film is joined."""
    opened = front_end.open([PLAN, RUN, PANEL])
    with closing(opened):
        opened.run_cell(0)
        opened.run_cell(1)
        expect(opened.widget(".wan-film .wan-strip [role=status]")).to_contain_text("joined", timeout=120_000)
        yield opened


def test_shots_mark_the_timeline(notebook: Notebook) -> None:
    """The film plays below its shots; a click on a shot, buttons and keys jump to where shots begin."""
    film = notebook.widget(".wan-film")
    film.evaluate("(film) => film.scrollIntoView()")
    first, second = film.get_by_role("list", name="Shots").get_by_role("button").all()
    expect(first.locator("img")).to_have_js_property("complete", True)
    video = film.locator("video[aria-label=Result]")
    expect(video).to_have_js_property("readyState", 4)
    expect(film.locator(".wan-controls-ticks > i")).to_have_count(1)
    tick, line = boxes(film.locator(".wan-controls-ticks > i"), film.get_by_label("Frame", exact=True))
    assert tick["x"] == pytest.approx(line["x"] + line["width"] / 2, abs=3)
    second.click()
    notebook.page.wait_for_function(JUMPED, arg=[video.element_handle(), 2])
    expect(second).to_have_attribute("aria-current", "true")
    film.get_by_role("button", name="Previous shot").click()
    notebook.page.wait_for_function(JUMPED, arg=[video.element_handle(), 0])
    expect(first).to_have_attribute("aria-current", "true")
    film.get_by_role("group", name="Clip").press("PageDown")
    expect(second).to_have_attribute("aria-current", "true")


def test_strip_follows_the_film(notebook: Notebook) -> None:
    """A strip that is wider than its place moves to the shot that is on the screen."""
    film = notebook.widget(".wan-film")
    shots = film.get_by_role("list", name="Shots")
    shots.evaluate("(list) => { list.style.width = '150px'; list.scrollLeft = 0; }")
    film.get_by_role("button", name="Next shot").click()
    expect(shots).not_to_have_js_property("scrollLeft", 0)
    film.get_by_role("button", name="Previous shot").click()
    expect(shots).to_have_js_property("scrollLeft", 0)
    shots.evaluate("(list) => { list.style.width = ''; }")


def test_film_beside_its_reference(notebook: Notebook) -> None:
    """The film stands beside the reference, and both play in step."""
    film = notebook.widget(".wan-film")
    film.get_by_role("radio", name="Beside the reference").check(force=True)
    expect(film.locator("video[aria-label=Reference]")).to_have_js_property("readyState", 4)
    film.get_by_role("radio", name="Result").check(force=True)


@pytest.mark.parametrize("width", [1400, 600])
@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_film_is_accessible(notebook: Notebook, theme: str, width: int) -> None:
    """In each theme and width axe-core finds nothing in a film that seriously hinders anybody."""
    film = notebook.widget(".wan-film")
    film.get_by_role("button", name="Shot 1").click()
    wear(notebook.page, theme)
    notebook.page.set_viewport_size({"width": width, "height": 1200})
    film.screenshot(path=SHOTS / f"film-{theme.lower()}-{width}.png")
    assert serious_faults(notebook.page, ".wan-film") == []


def test_shot_is_made_anew(notebook: Notebook) -> None:
    """A shot is made anew with other settings from below the strip, and the film plays with it."""
    notebook.page.set_viewport_size({"width": 1400, "height": 1200})
    film = notebook.widget(".wan-film")
    film.get_by_role("button", name="Shot 1").click()
    before = film.locator("video[aria-label=Result]").get_attribute("src")
    details = film.get_by_role("group", name="Shot 1")
    details.get_by_label("Shift").fill("8")
    details.get_by_role("button", name="Make it anew").click()
    expect(film.locator("video[aria-label=Result]")).not_to_have_attribute("src", before or "", timeout=60_000)
    expect(film.get_by_role("status").first).to_contain_text("joined")
    details.get_by_role("button", name="Play this shot alone").click()
    expect(film.get_by_role("region", name="Player")).to_contain_text("shift 8")
    details.get_by_role("button", name="Back to the film").click()
    expect(film.get_by_role("region", name="Player")).to_contain_text("Film · pip.png · long.mp4")


@pytest.mark.parametrize("width", [1200, 500])
@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_panel_leads_to_the_plan(notebook: Notebook, theme: str, width: int) -> None:
    """A click on the offer of a film brings its plan into view, with the focus; no notice is squeezed to a column."""
    wear(notebook.page, theme)
    notebook.page.evaluate(FOLD)
    notebook.page.set_viewport_size({"width": width, "height": 900})
    notebook.run_cell(2)
    panel = notebook.widget(".wan-panel")
    offer = panel.get_by_role("button", name="Animate shot by shot")
    offer.scroll_into_view_if_needed()
    (words,) = boxes(offer.locator("xpath=ancestor::li").locator(".wan-text"))
    assert words["width"] > 180
    panel.screenshot(path=SHOTS / f"panel-offer-{theme.lower()}-{width}.png")
    offer.click()
    strip = panel.get_by_role("region", name="Shots of the film")
    expect(strip).to_be_focused()
    expect(strip.get_by_role("button", name="Make the film")).to_be_enabled()
    expect(strip.get_by_role("button", name="Shot 1")).to_be_in_viewport()
    expect(strip.get_by_role("button", name="Make the film")).to_be_in_viewport()
    notebook.page.screenshot(path=SHOTS / f"panel-plan-{theme.lower()}-{width}.png")


def test_plan_follows_on_screen(notebook: Notebook) -> None:
    """Another setting takes the plan's button away until the film is planned with it."""
    panel = notebook.widget(".wan-panel")
    make = panel.get_by_role("region", name="Shots of the film").get_by_role("button", name="Make the film")
    expect(make).to_be_enabled()
    make.evaluate(
        "(button) => new MutationObserver(() => (window.wasOff ||= button.disabled)).observe(button, "
        "{ attributes: true })"
    )
    panel.get_by_role("radio", name="580p").check(force=True)
    notebook.page.wait_for_function("() => window.wasOff")
    expect(make).to_be_enabled()


def test_panel_makes_a_film(notebook: Notebook) -> None:
    """A reference with a cut may be animated shot by shot: the plan stands in place, and the film plays there."""
    notebook.page.set_viewport_size({"width": 1400, "height": 1200})
    wear(notebook.page, "Light")
    notebook.run_cell(2)
    panel = notebook.widget(".wan-panel")
    panel.get_by_role("button", name="Animate shot by shot").click()
    strip = panel.get_by_role("region", name="Shots of the film")
    expect(strip).to_contain_text("2 shots")
    panel.screenshot(path=SHOTS / "panel-film-plan.png")
    strip.get_by_role("button", name="Make the film").click()
    expect(strip.get_by_role("status")).to_contain_text("joined", timeout=60_000)
    expect(panel.get_by_role("region", name="Player").locator("video[aria-label=Result]")).to_have_js_property(
        "readyState", 4
    )
    panel.screenshot(path=SHOTS / "panel-film.png")
    strip.get_by_role("button", name="Close").click()
    expect(strip).to_be_hidden()


def test_joined_film_has_no_job(notebook: Notebook) -> None:
    """Where the kernel is restarted under a film that is joined, nobody is told that a job goes on."""
    notebook.page.evaluate(RESTART)
    expect(notebook.widget(".wan-film .wan-gone")).to_have_text("The kernel was restarted: run the cell again.")
