"""The browser's side of a widget, without a browser."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wan_notebook.widgets.frontend import Part


def send_from_browser(target: Any, message: Any, buffers: Iterable[memoryview] = ()) -> None:
    """Hand a widget, or a part of one, a message of its JavaScript, with the bytes that come along."""
    if isinstance(target, Part):
        target.receive(message, list(buffers))
    else:
        content = {"content": {"data": {"method": "custom", "content": message}}, "buffers": list(buffers)}
        target.comm.handle_msg(content)
