"""The history as the last line of a cell: its jobs as cards, with a player."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ...jobs.kept_films import fold
from ..frontend import Widget, in_background
from ..history.history import HistoryList, JobFilter, JobOrFilm
from ..panel.history import SHOWN, called, matching_jobs, show_jobs
from ..player.player import Player
from .clip import compare_clips, play_clip
from .history import history_html
from .saved import SavedOutput

if TYPE_CHECKING:
    from ...jobs.history import History


class HistoryWidget(Widget):
    """The jobs of a history as cards, with their first frames and a player; a saved notebook shows them as a table.

    Args:
        history: the jobs to show.
    """

    _script, _style = "display/history_widget.js", "display/history_widget.css"

    def __init__(self, history: History) -> None:
        self._history, self._count = history, SHOWN
        only_refused = history.entries and not matching_jobs(history.entries, JobFilter())
        self._filter = JobFilter(state="refused" if only_refused else "")
        self.player = Player()
        self.history_list = HistoryList(
            on_filter=self._choose,
            on_more=self._show_more,
            on_play=lambda which: self._in_background(lambda: play_clip(self.player, history.play(which))),
            on_watch=lambda number: self._in_background(lambda: self._watch(number)),
            on_compare=lambda one, other: self._in_background(lambda: self._compare(one, other)),
            on_delete=lambda which: self._in_background(lambda: self._delete(which)),
        )
        super().__init__(history_list=self.history_list, player=self.player)
        self._saved = SavedOutput(self, lambda: (history_html(self._history), repr(self._history)))
        self._show()

    def _ipython_display_(self, **_kwargs: Any) -> None:
        self._saved.show()

    def _show(self) -> None:
        known, films = self._history.entries, self._history.films
        found = fold(matching_jobs(known, self._filter), films)
        show_jobs(self.history_list, found[: self._count], self._filter, len(found), len(fold(known, films)))

    def _choose(self, chosen: JobFilter) -> None:
        self._filter, self._count = chosen, SHOWN
        self._show()

    def _show_more(self) -> None:
        self._count += SHOWN
        self._show()

    def _watch(self, number: int) -> None:
        play_clip(self.player, self._history.resume(number).result())

    def _compare(self, one: JobOrFilm, other: JobOrFilm) -> None:
        clips = self._history.play(one), self._history.play(other)
        compare_clips(self.player, clips[0], called(one), clips[1], called(other))

    def _delete(self, which: JobOrFilm) -> None:
        self._history = self._history.delete(which)
        self._show()

    def _in_background(self, work: Callable[[], object]) -> None:
        in_background(work, self.history_list.fail)
