"""A run as the last line of a cell: a status bar that follows it, and the clip once it is saved."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ...jobs.progress import Progress
from ..frontend import Widget
from ..player.player import Player
from ..status.status import StatusBar, StatusState, Tone, status_state
from .clip import finish_form, play_clip, saved_clip
from .saved import SavedOutput
from .static import pictures_html

if TYPE_CHECKING:
    from ...jobs.run import Run


class RunWidget(Widget):
    """A run's status bar, below which its clip plays as soon as it is saved.

    Args:
        run: the run to show.
    """

    _script, _style = "display/run.js", "display/run.css"

    def __init__(self, run: Run) -> None:
        self.status_bar, self.player = run_bar(run), Player()
        self.finish = finish_form(self.player)
        super().__init__(status_bar=self.status_bar, player=self.player, finish=self.finish)
        self._saved = SavedOutput(self, lambda: _saved_run(run), lambda: _is_over(run))
        run.observe(self._play)
        _update_at_end(run, self._saved)

    def _ipython_display_(self, **_kwargs: Any) -> None:
        self._saved.show()

    def _play(self, progress: Progress) -> None:
        if progress.clip is not None:
            play_clip(self.player, progress.clip)


class BarWidget(Widget):
    """A status bar alone.

    Args:
        bar: the bar.
    """

    _script, _style = "display/run.js", "display/run.css"

    def __init__(self, bar: StatusBar) -> None:
        super().__init__(status_bar=bar)


def show_bar(run: Run) -> None:
    """Display a status bar that follows a run, without its clip."""
    saved = SavedOutput(BarWidget(run_bar(run)), lambda: _saved_progress(run.progress), lambda: _is_over(run))
    saved.show()
    _update_at_end(run, saved)


@contextmanager
def work_bar() -> Iterator[Callable[[float, str], None]]:
    """Display a status bar of work that is no job, and yield a function that draws its share, 0 to 1, and its words."""
    bar, began = StatusBar(), time.time()

    def draw(share: float, what: str) -> None:
        bar.render(StatusState(what, "busy", fraction=share, started_at=began))

    def end(phase: str, tone: Tone) -> None:
        bar.render(StatusState(phase, tone, started_at=began, finished_at=time.time()))
        saved.update()

    draw(0.0, "Waiting")
    saved = SavedOutput(BarWidget(bar), lambda: _saved_line(bar.shown.phase), lambda: bar.shown.tone != "busy")
    saved.show()
    try:
        yield draw
    except BaseException:
        end("Not finished", "calm")
        raise
    end("Finished", "good")


def run_bar(run: Run) -> StatusBar:
    """Return a status bar that shows the progress of a run."""
    bar = StatusBar()
    run.observe(lambda progress: bar.render(status_state(progress)))
    return bar


def _saved_run(run: Run) -> tuple[str, str]:
    return saved_clip(run.progress.clip) if run.progress.clip else _saved_progress(run.progress)


def _saved_progress(progress: Progress) -> tuple[str, str]:
    return _saved_line(f"{progress.phase.value}. {progress.message}".removesuffix(". "))


def _saved_line(line: str) -> tuple[str, str]:
    return pictures_html({}, [line]), line


def _is_over(run: Run) -> bool:
    # Its last progress is told a moment before the run itself is done.
    return run.progress.finished_at is not None


def _update_at_end(run: Run, saved: SavedOutput) -> None:
    run.observe(lambda _: saved.update() if _is_over(run) else None)
