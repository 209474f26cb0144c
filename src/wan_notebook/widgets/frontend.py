"""The seam between Python and the browser: one state goes out whole, a person's wishes come back by name."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import anywidget
import traitlets

from ..errors import WanError, defect

Buffers = Sequence[Any]
Handler = Callable[[Mapping[str, Any], Buffers], None]

_log = logging.getLogger("wan_notebook")


def chunk_size() -> int:
    """Return how many bytes one message may carry: Colab's channel takes less than others."""
    return 512 * 1024 if "google.colab" in sys.modules else 1024 * 1024


class FrontEnd(anywidget.AnyWidget):  # type: ignore[misc]  # anywidget has no types to go by
    """A widget which the browser draws from `state` alone.

    Args:
        state: what the browser is given first, where it cannot begin with nothing.
    """

    state = traitlets.Dict().tag(sync=True)
    """What is shown, replaced whole; only Python writes it."""

    def __init__(self, state: Mapping[str, Any] | None = None) -> None:
        super().__init__(state=dict(state or {}))
        self._lock = threading.RLock()
        self.on_msg(self._receive)

    def resend(self) -> None:
        """Send the state once more, for front ends that lost an update."""
        self.send_state("state")

    def _handlers(self) -> Mapping[str, Handler]:
        """What is done about each type of message."""
        raise NotImplementedError

    def _show_failure(self, message: str) -> None:
        """Tell the person, where they look, that what they asked for failed."""
        raise NotImplementedError

    def _receive(self, _widget: Any, message: Any, buffers: Buffers) -> None:
        handler = self._handlers().get(message.get("type", "")) if isinstance(message, dict) else None
        if handler is None:
            return
        try:
            handler(message, buffers)
        except WanError as error:
            self._show_failure(str(error))
        except Exception as error:  # noqa: BLE001 – front ends swallow what a callback raises: here it is shown, and logged
            _log.exception("a message of %s could not be handled", type(self).__name__)
            self._show_failure(defect(error))


def view_of(widget: Any) -> dict[str, Any]:
    """Return what a notebook's output holds for a widget to be shown there."""
    return {
        "application/vnd.jupyter.widget-view+json": {
            "version_major": 2,
            "version_minor": 0,
            "model_id": widget.model_id,
        }
    }


def resend_all(box: Any) -> None:
    """Send once more what is shown by every widget of ours in a box, however deep it lies there."""
    if isinstance(box, FrontEnd):
        box.resend()
    for child in getattr(box, "children", ()):
        resend_all(child)
