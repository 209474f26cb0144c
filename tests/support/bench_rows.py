"""A row of a bench: what was measured, beside what, and what is promised of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

LOOSELY = 3.0
"""By what factor a small run may miss a bound, where nothing else is said."""


@dataclass(frozen=True)
class Bound:
    """The values that keep a promise.

    Args:
        least: the smallest; None where any will do.
        most: the largest, likewise.
        of_ratio: whether the ratio to the alternative is bound, not the value itself.
        loosely: by what factor a small run may miss it: what is three times worse than promised is no accident. More
            where the figure is at the mercy of what else the machine does; None: by any.
    """

    least: float | None = None
    most: float | None = None
    of_ratio: bool = False
    loosely: float | None = LOOSELY

    def holds(self, value: float, *, loosely: bool = False) -> bool:
        """Tell whether a value keeps the promise."""
        slack = self.loosely if loosely else 1.0
        if slack is None:
            return True
        enough = self.least is None or value >= self.least / slack
        return enough and (self.most is None or value <= self.most * slack)

    def text(self, unit: str) -> str:
        """Return the bound in words, such as "≤ 60 ms"."""
        unit = "×" if self.of_ratio else unit
        least, most = (None if bound is None else number(bound) for bound in (self.least, self.most))
        words = f"≥ {least}" if most is None else f"≤ {most}" if least is None else f"{least} to {most}"
        return f"{words} {unit}".strip()


def at_most(value: float, *, of_ratio: bool = False, loosely: float | None = LOOSELY) -> Bound:
    return Bound(most=value, of_ratio=of_ratio, loosely=loosely)


def at_least(value: float, *, of_ratio: bool = False, loosely: float | None = LOOSELY) -> Bound:
    return Bound(least=value, of_ratio=of_ratio, loosely=loosely)


@dataclass(frozen=True)
class Row:
    """One figure of a bench.

    Args:
        what: what was measured. Where it names a size, a small run names its own.
        ours: its value; None where it was not measured, and then the note says why.
        unit: of both values.
        alternative: what else does the same.
        theirs: its value, measured in the same run.
        promised: the bound that `docs/promises.md` has for it.
        note: anything else that a reader has to know.
        figure: its name in `docs/promises.md`, with the size of a whole run; by default `what`. One measurement of a
            small run may stand for several figures.
    """

    what: str
    ours: float | None
    unit: str
    alternative: str = ""
    theirs: float | None = None
    promised: Bound | None = None
    note: str = ""
    figure: str = ""

    def __post_init__(self) -> None:
        # What NumPy measured cannot be kept as JSON, nor what follows from it.
        for name in ("ours", "theirs"):
            value = getattr(self, name)
            object.__setattr__(self, name, None if value is None else float(value))

    @property
    def ratio(self) -> float | None:
        """Ours ÷ theirs."""
        return self.ours / self.theirs if self.ours is not None and self.theirs else None

    def kept(self, *, loosely: bool = False) -> bool | None:
        """Tell whether the promise is kept; None where nothing is promised, or nothing was measured."""
        if self.promised is None or self.ours is None:
            return None
        value = self.ratio if self.promised.of_ratio else self.ours
        return value is not None and self.promised.holds(value, loosely=loosely)

    @property
    def promise(self) -> str:
        """The promise in words."""
        if self.promised is None:
            return ""
        of = f" {self.alternative}" if self.promised.of_ratio else ""
        return self.promised.text(self.unit) + of

    def cells(self, *, loosely: bool = False) -> tuple[str, ...]:
        """Return the row as texts, in the order of COLUMNS.

        Args:
            loosely: whether it is of a small run, whose bounds are looser than the promised ones.
        """
        ours = "not measured" if self.ours is None else f"{number(self.ours)} {self.unit}".strip()
        theirs = "" if self.theirs is None else f"{number(self.theirs)} {self.unit}".strip()
        ratio = "" if self.ratio is None else f"{number(self.ratio)} ×"
        kept = {None: "", True: "yes", False: "NO"}[self.kept()]
        if loosely and kept == "NO" and self.kept(loosely=True):
            kept = "loosely"
        return self.what, ours, self.alternative, theirs, ratio, self.promise, kept, self.note


COLUMNS = ("what", "ours", "alternative", "its value", "ratio", "promised", "kept", "note")


def number(value: float) -> str:
    """Return a number with three digits that count, such as "0.97", "4.3" or "12,000"."""
    if value == 0 or math.isnan(value):
        return f"{value:g}"
    decimals = max(0, 2 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if decimals else text
