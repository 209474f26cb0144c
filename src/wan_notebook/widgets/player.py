"""The player of a finished clip: alone, beside what it was made from, or wiped over its reference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .delivery import Delivery
from .front_end import Buffers, FrontEnd, Handler, script, style

_NOTHING: dict[str, Any] = {"result": None, "reference": None, "character": None, "trouble": ""}


class Player(FrontEnd):
    """Plays a clip; nothing of it is stored in the notebook, and a page that is loaded anew plays it again."""

    _esm = script("player.js")
    _css = style("player.css")

    def __init__(self) -> None:
        super().__init__()
        self._delivery = Delivery()
        self.clear()

    def play(
        self,
        result: Path,
        reference: Path | None = None,
        character: Path | None = None,
        title: str = "",
        facts: Sequence[str] = (),
        beside: str = "reference",
    ) -> None:
        """Show a clip from its beginning.

        Args:
            result: the clip.
            reference: the video whose motion it has, to be compared with.
            character: the picture of the one who moves in it, to be compared with.
            title: what it is called; the file's name by default.
            facts: how it was made, a few words each.
            beside: what the reference is called where it is not one, as "job 3".

        Raises:
            MediaError: one of the files cannot be read.
        """
        from ..video import probe

        info = probe(result)
        with self._lock:
            self._delivery.withdraw()
            self.state = {
                "title": title or result.name,
                "facts": list(facts),
                "beside": beside,
                "path": str(result),
                "fps": info.fps,
                "sound": info.has_audio,
                "result": self._delivery.offer(result),
                "reference": self._delivery.offer(reference) if reference else None,
                "character": self._delivery.offer(character) if character else None,
                "trouble": "",
            }

    def clear(self) -> None:
        """Show no clip."""
        with self._lock:
            self._delivery.withdraw()
            self.state = _NOTHING

    def _handlers(self) -> Mapping[str, Handler]:
        return {"want": self._deliver}

    def _deliver(self, message: Mapping[str, Any], _buffers: Buffers) -> None:
        self.send(*self._delivery.answer(message))

    def _show_failure(self, message: str) -> None:
        with self._lock:
            self.state = {**self.state, "trouble": message}
