"""An estimate as the last line of a cell: a table of its price, its settings and the notices."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from ...model.formatting import estimated_dollars, settings_text
from .static import quiet, table_html

if TYPE_CHECKING:
    from ...jobs.estimate import JobEstimate


def estimate_bundle(estimate: JobEstimate) -> dict[str, Any]:
    """Return the mime bundle of an estimate."""
    return {"text/html": estimate_html(estimate), "text/plain": str(estimate)}


def estimate_html(estimate: JobEstimate) -> str:
    """Return the table of an estimate; text from files, users or servers is escaped."""
    order = estimate.order
    rows = (
        ("Price", estimated_dollars(estimate.usd), estimate.basis if order.service.paid else ""),
        ("Made by", order.service.label, ""),
        ("Inputs", f"{order.image.name} · {order.video.name}", ""),
        ("Settings", " · ".join(settings_text(estimate.settings)), ""),
    )
    cells = ([quiet(name), escape(value), quiet(small)] for name, value, small in rows)
    sentences = [*estimate.notes, *(notice.text for notice in estimate.notices)]
    notes = "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)
    return table_html(cells, named_rows=True, below=notes)
