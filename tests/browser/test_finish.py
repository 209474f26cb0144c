"""The fold under a clip in JupyterLab, in which it gets the frames of its reference."""

from __future__ import annotations

from contextlib import closing

import pytest
from playwright.sync_api import expect

from .axe import serious_faults
from .conftest import SHOTS
from .front_ends import FrontEnd

CLIP = """
import wan_notebook as wan
dance = wan.samples.reference("hello", 1, 25)
wan.animate(
    wan.samples.character(), dance, prepare_video={"fps": 12.5}, num_inference_steps=4, service=wan.Service.embedded()
)
"""


@pytest.mark.parametrize("front_end_name", ["lab"], indirect=True)
def test_clip_gets_its_frames_back(front_end: FrontEnd) -> None:
    """The fold says what it will do, shows how far it is, and the finished clip is wiped over the one it came of."""
    with closing(front_end.open([CLIP])) as opened:
        opened.run_cell(0)
        fold = opened.widget(".wan-finish")
        fold.get_by_text("Finish", exact=True).click()
        expect(fold).to_contain_text("From 12.5 to 25 frames per second, as the reference")
        assert serious_faults(opened.page, ".wan-finish") == []
        fold.screenshot(path=SHOTS / "finish.png")
        fold.get_by_role("button", name="Make the finished clip").click()
        expect(fold.get_by_role("status")).to_contain_text("Saved as", timeout=60_000)
        player = opened.widget(".wan-player")
        expect(player.get_by_role("radio", name="Wipe")).to_be_checked()
        expect(player.locator("video[aria-label=Finished]")).to_have_js_property("readyState", 4)
        player.screenshot(path=SHOTS / "finished.png")
