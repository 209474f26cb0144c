"""Recording a reference with the camera; the browser's own test camera shows a moving figure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import expect

from .front_ends import FrontEnd
from .panel_page import MAKING, SHOW_PANEL, PanelPage

pytestmark = pytest.mark.parametrize("front_end_name", ["colab"], indirect=True)

NO_MP4 = "() => { MediaRecorder.isTypeSupported = (type) => type.startsWith('video/webm'); }"
"""As in Firefox, whose WebM does not say how long it is."""
WATCH_CAMERA = """() => {
  window.tracks = [];
  const media = navigator.mediaDevices;
  const open = media.getUserMedia.bind(media);
  media.getUserMedia = async (wanted) => {
    const stream = await open(wanted);
    tracks.push(...stream.getTracks());
    return stream;
  };
}"""
"""Notes all that the camera ever gave."""
NO_CAMERA = """() => {
  navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("none", "NotFoundError"); };
}"""


@pytest.fixture(scope="module")
def panel(front_end: FrontEnd) -> Iterator[PanelPage]:
    """A panel with a picture; the tests below use it one after the other, and the last one takes the camera away."""
    opened = front_end.open([f"{SHOW_PANEL}studio.choose_image(wan.samples.character())"])
    with closing(opened):
        opened.run_cell(0)
        yield PanelPage(opened)


@pytest.mark.parametrize("kind", ["mp4", "webm"])
def test_recording_becomes_reference(panel: PanelPage, kind: str) -> None:
    """What the camera saw arrives, its length is told though no WebM of a browser has it, and a clip is made of it."""
    if kind == "webm":
        panel.page.evaluate(NO_MP4)
    panel.video.get_by_role("button", name="Record").click()
    expect(panel.video.get_by_label("Camera")).to_be_visible()
    panel.video.get_by_role("button", name="Start").click()
    expect(panel.video.get_by_text(re.compile("Recording 0:0[2-9]"))).to_be_visible()
    panel.video.get_by_role("button", name="Stop").click()
    expect(panel.video).to_contain_text(
        re.compile(rf"recording\.{kind} ?\d+ × \d+ · \d\.\d s · [\d.]+ fps"), timeout=MAKING
    )
    expect(panel.video.get_by_label("Camera")).to_be_hidden()
    panel.slide("Steps", 2)
    panel.generate.click()
    expect(panel.phase).not_to_have_text(re.compile("Ready|Done"))
    panel.wait_for_clip()
    panel.video.get_by_role("button", name="Remove").click()


def test_cancelled_recording_leaves_nothing(panel: PanelPage) -> None:
    """Cancel closes the camera, and the picker is as it was before."""
    panel.video.get_by_role("button", name="Record").click()
    panel.video.get_by_role("button", name="Start").click()
    expect(panel.video.get_by_text("Recording 0:0")).to_be_visible()
    panel.video.get_by_role("button", name="Cancel").click()
    expect(panel.video.get_by_role("button", name="Record")).to_be_visible()
    expect(panel.video.get_by_role("progressbar")).to_be_hidden()


def test_cancel_closes_every_camera(panel: PanelPage) -> None:
    """After Cancel nothing of the camera runs on, however often it was asked for."""
    panel.page.evaluate(WATCH_CAMERA)
    panel.video.get_by_role("button", name="Record").dblclick()
    expect(panel.video.get_by_label("Camera")).to_be_visible()
    panel.video.get_by_role("button", name="Cancel").click()
    panel.page.wait_for_function("tracks.length && tracks.every((track) => track.readyState === 'ended')")


def test_missing_camera_is_reported(panel: PanelPage) -> None:
    """Where there is no camera, or it is not allowed, the picker says so in words."""
    panel.page.evaluate(NO_CAMERA)
    panel.video.get_by_role("button", name="Record").click()
    expect(panel.video.get_by_role("alert")).to_have_text("There is no camera.")
