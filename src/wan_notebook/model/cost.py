"""The price of a request with its basis, and the check of a budget.

A price is shown with its basis and without invented precision. An estimate rests on the frame count of the reference
and on a public price list, so it reads "about $0.48": cents up to ten dollars, whole dollars from there on. Sums are
made of the exact numbers and rounded once.
"""

from __future__ import annotations

import math
import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..errors import InvalidRequest, OverBudget
from . import family
from .formatting import dollars, estimated_dollars
from .job import Request


@dataclass(frozen=True)
class Price:
    """The price of frames of the reference, by resolution."""

    usd_per_unit: Mapping[str, float]
    """Dollars for family.FRAMES_PER_UNIT frames, by resolution."""
    source: str
    """Whose price it is, as "upstream's public price"."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimated price with its basis."""

    usd: float | None
    """Dollars; None where the price is not known."""
    basis: str
    """The grounds of the figure, or the reason why there is none."""
    frames: int | None = None
    """Frames of the reference, where known."""

    def __str__(self) -> str:
        return self.basis if self.basis == _FREE else f"{estimated_dollars(self.usd)} ({self.basis})"


_FREE = "free preview"
"""The basis of a price of nothing, where no money is taken at all."""


def estimate(request: Request, frames: int | None, *, paid: bool = True, price: Price | None = None) -> Estimate:
    """Estimate the price of a request: frames of the reference ÷ 16 × the price at its resolution.

    Args:
        request: whose model and resolution make the price.
        frames: of the reference as it will be sent; None or 0 where they cannot be counted.
        paid: whether the service takes money at all.
        price: the service's own price, where it could be read; upstream's public price otherwise.
    """
    frames = frames or None
    if not paid:
        return Estimate(0.0, _FREE, frames)
    price = price or Price(family.find_model(request.model).usd_per_unit, "upstream's public price")
    resolution = str(request.extra.get("resolution", request.resolution))
    per_unit = price.usd_per_unit.get(resolution)
    if per_unit is None:
        return Estimate(None, f"no price is known for {resolution}", frames)
    if frames is None:
        rate = f"{dollars(per_unit)} per {family.FRAMES_PER_UNIT} frames at {resolution}, {price.source}"
        return Estimate(None, f"the number of frames in the reference is not known here; {rate}")
    usd = frames / family.FRAMES_PER_UNIT * per_unit
    return Estimate(usd, f"{frames:,} frames, {resolution}, {price.source}", frames)


CAP_VARIABLE = "WAN_NOTEBOOK_BUDGET"
"""The environment variable that holds the standing cap."""


@dataclass(frozen=True)
class StandingCap:
    """The most that paid jobs may cost on this computer account, whoever sends them; None for no limit."""

    per_job: float | None = None
    """Dollars for one job."""
    per_day: float | None = None
    """Dollars for all jobs that were begun since midnight, local time."""

    @classmethod
    def parse(cls, text: str) -> StandingCap:
        """Return the cap that a text states: "0.50" for each job, "5/day", or "0.50/job 5/day"; an empty one, none.

        Raises:
            InvalidRequest: it states something else.
        """
        amounts: dict[str, float] = {}
        for part in re.sub(r"\s*/\s*", "/", text.strip(" \t\r\n'\"")).replace(";", " ").replace(", ", " ").split():
            found = _AMOUNT.fullmatch(part)
            if found is None or (found[2] or "job") in amounts:
                raise InvalidRequest(
                    f"{CAP_VARIABLE} is {text!r}, but must be dollars for each job as “0.50”, for a day as “5/day”, or "
                    "both as “0.50/job 5/day”. Nothing was sent."
                )
            amounts[found[2] or "job"] = float(found[1])
        return cls(amounts.get("job"), amounts.get("day"))

    def check(self, estimates: Sequence[Estimate], spent: float) -> None:
        """Refuse jobs that would, or could, exceed the cap.

        Args:
            estimates: one for each job.
            spent: dollars that the jobs of today cost, or are expected to.

        Raises:
            OverBudget: one of them costs more than one may, or all together more than is left of the day; the message
                has the numbers.
        """
        if self == StandingCap() or not estimates:
            return
        if any(estimated.usd is None for estimated in estimates):
            raise OverBudget(
                f"The price of this job is not known, and {CAP_VARIABLE} allows {self}; nothing was sent. "
                "Use a reference whose frames can be counted (a file rather than a URL)."
            )
        dearest, cost = max(one.usd or 0.0 for one in estimates), total(estimates) or 0.0
        if self.per_job is not None and exceeds(dearest, self.per_job):
            raise OverBudget(
                f"This job would cost about {dollars(dearest)}, and {CAP_VARIABLE} allows {dollars(self.per_job)} for "
                "one; nothing was sent. Trim or re-time the reference, choose a lower resolution, or raise the cap."
            )
        if self.per_day is not None and exceeds(spent + cost, self.per_day):
            this = "This job" if len(estimates) == 1 else f"These {len(estimates):,} jobs"
            raise OverBudget(
                f"{this} would cost about {dollars(cost)}. Of the {dollars(self.per_day)} that {CAP_VARIABLE} allows "
                f"for a day, {dollars(spent)} are spent or on their way today; nothing was sent. "
                "Wait until tomorrow, make it cheaper, or raise the cap."
            )

    def __str__(self) -> str:
        amounts = ((self.per_job, "a job"), (self.per_day, "a day"))
        return " and ".join(f"{dollars(usd)} {per}" for usd, per in amounts if usd is not None)


