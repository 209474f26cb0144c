"""The history where no widget lives: a table of its jobs, with the commands that make sense next."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...client.service import LABELS
from ...jobs.history import duration_text, input_names, price_text, settings_lines, state_text, summary
from ...jobs.journal import Entry
from ...model.formatting import local_time
from .static import table_html

if TYPE_CHECKING:
    from ...jobs.history import History

SHOWN = 50
"""Rows on screen; a longer history is filtered, or read as a DataFrame."""

_HEADINGS = ("Number", "Asked", "Picture and reference", "Settings", "State", "Took", "Price")
_COLOURS = {"saved": "good", "failed": "bad", "rejected": "bad", "unknown": "warn"}


def history_bundle(history: History) -> dict[str, Any]:
    """Return the mime bundle of a history of jobs."""
    return {"text/html": history_html(history.entries), "text/plain": repr(history)}


def history_html(entries: Sequence[Entry]) -> str:
    """Return the table of some jobs; text from files, users or servers is escaped."""
    table = f"{_table(entries[:SHOWN])}<p>{_below(entries)}</p>" if entries else "No jobs yet."
    return table_html(table, name="wan-history-table", css=Path(__file__).with_name("history.css"))


def _table(entries: Sequence[Entry]) -> str:
    head = "".join(f'<th scope="col" class="{_class(heading)}">{heading}</th>' for heading in _HEADINGS)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(map(_row, entries))}</tbody></table>"


def _row(entry: Entry) -> str:
    dot = f'<i class="wan-job-{_COLOURS.get(entry.phase, "busy")}"></i>'
    cells = (
        _line(str(entry.number)),
        _line(local_time(entry.created_at)) + _line(LABELS.get(entry.service, entry.service)),
        "".join(map(_line, input_names(entry))),
        "".join(map(_line, settings_lines(entry))),
        dot + _line(state_text(entry)) + _line(entry.error or ""),
        _line(duration_text(entry)),
        _line(price_text(entry)),
    )
    columns = zip(_HEADINGS, cells, strict=True)
    return f"<tr>{''.join(f'<td class={_class(heading)!r}>{cell}</td>' for heading, cell in columns)}</tr>"


def _class(heading: str) -> str:
    return f"wan-job-{heading.split()[0].lower()}"


def _line(text: str) -> str:
    return f'<span title="{escape(text)}">{escape(text)}</span>' if text else ""


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
