"""The history where no widget lives: a table of its jobs, with the commands that make sense next."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from ...client.service import LABELS
from ...jobs.history import duration_text, input_names, price_text, settings_lines, state_text, summary
from ...jobs.journal import Entry
from ...model.formatting import local_time
from .static import first_frame, quiet, table_html

if TYPE_CHECKING:
    from ...jobs.history import History

SHOWN = 50
"""Rows on screen; a longer history is filtered, or read as a DataFrame."""

_HEADINGS = ("Number", "Clip", "Asked", "Picture and reference", "Settings", "State", "Took", "Price")
_PICTURES, _SIDE = 20, 96
"""Jobs whose first frames are shown, the newest, and the pixels of a frame's longer side."""


def history_bundle(history: History) -> dict[str, Any]:
    """Return the mime bundle of a history of jobs."""
    return {"text/html": history_html(history.entries), "text/plain": repr(history)}


def history_html(entries: Sequence[Entry]) -> str:
    """Return the table of some jobs; text from files, users or servers is escaped."""
    if not entries:
        return "No jobs yet."
    rows = (_cells(entry, pictured=at < _PICTURES) for at, entry in enumerate(entries[:SHOWN]))
    return table_html(rows, headings=_HEADINGS, below=f"<p>{_below(entries)}</p>")


def _cells(entry: Entry, *, pictured: bool) -> list[str]:
    has_clip = pictured and entry.clip is not None and entry.clip.is_file()
    return [
        str(entry.number),
        first_frame(entry.clip, _SIDE) if has_clip and entry.clip is not None else "",
        _lines(local_time(entry.created_at), LABELS.get(entry.service, entry.service)),
        _lines(*input_names(entry)),
        _lines(*settings_lines(entry)),
        _lines(state_text(entry), entry.error or ""),
        escape(duration_text(entry)),
        escape(price_text(entry)),
    ]


def _lines(first: str, second: str) -> str:
    return "<br>".join(filter(None, (escape(first), quiet(second))))


def _below(entries: Sequence[Entry]) -> str:
    """Return the summary below the table, with the commands that make sense next."""
    hidden = len(entries) - SHOWN
    more = f" The {hidden:,} oldest are not shown here, but in <code>.table</code>." if hidden > 0 else ""
    commands = []
    for phases, command in ((("saved",), "play"), (("running", "completed", "unknown"), "resume")):
        if (entry := next((entry for entry in entries if entry.phase in phases), None)) is not None:
            where = escape(entry.service_argument) if command == "resume" else ""
            commands.append(f"{command}({entry.number}{where})")
    listed = " · ".join(f"<code>wan.history().{command}</code>" for command in (*commands, "table"))
    return f"{escape(summary(entries))}.{more}<br>{listed}"
