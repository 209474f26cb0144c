"""The browser's side of a widget, without a browser."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def send_from_browser(widget: Any, message: Any, buffers: Iterable[memoryview] = ()) -> None:
    """Hand a widget a message of its JavaScript, with the bytes that come along."""
    widget.comm.handle_msg({"content": {"data": {"method": "custom", "content": message}}, "buffers": list(buffers)})
