"""The studio on screen: pickers, settings, the button, the status bar and the clip."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets

from .. import background, models, presets
from ..clip import Clip
from ..errors import AskedBefore, StorageError, WanError, defect
from ..preflight import Notice
from ..studio import Studio
from ..throttle import Throttle
from ..widgets.command import Caution, CommandBar
from ..widgets.front_end import resend_all
from ..widgets.player import Player
from ..widgets.settings_form import SettingsForm
from ..widgets.status import StatusBar
from .chooser import Chooser
from .code import as_code
from .past import Past
from .pointing import Pointing
from .preparing import Preparing
from .services import services
from .status import status_of, waiting_words
from .still import Still

_DAMAGE = "journal"
"""The topic of a damaged journal among the warnings."""
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
        self._settings = SettingsForm(
            on_set=lambda name, value: self.studio.set({name: value}),
            on_reset=self.studio.reset,
            on_preset=lambda name: self.studio.set(presets.presets()[name]),
            on_keep=self._keep_preset,
            on_forget=self._forget_preset,
        )
        self._command = CommandBar(
            on_generate=lambda again: self._aside(lambda: self.studio.generate(again=again)),
            on_stop=self.studio.cancel,
            on_service=lambda name: setattr(self.studio, "service", services(self.studio.service)[name]),
            on_watch=lambda number: self._aside(lambda: self.studio.resume(int(number))),
            on_balance=lambda: self._aside(self.studio.look_at_balance),
            on_remedy=self._remedy,
            on_samples=self._take_samples,
        )
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
        self._render_settings()
        self._render_command()
        self._status.render(status_of(self.studio.progress, self.studio.problem, self.studio.changed))
        self._render_clip()
        self._past.render()
        self._still.render()

    def _ipython_display_(self, **_kwargs: Any) -> None:
        """Show the panel, and beside it what a saved notebook shows in its stead."""
        from IPython.display import display

        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        display({"application/vnd.jupyter.widget-view+json": view}, raw=True)
        self._still.show()

    def _answer_beat(self) -> None:
        """Some front ends lose what is sent unasked, so a browser that asks gets everything once more."""
        self.render()
        resend_all(self)

    def _render_settings(self) -> None:
        settings, preview = self.studio.settings, not self.studio.service.paid
        known = self._presets()
        own = {name: name not in models.PRESETS for name in known}
        self._settings.render(settings, preview=preview, presets=own, preset=presets.matching(settings, known))

    def _presets(self) -> Mapping[str, Mapping[str, Any]]:
        try:
            return presets.presets()
        except StorageError as error:
            self.studio.tell_trouble(error)
            return models.PRESETS

    def _render_command(self) -> None:
        studio = self.studio
        busy, watched = studio.progress.phase.active, {studio.watched} - {None}
        self._command.render(
            busy=busy,
            ready=studio.ready,
            empty=studio.image is None and studio.video is None,
            made_before=self._made_before(),
            price=self._price(),
            paid=studio.service.paid,
            balance=studio.balance,
            service=studio.service.name,
            services={name: service.label for name, service in services(studio.service).items()},
            warnings=[*self._damage(), *(_caution(notice) for notice in studio.notices)],
            waiting={str(one.number): waiting_words(one) for one in studio.waiting if one.job_id not in watched},
            code=as_code(studio),
        )

    def _damage(self) -> list[Caution]:
        damage = self.studio.damage
        return [Caution(topic=_DAMAGE, text=damage, remedy="Set it aside")] if damage else []

    def _remedy(self, topic: str) -> None:
        if topic == _DAMAGE:
            self._aside(self.studio.set_journal_aside)
        else:
            self.studio.remedy(topic)

    def _render_clip(self) -> None:
        clip = self.studio.clip
        if clip is self._played:
            return
        self._played = clip
        if clip is None:
            self._player.clear()
        else:
            clip.play_in(self._player)

    def _made_before(self) -> bool:
        progress = self.studio.progress
        asked = progress.made_before or isinstance(progress.error, AskedBefore)
        return asked and not self.studio.changed

    def _price(self) -> str:
        estimate, studio = self.studio.estimate, self.studio
        if estimate is not None:
            return str(estimate).capitalize()
        if studio.image is None and studio.video is None:
            return "Choose a picture and a video, or"
        return "Choose a picture as well." if studio.image is None else "Choose a video as well."

    def _take_samples(self) -> None:
        self._image.take_sample()
        self._video.take_sample()

    def _keep_preset(self, name: str) -> None:
        presets.keep(name, self.studio.settings)
        self.render()

    def _forget_preset(self, name: str) -> None:
        presets.forget(name)
        self.render()

    def _aside(self, work: Callable[[], Any]) -> None:
        """Do what may take time away from the kernel's thread; a failure is shown, never lost."""
        background.start(asyncio.to_thread(self._shown, work))

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


def _caution(notice: Notice) -> Caution:
    return Caution(topic=notice.topic, text=notice.text, remedy=notice.remedy)
