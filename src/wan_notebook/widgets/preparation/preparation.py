"""The form of what is done to a reference before it is sent, with what that saves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..bundle import script, style
from ..frontend import Buffers, FrontEnd, Handler


class PrepareForm(FrontEnd):
    """Trim, re-time, scale, fit, sound: a few words and numbers, and a line on what they save.

    Args:
        on_set: called with the name of what was changed and its value.
        on_reset: called when the reference is to go as it is.
    """

    _esm = script("preparation/preparation.js")
    _css = style("preparation/preparation.css")

    def __init__(self, *, on_set: Callable[[str, Any], None], on_reset: Callable[[], None]) -> None:
        super().__init__()
        self._on_set, self._on_reset = on_set, on_reset
        self.state = {"available": False, "values": {}, "duration": 0.0, "saving": "", "trouble": ""}

    def render(self, *, available: bool, values: Mapping[str, Any], duration: float, saving: str) -> None:
        """Show this.

        Args:
            available: whether there is a reference which can be prepared here.
            values: start and end in seconds, fps (None as it is), short_side in pixels (None as it is),
                fit ("", "crop" or "pad") and sound.
            duration: of the reference, in seconds.
            saving: what the preparation saves, in words; empty when nothing is done.
        """
        self.state = {
            "available": available,
            "values": dict(values),
            "duration": duration,
            "saving": saving,
            "trouble": "",
        }

    def _handlers(self) -> Mapping[str, Handler]:
        return {"set": self._set, "reset": lambda _message, _buffers: self._on_reset()}

    def _set(self, message: Mapping[str, Any], _buffers: Buffers) -> None:
        self._on_set(str(message["name"]), message["value"])

    def _show_failure(self, message: str) -> None:
        self.state = {**self.state, "trouble": message}
