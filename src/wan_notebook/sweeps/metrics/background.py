"""Measuring in the background, by workers; the same files once."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...faces.weights import models_for_worker, use_models
from ...model.job import Job
from ...runtime import daemon_threads
from ...runtime.event_loop import in_daemon_thread
from ...runtime.task import Message, Task, Workers
from .definitions import Metrics
from .kept import keep, kept_file, kept_metrics
from .measure import job_metrics, measure

_FILES = ("clip", "reference", "character")
"""The files that a clip is measured with, by their names in a task; only the first is always there."""


async def measure_in_background(
    workers: Workers,
    clip: Path,
    reference: Path | None = None,
    character: Path | None = None,
    job: Job | None = None,
    *,
    on_progress: Callable[[str], None] = lambda _words: None,
) -> Metrics:
    """Measure a clip, unless the same files were measured before.

    Args:
        workers: measure it.
        clip: and the others as for measure().
        reference: likewise.
        character: likewise.
        job: likewise.
        on_progress: is called on this loop with a few words where the face models are fetched first.

    Raises:
        MediaError: a file cannot be read.
        WanError: the clip cannot be measured, or the process died twice.
    """
    models = await models_for_worker(on_progress)

    def measured_before() -> tuple[Path | None, Metrics | None]:
        file = kept_file(clip, reference, character)
        return file, kept_metrics(file)

    file, measured = await in_daemon_thread(measured_before, daemon_threads.read)
    if measured is None:
        inputs = dict(zip(_FILES, (clip, reference, character), strict=True))
        task = Task(
            f"{__name__}:{measure_task.__name__}",
            {"models_missing": models.missing},
            inputs={"models": models.files, **{name: path.absolute() for name, path in inputs.items() if path}},
            subject="The process that measures clips",
            urgency=-1,
        )
        measured = Metrics.from_json(await workers.run(task))
        await in_daemon_thread(lambda: keep(measured, file), daemon_threads.read)
    return dataclasses.replace(measured, **job_metrics(job))


def measure_task(task: Message, _send: Callable[..., None], _cancelled: Callable[[], bool]) -> dict[str, Any]:
    """Measure the clip of a task, in the worker."""
    use_models(task["models"], task["models_missing"])
    clip, reference, character = (task[name] and Path(task[name]) if name in task else None for name in _FILES)
    assert clip is not None
    return dataclasses.asdict(measure(clip, reference, character))
