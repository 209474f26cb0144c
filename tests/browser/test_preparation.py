"""The filmstrip by which a reference is trimmed, under mouse, keyboard and touch."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Locator, expect

from .axe import serious_faults
from .boxes import boxes
from .conftest import SHOTS
from .front_ends import FrontEnd, Notebook
from .front_ends.lab import FOLD, wear

pytestmark = pytest.mark.parametrize("front_end_name", ["lab"], indirect=True)

SHOW = """
import wan_notebook as wan
from wan_notebook.media.checks.analysis import analyze_picture, analyze_video
studio = wan.Studio(service=wan.Service.embedded())
studio.choose_image(wan.samples.character())
studio.choose_video(wan.samples.reference(seconds=4, fps=20))
analyze_picture(studio.image), analyze_video(studio.video)  # no notice comes later, and moves what is dragged
display(wan.Panel(studio))
"""
TOUCH = """([mark, part]) => {
  const strip = mark.parentElement.getBoundingClientRect(), own = mark.getBoundingClientRect();
  const at = (type, x) => new PointerEvent(type, {
    pointerId: 7, pointerType: "touch", isPrimary: true, bubbles: true, clientX: x, clientY: own.y + 20,
  });
  mark.parentElement.setPointerCapture = () => {};
  mark.dispatchEvent(at("pointerdown", own.x + own.width / 2));
  mark.parentElement.dispatchEvent(at("pointermove", strip.x + part * strip.width));
  mark.parentElement.dispatchEvent(at("pointerup", strip.x + part * strip.width));
}"""


@pytest.fixture(scope="module")
def form(front_end: FrontEnd) -> Iterator[Locator]:
    """The form of a panel, open."""
    opened: Notebook = front_end.open([SHOW])
    with closing(opened):
        opened.run_cell(0)
        opened.page.evaluate(FOLD)
        shown = opened.widget(".wan-preparation")
        shown.get_by_text("Prepare the reference").click()
        expect(shown.locator(".wan-filmstrip-frames canvas")).to_be_visible()
        yield shown


def assert_times(form: Locator, start: str, end: str) -> None:
    expect(form.get_by_title("From second")).to_have_value(start)
    expect(form.get_by_title("To second")).to_have_value(end)


def slider(form: Locator, name: str) -> Locator:
    return form.get_by_role("slider", name=name)


def test_ends_move_by_every_hand(form: Locator) -> None:
    """Keys move an end by frames, a drag and a finger to where they are, and the numbers and the saving follow."""
    start, end = slider(form, "First frame that is sent"), slider(form, "End of what is sent")
    start.press("Shift+ArrowRight")
    expect(start).to_have_attribute("aria-valuetext", "0.50 seconds, frame 11")
    expect(form.get_by_text(re.compile("3.5 s at 20 fps"))).to_be_visible()
    form.page.evaluate(TOUCH, [end.element_handle(), 0.5])
    expect(form.get_by_text("1.5 s of 4 s are sent.")).to_be_visible()
    start.hover()
    (box,) = boxes(start.locator(".."))
    form.page.mouse.down()
    form.page.mouse.move(box["x"] + 0.25 * box["width"], box["y"] + 20, steps=5)
    form.page.mouse.up()
    assert_times(form, "1", "2")


def test_end_past_the_other_is_told(form: Locator) -> None:
    """An end that is moved past the other takes it along and says so: nothing snaps back in silence."""
    form.get_by_title("From second").fill("3.5")
    form.get_by_title("From second").press("Enter")
    expect(form.get_by_text("The end went along, to 3.6 s.")).to_be_visible()
    assert_times(form, "3.5", "3.6")
    slider(form, "End of what is sent").press("Home")
    expect(form.get_by_text("The beginning went along, to 0 s.")).to_be_visible()
    assert_times(form, "0", "0.1")


def test_frame_is_looked_up_and_kept(form: Locator) -> None:
    """The playhead goes frame by frame, its picture is shown, and both ends can be set to where it is."""
    form.get_by_role("button", name="Send it as it is").click()
    expect(form.get_by_text("4 s of 4 s are sent.")).to_be_visible()
    slider(form, "Playhead").press("Home")
    slider(form, "Playhead").press("PageUp")
    form.get_by_role("button", name="+1 frame").click()
    expect(form.get_by_text("1.05 s · frame 22")).to_be_visible()
    form.page.wait_for_function(
        "(video) => Math.abs(video.currentTime - 1.075) < 0.01", arg=form.locator("video").element_handle()
    )
    form.get_by_role("button", name="From here").click()
    slider(form, "Playhead").press("PageUp")
    form.get_by_role("button", name="To here").click()
    assert_times(form, "1.05", "2.1")
    expect(form.get_by_text(re.compile("1.1 s at 20 fps"))).to_be_visible()


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_strip_looks_right(form: Locator, theme: str) -> None:
    """In light and dark, wide and narrow, axe-core finds nothing that hinders somebody."""
    wear(form.page, theme)
    for width in (1400, 600):
        form.page.set_viewport_size({"width": width, "height": 2000})
        form.screenshot(path=SHOTS / f"preparation-{theme.lower()}-{width}.png")
        assert serious_faults(form.page, ".wan-preparation") == []
