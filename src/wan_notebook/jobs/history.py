"""Every job as a table in the notebook: to filter, play, resume, delete and export."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InvalidRequest, WanError
from ..model import family
from ..model.formatting import count, dollars, duration, estimated_dollars, settings_text
from ..runtime.data_dir import expanded
from .clip import Clip
from .journal import Entry, Journal, csv_export
from .journal.entry import PHASES
from .kept_films import KeptFilm, find_film, kept_films
from .recipe import Input

if TYPE_CHECKING:
    import pandas

    from ..client.service import Service
    from .run import Run


@dataclass(frozen=True)
class History:
    """Jobs, newest first; as the last line of a cell they can be seen, played and searched.

    It is a snapshot: ask `wan.history()` again to see what happened since.
    """

    entries: tuple[Entry, ...]
    journal: Journal

    def __len__(self) -> int:
        return len(self.entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def __getitem__(self, number: int) -> Entry:
        for entry in self.entries:
            if entry.number == number:
                return entry
        raise InvalidRequest(f"There is no job {number} here; wan.history() shows every job with its number.")

    @property
    def films(self) -> tuple[KeptFilm, ...]:
        """The films that were joined of these jobs' clips, newest first.

        Raises:
            StorageError: the journal or the data directory cannot be read.
        """
        shown = {entry.number for entry in self.entries}
        return tuple(film for film in kept_films(self.journal) if any(job.number in shown for job in film.jobs))

    @property
    def rows(self) -> list[dict[str, Any]]:
        """One flat dictionary per job, newest first: times in UTC, settings by their wire names."""
        return [csv_export.line(entry) for entry in self.entries]

    @property
    def table(self) -> pandas.DataFrame:
        """The same as a pandas DataFrame, by number.

        Raises:
            WanError: pandas is not installed.
        """
        try:
            import pandas
        except ImportError:
            raise WanError("history.table needs pandas (pip install pandas); history.rows does not.") from None
        return pandas.DataFrame(self.rows, columns=csv_export.columns(self.rows)).set_index("number")

    def where(self, text: str = "", **equal: Any) -> History:
        """Return the history of the matching jobs only.

        Args:
            text: contained anywhere in the row: in a file's name, a status, an error, an id.
            equal: values of columns: phase="saved", resolution="720p", model="move"; a list takes any of its values.

        Raises:
            InvalidRequest: there is no such column.
        """
        if not isinstance(text, str):
            raise InvalidRequest(f"{text!r} is no text to look for; wan.history()[{text!r}] is the job of a number.")
        wanted = {name: filter_values(name, value) for name, value in equal.items()}
        if wrong := [phase for phase in wanted.get("phase", ()) if phase not in PHASES]:
            raise InvalidRequest(f"There is no phase {wrong[0]}; there are {', '.join(PHASES)}.")
        if wanted.keys() - set(columns := csv_export.columns(self.rows)) and self.entries:
            unknown = min(wanted.keys() - set(columns))
            raise InvalidRequest(f"There is no column {unknown}; there are {', '.join(columns)}.")
        found = (e for e, row in zip(self.entries, self.rows, strict=True) if matches(row, text, wanted))
        return replace(self, entries=tuple(found))

    def play(self, number: int | str) -> Clip:
        """Return the clip of a job, which plays as the last line of a cell.

        Args:
            number: of the job, or the name of a film.

        Raises:
            InvalidRequest: there is no such job or film, or it has no clip.
            StorageError: the clip cannot be read.
        """
        if isinstance(number, str):
            return find_film(self.films, number).open_clip()
        entry = self[number]
        if entry.clip is None or not entry.clip.is_file():
            call = f"history.resume({number}{entry.service_argument})"
            remedy = f" {call} fetches it." if entry.phase in ("completed", "saved") else ""
            raise InvalidRequest(f"Job {number} has no clip: {state_text(entry)}.{remedy}")
        return entry.open_clip()

    def resume(self, number: int, *, service: Service | None = None) -> Run:
        """Watch a job again and save its clip; one of unknown outcome is looked up first. Nothing is submitted.

        Args:
            number: of the job.
            service: where it runs, as for wan.resume.

        Returns:
            The run, whose result() is the clip.

        Raises:
            InvalidRequest: there is no such job, or nothing was bought.
        """
        from .run import resume

        return resume(self[number].number, service=service)

    def delete(self, *numbers: int | str, clip: bool = False, running: bool = False) -> History:
        """Delete jobs for good, and return the history without them; of a film, the jobs of its shots stay.

        Args:
            numbers: of the jobs, or the names of films.
            clip: also remove their clips from the disk.
            running: also those whose clip is still to come, which then cannot be fetched any more.

        Raises:
            InvalidRequest: there is no such job or film, or its clip may still come; then none is deleted.
            StorageError: a film cannot be removed.
        """
        films = [find_film(self.films, one) for one in numbers if isinstance(one, str)]
        jobs = (self[one] for one in numbers if not isinstance(one, str))
        deleted = sorted(jobs, key=lambda entry: not entry.pending)
        for entry in deleted:
            self.journal.delete(entry, clip=clip, running=running)
        for film in films:
            film.delete()
        return replace(self, entries=tuple(entry for entry in self.entries if entry not in deleted))

    def export_csv(self, path: str | Path) -> Path:
        """Write these jobs to a CSV file, oldest first, and return where it is.

        Args:
            path: of the file.

        Raises:
            StorageError: the file cannot be written.
        """
        return csv_export.write(reversed(self.entries), expanded(path))

    def backup(self, path: str | Path) -> Path:
        """Write every job of the journal, not only these, into a file or a folder of yours, and return where it is.

        Unlike a copy of the data directory it is whole while jobs run. It becomes the journal again as jobs.sqlite3 in
        the folder journal of a data directory.

        Args:
            path: of the new file, or a folder for it.

        Raises:
            StorageError: the journal cannot be read, or the file not be written.
        """
        return self.journal.back_up(expanded(path))

    def __repr__(self) -> str:
        return f"History({summary(self.entries)})"

    @property
    def widget(self) -> Any:
        """A new widget of these jobs, with a player, to be composed with others."""
        from ..widgets.display.history_widget import HistoryWidget

        return HistoryWidget(self)

    def _display_(self) -> Any:
        return self.widget  # what marimo asks for

    def _ipython_display_(self) -> None:
        self.widget._ipython_display_()

    def _repr_mimebundle_(self, **_kwargs: Any) -> dict[str, Any]:
        from ..widgets.display.history import history_bundle

        return history_bundle(self)


def history(text: str = "", **equal: Any) -> History:
    """Return every job, newest first; arguments as for History.where.

    Args:
        text: stands in the name of an input, in the settings or in the reason of a failure.
        equal: columns and what they must be, as phase="saved" or shift=5.

    Returns:
        All jobs, or those that fit: a table as the last line of a cell, and rows to be asked for by number.

    Raises:
        InvalidRequest: there is no such column.
        StorageError: the journal cannot be read.
    """
    journal = Journal()
    return History(tuple(journal.entries()), journal).where(text, **equal)


def filter_values(name: str, value: Any) -> tuple[Any, ...]:
    """Return the values that a filter of History.where accepts; a model may be given by its mode."""
    values = value if isinstance(value, list | tuple | set) else (value,)
    modes = {model.mode: model.id for model in family.MODELS.values()}
    return tuple(modes.get(one, one) if name == "model" else one for one in values)


def matches(row: dict[str, Any], text: str, wanted: dict[str, tuple[Any, ...]]) -> bool:
    """Return whether a row contains a text and has one of the wanted values in each column."""
    found = text.casefold() in "\n".join(str(value) for value in row.values() if value is not None).casefold()
    return found and all(row.get(name) in values for name, values in wanted.items())


def state_text(entry: Entry) -> str:
    """Return the state of a job in words, with the consequence for the money."""
    if entry.phase == "running":
        return entry.status or "running"
    if entry.phase == "saved" and not (entry.clip and entry.clip.is_file()):
        return "its clip was removed"
    return _STATES[entry.phase]


_STATES = {
    "submitting": "being sent",
    "rejected": "refused, not charged",
    "unknown": "unknown, perhaps bought",
    "completed": "finished, not saved yet",
    "failed": "failed, not charged",
    "saved": "saved",
}


def price_text(entry: Entry) -> str:
    """Return the cost of a job in words; its estimate, as long as the service has not stated the cost."""
    if not entry.paid or entry.phase in ("rejected", "failed"):
        return "free" if not entry.paid else "–"
    # Some services state nothing as a cost of zero.
    return dollars(entry.usd) if entry.usd else estimated_dollars(entry.estimate_usd)


def summary(entries: Sequence[Entry]) -> str:
    """Return the number of jobs, their cost and the cost still expected, in words."""
    parts = [count(len(entries), "job"), *spending(entries)]
    for phase, words in (
        ("running", "still running"),
        ("completed", "not saved yet"),
        ("unknown", "of unknown outcome"),
    ):
        if number := sum(e.phase == phase for e in entries):
            parts.append(f"{number} {words}")
    return ", ".join(parts)


def spending(entries: Sequence[Entry]) -> Iterator[str]:
    """Yield the cost of jobs in words: spent, still expected, and unknown."""
    bought = [entry for entry in entries if entry.paid and entry.phase in ("running", "completed", "saved")]
    unstated = [entry for entry in bought if not entry.usd]
    if bought:
        yield f"{dollars(sum(entry.usd for entry in bought if entry.usd is not None))} spent"
    if expected := sum(entry.estimate_usd or 0 for entry in unstated):
        yield f"{estimated_dollars(expected)} more expected"
    if unknown := sum(entry.estimate_usd is None for entry in unstated):
        yield f"{unknown} of unknown price"


def settings_lines(entry: Entry) -> tuple[str, str]:
    """Return two lines: mode and resolution; steps, shift, preparation, and other settings where not as usual."""
    first = {"model": entry.model, "resolution": entry.settings.get("resolution")}
    rest = {name: value for name, value in entry.choices.items() if name not in first}
    return " · ".join(settings_text(first)), " · ".join(settings_text(rest, defaults=False))


def input_names(entry: Entry) -> tuple[str, str]:
    """Return the names of picture and reference as they were chosen."""
    picture, reference = map(input_name, entry.chosen)
    return picture, reference


def duration_text(entry: Entry) -> str:
    """Return the duration of a job in words; empty where its end was not watched."""
    if entry.seconds is None or entry.seconds < 0 or (entry.late_by or 0) > 60:
        return ""
    return duration(entry.seconds)


def input_name(file: Input) -> str:
    """Return the name of an input, from its URL where it has none."""
    return file.name or file.url.split("?", 1)[0].rstrip("/").rpartition("/")[2] or "?"
