"""How long a sweep will take, estimated from this user's own jobs."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..client import Service
from ..jobs.durations import Durations, similar_jobs
from ..jobs.journal import Entry, Journal
from ..jobs.order import Order


@dataclass(frozen=True)
class TimeEstimate:
    """How long so many jobs take."""

    seconds: float
    basis: str
    """Where the figure comes from."""


def estimate_time(orders: Sequence[Order], service: Service, journal: Journal, concurrency: int) -> TimeEstimate:
    """Return how long these orders take, several of them at once.

    Args:
        orders: what is to be made.
        service: by whom.
        journal: what is remembered of jobs like these.
        concurrency: how many at once; a service on this machine makes one after another all the same.

    Raises:
        StorageError: the journal cannot be read.
    """
    models = {order.request.model for order in orders}
    finished = {model: journal.finished(base_url=service.base_url, model=model) for model in models}
    kinds = {_kind(order): order for order in orders}
    medians = {kind: _median(order, finished[order.request.model], service) for kind, order in kinds.items()}
    unknown = sum(medians[_kind(order)] is None for order in orders)
    guess = (Durations.preview() if service.local else Durations()).usual.median
    seconds = sum(medians[_kind(order)] or guess for order in orders)
    side_by_side = 1 if service.local else min(concurrency, max(1, len(orders)))
    return TimeEstimate(seconds / side_by_side, f"{_basis(unknown, len(orders))}, {_how(side_by_side)}")


def _kind(order: Order) -> tuple[str, str, int, int | None]:
    request = order.request
    return request.model, request.resolution, request.num_inference_steps, order.estimate.frames


def _median(order: Order, finished: Iterable[Entry], service: Service) -> float | None:
    alike = similar_jobs(finished, order.request, order.estimate.frames)
    took = [_work(entry) if service.local else entry.seconds or 0.0 for entry in alike]
    return statistics.median(took) if took else None


def _work(entry: Entry) -> float:
    """How long the job itself took, without the time in which it waited for those before it."""
    begun = entry.started_at or entry.submitted_at or 0.0
    return (entry.finished_at or begun) - begun


def _basis(unknown: int, count: int) -> str:
    if not unknown:
        return "from your own jobs like these"
    return "a broad guess" if unknown == count else "partly from your own jobs, partly a broad guess"


def _how(side_by_side: int) -> str:
    return "one after another" if side_by_side == 1 else f"{side_by_side} at once"
