"""The clips of a sweep, measured in the background as they come."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, Protocol

from ..errors import WanError
from ..jobs.clip import Clip
from ..runtime.cluster import Cluster, workers_of
from ..runtime.task import Workers
from .metrics.background import measure_in_background


class MeasuredCallback(Protocol):
    """Takes what is known of a clip's numbers."""

    def __call__(self, **changes: Any) -> None:
        """Take fields of Tile that changed."""


class MeasureQueue:
    """Measures clips, a few at once; belongs to one event loop.

    Clips may come far faster than they are measured, and a task that waits holds more than all else of its tile.

    Args:
        most: clips at once.
        cluster: measures them; None is this machine.
    """

    def __init__(self, most: int, cluster: Cluster | None) -> None:
        self._most, self._cluster = most, cluster
        self._waiting: deque[tuple[Clip, MeasuredCallback]] = deque()
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, clip: Clip, on_change: MeasuredCallback) -> None:
        """Measure a clip soon, and report its metrics, or the error."""
        self._waiting.append((clip, on_change))
        self._go_on()

    async def join(self) -> None:
        """Wait until all clips are measured."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _go_on(self, done: asyncio.Task[None] | None = None) -> None:
        if done is not None:
            self._tasks.remove(done)
        while self._waiting and len(self._tasks) < self._most:
            task = asyncio.create_task(measure_clip(*self._waiting.popleft(), workers_of(self._cluster)))
            self._tasks.add(task)
            task.add_done_callback(self._go_on)


async def measure_clip(clip: Clip, on_change: MeasuredCallback, workers: Workers) -> None:
    """Measure a clip in the background, and report its metrics or the error."""
    try:
        measured = await measure_in_background(
            workers,
            clip.path,
            clip.reference,
            clip.character,
            clip.job,
            on_progress=lambda words: on_change(measuring=words),
        )
        on_change(metrics=measured, measuring="", measure_error="")
    except WanError as error:
        on_change(measuring="", measure_error=f"The clip could not be measured: {error}")
