"""One call that waits: two inputs in, a bar while it takes its time, a clip out."""

from __future__ import annotations

import queue
import sys
from typing import Any

from ..signature import takes_the_same
from .clip import Clip
from .progress import Progress
from .run import Run, submit

_LOOK_AGAIN = 0.2
"""Seconds between two looks at the clock of a terminal's bar."""


@takes_the_same(submit)
def animate(image: Any, video: Any, **how: Any) -> Clip:
    """Animate a character, wait for it, and return the clip; a bar tells how far it is.

    The interrupt button stops the waiting; the job goes on, and wan_notebook.history() finds it again. A preview is
    made inside this process, and ends with it.

    Args:
        image: the character, as for submit().
        video: the reference whose motion is taken, as for submit().
        how: service, again and the settings, as for submit().

    Raises:
        WanError: as for submit() and Run.result().
    """
    run = submit(image, video, **how)
    (_show_widget if _in_notebook() else _show_bar)(run)
    return run.result()


def _in_notebook() -> bool:
    """Whether widgets can be shown; a kernel has them, a terminal has not."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return hasattr(shell, "kernel")


def _show_widget(run: Run) -> None:
    from IPython.display import display

    from ..run_widget import RunBar

    display(RunBar(run))


def _show_bar(run: Run) -> None:
    """Draw in the thread that waits: the background never writes to a terminal."""
    from tqdm import tqdm

    said: queue.SimpleQueue[Progress] = queue.SimpleQueue()
    run.observe(said.put)
    with tqdm(total=1.0, unit="", bar_format="{desc:<12}|{bar}| {percentage:3.0f}% {elapsed}  {unit}") as bar:
        try:
            while not run.done or not said.empty():
                _draw(bar, said)
        except KeyboardInterrupt:
            raise run.interrupt() from None


def _draw(bar: Any, said: queue.SimpleQueue[Progress]) -> None:
    try:
        progress = said.get(timeout=_LOOK_AGAIN)
    except queue.Empty:
        bar.refresh()
        return
    bar.n = bar.n if progress.fraction is None else progress.fraction
    bar.unit = progress.time_left
    bar.set_description_str(progress.phase.value)
