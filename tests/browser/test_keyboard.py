"""The panel without a mouse, and for eyes that want no motion."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import expect

from .front_ends import FrontEnd
from .panel_page import MAKING, SHOW_PANEL, PanelPage

pytestmark = pytest.mark.parametrize("front_end_name", ["colab"], indirect=True)

CONTROLS = """(panel) => [...panel.querySelectorAll("button, input, select, summary, a[href], [tabindex='0']")]
  .filter((control) => control.checkVisibility() && !control.disabled)
  .filter((control) => control.type !== "radio" || control.checked)
  .map((control) => control.outerHTML)"""
"""Of radio buttons only the chosen one is a stop; the arrow keys go on from there."""

FOCUSED = """() => {
  const control = document.activeElement;
  const seen = control.type === "radio" ? control.nextElementSibling : control;
  const { outlineStyle, outlineWidth } = getComputedStyle(seen);
  return { html: control.outerHTML, ring: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 };
}"""


@pytest.fixture
def panel(front_end: FrontEnd) -> Iterator[PanelPage]:
    with closing(front_end.open([SHOW_PANEL])) as opened:
        opened.page.emulate_media(reduced_motion="reduce")
        opened.run_cell(0)
        yield PanelPage(opened)


def press_until(panel: PanelPage, key: str, name: str) -> None:
    """Press a key until a button of this name has the focus."""
    button = panel.root.get_by_role("button", name=name, exact=True)
    for _ in range(60):
        if button.evaluate("(button) => button === document.activeElement"):
            return
        panel.page.keyboard.press(key)
    raise AssertionError(f"{key} never reached {name}")


def test_tab_key_reaches_everything(panel: PanelPage) -> None:
    """Every control is a stop, in the order in which it stands, and the stop can be seen."""
    expect(panel.root.get_by_role("button", name="Try the samples")).to_be_visible()
    controls = panel.root.evaluate(CONTROLS)
    stops = []
    for _ in controls:
        panel.page.keyboard.press("Tab")
        stops.append(panel.page.evaluate(FOCUSED))
    assert [stop["html"] for stop in stops] == controls
    assert [stop["html"] for stop in stops if not stop["ring"]] == []


def test_clip_without_a_mouse(panel: PanelPage) -> None:
    """From the first key to the clip; who wants no motion begins it, and nothing moves before."""
    press_until(panel, "Tab", "Try the samples")
    panel.page.keyboard.press("Enter")
    expect(panel.generate).to_be_enabled(timeout=MAKING)
    press_until(panel, "Shift+Tab", "Generate")
    panel.page.keyboard.press("Enter")
    expect(panel.words).to_contain_text("Done", timeout=MAKING)
    expect(panel.player.get_by_text("frame 1 of 75")).to_be_visible()
    for video in panel.root.locator("video").all():
        assert video.evaluate("(video) => video.paused")
    press_until(panel, "Tab", "Play")
    panel.page.keyboard.press(" ")
    panel.wait_until_playing(panel.result)
