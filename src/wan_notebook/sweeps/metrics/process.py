"""Measuring in a process of its own, one for this whole notebook."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...faces.weights import models_for_worker
from ...model.job import Job
from ...runtime.shared_worker import SharedWorker
from .definitions import Metrics


class Measurer(SharedWorker):
    """Measures clips in another process, one after another; it belongs to one event loop."""

    def __init__(self) -> None:
        super().__init__("The process that measures clips", f"{__package__}.worker_main", low_priority=True)

    async def measure(
        self,
        clip: Path,
        reference: Path | None = None,
        character: Path | None = None,
        job: Job | None = None,
        *,
        on_progress: Callable[[str], None] = lambda _words: None,
    ) -> Metrics:
        """Measure a clip.

        Args:
            clip: and the others as for the function of this name.
            reference: likewise.
            character: likewise.
            job: likewise.
            on_progress: is called on this loop with a few words where the face models are fetched first.

        Raises:
            MediaError: a file cannot be read.
            WanError: the clip cannot be measured, or the process died.
        """
        paths = {"clip": clip, "reference": reference, "character": character}
        task: dict[str, Any] = {name: path and str(path.absolute()) for name, path in paths.items()}
        task["job"] = job and job.model_dump(mode="json")
        task["models"] = await models_for_worker(on_progress)
        return Metrics.from_json(await self.run(task))


measurer = Measurer()
"""The measurer of this notebook."""
