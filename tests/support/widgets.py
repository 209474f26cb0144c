"""The browser's side of a widget, without a browser."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

from wan_notebook.widgets.frontend import Part


def send_from_browser(target: Any, message: Any, buffers: Iterable[memoryview] = ()) -> None:
    """Hand a widget, or a part of one, a message of its JavaScript, with the bytes that come along."""
    if isinstance(target, Part):
        target.receive(message, list(buffers))
    else:
        content = {"content": {"data": {"method": "custom", "content": message}}, "buffers": list(buffers)}
        target.comm.handle_msg(content)


def wait_until(widget: Any, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Wait for a state of a widget, or of a part of one, and return it."""
    reached = threading.Event()
    widget.observe(lambda change: reached.set() if condition(change.new) else None, "state")
    if not condition(widget.state):
        assert reached.wait(30)
    return dict(widget.state)


def until(part: Part[Any], reached: Callable[[Any], bool]) -> Any:
    """Wait until what a part shows is as it shall be, and return it."""
    there = threading.Event()
    part.observe(lambda _change: reached(part.shown) and there.set(), "state")
    assert reached(part.shown) or there.wait(60), part.shown
    return part.shown
