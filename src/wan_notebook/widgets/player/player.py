"""The player of a finished clip: alone, beside what it was made from, or wiped over its reference."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from ..bundle import script, style
from ..delivery import Delivery
from ..frontend import Buffers, FrontEnd, Handler

Look = Literal["result", "reference", "character", "wipe"]

Label = Mapping[str, Any]
"""By what a browser asks for bytes; see delivery."""

NOTHING: dict[str, Any] = {"result": None, "reference": None, "character": None, "trouble": ""}


def state_of(
    title: str,
    result: Label,
    *,
    fps: float,
    sound: bool,
    reference: Label | None = None,
    character: Label | None = None,
    facts: Sequence[str] = (),
    called: str = "result",
    beside: str = "reference",
    look: Look | None = None,
    path: str = "",
    closable: bool = False,
    focus: bool = False,
) -> dict[str, Any]:
    """Return what the player's browser half draws; see Player.play."""
    return {
        "title": title,
        "facts": list(facts),
        "called": called,
        "beside": beside,
        "look": look,
        "focus": focus,
        "closable": closable,
        "path": path,
        "fps": fps,
        "sound": sound,
        "result": result,
        "reference": reference,
        "character": character,
        "trouble": "",
    }


class Player(FrontEnd):
    """Plays a clip; nothing of it is stored in the notebook, and a page that is loaded anew plays it again.

    Args:
        on_close: called when the person has seen enough; without it, there is nothing to close.
    """

    _esm = script("player/player.js")
    _css = style("player/player.css")

    def __init__(self, on_close: Callable[[], None] | None = None) -> None:
        super().__init__()
        self._on_close = on_close
        self._delivery = Delivery()
        self.clear()

    def play(
        self,
        result: Path,
        reference: Path | None = None,
        character: Path | None = None,
        title: str = "",
        facts: Sequence[str] = (),
        called: str = "result",
        beside: str = "reference",
        look: Look | None = None,
        *,
        focus: bool = False,
    ) -> None:
        """Show a clip from its beginning.

        Args:
            result: the clip.
            reference: the video whose motion it has, to be compared with.
            character: the picture of the one who moves in it, to be compared with.
            title: what it is called; the file's name by default.
            facts: how it was made, a few words each.
            called: what the clip is called on the screen, where it is one of two, as "job 4".
            beside: what the reference is called where it is not one, as "job 3".
            look: the way of looking at first; the person's own choice before by default.
            focus: whether the keyboard's focus goes to the clip, where the person was in the box around the player.

        Raises:
            MediaError: one of the files cannot be read.
        """
        from ...video import probe

        info = probe(result)
        with self._lock:
            self._delivery.withdraw()
            self.state = state_of(
                title or result.name,
                self._delivery.offer(result),
                fps=info.fps,
                sound=info.has_audio,
                reference=self._delivery.offer(reference) if reference else None,
                character=self._delivery.offer(character) if character else None,
                facts=facts,
                called=called,
                beside=beside,
                look=look,
                path=str(result),
                closable=self._on_close is not None,
                focus=focus,
            )

    def clear(self) -> None:
        """Show no clip."""
        with self._lock:
            self._delivery.withdraw()
            self.state = NOTHING

    def _handlers(self) -> Mapping[str, Handler]:
        return {"want": self._deliver, "close": self._close}

    def _close(self, _message: Mapping[str, Any], _buffers: Buffers) -> None:
        self.clear()
        if self._on_close is not None:
            self._on_close()

    def _deliver(self, message: Mapping[str, Any], _buffers: Buffers) -> None:
        self.send(*self._delivery.answer(message))

    def _show_failure(self, message: str) -> None:
        with self._lock:
            self.state = {**self.state, "trouble": message}
