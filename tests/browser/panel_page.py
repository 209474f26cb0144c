"""The panel as a person meets it in a page: its parts by what they are called."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Locator, expect

from .axe import serious_faults
from .front_ends import Notebook

SHOW_PANEL = """\
import wan_notebook as wan
studio = wan.Studio(service=wan.Service.embedded())
display(wan.Panel(studio))
"""

CHOOSE = """\
studio.choose_image(wan.samples.character())
studio.choose_video(wan.samples.reference(seconds=1, fps=16))
"""
"""Follows SHOW_PANEL: both files are chosen, of the quickest kind."""

WATCH = """(status) => {
  window.drawn = [];
  const words = status.querySelector(".wan-text");
  const draw = () => drawn.push(words.textContent);
  new MutationObserver(draw).observe(status, { attributes: true, attributeFilter: ["data-tone"] });
}"""
"""Whatever the kernel says sets the tone anew, be it the same as before; the browser's own clocks do not."""

MAKING = 60_000
"""Milliseconds that a clip of a second or two may take on a slow machine."""

OVER = re.compile("Done|Failed|Unknown|Stopped")
"""The phases after which nothing more comes."""


class PanelPage:
    """The panel of a notebook."""

    def __init__(self, notebook: Notebook) -> None:
        self.page = notebook.page
        self.root = notebook.widget(".wan-panel")
        self.image = self.root.get_by_role("region", name="Character image")
        self.video = self.root.get_by_role("region", name="Reference video")
        self.settings = notebook.widget(".wan-settings")
        self.generate = self.root.get_by_role("button", name="Generate")
        self.status = notebook.widget(".wan-status")
        self.phase = notebook.widget(".wan-status-phase")
        self.words = notebook.widget(".wan-status .wan-text")
        self.history = notebook.widget(".wan-history")
        self.player = notebook.widget(".wan-player").first
        self.result = self.player.locator("video[aria-label=Result]")
        self.reference = self.player.locator("video[aria-label=Reference]")

    def pick(self, picker: Locator, file: Path) -> None:
        """Choose a file in the dialog of a picker, and wait until the kernel has it and says what it is."""
        picker.locator("input[type=file]").set_input_files(file)
        expect(picker.get_by_title(file.name, exact=True)).to_be_visible(timeout=MAKING)

    def name(self, picker: Locator, file: Path) -> None:
        """Name a file on the kernel's machine, and wait until the kernel says what it is."""
        picker.get_by_role("textbox").fill(str(file))
        picker.get_by_role("button", name="Use", exact=True).click()
        expect(picker.get_by_title(file.name, exact=True)).to_be_visible(timeout=MAKING)

    def choose(self, value: str) -> None:
        """Choose one of a setting's few words."""
        self.settings.get_by_role("radio", name=value, exact=True).check()

    def slide(self, setting: str, value: int) -> None:
        """Move a setting's slider."""
        self.settings.get_by_label(setting, exact=True).fill(str(value))

    def view(self, words: str) -> None:
        """View the clip in one of the modes of the player."""
        self.player.get_by_role("radio", name=words, exact=True).check()

    def faults(self) -> list[tuple[str, str]]:
        """Return what axe-core finds that seriously hinders somebody: the rule, and the element."""
        return serious_faults(self.page, ".wan-panel")

    def watch_status(self) -> None:
        """Note from now on whatever the status bar shows."""
        self.status.evaluate(WATCH)

    def drawn(self) -> list[str]:
        """Return what was noted."""
        noted: list[str] = self.page.evaluate("drawn")
        return noted

    def wait_for_clip(self) -> None:
        """Wait until the status bar says that the clip is done, and the clip plays."""
        expect(self.phase).to_have_text(OVER, timeout=MAKING)
        expect(self.words).to_have_text(re.compile("^Done"))
        self.wait_until_playing(self.result)

    def wait_until_playing(self, video: Locator) -> None:
        """Wait until a video shows frames, and another one each time."""
        self.page.wait_for_function("(video) => video.readyState >= 2", arg=video.element_handle())
        self.page.wait_for_function("(video) => video.played.length && !video.paused", arg=video.element_handle())
