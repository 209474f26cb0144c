"""How long jobs take, learned: from this user's earlier jobs, and from those that run side by side with each other."""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from ..errors import ServiceError, StorageError
from ..model.family import windows
from ..model.job import COMPLETED, Job, Request
from ..runtime import daemon_threads
from ..runtime.event_loop import in_daemon_thread, within
from .durations import HOSTED, PREVIEW, Durations, Span

if TYPE_CHECKING:
    from ..client import Client, Service
    from .journal import Entry, Journal

_CATALOGUE_SECONDS = 3.0
"""Seconds that the catalogue has to answer; without it a broad guess serves."""
_ENOUGH = 50
"""Jobs that are remembered of each kind."""
_NEWS = 10
"""The estimate is made anew once a part of so many of its jobs is new: it costs milliseconds, and hardly changes."""
_WATCHED = 15.0
"""Seconds between two polls, at most, of a job that is watched."""

Kind = tuple[str, str, int, "int | None"]
"""Model, resolution, steps and frames: jobs that agree in them take as long as each other."""


class DurationEstimator:
    """Estimates how long jobs take: from this user's own jobs, else from the catalogue, else by a broad guess.

    The jobs of a sweep share one: each that ends, and each that does not, makes it wiser for the rest.

    Args:
        service: where the jobs are.
        journal: has the earlier jobs.
    """

    def __init__(self, service: Service, journal: Journal) -> None:
        self._service, self._journal = service, journal
        self._finished: dict[str, asyncio.Task[list[Entry]]] = {}
        self._catalogue: dict[str, asyncio.Task[Durations]] = {}
        self._kinds: dict[Kind, _Alike] = {}
        self._all = _Alike()

    async def watch(self, entry: Entry, request: Request | None, client: Client) -> WatchedJob:
        """Return what is known, at any time, of how long a job takes; may ask the catalogue.

        Args:
            entry: the job in the journal.
            request: the request behind it; None where nobody knows it.
            client: asks the catalogue.
        """
        looked = (entry.looked_at or 0.0) - (entry.submitted_at or 0.0) if entry.submitted_at else 0.0
        if request is None:
            return WatchedJob(Durations(), [], looked)
        kind = kind_of(request, entry.frames)
        if kind not in self._kinds:
            earlier = await self._in_journal(entry, request)
            self._kinds.setdefault(kind, _Alike(earlier))
        groups = [self._kinds[kind], self._all]
        if any(group.ended for group in groups):
            return WatchedJob(self._guess, groups, looked)
        return WatchedJob(await self._in_catalogue(request.model, client), groups, looked)

    @property
    def _guess(self) -> Durations:
        return Durations(PREVIEW if self._service.works_here else HOSTED)

    async def _in_journal(self, entry: Entry, request: Request) -> list[Span]:
        model = request.model
        if model not in self._finished:  # read once, however many jobs of a sweep begin together
            self._finished[model] = asyncio.ensure_future(self._read(model))
        alike = similar_jobs(await asyncio.shield(self._finished[model]), request, entry.frames)
        return [((one.seconds or 0.0) - (one.late_by or 0.0), one.seconds or 0.0) for one in _newest(alike)]

    async def _read(self, model: str) -> list[Entry]:
        try:
            # In a thread, since another notebook may be writing.
            read = partial(self._journal.finished, base_url=self._service.base_url, model=model)
            return await in_daemon_thread(read, daemon_threads.read)
        except StorageError:
            return []  # reported already where the journal could not be written; polling needs no more than a guess

    async def _in_catalogue(self, model: str, client: Client) -> Durations:
        if self._service.works_here:
            return self._guess
        if model not in self._catalogue:
            self._catalogue[model] = asyncio.ensure_future(self._ask(model, client))
        return await asyncio.shield(self._catalogue[model])

    async def _ask(self, model: str, client: Client) -> Durations:
        try:
            percentiles = await within(_CATALOGUE_SECONDS, client.durations(model))
        except (ServiceError, asyncio.TimeoutError):
            percentiles = None
        return Durations.of_percentiles(percentiles or {})


