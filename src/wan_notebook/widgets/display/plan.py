"""A sweep's plan as the last line of a cell: a table of its axes, its cost and its time."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING, Any

from ...model.formatting import count, estimated_dollars, estimated_duration
from ...sweeps.axes import Axis
from ...sweeps.plan import basis, command, progress_so_far
from .static import quiet, table_html

if TYPE_CHECKING:
    from ...sweeps.plan import Plan

_SHOWN = 12
"""Values of an axis that are written out."""

Row = tuple[str, str, str]
"""Heading, value, and the basis of the value in small letters."""


def plan_bundle(plan: Plan) -> dict[str, Any]:
    """Return the mime bundle of a sweep's plan."""
    return {"text/html": plan_html(plan), "text/plain": repr(plan)}


def plan_html(plan: Plan) -> str:
    """Return the table of a plan; text from files, users or servers is escaped."""
    rows = ([quiet(name), escape(value), quiet(basis)] for name, value, basis in _rows(plan))
    notes = "".join(f"<p>{escape(note)}</p>" for note in plan.notes)
    return table_html(rows, named_rows=True, below=f"{notes}<p><code>{escape(command(plan))}</code></p>")


def _rows(plan: Plan) -> Iterator[Row]:
    yield "Cells", f"{len(plan.cells):,}", ", ".join(progress_so_far(plan))
    lengths = [len(axis.values) for axis in plan.axes]
    for axis, length in zip(plan.axes, lengths, strict=True):
        longest = length == max(lengths) and lengths.count(length) < len(lengths)
        yield axis.title, _values(axis), count(length, "value") + (", the longest axis" if longest else "")
    if not plan.missing:
        yield "To make", "nothing", ""
        return
    yield "To make", count(len(plan.missing), "job"), plan.service.label
    yield "Cost", estimated_dollars(plan.usd), basis(plan) if plan.service.paid else ""
    yield "Time", f"about {estimated_duration(plan.time.seconds)}", plan.time.basis


def _values(axis: Axis) -> str:
    rest = len(axis.values) - _SHOWN
    return ", ".join(axis.labels[:_SHOWN]) + (f", and {rest:,} more" if rest > 0 else "")