_AMOUNT = re.compile(r"\$?(\d{1,9}(?:\.\d{1,9})?)(?:/(job|day))?")


def exceeds(usd: float, limit: float) -> bool:
    """Return whether a sum in dollars is above a limit, by more than floating point makes of it."""
    return usd > limit and not math.isclose(usd, limit)


class Budget:
    """Dollars that jobs may still cost; it is changed by whoever submits them.

    Args:
        usd: the amount; None or infinity for no limit.
    """

    def __init__(self, usd: float | None) -> None:
        self._limit = math.inf if usd is None else usd
        self._spent: dict[Hashable, float] = {}

    def spend(self, job: Hashable, estimate: Estimate) -> None:
        """Take the price of a job off the budget, just before the job is submitted.

        Args:
            job: whatever names it, for refund().
            estimate: its price.

        Raises:
            OverBudget: it is not enough, or the price is not known; nothing was taken off.
        """
        if self._limit == math.inf:
            return
        spent = math.fsum(self._spent.values())
        after = math.inf if estimate.usd is None else spent + estimate.usd
        if exceeds(after, self._limit):
            left = max(0.0, self._limit - spent)
            raise OverBudget(
                f"This job would cost {estimated_dollars(estimate.usd)}, and {dollars(left)} of the budget is left; "
                "it was not sent."
            )
        self._spent[job] = estimate.usd or 0.0

    def refund(self, job: Hashable) -> None:
        """Put back the price of a job that was not bought or is not charged; of any other, nothing."""
        self._spent.pop(job, None)


def total(estimates: Iterable[Estimate]) -> float | None:
    """Return the sum in dollars; None when one of them is unknown."""
    prices = [estimated.usd for estimated in estimates]
    return None if None in prices else math.fsum(usd for usd in prices if usd is not None)


def check_budget(estimates: Iterable[Estimate], budget: float | None) -> None:
    """Refuse requests that would, or could, cost more than their budget.

    Args:
        estimates: one for each request.
        budget: dollars; None and infinity allow anything.

    Raises:
        InvalidRequest: the budget is no amount of money.
        OverBudget: the sum is higher, or not known; the message has the numbers.
    """
    if budget is None:
        return
    if isinstance(budget, bool) or not isinstance(budget, int | float) or not budget >= 0:
        raise InvalidRequest(f'budget is {budget!r}, but must be an amount in dollars, or float("inf") for no limit.')
    if budget == math.inf:
        return
    all_estimates = list(estimates)
    usd = total(all_estimates)
    if usd is None:
        unknown = sum(estimated.usd is None for estimated in all_estimates)
        which = "The price" if len(all_estimates) == 1 else f"The price of {unknown} of {len(all_estimates)} requests"
        raise OverBudget(
            f"{which} is not known, so a budget of {dollars(budget)} cannot be kept; nothing was sent. "
            'Use a reference whose frames can be counted (a file rather than a URL), or budget=float("inf").'
        )
    if exceeds(usd, budget):
        which = "This request" if len(all_estimates) == 1 else f"These {len(all_estimates)} requests"
        raise OverBudget(
            f"{which} would cost about {dollars(usd)}, and the budget is {dollars(budget)}; nothing was sent. "
            "Trim or re-time the reference, choose a lower resolution, or raise the budget."
        )


def sufficient_budget(usd: float | None) -> str:
    """Return a sufficient budget in dollars as code, rounded up to five cents."""
    return 'float("inf")' if usd is None else f"{max(1, math.ceil(20 * usd - 1e-9)) / 20:.2f}"
