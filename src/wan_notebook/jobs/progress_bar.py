"""A bar of work on this machine, which is no job: in a cell or in a terminal."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TypeAlias

OnProgress: TypeAlias = Callable[[float, str], None]
"""Takes the share of the work that is done, 0 to 1, and what is being done in a few words."""

_PATIENCE, _REFRESH = 1.0, 0.2
"""Seconds before a bar is worth showing, and between two refreshes of one."""


@contextmanager
def progress_bar() -> Iterator[OnProgress]:
    """Show a bar where this runs, and yield what draws it."""
    from .animate import in_notebook

    if in_notebook():
        from ..widgets.display.run import work_bar

        with work_bar() as draw:
            yield draw
        return
    from tqdm import tqdm

    with tqdm(total=1.0, unit="", bar_format="{desc:<24}|{bar}| {percentage:3.0f}% {elapsed}") as bar:

        def draw_text(share: float, what: str) -> None:
            bar.n = share
            bar.set_description_str(what)

        yield draw_text
        draw_text(1.0, "Finished")


@contextmanager
def patient_bar() -> Iterator[OnProgress]:
    """Yield what draws a bar once the work has taken a second, a few times a second: short work needs none."""
    with ExitStack() as stack:
        due, bar = time.monotonic() + _PATIENCE, None

        def draw(share: float, what: str) -> None:
            nonlocal due, bar
            if time.monotonic() >= due:
                bar = bar or stack.enter_context(progress_bar())
                bar(share, what)
                due = time.monotonic() + _REFRESH

        yield draw
