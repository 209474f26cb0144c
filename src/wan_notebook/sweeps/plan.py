"""A sweep before it is sent: its cells, its price, its time, and the call that runs it."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..client.service import Service
from ..errors import InvalidRequest, OverBudget
from ..jobs.duration_estimator import kind_of, similar_jobs
from ..jobs.durations import Durations
from ..jobs.journal.entry import UNDER_WAY, Entry
from ..jobs.journal.journal import Journal
from ..jobs.order import Order, check_addresses, check_files
from ..jobs.preflight import NameVideos, print_notices
from ..model import family
from ..model.cost import Budget, check_budget, sufficient_budget, total
from ..model.formatting import count, dollars, estimated_dollars, estimated_duration
from .axes import Axis, Cell
from .grid import Grid
from .runner import SweepJob, SweepRunner
from .tile import Tile

CONCURRENCY = 4
"""Jobs at once where nothing else is said."""
MOST_AT_ONCE = 256
MANY = 1_000
"""Jobs beyond which plan.run(many=True) is needed."""


@dataclass(frozen=True)
class Plan:
    """A sweep that is ready to run; as the last line of a cell it is a table."""

    axes: tuple[Axis, ...]
    cells: tuple[Cell, ...]
    jobs: tuple[SweepJob, ...]
    """Each different request once."""
    service: Service
    earlier: Mapping[str, Entry]
    """Earlier jobs that make new ones needless, by fingerprint, as the journal had them when this was planned."""
    time: TimeEstimate
    """Of the missing jobs."""
    notes: tuple[str, ...] = ()
    """Sentences about the cells, as that some are the same."""
    handle: str = "grid"
    """The name by which messages call what retries a job: a film is made of jobs as a sweep is."""
    noun: str = "tile"
    """What messages call a cell that runs."""
    name_videos: NameVideos | None = None
    """What notices call the references, where they are no files that a person chose."""
    measures: bool = True
    """Whether the clips are measured, to be compared; those of a film's shots are joined."""

    @property
    def done(self) -> int:
        """How many cells have their clip already."""
        finished = {fingerprint for fingerprint, entry in self.earlier.items() if entry.done}
        return sum(len(job.numbers) for job in self.jobs if job.fingerprint in finished)

    @property
    def missing(self) -> tuple[SweepJob, ...]:
        """The jobs that are still to be sent."""
        return tuple(job for job in self.jobs if job.fingerprint not in self.earlier)

    @property
    def usd(self) -> float | None:
        """The estimated price of the missing jobs, in dollars; None where nobody can tell."""
        return total(job.order.estimate for job in self.missing)

    def run(
        self,
        *,
        budget: float | None = None,
        concurrency: int = CONCURRENCY,
        stop_on_error: bool = False,
        many: bool = False,
        checks: bool = True,
    ) -> Grid:
        """Send the missing jobs, and return without waiting for them.

        Args:
            budget: dollars that may be spent here at most, needed on a paid service where jobs are missing;
                float("inf") for no limit. It is kept as each job is sent, also where one is sent a second time.
            concurrency: how many jobs may run at once.
            stop_on_error: send nothing more once a job has failed; result() then raises its error.
            many: send more than MANY jobs.
            checks: print the notices about the inputs before a service is paid, as submit() does; each file is looked
                at once, for some seconds.

        Returns:
            The grid, whose tiles fill in; `grid.result()` or `await grid` waits for all.

        Raises:
            OverBudget: it would cost more than the budget or WAN_NOTEBOOK_BUDGET allows, or something at all without a
                budget; nothing was sent.
            NotAuthorized: the service wants a key, and there is none; nothing was sent.
            MediaError: a picture or a video has changed since this was planned; nothing was sent.
            InvalidRequest: the budget or the concurrency is no sensible number, or there are many jobs; nothing was
                sent.
            StorageError: the journal cannot be read; nothing was sent.
        """
        if isinstance(concurrency, bool) or not isinstance(concurrency, int) or not 1 <= concurrency <= MOST_AT_ONCE:
            raise InvalidRequest(
                f"concurrency is {concurrency!r}, but must be a whole number from 1 to {MOST_AT_ONCE}."
            )
        journal = Journal()
        earlier = journal.reusable([job.fingerprint for job in self.jobs])
        missing = [job for job in self.jobs if job.fingerprint not in earlier]
        if len(missing) > MANY and not many:
            raise InvalidRequest(
                f"These are {len(missing):,} jobs; nothing was sent. If that is meant: plan.run(many=True)."
            )
        self._check_money(missing, budget)
        journal.check_cap(self.service, [job.order.estimate for job in missing])
        if missing:
            self.service.check_key()
        check_files(job.order for job in missing)
        check_addresses(self.service, (source for job in missing for source in (job.order.image, job.order.video)))
        if checks and self.service.paid and missing:
            print_notices([job.order for job in missing], self.name_videos)
        # Where nothing was missing, nothing may be spent: also not on what another notebook had under way by then.
        allowed = Budget(0.0 if budget is None and self.service.paid else budget)
        recipes = {number: job.order.recipe for job in self.jobs for number in job.numbers}
        tiles = [Tile(number, cell, recipe=recipes.get(number)) for number, cell in enumerate(self.cells)]
        runner = SweepRunner(
            self.service,
            journal,
            concurrency,
            allowed,
            stop_on_error=stop_on_error,
            handle=self.handle,
            measures=self.measures,
        )
        return Grid.start(self.axes, tiles, self.jobs, runner, self.noun)

    def _check_money(self, missing: list[SweepJob], budget: float | None) -> None:
        estimates = [job.order.estimate for job in missing]
        if budget is None and self.service.paid and missing:
            raise OverBudget(over_budget_message(total(estimates), len(missing)))
        check_budget(estimates, budget)

    def __str__(self) -> str:
        return summary(self)

    def __repr__(self) -> str:
        return f"Plan({self})"

    def _repr_mimebundle_(self, **_kwargs: Any) -> dict[str, Any]:
        from ..widgets.display.plan import plan_bundle

        return plan_bundle(self)


