"""How long jobs take: a distribution, its estimate from earlier jobs, and the time left while a job runs."""

from __future__ import annotations

import asyncio
import functools
import itertools
import math
import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import ServiceError, StorageError
from ..model.family import windows
from ..model.formatting import duration_range, time_left
from ..model.job import COMPLETED, Job, Request
from ..runtime.event_loop import within

if TYPE_CHECKING:
    from ..client import Client, Service
    from .journal import Entry, Journal


_SQRT_2, _SQRT_TAU = math.sqrt(2), math.sqrt(2 * math.pi)
_NORMAL = statistics.NormalDist()


@dataclass(frozen=True)
class LogNormal:
    """A distribution of seconds whose logarithms are normal: never negative, with a long tail."""

    median: float
    sigma: float
    """Of the natural logarithm."""

    def survival(self, seconds: float) -> float:
        """Return the chance to take longer than this."""
        return 0.5 * math.erfc(self._score(seconds) / _SQRT_2) if seconds > 0 else 1.0

    def density(self, seconds: float) -> float:
        """Return the chance per second to end just now."""
        if seconds <= 0:
            return 0.0
        return math.exp(-0.5 * self._score(seconds) ** 2 - math.log(seconds)) / (self.sigma * _SQRT_TAU)

    def _score(self, seconds: float) -> float:
        # Not the logarithm of a quotient, which is 0 for the very smallest numbers.
        return (math.log(seconds) - math.log(self.median)) / self.sigma


HOSTED = LogNormal(median=120, sigma=0.7)
"""Hosted jobs are seen to take from one minute to more than ten. A wider guess would be later for all of them."""
PREVIEW = LogNormal(median=6, sigma=1.0)
"""The preview computes about a second per second of video."""
_TYPICAL_SIGMA = 0.3
"""Of jobs that are alike."""
_TYPICAL_WEIGHT = 3
"""For how many observations it counts."""
_SURPRISE = 0.5
"""How many observations' worth of doubt remains that this job is like none of those known."""
_DOUBT = 0.2
"""The same as a share, where only percentiles are known."""
_FOREVER = 1e7
_BISECTIONS = 40


@dataclass(frozen=True)
class Durations:
    """How long a job like this takes, in seconds: a mixture, which falls back on a broad guess in its tail."""

    parts: tuple[tuple[float, LogNormal], ...] = ((1.0, HOSTED),)
    """Weights, which sum to 1, and distributions."""

    @classmethod
    def of(cls, seconds: Sequence[float], prior: LogNormal = HOSTED) -> Durations:
        """Return the distribution of earlier jobs, and `prior` where there are none.

        The spread is estimated as if a few typical jobs had been seen too, and widened for the mean's own error.

        Args:
            seconds: how long jobs like this one took.
            prior: for a job that is like none of them.
        """
        logs = [math.log(one) for one in seconds if 0 < one < math.inf]
        if not logs:
            return cls(((1.0, prior),))
        count, centre = len(logs), statistics.fmean(logs)
        squares = sum((one - centre) ** 2 for one in logs) + _TYPICAL_WEIGHT * _TYPICAL_SIGMA**2
        sigma = math.sqrt(squares / (count - 1 + _TYPICAL_WEIGHT) * (1 + 1 / count))
        return cls._beside(LogNormal(math.exp(centre), sigma), _SURPRISE / (count + _SURPRISE), prior)

    @classmethod
    def of_percentiles(cls, percentiles: Mapping[float, float]) -> Durations:
        """Return the distribution with these percentiles, {0.5: 80.0, 0.9: 130.0}: share of jobs → seconds.

        Other resolutions and lengths are among those jobs, so more doubt remains than after jobs like this one.
        """
        points = [
            (_NORMAL.inv_cdf(share), math.log(one)) for share, one in percentiles.items() if 0 < share < 1 and one > 0
        ]
        if not points:
            return cls()
        if len(points) == 1:
            return cls._beside(LogNormal(math.exp(points[0][1]), HOSTED.sigma), _DOUBT, HOSTED)
        fit = statistics.linear_regression(*zip(*points, strict=True))
        return cls._beside(LogNormal(math.exp(fit.intercept), max(fit.slope, _TYPICAL_SIGMA / 3)), _DOUBT, HOSTED)

    @classmethod
    def preview(cls, seconds: Sequence[float] = ()) -> Durations:
        """Return the distribution of the free preview's jobs, from earlier ones where there are any."""
        return cls.of(seconds, PREVIEW)

    @property
    def usual(self) -> LogNormal:
        """The part with the largest weight."""
        return max(self.parts, key=lambda part: part[0])[1]

    def survival(self, seconds: float) -> float:
        """Return the chance that a job takes longer than this."""
        return sum(weight * part.survival(seconds) for weight, part in self.parts)

    def hazard(self, seconds: float) -> float:
        """Return the chance per second that a job which still runs after `seconds` ends just now."""
        survivors = self.survival(seconds)
        density = sum(weight * part.density(seconds) for weight, part in self.parts)
        return density / survivors if survivors > 0 else math.inf

    def quantile(self, share: float, *, after: float = 0.0) -> float:
        """Return the seconds within which this share of the jobs has ended, of those that still run after `after`."""
        target = self.survival(after) * (1 - share)
        low, high = after, max(after, 1.0)
        while self.survival(high) > target and high < _FOREVER:
            low, high = high, 2 * high
        for _ in range(_BISECTIONS):
            middle = (low + high) / 2
            low, high = (middle, high) if self.survival(middle) > target else (low, middle)
        return high

    @classmethod
    def _beside(cls, known: LogNormal, doubt: float, prior: LogNormal) -> Durations:
        return cls(((1 - doubt, known), (doubt, prior)))


