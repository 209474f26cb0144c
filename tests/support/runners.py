"""The way of a job, on a clock that goes on whenever somebody waits."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from wan_notebook.client import Client, Service
from wan_notebook.jobs.journal import Journal
from wan_notebook.jobs.progress import ProgressCallback, RunPhase
from wan_notebook.jobs.runner import JobRunner

from support.clock import Clock
from support.services import ScriptedService


def silent(_phase: RunPhase, *, note: str = "", **_changes: object) -> None:
    """Take in what is told."""


NewRunner = Callable[[], JobRunner]


@asynccontextmanager
async def runners(
    app: ScriptedService, service: Service, *, journal: Journal | None = None, report: ProgressCallback = silent
) -> AsyncIterator[NewRunner]:
    """Make runners that share a client of a scripted service: none of them waits for longer than the answers take."""
    clock = Clock(time.time())
    async with Client(service, transport=app.transport, clock=clock, sleep=clock.sleep) as client:
        yield lambda: JobRunner(client, journal or Journal(), report, clock=clock, sleep=clock.sleep)
