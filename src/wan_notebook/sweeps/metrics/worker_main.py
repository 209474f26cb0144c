"""The program of the process that measures clips, one after another.

A task holds the paths "clip", "reference" and "character" and the "job" as JSON, all but the clip may be null, and the
face "models" as its parent has them; its result is the Metrics as JSON.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ...faces.weights import use_models
from ...model.job import Job
from ...runtime.subprocess_worker import ParentConnection
from .measure import measure_once


def measure_task(task: Mapping[str, Any], _send: Callable[..., None], _cancelled: Callable[[], bool]) -> dict[str, Any]:
    """Measure the clip of one task, unless its numbers are kept already."""
    use_models(task["models"])
    reference, character, job = (task[name] for name in ("reference", "character", "job"))
    measured = measure_once(
        Path(task["clip"]),
        Path(reference) if reference else None,
        Path(character) if character else None,
        Job.model_validate(job) if job else None,
    )
    return dataclasses.asdict(measured)


if __name__ == "__main__":
    ParentConnection().serve(measure_task)
