"""The studio on screen: pickers, settings, the button, the status bar and the clip."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import ipywidgets

from ...errors import WanError, defect
from ...jobs.clip import Clip
from ...runtime import event_loop
from ...runtime.throttle import Throttle
from ..display.clip import play_clip
from ..display.panel import Still
from ..frontend import resend_all, view_of
from ..player.player import Player
from ..status.status import StatusBar, status_of
from .forms import Pointing, Preparing, Setting
from .generate import Beginning
from .history import Past
from .inputs import Chooser
from .studio import Studio

_log = logging.getLogger("wan_notebook")


class Panel(ipywidgets.VBox):  # type: ignore[misc]
    """Draws a studio, and hands what a person does to it; it keeps nothing of its own.

    A studio may be drawn by several panels, and a panel shown in several cells: all stay in step.

    Args:
        studio: what is drawn; a new one by default.
        chosen: traits of the new studio, as resolution="720p".
    """

    def __init__(self, studio: Studio | None = None, **chosen: Any) -> None:
        self.studio = studio or Studio(**chosen)
        self._image, self._video = Chooser("image", self.studio), Chooser("video", self.studio)
        self._pointing, self._preparing = Pointing(self.studio), Preparing(self.studio)
        self._setting = Setting(self.studio)
        self._beginning = Beginning(self.studio, self._take_samples, self._aside)
        self._settings, self._command = self._setting.form, self._beginning.bar
        self._status = StatusBar(on_beat=self._answer_beat)
        self._player = Player()
        self._past = Past(self.studio, self._player, (self._image, self._video), self._aside)
        self._still = Still(self.studio)
        self._played: Clip | None = None
        columns = ipywidgets.HBox(
            [_column(self._image.picker, self._pointing.form), _column(self._video.picker, self._preparing.form)]
        )
        columns.add_class("wan-columns")
        super().__init__(
            [columns, self._settings, self._command, self._status, self._player, self._past.strip],
        )
        self.add_class("wan-panel")
        self._render_soon = Throttle(self.render)
        self.studio.observe(lambda _change: self._render_soon())
        self.render()

    def render(self) -> None:
        """Show the studio as it is now; again and again does no harm."""
        self._image.render()
        self._video.render()
        self._pointing.render()
        self._preparing.render()
        self._setting.render()
        self._beginning.render()
        self._status.render(status_of(self.studio.progress, self.studio.problem, self.studio.changed))
        self._render_clip()
        self._past.render()
        self._still.render()

    def _ipython_display_(self, **_kwargs: Any) -> None:
        """Show the panel, and beside it what a saved notebook shows in its stead."""
        from IPython.display import display

        display(view_of(self), raw=True)
        self._still.show()

    def _answer_beat(self) -> None:
        """Some front ends lose what is sent unasked, so a browser that asks gets everything once more."""
        self.render()
        resend_all(self)

    def _render_clip(self) -> None:
        clip = self.studio.clip
        if clip is self._played:
            return
        self._played = clip
        if clip is None:
            self._player.clear()
        else:
            play_clip(self._player, clip)

    def _take_samples(self) -> None:
        self._image.take_sample()
        self._video.take_sample()

    def _aside(self, work: Callable[[], Any]) -> None:
        """Do what may take time away from the kernel's thread; a failure is shown, never lost."""
        event_loop.start(asyncio.to_thread(self._shown, work))

    def _shown(self, work: Callable[[], Any]) -> None:
        try:
            self.studio.problem = ""
            work()
        except WanError as error:
            self.studio.problem = str(error)
        except Exception as error:  # noqa: BLE001 - shown to the person: a front end swallows what is raised here
            _log.exception("a command of the panel failed")
            self.studio.problem = defect(error)


def _column(*parts: ipywidgets.DOMWidget) -> ipywidgets.VBox:
    column = ipywidgets.VBox(parts)
    column.add_class("wan-column")
    return column
