"""A sweep on screen: its grid of tiles, and the player of one tile, or of two that are compared."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from ...errors import InvalidRequest
from ...jobs.clip import Clip
from ...runtime.throttle import Throttle
from ..display.clip import compare_clips, play_clip
from ..display.saved import SavedOutput
from ..frontend import Widget
from ..player.player import Player
from .grid import TileGrid
from .tile_text import (
    MEASURES,
    axis_states,
    clip_properties,
    face_curves,
    grid_summary,
    names_apart,
    tile_name,
    tile_state,
)
from .tile_updates import GridSummary

if TYPE_CHECKING:
    from ...sweeps.grid import Grid
    from ...sweeps.tile import Tile

_INTERVAL = 0.25
"""Seconds between two updates: four of them a second, however many tiles there are."""


class SweepView(Widget):
    """Draws a sweep, and hands a person's actions to it.

    Args:
        grid: the sweep; where its tiles are shown in several cells, all stay in step.
        draw_saved: returns what a saved notebook shows of it, as HTML and as text.
    """

    _script, _style = "grid/sweep_view.js", "grid/grid.css"

    def __init__(self, grid: Grid, draw_saved: Callable[[], tuple[str, str]]) -> None:
        self._grid = grid
        self._lock = threading.Lock()
        self._changed = {tile.number for tile in grid.tiles}
        self._running = set(self._changed)
        self._stopped = False
        self._opened: tuple[int, ...] = ()
        self.player = Player(on_close=self._open)
        self.tiles = TileGrid(
            axis_states(grid),
            {tile.number: tile.cell.position for tile in grid.tiles},
            MEASURES,
            self._changes,
            partial(tile_state, resumable=grid.resumable),
            on_enlarge=self.enlarge,
            on_compare=self.compare,
            on_retry=self.retry,
            on_stop=self.stop,
            on_resume=self.resume,
        )
        super().__init__(tiles=self.tiles, player=self.player)
        self._saved = SavedOutput(self, draw_saved, lambda: grid.done)
        self._render_soon = Throttle(self.tiles.send_changes, _INTERVAL)
        grid.observe(self._mark_changed)

    def _ipython_display_(self, **_kwargs: Any) -> None:
        self._saved.show()

    def _mark_changed(self, numbers: frozenset[int]) -> None:
        with self._lock:
            tiles = self._grid.tiles
            self._changed |= numbers
            running = bool(self._running)
            self._running -= numbers
            self._running |= {number for number in numbers if tiles[number].progress.finished_at is None}
            last_ended = running and not self._running
        self._render_soon()
        if len(self._opened) == 1 and self._opened[0] in numbers:
            self.player.show_curves(face_curves(tiles[self._opened[0]]))
        # Measuring the clips may take as long as making them, and a kernel may end meanwhile.
        if last_ended or self._grid.done:
            self._saved.update()

    def _changes(self) -> tuple[list[Tile], GridSummary]:
        """Return the tiles that changed since the last call, and the summary of all."""
        with self._lock:
            changed, self._changed = self._changed, set()
        tiles = self._grid.tiles
        summary = grid_summary(
            tiles,
            over=self._grid.done,
            stopped=self._stopped,
            resumable=self._grid.resumable,
            cancels=self._grid.cancels,
        )
        return [tiles[number] for number in changed], replace(summary, opened=self._opened, **clip_properties(tiles))

    def enlarge(self, number: int) -> None:
        """Play the clip of a tile in the player."""
        clip, name = self._clip(number)
        play_clip(self.player, clip, name, focus=True, curves=face_curves(self._grid.tiles[number]))
        self._open(number)

    def compare(self, one: int, other: int) -> None:
        """Play the clips of two tiles in the player, one wiped over the other."""
        first, second = self._clip(one)[0], self._clip(other)[0]
        name, beside = names_apart(self._grid.axes, self._grid[one], self._grid[other])
        compare_clips(self.player, first, name, second, beside, focus=True)
        self._open(one, other)

    def _clip(self, number: int) -> tuple[Clip, str]:
        """Return the clip of a tile, and the tile's name."""
        tile = self._grid.tiles[number]
        if tile.clip is None:
            raise InvalidRequest(f"{tile_name(self._grid.axes, tile)} has no clip yet.")
        return tile.clip, tile_name(self._grid.axes, tile)

    def _open(self, *numbers: int) -> None:
        """Mark the tiles that the player shows; none once it is closed."""
        self._opened = numbers
        self.tiles.send_changes()

    def retry(self, number: int) -> None:
        """Send the job of a failed tile once more."""
        self._stopped = False
        self._grid.retry(number)

    def resume(self) -> None:
        """Send the jobs that were not sent, within what is left of the budget."""
        self._stopped = False
        self._grid.resume()

    def stop(self) -> None:
        """Send no more jobs; those that were sent are watched to their end."""
        self._stopped = True
        self._grid.stop()
        self.tiles.send_changes()
