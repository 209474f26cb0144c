"""The grid as a person meets it in a page: its parts by what they are called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from playwright.sync_api import Locator, Page, expect

from .axe import serious_faults

MAKING = 180_000
"""Milliseconds that twelve clips of a second may take on a slow machine."""

WATCH_STEP = """async ([videos, fps, seconds]) => {
  const shown = new Map();
  for (const video of videos) {
    const note = (_now, { mediaTime }) => { shown.set(video, mediaTime * fps); video.requestVideoFrameCallback(note); };
    video.requestVideoFrameCallback(note);
  }
  const frames = Math.round(videos[0].duration * fps);
  const apart = [];
  const end = performance.now() + 1000 * seconds;
  while (performance.now() < end) {
    await new Promise(requestAnimationFrame);
    if (shown.size < videos.length) continue;
    const numbers = [...shown.values()].map(Math.round);
    const gaps = numbers.map((number) => (number - numbers[0] + 1.5 * frames) % frames - frames / 2);
    apart.push(Math.max(...gaps) - Math.min(...gaps));
  }
  return apart;
}"""
"""In each picture that the browser draws, how many frames lie between the tile that is ahead and the one behind."""
LOOPS_IN_STEP = """async ([videos, frame, seconds]) => {
  const { duration } = videos[0];
  const end = performance.now() + 1000 * seconds;
  for (let together = 0, before = 0; performance.now() < end; ) {
    await new Promise(requestAnimationFrame);
    const times = videos.map((video) => video.currentTime);
    const gaps = times.map((time) => ((time - times[0] + 1.5 * duration) % duration) - duration / 2);
    if (Math.max(...gaps) - Math.min(...gaps) > frame) together = 0;
    else if (times[0] < before && ++together === 2) return true;
    before = times[0];
  }
  return false;
}"""
"""Waits until the clocks of videos are within one frame of each other from the end of one loop to that of the next."""


class GridPage:
    """A grid, with the player beside it."""

    def __init__(self, page: Page, root: Locator) -> None:
        self.page = page
        self.root = root
        self.grid = root.get_by_role("region", name="Grid of clips")
        self.words = self.grid.locator(".wan-text")
        self.tiles = self.grid.locator(".wan-grid-tile")
        self.faces = self.grid.locator(".wan-grid-face")
        self.videos = self.grid.locator(".wan-grid-tile video")
        self.names = self.grid.locator(".wan-grid-caption")
        """The captions of the tiles, in the order in which they are shown."""
        self.player = root.get_by_role("region", name="Player")
        self.result = self.player.locator("video[aria-label=Result]")

    def wait_until_done(self, words: str) -> None:
        """Wait until all clips are there."""
        expect(self.words).to_contain_text(words, timeout=MAKING)

    def wait_until_playing(self, count: int) -> None:
        """Wait until so many tiles are in sight and play."""
        self.grid.evaluate("(grid) => grid.scrollIntoView()")
        self.wait_until_each(count, "video.readyState > 2 && !video.paused")

    def wait_until_each(self, count: int, condition: str) -> None:
        """Wait until there are so many videos in the tiles, of each of which something is true at one moment."""
        met = f"""([grid, count]) => {{
          const videos = [...grid.querySelectorAll(".wan-grid-tile video")];
          return videos.length === count && videos.every((video) => {condition});
        }}"""
        self.page.wait_for_function(met, arg=[self.grid.element_handle(), count])

    def face(self, name: str) -> Locator:
        """Find a tile by its coordinates."""
        return self.faces.filter(has_text=name)

    def axis(self, role: Literal["rowheader", "columnheader"], texts: Sequence[str]) -> None:
        """Wait until the heads of rows or columns read so."""
        expect(self.grid.get_by_role(role)).to_have_text(list(texts))

    def plays_in_step(self, fps: float) -> bool:
        """Return whether the tiles come to run through their clips together, from one loop into the next."""
        videos: Sequence[object] = self.videos.element_handles()
        return bool(self.page.evaluate(LOOPS_IN_STEP, [videos, 1 / fps, 60]))

    def faults(self) -> list[tuple[str, str]]:
        """Return what axe-core finds that seriously hinders somebody: the rule, and the element."""
        return serious_faults(self.page, ".wan-sweep")
