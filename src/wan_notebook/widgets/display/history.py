"""The history where no widget lives: a table of its jobs, with the commands that make sense next."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from ...client.service import LABELS
from ...jobs.history import duration_text, input_names, price_text, settings_lines, state_text, summary
from ...jobs.journal import Entry
from ...jobs.kept_films import KeptFilm, fold
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
    return {"text/html": history_html(history), "text/plain": repr(history)}


def history_html(history: History) -> str:
    """Return the table of a history, each film in one row; text from files, users or servers is escaped."""
    if not history.entries:
        return "No jobs yet."
    rows = fold(history.entries, history.films)
    cells = (
        _film_cells(row, pictured=at < _PICTURES) if isinstance(row, KeptFilm) else _cells(row, pictured=at < _PICTURES)
        for at, row in enumerate(rows[:SHOWN])
    )
    return table_html(cells, headings=_HEADINGS, below=f"<p>{_below(rows, history.entries)}</p>")


def _film_cells(film: KeptFilm, *, pictured: bool) -> list[str]:
    numbers = ", ".join(str(job.number) for job in film.jobs)
    return [
        "Film",
        first_frame(film.path, _SIDE) if pictured else "",
        escape(local_time(film.created_at)),
        _lines(film.title, film.name),
        _lines(
            ", ".join(filter(None, [film.shots_text, film.differences])),
            f"{'job' if len(film.jobs) == 1 else 'jobs'} {numbers}",
        ),
        "joined",
        "",
        escape(film.price_text),
    ]


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


def _below(rows: Sequence[Entry | KeptFilm], entries: Sequence[Entry]) -> str:
    """Return the summary below the table, with the commands that make sense next."""
    hidden = len(rows) - SHOWN
    more = f" The {hidden:,} oldest are not shown here, but in <code>.table</code>." if hidden > 0 else ""
    commands = [f'play("{escape(film.name)}")' for film in rows if isinstance(film, KeptFilm)][:1]
    for phases, command in ((("saved",), "play"), (("running", "completed", "unknown"), "resume")):
        if (entry := next((entry for entry in entries if entry.phase in phases), None)) is not None:
            where = escape(entry.service_argument) if command == "resume" else ""
            commands.append(f"{command}({entry.number}{where})")
    listed = " · ".join(f"<code>wan.history().{command}</code>" for command in (*commands, "table"))
    return f"{escape(summary(entries))}.{more}<br>{listed}"
