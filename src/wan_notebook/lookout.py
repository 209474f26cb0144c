"""What is known of how long jobs take, and how often one may ask: shared by all jobs that are watched together."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from .errors import ServiceError, StorageError
from .job import COMPLETED, Job, Request
from .journal import Entry, Journal
from .waiting import Durations, Pace

if TYPE_CHECKING:
    from .client import Client, Service

_PATIENCE = 3.0
"""Seconds that the catalogue has to say how long jobs take; without it a broad guess serves."""

Kind = tuple[str, str, int, "int | None"]
"""Model, resolution, steps and frames: what makes jobs take as long as each other."""


class Lookout:
    """Knows how long jobs take: from this user's own jobs, else from the catalogue, else a broad guess.

    The jobs of a sweep share one, and each that ends makes it wiser for the rest.

    Args:
        service: where the jobs are.
        journal: what is remembered.
    """

    def __init__(self, service: Service, journal: Journal) -> None:
        self.pace = Pace.preview() if service.local else Pace()
        self._service, self._journal = service, journal
        self._seconds: dict[Kind, list[float]] = {}
        self._known: dict[Kind, Durations] = {}

    async def durations(self, entry: Entry, request: Request | None, client: Client) -> Durations:
        """Return how long a job like this one takes, as far as is known by now; the client may ask the catalogue."""
        if request is None:
            return Durations()
        kind = _kind(entry, request)
        if kind not in self._known:
            self._seconds[kind] = self._remembered(entry, request)
            self._known[kind] = await self._from(self._seconds[kind], request, client)
        return self._known[kind]

    def learn(self, entry: Entry, request: Request | None, job: Job) -> None:
        """Take note of a job that has just ended."""
        if request is None:
            return
        kind = _kind(entry, request)
        if job.status != COMPLETED or kind not in self._known or job.finished_at is None or job.submitted_at is None:
            return
        self._seconds[kind] = [job.finished_at - job.submitted_at, *self._seconds[kind]]
        self._known[kind] = self._of(self._seconds[kind])

    def _remembered(self, entry: Entry, request: Request) -> list[float]:
        try:
            return self._journal.durations(request, base_url=entry.base_url, frames=entry.frames)
        except StorageError:
            return []  # told already where the journal could not be written; waiting needs no more than a guess

    async def _from(self, seconds: list[float], request: Request, client: Client) -> Durations:
        if seconds or self._service.local:
            return self._of(seconds)
        try:
            told = await asyncio.wait_for(client.durations(request.model), _PATIENCE)
        except (ServiceError, asyncio.TimeoutError):
            told = None
        return Durations.of_percentiles(told or {})

    def _of(self, seconds: list[float]) -> Durations:
        return Durations.preview(seconds) if self._service.local else Durations.of(seconds)


def _kind(entry: Entry, request: Request) -> Kind:
    return request.model, request.resolution, request.num_inference_steps, entry.frames
