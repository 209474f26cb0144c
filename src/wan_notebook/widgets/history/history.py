"""The list of earlier jobs: a small picture of each clip, its settings, and the actions that it allows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeAlias

from ...media.thumbnail import video_thumbnail
from ..delivery import Label, MediaPart

JobOrFilm: TypeAlias = int | str
"""The number of a job, or the name of a film."""


@dataclass(frozen=True)
class ShotLine:
    """One shot of a film whose clip can be played."""

    number: int
    """Its job's number in the journal."""
    text: str


@dataclass(frozen=True)
class JobCard:
    """One earlier job, or a film that was joined of several, as the list shows it."""

    number: int
    """The job's number in the journal; 0 of a film."""
    title: str
    facts: str
    """Its settings and its price, in words."""
    state: str
    """Its state, in a word or two."""
    running: bool
    """Whether it can be watched."""
    film: str = ""
    """The name of a film; empty of a job."""
    differences: str = ""
    """Of a film that another one was before, which shots are others than in that, and with what."""
    shots: tuple[ShotLine, ...] = ()
    """Of a film, those that have a job."""
    poster: Label | None = None
    """The first frame of its clip; the list itself sets it."""


@dataclass(frozen=True)
class JobFilter:
    """Which earlier jobs are shown."""

    text: str = ""
    """Contained anywhere in what is known of the job: in a file's name, an error, an id."""
    state: Literal["", "saved", "under way", "refused"] = ""
    """Empty shows all but those that were refused or have failed."""
    mode: Literal["", "move", "replace"] = ""
    """Empty shows both."""


@dataclass(frozen=True)
class HistoryState:
    """The state of a list of earlier jobs."""

    jobs: tuple[JobCard, ...] = ()
    """Newest first."""
    matching: int = 0
    """How many there are that the filter shows."""
    known: int = 0
    """How many there are in all; without any the list hides itself."""
    filter: JobFilter = JobFilter()
    usable: bool = True
    """Whether the list stands in a panel, in which what made a job can be set again."""
    trouble: str = ""
    """The reason why the last action failed."""


class HistoryList(MediaPart[HistoryState]):
    """Earlier jobs and films, newest first; each callback is called with the number of a job or the name of a film.

    Args:
        on_filter: called with the filter that a person has chosen.
        on_more: called when more jobs are to be shown.
        on_use: called when all that made the job is to be set again; None where there is no panel to set it in.
        on_play: called when the job's clip is to be played.
        on_restore: called when the job's settings are to be set again; None likewise.
        on_watch: called when the job, which still runs, is to be watched.
        on_compare: called with two of them whose clips are to be compared.
        on_delete: called when the job is to be deleted from the journal, or the film from the disk.
    """

    def __init__(
        self,
        *,
        on_filter: Callable[[JobFilter], None],
        on_more: Callable[[], None],
        on_use: Callable[[JobOrFilm], None] | None = None,
        on_play: Callable[[JobOrFilm], None],
        on_restore: Callable[[JobOrFilm], None] | None = None,
        on_watch: Callable[[int], None],
        on_compare: Callable[[JobOrFilm, JobOrFilm], None],
        on_delete: Callable[[JobOrFilm], None],
    ) -> None:
        super().__init__(
            HistoryState(usable=on_use is not None),
            {
                "filter": lambda message: on_filter(JobFilter(message["text"], message["state"], message["mode"])),
                "more": lambda _: on_more(),
                "use": lambda message: on_use and on_use(_which(message)),
                "play": lambda message: on_play(_which(message)),
                "restore": lambda message: on_restore and on_restore(_which(message)),
                "watch": lambda message: on_watch(int(message["number"])),
                "compare": lambda message: on_compare(*map(_which, message["chosen"])),
                "delete": lambda message: on_delete(_which(message)),
            },
        )
        self._drawn: object = None

    def show(
        self, cards: Sequence[tuple[JobCard, Path | None]], *, matching: int, known: int, chosen: JobFilter
    ) -> None:
        """Show earlier jobs; the same again changes nothing.

        Args:
            cards: without their posters, each with the file of its clip where that is saved.
            matching: as in HistoryState, and so for `known`.
            known: jobs in all, a film counted as one.
            chosen: the filter.
        """
        with self._lock:
            drawn = (tuple(cards), matching, known, chosen)
            if drawn == self._drawn:
                return
            self._drawn = drawn
            self.delivery.withdraw()
            shown = (replace(card, poster=self._poster(clip)) for card, clip in cards)
            self.render(HistoryState(tuple(shown), matching, known, chosen, self.shown.usable))

    def _poster(self, clip: Path | None) -> Label | None:
        if clip is None or not clip.is_file():
            return None
        # Drawn when a browser asks for it: a panel that lists earlier clips is there before any of them is decoded.
        return self.delivery.offer_unread(f"poster {clip}", "image/jpeg", partial(video_thumbnail, clip))


def _which(message: Mapping[str, Any]) -> JobOrFilm:
    """Return which job or film a browser's message is about."""
    return str(message["film"]) if message.get("film") else int(message["number"])
