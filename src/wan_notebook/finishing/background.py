"""Finishing and labelling clips in the background, by a worker."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import WanError
from ..runtime.data_dir import atomic_write
from ..runtime.task import Message, Task, Workers

if TYPE_CHECKING:
    from .finish import Finish, Finished


async def finish_in_background(
    workers: Workers,
    clip: Path,
    target: Path,
    wanted: Finish,
    on_progress: Callable[[float, str], None] = lambda _share, _what: None,
) -> Finished:
    """Finish a clip; cancelled, it leaves no file.

    Args:
        workers: do it.
        clip: and the others as for finish().
        target: likewise.
        wanted: likewise.
        on_progress: is called on this loop.

    Raises:
        WanError: as finish() does, or the process died twice.
    """
    from .finish import Finished

    report = await _new_clip(workers, finish_task, dataclasses.asdict(wanted), clip, target, on_progress)
    return Finished(**report)


async def label_in_background(
    workers: Workers,
    clip: Path,
    target: Path,
    on_progress: Callable[[float, str], None] = lambda _share, _what: None,
) -> None:
    """Write a copy of a clip whose frames bear the mark; arguments and errors as for finish_in_background()."""
    await _new_clip(workers, label_task, {}, clip, target, on_progress)


async def _new_clip(
    workers: Workers,
    function: Callable[..., dict[str, Any]],
    fields: dict[str, Any],
    clip: Path,
    target: Path,
    on_progress: Callable[[float, str], None],
) -> dict[str, Any]:
    def on_message(message: Message) -> None:
        if "progress" in message:
            on_progress(message["progress"], message["message"])

    # The half-written file is this process's, which removes it however the other one ends.
    with atomic_write(target) as partial:
        task = Task(
            f"{__name__}:{function.__name__}",
            fields,
            inputs={"clip": clip},
            outputs={"target": partial},
            subject="The process that finishes clips",
        )
        return dict(await workers.run(task, on_message))


def finish_task(task: Message, send: Callable[..., None], cancelled: Callable[[], bool]) -> dict[str, Any]:
    """Finish the clip of a task, in the worker; its result has the fields of Finished."""
    try:
        import cv2

        from .finish import Finish, finish
    except ImportError as error:
        raise WanError(
            f"Finishing a clip needs {error.name}. Install it with: pip install 'wan-notebook[preview]'"
        ) from None
    # Pictures are made side by side already; more threads for each would only wait for one another.
    cv2.setNumThreads(1)
    finished = finish(
        Path(task["clip"]),
        Path(task["target"]),
        Finish.from_json(task),
        lambda share, what: send(progress=share, message=what),
        cancelled,
    )
    return dataclasses.asdict(finished)


def label_task(task: Message, send: Callable[..., None], cancelled: Callable[[], bool]) -> dict[str, Any]:
    """Label the clip of a task, in the worker; its result is empty."""
    from .label import label

    label(
        Path(task["clip"]),
        Path(task["target"]),
        lambda share, what: send(progress=share, message=what),
        cancelled,
    )
    return {}
