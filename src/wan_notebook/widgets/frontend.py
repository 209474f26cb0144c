"""The connection to the browser: a state goes out whole, and a person's actions come back as messages."""

from __future__ import annotations

import asyncio
import logging
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

import anywidget
import traitlets

from ..errors import WanError, defect
from ..runtime import event_loop
from .bundle import script_once, style

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


class Part(traitlets.HasTraits, Generic[S]):  # type: ignore[misc]  # traitlets has no types to go by
    """One part of a widget, which the browser draws from one state alone.

    The state is a frozen dataclass. It is the contract with the part's JavaScript, which reads its fields by name.

    Args:
        shown: the state to begin with.
        handlers: the actions for the browser's messages, by the message's type; other messages are ignored.
    """

    state = traitlets.Dict()
    """The shown state as the browser reads it, replaced whole."""

    def __init__(self, shown: S, handlers: Mapping[str, Handler]) -> None:
        super().__init__(state=browser_value(shown))
        self.shown = shown
        self.handlers = handlers
        self._send: Callable[[Mapping[str, Any], Sequence[bytes]], None] = lambda *_: None
        self._lock = threading.RLock()

    def connect(
        self,
        send: Callable[[Mapping[str, Any], Sequence[bytes]], None],
        show: Callable[[Mapping[str, Any]], None],
    ) -> None:
        """Join the part to the widget that holds it.

        Args:
            send: sends the browser a message with some bytes.
            show: sends it a state, where that is another one than before; called now and with each that follows.
        """
        self._send = send
        with self._lock:
            self.observe(lambda change: show(change.new), "state")
            show(self.state)

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
        """Show why the person's last action failed, in the part where it was done."""
        self.update(trouble=message)

    def refresh(self) -> None:
        """Bring up to date what the browser is about to be told once more; a part with more than a state sends that."""

    def send(self, message: Mapping[str, Any], buffers: Sequence[bytes] = ()) -> None:
        """Send the browser a message of this part, with some bytes; where no widget holds the part, nobody hears it."""
        self._send(message, buffers)

    def receive(self, message: Mapping[str, Any], buffers: Sequence[Any] = ()) -> None:
        """Do as a message of the browser asks; a failure is shown in the part."""
        handler = self.handlers.get(message.get("type", ""))
        if handler is not None:
            report_errors(partial(handler, {**message, "buffers": buffers}), self.fail)


class Widget(anywidget.AnyWidget):  # type: ignore[misc]  # as above
    """Parts that are shown together, as one widget of a notebook; each has a state and messages of its own.

    Subclasses name their script and their style sheet, which draw the parts by their names.

    Args:
        parts: by name. The first one tells what goes wrong with the whole.
    """

    _script: ClassVar[str]
    _style: ClassVar[str]
    """The module, and the style sheet, that draw its parts; paths as for bundle.script()."""
    style_sheet = traitlets.Unicode().tag(sync=True)
    """The style sheet, which the browser side adds to the page once: anywidget would write its own `_css` anew for each
    widget, upon which the browser computes all that is shown in its style once more."""
    widget_id = traitlets.Unicode().tag(sync=True)
    """The id of the model, by which the browser side finds what it cannot ask of the model itself."""

    def __init__(self, **parts: Part[Any]) -> None:
        own = uuid.uuid4().hex
        # The method of ipywidgets would announce the traits, for which it is too early.
        traitlets.HasTraits.add_traits(self, **{f"{name}_state": traitlets.Dict().tag(sync=True) for name in parts})
        self._parts = parts
        # Not on the class: traitlets reads all that it has when it is made, and most classes never have a widget.
        self._esm = script_once(self._script)
        states = {f"{name}_state": part.state for name, part in parts.items()}
        super().__init__(**states, style_sheet=style(self._style), widget_id=own, model_id=own)
        for name, part in parts.items():
            part.connect(partial(self._send_of, name), partial(self.set_trait, f"{name}_state"))
        self.on_msg(self._receive)

    def _send_of(self, name: str, message: Mapping[str, Any], buffers: Sequence[bytes]) -> None:
        self.send({"part": name, **message}, list(buffers))

    def answer_beat(self) -> None:
        """Send every part once more: some front ends lose what no browser asked for, so a browser asks."""
        for part in self._parts.values():
            part.refresh()
        # In one message: each one more goes through all layers of a front end.
        self.send_state([f"{name}_state" for name in self._parts])

    def _receive(self, _widget: Any, message: Any, buffers: Sequence[Any]) -> None:
        if not isinstance(message, dict):
            return
        part = self._parts.get(str(message.get("part", "")))
        if part is not None:
            part.receive(message, buffers)
        elif message.get("type") == "beat":
            first = next(iter(self._parts.values()))
            report_errors(self.answer_beat, first.fail)
        elif message.get("type") == "ping":
            self.send({"type": "pong"})
