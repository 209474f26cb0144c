"""What a sweep will do, said before anything is sent."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from ..axes import Axis, Cell
from ..client import Service
from ..errors import InvalidRequest, OverBudget
from ..jobs.journal import Entry, Journal
from ..model.cost import check_budget, total
from .earlier import known
from .errand import Asked
from .grid import Grid
from .outlook import Outlook
from .running import Running
from .tile import Tile
from .words import beware, summary

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
