"""What is known of how long jobs take, and how often one may ask: shared by all jobs that are watched together."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING

from .errors import ServiceError, StorageError
from .journal import Entry, Journal
from .journal.durations import like
from .model.job import COMPLETED, Job, Request
from .waiting import Durations, Pace

if TYPE_CHECKING:
    from .client import Client, Service

_PATIENCE = 3.0
"""Seconds that the catalogue has to say how long jobs take; without it a broad guess serves."""

_ENOUGH = 50
"""Jobs that tell how long others like them take."""

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
        self._finished: dict[str, list[Entry]] = {}
        self._seconds: dict[Kind, list[float]] = {}
        self._lately: list[float] = []
        self._generally: dict[str, Durations] = {}

    async def durations(self, entry: Entry, request: Request | None, client: Client) -> Durations:
        """Return how long a job like this one takes, as far as is known by now; the client may ask the catalogue."""
        if request is None:
            return Durations()
        kind = _kind(entry, request)
        if kind not in self._seconds:
            self._seconds[kind] = self._remembered(entry, request)
        seconds = self._seconds[kind] or self._lately
        return self._of(seconds) if seconds else await self._told(request.model, client)

    def learn(self, entry: Entry, request: Request | None, job: Job) -> None:
        """Take note of a job that has just ended; until one like it has, it stands for others as well."""
        if request is None or job.status != COMPLETED or job.finished_at is None or job.submitted_at is None:
            return
        seconds, kind = job.finished_at - job.submitted_at, _kind(entry, request)
        self._lately = [seconds, *self._lately][:_ENOUGH]
        self._seconds[kind] = [seconds, *self._seconds.get(kind, ())][:_ENOUGH]

    def _remembered(self, entry: Entry, request: Request) -> list[float]:
        if request.model not in self._finished:
            self._finished[request.model] = self._read(request.model)
        alike = like(self._finished[request.model], request, entry.frames)
        return [one.seconds or 0.0 for one in itertools.islice(alike, _ENOUGH)]

    def _read(self, model: str) -> list[Entry]:
        try:
            return self._journal.finished(base_url=self._service.base_url, model=model)
        except StorageError:
            return []  # told already where the journal could not be written; waiting needs no more than a guess

    async def _told(self, model: str, client: Client) -> Durations:
        """What the catalogue tells, asked once; of a service on this machine what is generally known."""
        if self._service.local:
            return Durations.preview()
        if model not in self._generally:
            try:
                told = await asyncio.wait_for(client.durations(model), _PATIENCE)
            except (ServiceError, asyncio.TimeoutError):
                told = None
            self._generally[model] = Durations.of_percentiles(told or {})
        return self._generally[model]

    def _of(self, seconds: list[float]) -> Durations:
        return Durations.preview(seconds) if self._service.local else Durations.of(seconds)


def _kind(entry: Entry, request: Request) -> Kind:
    return request.model, request.resolution, request.num_inference_steps, entry.frames