class WatchedJob:
    """What is known of how long one job takes, and what its polls tell of the others like it.

    Args:
        guess: as long as no job like it has ended.
        groups: of jobs like it, those most alike first.
        looked: seconds for which it is known to have run.
    """

    def __init__(self, guess: Durations, groups: Iterable[_Alike], looked: float) -> None:
        self._guess, self._groups, self._looked = guess, list(groups), max(looked, 0.0)

    def durations(self) -> Durations:
        """Return how long it takes, as far as is known by now; the same object as long as that does not change."""
        known = next((group for group in self._groups if group.ended), None)
        return self._guess if known is None else known.durations(self._guess)

    def polled(self, job: Job, at: float) -> None:
        """Learn from a poll: the job still runs, or has ended since the one before.

        Args:
            job: as it is now.
            at: seconds since the epoch.
        """
        if job.submitted_at is None or job.poll_error is not None:
            return
        if not job.status.final:
            self._looked = at - job.submitted_at
            for group in self._groups:
                group.running[self] = self._looked
        elif job.status == COMPLETED and job.finished_at is not None:
            took = job.finished_at - job.submitted_at
            span = min(self._looked, took), took
            for group in self._groups if is_watched(span) else ():
                group.end(span)
            self.leave()

    def leave(self) -> None:
        """Count the job no longer: it has ended, or is no longer polled."""
        for group in self._groups:
            group.running.pop(self, None)


class _Alike:
    """Jobs that take as long as each other: how long they took, and for how long the others run by now."""

    def __init__(self, ended: Iterable[Span] = ()) -> None:
        self.ended = deque(ended, maxlen=_ENOUGH)
        """The newest first."""
        self.running: dict[WatchedJob, float] = {}
        self._durations: Durations | None = None
        self._news = 0

    def end(self, span: Span) -> None:
        """Remember a job that has just ended."""
        self.ended.appendleft(span)
        self._news += 1

    def durations(self, guess: Durations) -> Durations:
        """Return the distribution of these jobs, of which at least one has ended."""
        if self._durations is None or self._news * _NEWS > len(self.ended):
            self._durations, self._news = Durations.of(self.ended, guess.parts, list(self.running.values())), 0
        return self._durations


def similar_jobs(entries: Iterable[Entry], request: Request, frames: int | None) -> Iterator[Entry]:
    """Yield the finished jobs of this resolution, with as many steps and windows, whose times are known.

    Args:
        entries: where to look.
        request: the job to compare with.
        frames: of its reference; None takes any.
    """
    settings = {"resolution": request.resolution, "num_inference_steps": request.num_inference_steps}
    for entry in entries:
        fits = frames is None or (entry.frames is not None and windows(entry.frames) == windows(frames))
        if fits and settings.items() <= entry.settings.items() and _well_timed(entry):
            yield entry


def kind_of(request: Request, frames: int | None) -> Kind:
    """Return a key that is equal for jobs which take equally long.

    Args:
        request: the job.
        frames: of its reference; None where nobody has counted them.
    """
    return request.model, request.resolution, request.num_inference_steps, frames


def is_watched(span: Span) -> bool:
    """Return whether a job was watched to its end.

    One that ended while nobody polled (the kernel was gone, the machine asleep) seems to have taken far too long.
    """
    return span[1] > 0 and span[1] - span[0] <= _WATCHED + span[1] / 10


def _well_timed(entry: Entry) -> bool:
    if entry.phase not in ("completed", "saved") or entry.seconds is None or entry.late_by is None:
        return False
    return is_watched((entry.seconds - entry.late_by, entry.seconds))


def _newest(alike: Iterable[Entry]) -> Iterator[Entry]:
    return itertools.islice(alike, _ENOUGH)
