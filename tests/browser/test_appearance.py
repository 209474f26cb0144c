"""The panel in light and dark, wide and narrow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import expect

from .boxes import boxes
from .conftest import SHOTS
from .front_ends import FrontEnd, Notebook
from .front_ends.lab import FOLD, wear
from .panel_page import CHOOSE, SHOW_PANEL, PanelPage

pytestmark = pytest.mark.parametrize("front_end_name", ["lab"], indirect=True)

TOO_WIDE = """(panel) => [...panel.querySelectorAll("*")]
  .filter((part) => part.checkVisibility())
  .filter((part) => part.getBoundingClientRect().right > panel.getBoundingClientRect().right + 1)
  .map((part) => part.outerHTML.slice(0, 200))"""


PAIR = "import ipywidgets\nipywidgets.HBox([wan.Panel(), wan.Panel()])"


@pytest.fixture(scope="module")
def notebook(front_end: FrontEnd) -> Iterator[Notebook]:
    with closing(front_end.open([f"{SHOW_PANEL}{CHOOSE}", PAIR])) as opened:
        opened.run_cell(0)
        opened.page.evaluate(FOLD)
        yield opened


@pytest.fixture(scope="module")
def panel(notebook: Notebook) -> PanelPage:
    """A panel with both files chosen, so that all its parts are there."""
    shown = PanelPage(notebook)
    expect(shown.generate).to_be_enabled()
    return shown


@pytest.mark.parametrize("width", [1400, 600, 320])
@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_contrast_and_width(panel: PanelPage, theme: str, width: int) -> None:
    """In each theme and width axe-core finds enough contrast, and no part sticks out of the panel."""
    wear(panel.page, theme)
    panel.page.set_viewport_size({"width": width, "height": 2000})
    panel.root.screenshot(path=SHOTS / f"panel-{theme.lower()}-{width}.png")
    assert panel.faults() == []
    assert panel.root.evaluate(TOO_WIDE) == []


def test_panels_share_a_box(notebook: Notebook) -> None:
    """Two panels beside each other have half of the width each."""
    notebook.page.set_viewport_size({"width": 1400, "height": 1000})
    notebook.run_cell(1)
    panels = notebook.widget(".widget-hbox .wan-panel")
    expect(panels).to_have_count(2)
    one, other = boxes(panels.first, panels.last)
    assert one["width"] == other["width"] > 300
