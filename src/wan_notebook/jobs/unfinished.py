"""Runs and sweeps that nobody waited for: whoever ends Python meanwhile is told so.

A script, and a notebook that a program executes from end to end, may end with `grid = plan.run()`, which shows nothing.
"""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

_watched: dict[Future[Any], Callable[[], bool]] = {}
"""What is under way in this process, and whether anybody would miss it by now."""


def watch(future: Future[Any], missed: Callable[[], bool] = lambda: True) -> None:
    """Tell of this work where Python ends before it.

    Args:
        future: of the work.
        missed: returns whether more would be lost than is made again by itself.
    """
    _watched[future] = missed
    future.add_done_callback(_watched.pop)


@atexit.register
def _tell() -> None:
    # Who waited for a future goes on before its callbacks are called.
    missed = any(not future.done() and missed() for future, missed in list(_watched.items()))
    # Of a kernel the front end no longer hears; what it writes here reaches the terminal of who started it.
    if missed and sys.__stderr__:
        sys.__stderr__.write(
            "wan_notebook: Python ended while something was being made. Add .result() to wait for it. Previews ended "
            "with it; paid jobs that were sent go on, and wan.history() finds them.\n"
        )


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_watched.clear)
