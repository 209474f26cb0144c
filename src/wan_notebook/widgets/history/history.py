"""The list of earlier jobs: a small picture of each clip, its settings, and the actions that it allows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ...errors import MediaError
from ...media.thumbnail import video_thumbnail
from ..bundle import script, style
from ..delivery import Label, MediaWidget


@dataclass(frozen=True)
class JobCard:
    """One earlier job as the list shows it."""

    number: int
    """The job's number in the journal."""
    title: str
    facts: str
    """Its settings and its price, in words."""
    state: str
    """Its state, in a word or two."""
    running: bool
    """Whether it can be watched."""
    poster: Label | None = None
    """The first frame of its clip; the list itself sets it."""


@dataclass(frozen=True)
class HistoryState:
    """The state of a list of earlier jobs."""

    jobs: tuple[JobCard, ...] = ()
    """Newest first; an empty list hides itself."""
    trouble: str = ""
    """The reason why the last action failed."""


class HistoryList(MediaWidget[HistoryState]):
    """Earlier jobs, newest first; each callback is called with the number of a job.

    Args:
        on_play: called when the job's clip is to be played.
        on_restore: called when the job's settings are to be set again.
        on_watch: called when the job, which still runs, is to be watched.
        on_compare: called with the numbers of two jobs whose clips are to be compared.
        on_delete: called when the job is to be deleted from the journal.
    """

    _esm = script("history/history.js")
    _css = style("history/history.css")

    def __init__(
        self,
        *,
        on_play: Callable[[int], None],
        on_restore: Callable[[int], None],
        on_watch: Callable[[int], None],
        on_compare: Callable[[int, int], None],
        on_delete: Callable[[int], None],
    ) -> None:
        super().__init__(
            HistoryState(),
            {
                "play": lambda message: on_play(int(message["number"])),
                "restore": lambda message: on_restore(int(message["number"])),
                "watch": lambda message: on_watch(int(message["number"])),
                "compare": lambda message: on_compare(*map(int, message["numbers"])),
                "delete": lambda message: on_delete(int(message["number"])),
            },
        )
        self._drawn: object = ((), {})

    def show(self, cards: Sequence[JobCard], clips: Mapping[int, Path]) -> None:
        """Show earlier jobs; the same again changes nothing.

        Args:
            cards: without their posters.
            clips: files of the clips that are saved, by the job's number.
        """
        with self._lock:
            drawn = (tuple(cards), dict(clips))
            if drawn == self._drawn:
                return
            self._drawn = drawn
            self.delivery.withdraw()
            shown = (replace(card, poster=self._poster(clips.get(card.number))) for card in cards)
            self.render(HistoryState(tuple(shown)))

    def _poster(self, clip: Path | None) -> Label | None:
        try:
            return None if clip is None else self.delivery.offer(video_thumbnail(clip))
        except MediaError:
            return None  # one clip that was damaged or removed must not hide the others