_CATALOGUE_SECONDS = 3.0
"""Seconds that the catalogue has to answer; without it a broad guess serves."""
_ENOUGH = 50
"""Jobs that are remembered of each kind."""

Kind = tuple[str, str, int, "int | None"]
"""Model, resolution, steps and frames: jobs that agree in them take as long as each other."""


class DurationEstimator:
    """Estimates how long jobs take: from this user's own jobs, else from the catalogue, else by a broad guess.

    The jobs of a sweep share one, and each that ends makes it wiser for the rest.

    Args:
        service: where the jobs are.
        journal: has the earlier jobs.
    """

    def __init__(self, service: Service, journal: Journal) -> None:
        self._service, self._journal = service, journal
        self._finished: dict[str, list[Entry]] = {}
        self._seconds: dict[Kind, list[float]] = {}
        self._latest: list[float] = []
        self._in_catalogue: dict[str, Durations] = {}

    async def estimate(self, entry: Entry, request: Request | None, client: Client) -> Durations:
        """Return how long a job like this one takes, as far as is known by now; may ask the catalogue."""
        if request is None:
            return Durations()
        kind = kind_of(request, entry.frames)
        if kind not in self._seconds:
            self._seconds[kind] = await self._in_journal(entry, request)
        if seconds := self._seconds[kind] or self._latest:
            return Durations.preview(seconds) if self._service.works_here else Durations.of(seconds)
        return await self._catalogue(request.model, client)

    def learn(self, entry: Entry, request: Request | None, job: Job) -> None:
        """Remember a job that has just ended; until one of another kind has, it stands for that kind as well."""
        if request is None or job.status != COMPLETED or job.finished_at is None or job.submitted_at is None:
            return
        seconds, kind = job.finished_at - job.submitted_at, kind_of(request, entry.frames)
        self._latest = [seconds, *self._latest][:_ENOUGH]
        self._seconds[kind] = [seconds, *self._seconds.get(kind, ())][:_ENOUGH]

    async def _in_journal(self, entry: Entry, request: Request) -> list[float]:
        if request.model not in self._finished:
            self._finished[request.model] = await self._read(request.model)
        alike = similar_jobs(self._finished[request.model], request, entry.frames)
        return [one.seconds or 0.0 for one in itertools.islice(alike, _ENOUGH)]

    async def _read(self, model: str) -> list[Entry]:
        try:
            # In a thread, since another notebook may be writing.
            return await asyncio.to_thread(self._journal.finished, base_url=self._service.base_url, model=model)
        except StorageError:
            return []  # reported already where the journal could not be written; polling needs no more than a guess

    async def _catalogue(self, model: str, client: Client) -> Durations:
        if self._service.works_here:
            return Durations.preview()
        if model not in self._in_catalogue:
            try:
                percentiles = await within(_CATALOGUE_SECONDS, client.durations(model))
            except (ServiceError, asyncio.TimeoutError):
                percentiles = None
            self._in_catalogue[model] = Durations.of_percentiles(percentiles or {})
        return self._in_catalogue[model]


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


def _well_timed(entry: Entry) -> bool:
    # A job that ended while nobody polled (the kernel was gone, the machine asleep) seems to have taken far too long.
    if entry.phase not in ("completed", "saved") or entry.seconds is None or entry.late_by is None:
        return False
    return entry.late_by <= 2 + entry.seconds / 10


_LATE = 0.05
_BROAD = 5.0
"""Longest over shortest usual duration from which on no single figure is told."""
_ENOUGH_PROGRESS = 0.05
"""Progress from which on it is a better guide than earlier jobs."""


def describe_time_left(durations: Durations, elapsed: float, progress: float | None = None) -> str:
    """Return how long a job will probably still take, for a status bar.

    Args:
        durations: how long such jobs take.
        elapsed: seconds since it began.
        progress: between 0 and 1, from services which tell.
    """
    if progress is not None and progress >= _ENOUGH_PROGRESS:
        return time_left(elapsed * (1 - progress) / progress)
    if durations.usual.survival(elapsed) < _LATE:
        return "taking longer than usual"
    shortest, longest = _usual(durations)
    if longest > _BROAD * shortest:
        return f"usually {duration_range(shortest, longest)}"
    return time_left(durations.quantile(0.5, after=elapsed) - elapsed)


@functools.lru_cache(64)
def _usual(durations: Durations) -> tuple[float, float]:
    return durations.quantile(0.1), durations.quantile(0.9)