def summary(plan: Plan) -> str:
    """Return a plan in one line: "9 cells, 2 already done, about $1.12, about 6 min"."""
    parts = [count(len(plan.cells), "cell"), *progress_so_far(plan)]
    if plan.missing:
        parts += [estimated_dollars(plan.usd), f"about {estimated_duration(plan.time.seconds)}"]
    return ", ".join(parts)


def basis(plan: Plan) -> str:
    """Return the basis of a plan's price: the jobs that it is the sum of, each kind with its own price."""
    estimates = Counter(job.order.estimate for job in plan.missing)
    if len(plan.missing) == 1:
        return next(iter(estimates)).basis
    found = [f"{number:,} × {estimate}" for estimate, number in estimates.items()]
    rest = sum(list(estimates.values())[2:])
    return "; ".join(found[:2]) + (f"; and {count(rest, 'more job')}" if rest > 0 else "")


def command(plan: Plan) -> str:
    """Return the line of code that runs a plan, with a budget that is enough where one is wanted."""
    if not plan.service.paid or not plan.missing:
        return "plan.run()"
    return f"plan.run(budget={sufficient_budget(plan.usd)})"


def over_budget_message(usd: float | None, jobs: int) -> str:
    """Return the message that refuses a paid sweep without a budget, with the call that has one."""
    these = "This job" if jobs == 1 else f"These {jobs:,} jobs"
    if usd is None:
        return (
            f"The price of {these.lower()} is not known; nothing was sent. Use references whose frames can be counted "
            f"(files rather than addresses), or send without a limit: plan.run(budget={sufficient_budget(usd)})."
        )
    return (
        f"{these} would cost about {dollars(usd)}; nothing was sent. "
        f"Say what may be spent at most: plan.run(budget={sufficient_budget(usd)})."
    )


def progress_so_far(plan: Plan) -> Iterator[str]:
    """Yield how many cells are done, under way, or perhaps bought before."""
    phases = [entry.phase for entry in plan.earlier.values()]
    under_way = sum(phase in UNDER_WAY for phase in phases)
    if plan.done:
        yield f"{plan.done:,} already done"
    if under_way:
        yield f"{under_way:,} under way"
    if unknown := phases.count("unknown"):
        yield f"{unknown:,} perhaps bought before"


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
        concurrency: jobs at once; those of a service on this machine share its processors all the same.

    Raises:
        StorageError: the journal cannot be read.
    """
    models = {order.request.model for order in orders}
    finished = {model: journal.finished(base_url=service.base_url, model=model) for model in models}
    kinds = [kind_of(order.request, order.estimate.frames) for order in orders]
    alike = dict(zip(kinds, orders, strict=True))
    medians = {kind: median_of(order, finished[order.request.model], service) for kind, order in alike.items()}
    unknown = sum(medians[kind] is None for kind in kinds)
    seconds = sum(medians[kind] or guess(alike[kind], service) for kind in kinds)
    # One preview by itself uses all processors.
    share = service.works_here and service.cluster is None
    side_by_side = 1 if share else min(concurrency, max(1, len(orders)))
    basis = "partly from your own jobs, partly a broad guess"
    if unknown in (0, len(orders)):
        basis = "a broad guess" if unknown else "from your own jobs like these"
    rate = "sharing this machine" if share else "one after another" if side_by_side == 1 else f"{side_by_side} at once"
    return TimeEstimate(seconds / side_by_side, f"{basis}, {rate}")


def median_of(order: Order, finished: Iterable[Entry], service: Service) -> float | None:
    """Return the median time in seconds of finished jobs like an order; None where there are none."""
    alike = similar_jobs(finished, order.request, order.estimate.frames)
    took = [working_time(entry) if service.works_here else entry.seconds or 0.0 for entry in alike]
    return statistics.median(took) if took else None


def guess(order: Order, service: Service) -> float:
    """Return the seconds that an order may take where no job like it is known; a preview takes as much as its frames.

    A hosted job of few frames waits in a queue as long as others do.
    """
    usual = (Durations.preview() if service.works_here else Durations()).usual.median
    frames = order.estimate.frames if service.works_here else None
    return usual * frames / family.WINDOW_FRAMES if frames else usual


def working_time(entry: Entry) -> float:
    """Return the seconds that a job took by itself, without its time in the queue."""
    begun = entry.started_at or entry.submitted_at or 0.0
    return (entry.finished_at or begun) - begun
