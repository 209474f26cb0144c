"""The grid of many clips, row by column: how far each of them is, and all that are there playing in step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ..bundle import script, style
from ..frontend import Buffers, FrontEnd, Handler
from .tile_updates import Direction, GridNews, Head, Measure, Shown


class TileGrid(FrontEnd):
    """Tiles by their place on the axes.

    The state holds what never changes, and the tiles as they were at first. What changes later goes out as news of
    those tiles alone, each with a version; a browser that missed some, or was loaded anew, asks for what is newer.

    Args:
        axes: one direction for each axis.
        places: of each tile, by its number: where it stands on each axis, counted from 0.
        measures: the numbers which tiles may have.
        look: returns the tiles which have changed since it was called last (all at first), and what is said of all;
            it is called when there may be news, and when a browser asks.
        on_enlarge: called with the number of a tile whose clip is to be seen large.
        on_compare: called with the numbers of two tiles.
        on_retry: called with the number of a tile that failed.
        on_stop: called when nothing more is to be sent.
    """

    _esm = script("grid/grid.js")
    _css = style("grid/grid.css")

    def __init__(
        self,
        axes: Sequence[Direction],
        places: Mapping[int, Sequence[int]],
        measures: Sequence[Measure],
        look: Callable[[], tuple[Iterable[Shown], Head]],
        *,
        on_enlarge: Callable[[int], None],
        on_compare: Callable[[int, int], None],
        on_retry: Callable[[int], None],
        on_stop: Callable[[], None],
    ) -> None:
        self._news = GridNews(axes, places, measures)
        self._look = look
        self._news.take(*look())
        super().__init__(self._news.state())
        self._on_enlarge, self._on_compare, self._on_retry, self._on_stop = on_enlarge, on_compare, on_retry, on_stop

    def render(self) -> None:
        """Show what has changed; what is the same is not sent again."""
        with self._lock:
            before = self._news.version
            if self._news.take(*self._look()):
                self.send(self._news.since(before))

    def resend(self) -> None:
        """Send all tiles once more."""
        self._tell(0)

    def _tell(self, since: int) -> None:
        with self._lock:
            self._news.take(*self._look())
            self.send(self._news.since(since))

    def _handlers(self) -> Mapping[str, Handler]:
        return {
            "ask": lambda message, _buffers: self._tell(int(message["since"])),
            "want": self._deliver,
            "enlarge": self._doing(lambda message: self._on_enlarge(int(message["number"]))),
            "compare": self._doing(lambda message: self._on_compare(*map(int, message["numbers"]))),
            "retry": self._doing(lambda message: self._on_retry(int(message["number"]))),
            "stop": self._doing(lambda _message: self._on_stop()),
        }

    def _doing(self, deed: Callable[[Mapping[str, Any]], None]) -> Handler:
        """A deed takes away what was said of the one before; it is answered, since some browsers hear answers alone."""

        def handle(message: Mapping[str, Any], _buffers: Buffers) -> None:
            self._news.trouble = ""
            deed(message)
            self._tell(int(message["since"]))

        return handle

    def _deliver(self, message: Mapping[str, Any], _buffers: Buffers) -> None:
        self.send(*self._news.delivery.answer(message))

    def _show_failure(self, message: str) -> None:
        self._news.trouble = message
        self.resend()
