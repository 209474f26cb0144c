"""The time that a sweep will take, estimated from this user's own jobs."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..client.service import Service
from ..jobs.durations import Durations, similar_jobs
from ..jobs.journal import Entry, Journal
from ..jobs.order import Order


@dataclass(frozen=True)
class TimeEstimate:
    """The estimated time of several jobs."""

    seconds: float
    basis: str
    """The jobs that the figure rests on, in words."""


def estimate_time(orders: Sequence[Order], service: Service, journal: Journal, concurrency: int) -> TimeEstimate:
    """Estimate the time of these orders, several of them at once.

    Args:
        orders: the jobs to run.
        service: runs them.
        journal: has earlier jobs like these.
        concurrency: jobs at once; a service on this machine runs one after another all the same.

    Raises:
        StorageError: the journal cannot be read.
    """
    models = {order.request.model for order in orders}
    finished = {model: journal.finished(base_url=service.base_url, model=model) for model in models}
    kinds = {kind_of(order): order for order in orders}
    medians = {kind: median_of(order, finished[order.request.model], service) for kind, order in kinds.items()}
    unknown = sum(medians[kind_of(order)] is None for order in orders)
    guess = (Durations.preview() if service.local else Durations()).usual.median
    seconds = sum(medians[kind_of(order)] or guess for order in orders)
    side_by_side = 1 if service.local else min(concurrency, max(1, len(orders)))
    basis = "partly from your own jobs, partly a broad guess"
    if unknown in (0, len(orders)):
        basis = "a broad guess" if unknown else "from your own jobs like these"
    rate = "one after another" if side_by_side == 1 else f"{side_by_side} at once"
    return TimeEstimate(seconds / side_by_side, f"{basis}, {rate}")


def kind_of(order: Order) -> tuple[str, str, int, int | None]:
    """Return a key that is equal for orders which take equally long."""
    request = order.request
    return request.model, request.resolution, request.num_inference_steps, order.estimate.frames


def median_of(order: Order, finished: Iterable[Entry], service: Service) -> float | None:
    """Return the median time in seconds of finished jobs like an order; None where there are none."""
    alike = similar_jobs(finished, order.request, order.estimate.frames)
    took = [working_time(entry) if service.local else entry.seconds or 0.0 for entry in alike]
    return statistics.median(took) if took else None


def working_time(entry: Entry) -> float:
    """Return the seconds that a job took by itself, without its time in the queue."""
    begun = entry.started_at or entry.submitted_at or 0.0
    return (entry.finished_at or begun) - begun
