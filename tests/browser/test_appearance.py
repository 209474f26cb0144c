"""The panel in light and dark, wide and narrow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import expect

from .conftest import SHOTS
from .front_ends import FrontEnd, Notebook
from .front_ends.lab import FOLD, wear
from .panel_page import SHOW_PANEL, PanelPage

pytestmark = pytest.mark.parametrize("front_end_name", ["lab"], indirect=True)

TOO_WIDE = """(panel) => [...panel.querySelectorAll("*")]
  .filter((part) => part.checkVisibility())
  .filter((part) => part.getBoundingClientRect().right > panel.getBoundingClientRect().right + 1)
  .map((part) => part.outerHTML.slice(0, 200))"""


@pytest.fixture(scope="module")
def panel(front_end: FrontEnd, image: Path, video: Path) -> Iterator[PanelPage]:
    """A panel with both files chosen, so that all its parts are there."""
    opened: Notebook = front_end.open([SHOW_PANEL])
    with closing(opened):
        opened.run_cell(0)
        opened.page.evaluate(FOLD)
        shown = PanelPage(opened)
        shown.pick(shown.image, image)
        shown.pick(shown.video, video)
        yield shown


@pytest.mark.parametrize("width", [1400, 600, 320])
@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_contrast_and_width(panel: PanelPage, theme: str, width: int) -> None:
    """In each theme and width axe-core finds enough contrast, and no part sticks out of the panel."""
    wear(panel.page, theme)
    panel.page.set_viewport_size({"width": width, "height": 2000})
    panel.root.screenshot(path=SHOTS / f"panel-{theme.lower()}-{width}.png")
    assert panel.faults() == []
    assert panel.root.evaluate(TOO_WIDE) == []


def test_panels_share_a_box(front_end: FrontEnd) -> None:
    """Two panels beside each other have half of the width each."""
    pair = "import ipywidgets, wan_notebook as wan\nipywidgets.HBox([wan.Panel(), wan.Panel()])"
    with closing(front_end.open([pair])) as opened:
        opened.run_cell(0)
        panels = opened.widget(".wan-panel")
        expect(panels).to_have_count(2)
        widths = panels.evaluate_all("(panels) => panels.map((panel) => panel.getBoundingClientRect().width)")
        assert widths[0] == widths[1] > 300
