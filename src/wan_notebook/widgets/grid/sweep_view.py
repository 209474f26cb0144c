"""A sweep on screen: its grid of tiles, and the player of the one or the two that are looked at closely."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import ipywidgets

from ...errors import InvalidRequest
from ...jobs.clip import Clip
from ...model.formatting import settings_text
from ...runtime.throttle import Throttle
from ..player.player import Player
from .grid import TileGrid
from .tile_text import MEASURES, clips_are, direction_of, head_of, name_of, shown_of
from .tile_updates import Head, Shown

if TYPE_CHECKING:
    from ...sweeps.grid import Grid
    from ...sweeps.tile import Tile

_INTERVAL = 0.25
"""Seconds between two pieces of news: four of them a second, however many tiles there are."""


class Showing(ipywidgets.VBox):  # type: ignore[misc]
    """Draws a sweep, and hands it what a person wants done.

    Args:
        grid: the sweep; where its tiles are shown in several cells, all stay in step.
    """

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self._lock = threading.Lock()
        self._changed = {tile.number for tile in grid.tiles}
        self._stopped = False
        self._opened: tuple[int, ...] = ()
        self._clips_are: Mapping[str, Any] = {}
        self._player = Player(on_close=self._close)
        self._tiles = TileGrid(
            [direction_of(axis) for axis in grid.axes],
            {tile.number: tile.cell.place for tile in grid.tiles},
            MEASURES,
            self._look,
            on_enlarge=self._enlarge,
            on_compare=self._compare,
            on_retry=self._retry,
            on_stop=self._stop,
        )
        super().__init__([self._tiles, self._player])
        self.add_class("wan-sweep")
        self._render_soon = Throttle(self.render, _INTERVAL)
        grid.observe(self._note)

    def render(self) -> None:
        """Show what has changed."""
        self._tiles.render()

    def _look(self) -> tuple[list[Shown], Head]:
        with self._lock:
            changed, self._changed = self._changed, set()
        tiles = self._grid.tiles
        return [shown_of(tiles[number]) for number in changed], self._head(tiles)

    def _note(self, numbers: frozenset[int]) -> None:
        with self._lock:
            self._changed |= numbers
        self._render_soon()

    def _head(self, tiles: Sequence[Tile]) -> Head:
        if not self._clips_are:
            self._clips_are = clips_are(tiles)
        head = head_of(tiles, over=self._grid.done, stopped=self._stopped)
        return replace(head, opened=self._opened, **self._clips_are)

    def _enlarge(self, number: int) -> None:
        clip, name = self._clip(number)
        self._player.play(
            clip.path,
            reference=clip.reference,
            character=clip.character,
            title=name,
            facts=settings_text(clip.settings),
            focus=True,
        )
        self._open(number)

    def _compare(self, one: int, other: int) -> None:
        (first, name), (second, beside) = self._clip(one), self._clip(other)
        title = f"{name}, with {beside} beside it"
        self._player.play(first.path, second.path, title=title, called=name, beside=beside, look="wipe", focus=True)
        self._open(one, other)

    def _clip(self, number: int) -> tuple[Clip, str]:
        tile = self._grid.tiles[number]
        if tile.clip is None:
            raise InvalidRequest(f"{name_of(self._grid.axes, tile)} has no clip yet.")
        return tile.clip, name_of(self._grid.axes, tile)

    def _close(self) -> None:
        self._open()

    def _open(self, *numbers: int) -> None:
        self._opened = numbers
        self.render()

    def _retry(self, number: int) -> None:
        self._stopped = False
        self._grid.retry(number)

    def _stop(self) -> None:
        self._stopped = True
        self._grid.stop()
        self.render()
