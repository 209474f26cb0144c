"""The grid of many clips, row by column: the progress of each, and all that are finished playing in step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Generic

from ..delivery import MediaPart
from ..frontend import Handler, browser_value
from .tile_updates import AxisState, GridState, GridSummary, MeasureState, T, TileState, TileUpdates


class TileGrid(MediaPart[GridState], Generic[T]):
    """Tiles at their positions on the axes.

    The state holds the parts that never change, and the tiles as they were at first. Later changes go out as updates of
    those tiles alone, each with a version; a browser that missed some, or was loaded anew, asks for everything newer.

    Args:
        axes: of the grid, rows first.
        positions: index on each axis, from 0, by the tile's number.
        measures: the metrics that tiles may have.
        changes: returns the tiles that have changed since it was called last (all at first), and the summary of all;
            it is called by send_changes(), and when a browser asks.
        draw: returns the state of a tile; always the same for the same one.
        on_enlarge: called with the number of a tile whose clip is to be played large.
        on_compare: called with the numbers of two tiles.
        on_retry: called with the number of a tile that failed.
        on_stop: called when nothing more is to be sent.
        on_resume: called when all that was not sent is to be sent.
    """

    def __init__(
        self,
        axes: Sequence[AxisState],
        positions: Mapping[int, Sequence[int]],
        measures: Sequence[MeasureState],
        changes: Callable[[], tuple[Iterable[T], GridSummary]],
        draw: Callable[[T], TileState],
        *,
        on_enlarge: Callable[[int], None],
        on_compare: Callable[[int, int], None],
        on_retry: Callable[[int], None],
        on_stop: Callable[[], None],
        on_resume: Callable[[], None],
    ) -> None:
        self._changes = changes
        self._updates = TileUpdates(axes, positions, measures, draw)
        self._updates.update(*changes())
        super().__init__(
            self._updates.state(),
            {
                "ask": lambda message: self.send_since(int(message["since"])),
                "enlarge": self._answered(lambda message: on_enlarge(int(message["number"]))),
                "compare": self._answered(lambda message: on_compare(*map(int, message["numbers"]))),
                "retry": self._answered(lambda message: on_retry(int(message["number"]))),
                "stop": self._answered(lambda _: on_stop()),
                "resume": self._answered(lambda _: on_resume()),
            },
            self._updates.delivery,
        )
        # The browser's copy of it is enough of thousands of tiles that change from now on.
        self.shown = replace(self.shown, positions=(), update=replace(self.shown.update, tiles=()))

    def send_changes(self) -> None:
        """Send the changes since the last update, where there are any."""
        with self._lock:
            before = self._updates.version
            if self._updates.update(*self._changes()):
                self.send(browser_value(self._updates.since(before)))

    def send_since(self, version: int) -> None:
        """Send everything that changed after a version; 0 sends all tiles."""
        with self._lock:
            self._updates.update(*self._changes())
            self.send(browser_value(self._updates.since(version)))

    def refresh(self) -> None:
        """Send all tiles once more, for front ends that lost an update."""
        self.send_since(0)

    def fail(self, message: str) -> None:
        """Show why the person's last action failed, until the next one."""
        self._updates.trouble = message
        self.refresh()

    def _answered(self, action: Handler) -> Handler:
        """Return a handler that does an action and answers with the changes: some browsers get answers alone."""

        def handle(message: Mapping[str, Any]) -> None:
            self._updates.trouble = ""
            action(message)
            self.send_since(int(message["since"]))

        return handle
