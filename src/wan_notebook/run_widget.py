"""A run on screen: a status bar that follows it, and the clip once it is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import ipywidgets

from .jobs.progress import Progress
from .status_words import status_of
from .widgets.front_end import resend_all
from .widgets.player import Player
from .widgets.status import StatusBar

if TYPE_CHECKING:
    from .jobs.run import Run


class RunBar(StatusBar):
    """A status bar that tells what a run says.

    Args:
        run: which it follows.
        on_beat: as for StatusBar.
    """

    def __init__(self, run: Run, on_beat: Callable[[], None] | None = None) -> None:
        super().__init__(on_beat)
        run.observe(lambda progress: self.render(status_of(progress)))


class RunWidget(ipywidgets.VBox):  # type: ignore[misc]
    """A run's status bar, below which its clip plays as soon as it is saved.

    Args:
        run: which is shown.
    """

    def __init__(self, run: Run) -> None:
        self._player = Player()
        # A front end that lost the news of the end lost the clip as well.
        super().__init__([RunBar(run, on_beat=lambda: resend_all(self)), self._player])
        self.add_class("wan-run")
        run.observe(self._play)

    def _play(self, progress: Progress) -> None:
        if progress.clip is not None:
            progress.clip.play_in(self._player)
