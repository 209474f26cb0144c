"""What a sweep will do, said before anything is sent."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..client import Service
from ..errors import InvalidRequest, OverBudget
from ..jobs.journal import Entry, Journal
from ..jobs.time_left import rounded
from ..model.cost import about, check_budget, exactly, total
from .axes import Axis, Cell
from .grid import Grid
from .runner import Asked, Running, known
from .tile import Tile
from .time_estimate import Outlook

if TYPE_CHECKING:
    pass


CONCURRENCY = 4
"""Jobs at once where nothing else is said."""
MOST_AT_ONCE = 256
MANY = 1_000
"""Jobs beyond which a word is wanted."""


@dataclass(frozen=True)
class Plan:
    """A sweep that is ready to run; as the last line of a cell it is a table."""

    axes: tuple[Axis, ...]
    cells: tuple[Cell, ...]
    asked: tuple[Asked, ...]
    """What will be asked for: each different request once."""
    service: Service
    earlier: Mapping[str, Entry]
    """Jobs of before that make new ones needless, by fingerprint, as the journal had them when this was planned."""
    outlook: Outlook
    """How long the missing ones take."""
    notes: tuple[str, ...] = ()
    """What is worth knowing, in sentences."""

    @property
    def done(self) -> int:
        """How many cells have their clip already."""
        return sum(len(one.numbers) for one in self.asked if self._is_done(one))

    @property
    def missing(self) -> tuple[Asked, ...]:
        """What is still to be sent."""
        return tuple(one for one in self.asked if one.fingerprint not in self.earlier)

    @property
    def usd(self) -> float | None:
        """What the missing ones will probably cost, in dollars; None where nobody can tell."""
        return total(one.order.estimate for one in self.missing)

    def run(
        self,
        *,
        budget: float | None = None,
        concurrency: int = CONCURRENCY,
        stop_on_error: bool = False,
        many: bool = False,
    ) -> Grid:
        """Send what is missing, and return at once.

        Args:
            budget: dollars that the missing ones may cost at most; a paid service wants it said. float("inf") sets no
                limit.
            concurrency: how many jobs may run at once.
            stop_on_error: send nothing more once a job has failed; result() then raises its error.
            many: send more than MANY jobs.

        Raises:
            OverBudget: it would cost more than the budget, or something at all without one; nothing was sent.
            NotAuthorized: the service wants a key, and there is none; nothing was sent.
            InvalidRequest: the budget or the concurrency is no sensible number, or there are many jobs; nothing was
                sent.
            StorageError: the journal cannot be read; nothing was sent.
        """
        if isinstance(concurrency, bool) or not isinstance(concurrency, int) or not 1 <= concurrency <= MOST_AT_ONCE:
            raise InvalidRequest(
                f"concurrency is {concurrency!r}, but must be a whole number from 1 to {MOST_AT_ONCE}."
            )
        journal = Journal()
        earlier = known(journal, [one.fingerprint for one in self.asked])
        missing = [one for one in self.asked if one.fingerprint not in earlier]
        _check_number(len(missing), many)
        self._check_money(missing, budget)
        if missing:
            self.service.check_key()
        tiles = [Tile(number, cell) for number, cell in enumerate(self.cells)]
        running = Running(self.service, journal, concurrency, stop_on_error=stop_on_error)
        return Grid(self.axes, tiles, self.asked, running)

    def _is_done(self, one: Asked) -> bool:
        entry = self.earlier.get(one.fingerprint)
        return entry is not None and entry.done

    def _check_money(self, missing: list[Asked], budget: float | None) -> None:
        estimates = [one.order.estimate for one in missing]
        if budget is None and self.service.paid and missing:
            raise OverBudget(beware(total(estimates), len(missing)))
        check_budget(estimates, None if budget == math.inf else budget)

    def __str__(self) -> str:
        return summary(self)

    def __repr__(self) -> str:
        return f"Plan({self})"

    def _repr_html_(self) -> str:
        from .plan_page import page

        return page(self)


def _check_number(count: int, many: bool) -> None:
    if count > MANY and not many:
        raise InvalidRequest(f"These are {count:,} jobs; nothing was sent. If that is meant: plan.run(many=True).")


def summary(plan: Plan) -> str:
    """Return a plan in one line: "9 cells, 2 already done, about $1.12, about 6 min"."""
    return ", ".join([count(len(plan.cells), "cell"), *before(plan), *_ahead(plan)])


def count(number: int, what: str) -> str:
    """Return so many of something: "1 cell", "9 cells"."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def basis(plan: Plan) -> str:
    """Return what the price of a plan rests on."""
    found = list(dict.fromkeys(one.order.estimate.basis for one in plan.missing))
    rest = len(found) - 2
    return "; ".join(found[:2]) + (f"; and {rest:,} more" if rest > 0 else "")


def command(plan: Plan) -> str:
    """Return the line of code that runs a plan, with a budget that is enough where one is wanted."""
    if not plan.service.paid or not plan.missing:
        return "plan.run()"
    return f"plan.run(budget={_enough(plan.usd)})"


def beware(usd: float | None, jobs: int) -> str:
    """Return what is said instead of spending money that nobody has spoken of."""
    these = "This job" if jobs == 1 else f"These {jobs:,} jobs"
    if usd is None:
        return (
            f"The price of {these.lower()} is not known; nothing was sent. Use references whose frames can be counted "
            f"(files rather than addresses), or send without a limit: plan.run(budget={_enough(usd)})."
        )
    return (
        f"{these} would cost about {exactly(usd)}; nothing was sent. "
        f"Say what may be spent at most: plan.run(budget={_enough(usd)})."
    )


def before(plan: Plan) -> Iterator[str]:
    """Yield in words what there is already."""
    phases = [entry.phase for entry in plan.earlier.values()]
    under_way = sum(phase in ("submitting", "running", "completed") for phase in phases)
    if plan.done:
        yield f"{plan.done:,} already done"
    if under_way:
        yield f"{under_way:,} under way"
    if unknown := phases.count("unknown"):
        yield f"{unknown:,} perhaps bought before"


def _enough(usd: float | None) -> str:
    """A budget which is enough, in steps of five cents."""
    return 'float("inf")' if usd is None else f"{max(1, math.ceil(20 * usd - 1e-9)) / 20:.2f}"


def _ahead(plan: Plan) -> Iterator[str]:
    if plan.missing:
        yield about(plan.usd)
        yield f"about {rounded(plan.outlook.seconds)}"
