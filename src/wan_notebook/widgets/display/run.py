"""A run as the last line of a cell: a status bar that follows it, and the clip once it is saved."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import ipywidgets

from ...jobs.progress import Progress
from ..frontend import resend_all
from ..player.player import Player
from ..status.status import StatusBar, status_state
from .clip import play_clip, saved_clip
from .saved import SavedOutput
from .static import pictures_html

if TYPE_CHECKING:
    from ...jobs.run import Run


def run_widget(run: Run) -> RunWidget:
    """Return a new widget that follows a run."""
    return RunWidget(run)


def show_bar(run: Run) -> None:
    """Display a status bar that follows a run, without its clip."""
    bar = RunBar(run)
    saved = SavedOutput(bar, bar, lambda: _saved_progress(run.progress), lambda: run.done)
    saved.show()
    _update_at_end(run, saved)


class RunBar(StatusBar):
    """A status bar that shows the progress of a run.

    Args:
        run: the run to follow.
        on_beat: as for StatusBar.
    """

    def __init__(self, run: Run, on_beat: Callable[[], None] | None = None) -> None:
        super().__init__(on_beat)
        run.observe(lambda progress: self.render(status_state(progress)))


class RunWidget(ipywidgets.VBox):  # type: ignore[misc]
    """A run's status bar, below which its clip plays as soon as it is saved.

    Args:
        run: the run to show.
    """

    def __init__(self, run: Run) -> None:
        self._player = Player()
        # A front end that lost the last progress lost the clip as well.
        super().__init__([RunBar(run, on_beat=lambda: resend_all(self)), self._player])
        self.add_class("wan-run")
        self._saved = SavedOutput(self, self._player, lambda: _saved_run(run), lambda: run.done)
        run.observe(self._play)
        _update_at_end(run, self._saved)

    def _ipython_display_(self, **_kwargs: Any) -> None:
        self._saved.show()

    def _play(self, progress: Progress) -> None:
        if progress.clip is not None:
            play_clip(self._player, progress.clip)


def _saved_run(run: Run) -> tuple[str, str]:
    return saved_clip(run.progress.clip) if run.progress.clip else _saved_progress(run.progress)


def _saved_progress(progress: Progress) -> tuple[str, str]:
    line = f"{progress.phase.value}. {progress.message}".removesuffix(". ")
    return pictures_html({}, [line]), line


def _update_at_end(run: Run, saved: SavedOutput) -> None:
    run.observe(lambda progress: saved.update() if progress.finished_at is not None else None)
