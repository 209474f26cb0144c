"""The connection to the browser: a widget's state goes out whole, and a person's actions come back as messages."""

from __future__ import annotations

import asyncio
import logging
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import anywidget
import traitlets

from ..errors import WanError, defect
from ..runtime import event_loop

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

S = TypeVar("S", bound="DataclassInstance")

Handler = Callable[[Mapping[str, Any]], object]
"""The action for a browser's message: its fields by name, and under "buffers" the bytes that came with it."""

_log = logging.getLogger("wan_notebook")


CHUNK_SIZE = 256 * 1024
"""Bytes that one message carries: some proxies, and Colab's channel, take 512 kB and no more, and text that carries
bytes is a third longer than they are."""


def browser_value(value: Any) -> Any:
    """Return a state as the browser reads it: dataclasses as objects by the names of their fields, tuples as lists."""
    if is_dataclass(value):
        return {field.name: browser_value(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {key: browser_value(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [browser_value(inner) for inner in value]
    # Bytes of a file's name that are no UTF-8 cannot be sent.
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if isinstance(value, str) else value


def report_errors(work: Callable[[], object], show: Callable[[str], None]) -> None:
    """Do some work, and show its failure as one sentence; front ends swallow what a callback raises.

    Args:
        work: called once, without arguments.
        show: called with the message of an error; a defect of ours is logged as well.
    """
    try:
        work()
    except WanError as error:
        show(str(error))
    except Exception as error:  # noqa: BLE001 - shown to the person, and logged: nobody else would hear of it
        _log.exception("an action in the notebook failed")
        show(defect(error))


def in_background(work: Callable[[], object], show: Callable[[str], None]) -> None:
    """Do work that may take time in a thread of its own, so that the kernel stays free; see report_errors."""
    event_loop.start(asyncio.to_thread(report_errors, work, show))


class StateWidget(anywidget.AnyWidget, Generic[S]):  # type: ignore[misc]  # anywidget has no types to go by
    """A widget that the browser draws from one state alone.

    The state is a frozen dataclass. It is the contract with the widget's JavaScript, which reads its fields by name.

    Args:
        shown: the state to begin with.
        handlers: the actions for the browser's messages, by the message's type; other messages are ignored.
    """

    state = traitlets.Dict().tag(sync=True)
    """The shown state as the browser reads it, replaced whole; only Python writes it."""
    widget_id = traitlets.Unicode().tag(sync=True)
    """The id of the model, by which the browser side finds what it cannot ask of the model itself."""

    def __init__(self, shown: S, handlers: Mapping[str, Handler]) -> None:
        own = uuid.uuid4().hex
        super().__init__(state=browser_value(shown), widget_id=own, model_id=own)
        self.shown = shown
        self.handlers = handlers
        self._lock = threading.RLock()
        self.on_msg(self._receive)

    def render(self, shown: S) -> None:
        """Show a state in place of the one before."""
        with self._lock:
            self.shown = shown
            self.state = browser_value(shown)

    def update(self, **changes: Any) -> None:
        """Change some fields of the state, by their names."""
        with self._lock:
            self.render(replace(self.shown, **changes))

    def fail(self, message: str) -> None:
        """Show why the person's last action failed, in the widget where it was done."""
        self.update(trouble=message)

    def resend(self) -> None:
        """Send the state once more, for front ends that lost an update."""
        self.send_state("state")

    def _receive(self, _widget: Any, message: Any, buffers: Sequence[Any]) -> None:
        handler = self.handlers.get(message.get("type", "")) if isinstance(message, dict) else None
        if handler is not None:
            report_errors(partial(handler, {**message, "buffers": buffers}), self.fail)


def resend_all(box: Any) -> None:
    """Send the state of every widget of ours in a box once more, however deep it lies there."""
    if isinstance(box, StateWidget):
        box.resend()
    for child in getattr(box, "children", ()):
        resend_all(child)
