"""One call that waits: two inputs in, a bar while it takes its time, a clip out."""

from __future__ import annotations

import queue
import sys
from typing import TYPE_CHECKING, Any

from ..client.service import Service
from ..model.job import Settings, named_settings
from .clip import Clip
from .order import Points, PreparationLike
from .progress import Progress
from .run import Run, submit

if TYPE_CHECKING:
    from typing_extensions import Unpack

_REFRESH = 0.2
"""Seconds between two refreshes of a terminal's bar, whose clock goes on."""


@named_settings(Settings, like=submit)
def animate(
    image: Any,
    video: Any,
    *,
    service: Service | None = None,
    again: bool = False,
    budget: float | None = None,
    prepare_video: PreparationLike = None,
    prepare_image: PreparationLike = None,
    points: Points | None = None,
    checks: bool = True,
    **settings: Unpack[Settings],
) -> Clip:
    """Animate a character, wait for it, and return the clip; a bar shows the progress.

    The interrupt button stops the waiting; the job goes on, and wan_notebook.history() finds it again. A preview is
    made inside this process, and ends with it.

    Args:
        image: the character, as for submit(); so for all other arguments.
        video: the reference whose motion is taken.
        service: where to.
        again: buy the job anew even where the same one is finished or under way.
        budget: dollars that the job may cost at most.
        prepare_video: how the reference is made ready first, as dict(end=5, fps=16).
        prepare_image: how the picture is.
        points: left eye, right eye and mouth of the character, for the preview.
        checks: print the notices about the inputs before a service is paid.
        settings: fields of Request by name: model, resolution, num_inference_steps, shift, …

    Raises:
        WanError: as for submit() and Run.result().
    """
    run = submit(
        image,
        video,
        service=service,
        again=again,
        budget=budget,
        prepare_video=prepare_video,
        prepare_image=prepare_image,
        points=points,
        checks=checks,
        **settings,
    )
    if in_notebook():
        from ..widgets.display.run import show_bar

        show_bar(run)
    else:
        show_terminal_bar(run)
    return run.result()


def in_notebook() -> bool:
    """Whether widgets can be shown; a kernel has them, a terminal has not."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return hasattr(shell, "kernel")


def show_terminal_bar(run: Run) -> None:
    """Draw a run's progress in a terminal until it ends, in the thread that waits: the background never writes there.

    Raises:
        KeyboardInterrupt: the wait was interrupted; the message says that the job goes on.
    """
    from tqdm import tqdm

    changes: queue.SimpleQueue[Progress] = queue.SimpleQueue()
    run.observe(changes.put)
    with tqdm(total=1.0, unit="", bar_format="{desc:<12}|{bar}| {percentage:3.0f}% {elapsed}  {unit}") as bar:
        try:
            while not run.done or not changes.empty():
                _draw(bar, changes)
        except KeyboardInterrupt:
            raise run.interrupted() from None


def _draw(bar: Any, changes: queue.SimpleQueue[Progress]) -> None:
    try:
        progress = changes.get(timeout=_REFRESH)
    except queue.Empty:
        bar.refresh()
        return
    bar.n = bar.n if progress.fraction is None else progress.fraction
    # What a service writes could move the cursor.
    message = "".join(character if character.isprintable() else " " for character in progress.message)
    bar.unit = "  ".join(filter(None, (progress.time_left, message)))
    bar.set_description_str(progress.phase.value)
