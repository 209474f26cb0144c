"""Measuring in a process of its own: one for this whole notebook, started when first needed, ended when idle."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...faces.weights import models_for_worker
from ...model.job import Job
from ...runtime.data_dir import subfolder
from ...runtime.subprocess_worker import SubprocessWorker
from .definitions import Metrics

_IDLE = 20.0
"""Seconds without work after which the process ends, and gives its memory back."""


class Measurer:
    """Measures clips in another process, one after another; it belongs to one event loop."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Start from nothing, as a forked child must: event loop and process are its parent's."""
        self.worker: SubprocessWorker | None = None
        """The process; None before it was first needed."""
        self._turn = asyncio.Lock()
        self._ending: asyncio.TimerHandle | None = None

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
        async with self._turn:
            if self._ending is not None:
                self._ending.cancel()
            if self.worker is None:
                name, folder = "The process that measures clips", subfolder("clips")
                self.worker = SubprocessWorker(name, f"{__package__}.worker_main", folder=folder, low_priority=True)
            try:
                task["models"] = await models_for_worker(on_progress)
                return Metrics.from_json(await self.worker.run(task))
            finally:
                self._ending = asyncio.get_running_loop().call_later(_IDLE, self.worker.stop)


measurer = Measurer()
"""The measurer of this notebook."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=measurer.reset)
