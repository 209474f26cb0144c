"""The strip of earlier jobs: a small picture of each clip, what it was made with, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import MediaError
from ...media.thumbnail import video_thumbnail
from ..bundle import script, style
from ..delivery import Delivery
from ..frontend import Buffers, FrontEnd, Handler


@dataclass(frozen=True)
class Card:
    """One job as the strip shows it."""

    number: int
    title: str
    facts: str
    state: str
    clip: Path | None
    """Where it is saved already."""
    running: bool
    """Whether it can be watched."""


class HistoryStrip(FrontEnd):
    """Earlier jobs, newest first.

    Args:
        on_play: called with the number of a job whose clip is to be played.
        on_restore: called with the number of a job whose settings are wanted again.
        on_watch: called with the number of a job that still runs.
        on_compare: called with the numbers of two jobs.
        on_delete: called with the number of a job that is to be forgotten.
    """

    _esm = script("history/history.js")
    _css = style("history/history.css")

    def __init__(
        self,
        *,
        on_play: Callable[[int], None],
        on_restore: Callable[[int], None],
        on_watch: Callable[[int], None],
        on_compare: Callable[[int, int], None],
        on_delete: Callable[[int], None],
    ) -> None:
        super().__init__()
        self._calls = {"play": on_play, "restore": on_restore, "watch": on_watch, "delete": on_delete}
        self._on_compare = on_compare
        self._delivery = Delivery()
        self._cards: tuple[Card, ...] = ()
        self.state = {"jobs": [], "trouble": ""}

    def render(self, cards: Sequence[Card]) -> None:
        """Show these; the same again changes nothing."""
        with self._lock:
            if tuple(cards) == self._cards:
                return
            self._cards = tuple(cards)
            self._delivery.withdraw()
            self.state = {"jobs": [self._shown(card) for card in cards], "trouble": ""}

    def _shown(self, card: Card) -> dict[str, Any]:
        poster = _poster(card.clip)
        return {
            "number": card.number,
            "title": card.title,
            "facts": card.facts,
            "state": card.state,
            "poster": self._delivery.offer(poster) if poster else None,
            "running": card.running,
        }

    def _handlers(self) -> Mapping[str, Handler]:
        return dict.fromkeys(self._calls, self._call) | {"compare": self._compare, "want": self._deliver}

    def _call(self, message: Mapping[str, Any], _buffers: Buffers) -> None:
        self._calls[message["type"]](int(message["number"]))

    def _compare(self, message: Mapping[str, Any], _buffers: Buffers) -> None:
        one, other = message["numbers"]
        self._on_compare(int(one), int(other))

    def _deliver(self, message: Mapping[str, Any], _buffers: Buffers) -> None:
        self.send(*self._delivery.answer(message))

    def _show_failure(self, message: str) -> None:
        with self._lock:
            self.state = {**self.state, "trouble": message}


def _poster(clip: Path | None) -> bytes:
    try:
        return b"" if clip is None else video_thumbnail(clip)
    except MediaError:
        return b""  # one clip that was damaged or removed must not hide the others
