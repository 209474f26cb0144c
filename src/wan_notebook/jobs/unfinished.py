"""Runs and sweeps that nobody waited for: whoever ends Python meanwhile is told so.

A script, and a notebook that a program executes from end to end, may end with `grid = plan.run()`, which shows nothing.
"""

from __future__ import annotations

import atexit
import os
import sys
from concurrent.futures import Future
from typing import Any

_watched: set[Future[Any]] = set()
"""What is under way in this process."""


def watch(future: Future[Any]) -> None:
    """Tell of this work where Python ends before it."""
    _watched.add(future)
    future.add_done_callback(_watched.discard)


@atexit.register
def _tell() -> None:
    # Of a kernel the front end no longer hears; what it writes here reaches the terminal of who started it.
    if _watched and sys.__stderr__:
        sys.__stderr__.write(
            "wan_notebook: Python ended while something was being made. Add .result() to wait for it. Previews ended "
            "with it; paid jobs that were sent go on, and wan.history() finds them.\n"
        )


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_watched.clear)
