"""What is left of the panel in a notebook file, and in a page behind which no kernel knows the panel."""

from __future__ import annotations

import json
from contextlib import closing

import pytest
from playwright.sync_api import expect

from .front_ends import FrontEnd
from .panel_page import MAKING, SHOW_PANEL, PanelPage

pytestmark = pytest.mark.parametrize("front_end_name", ["lab"], indirect=True)

LARGEST = 100_000
"""Bytes that a notebook with a panel may have: small pictures, and never a clip."""


def test_saved_notebook_shows_clip(front_end: FrontEnd) -> None:
    """The inputs, the settings and the clip's first frame stand in the file, unseen while the panel is alive."""
    with closing(front_end.open([SHOW_PANEL])) as opened:
        opened.run_cell(0)
        panel = PanelPage(opened)
        panel.root.get_by_role("button", name="Try the samples").click()
        expect(panel.generate).to_be_enabled(timeout=MAKING)
        panel.generate.click()
        panel.wait_for_clip()
        still = opened.page.locator(".wan-still")
        expect(still.get_by_alt_text("First frame of the clip")).to_be_attached()
        expect(still).to_be_hidden()
        opened.reload()
        expect(panel.phase).to_have_text("Done")
        expect(still).to_be_hidden()
        file = max(front_end.server.notebooks.glob("*.ipynb"), key=lambda path: path.stat().st_mtime)
        saved = file.read_text()
        front_end.server.end_kernels()
        opened.reload()
        expect(still.get_by_role("img")).to_have_count(3)
        expect(still).to_contain_text("Move · 480p · 20 steps")
    assert len(saved) < LARGEST
    assert [list(output["data"]) for output in json.loads(saved)["cells"][0]["outputs"]] == [
        ["application/vnd.jupyter.widget-view+json"],
        ["text/html", "text/plain"],
    ]
