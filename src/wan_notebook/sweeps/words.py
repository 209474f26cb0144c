"""A sweep in plain words."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..jobs.time_left import rounded
from ..model.cost import about, exactly

if TYPE_CHECKING:
    from .plan import Plan


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
