"""The panel: pickers, forms, the button, the status bar, the player and the earlier jobs, on one studio."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...jobs.clip import Clip
from ...runtime.throttle import Throttle
from ..display.clip import finish_form, play_clip
from ..display.panel import PanelSnapshot
from ..frontend import Widget, in_background
from ..player.player import Player
from ..status.status import StatusBar, status_state
from .film import PlanBinding
from .forms import LandmarksBinding, PreparationBinding, SettingsBinding
from .generate import GenerateBinding
from .history import HistoryBinding
from .inputs import InputBinding
from .studio import Studio


class Panel(Widget):
    """Draws a studio and hands a person's actions to it; the panel holds no choices of its own.

    A studio may be drawn by several panels, and a panel shown in several cells: all stay in step.
    Its parts can be reached by their names: image_picker, video_picker, landmarks_form, preparation_form,
    settings_form, generate_bar, status_bar, film_strip, player, finish_form and
    history_list.

    Args:
        studio: the session to draw; a new one by default.
        history: whether earlier jobs are listed, offered as inputs and watched again. Without it, as in a place that
            several people share, nobody sees another's jobs.
        paths: whether files of the kernel's machine may be named, and code that names them is shown.
        chosen: traits of the new studio, as image="hero.png", video="dance.mp4" or resolution="720p".

    Raises:
        InvalidRequest: there is no such trait, or a value is none that the model takes.
        MediaError: an input cannot be used.
    """

    _script, _style = "panel/panel.js", "panel/panel.css"

    def __init__(
        self, studio: Studio | None = None, *, history: bool = True, paths: bool = True, **chosen: Any
    ) -> None:
        self.studio = studio or Studio(**chosen)
        self.player, self.status_bar = Player(), StatusBar()
        self._film = PlanBinding(self.studio, self.player, lambda: earlier.refresh() if history else None)
        self.film_strip = self._film.strip
        inputs = InputBinding("image", self.studio, paths=paths), InputBinding("video", self.studio, paths=paths)
        landmarks, preparation = LandmarksBinding(self.studio), PreparationBinding(self.studio)
        settings = SettingsBinding(self.studio)
        work = self._choose_samples, self._film.begin, self._in_background, self._redraw
        generate = GenerateBinding(self.studio, *work, pending=history, code=paths)
        earlier = HistoryBinding(self.studio, self.player, inputs, self._in_background)
        bindings = (*inputs, landmarks, preparation, settings, generate)
        self._bindings = (*bindings, earlier) if history else bindings
        self.image_picker, self.video_picker = (binding.picker for binding in inputs)
        self.landmarks_form, self.preparation_form = landmarks.form, preparation.form
        self.settings_form, self.generate_bar, self.history_list = settings.form, generate.bar, earlier.list
        self.finish_form = finish_form(self.player)
        self._snapshot = PanelSnapshot(self, self.studio)
        self._played: Clip | None = None
        self._render_soon = Throttle(self.render)
        # At once: a plan that is no longer what stands on screen must not be bought.
        self.studio.observe(lambda _change: self._film.follow())
        self.studio.observe(lambda _change: self._render_soon())
        self.render()  # the browser is told the whole at first, in one message
        super().__init__(
            status_bar=self.status_bar,
            image_picker=self.image_picker,
            landmarks_form=self.landmarks_form,
            video_picker=self.video_picker,
            preparation_form=self.preparation_form,
            settings_form=self.settings_form,
            generate_bar=self.generate_bar,
            film_strip=self.film_strip,
            player=self.player,
            finish_form=self.finish_form,
            **({"history_list": self.history_list} if history else {}),
        )

    def render(self) -> None:
        """Show the studio as it is now; unchanged parts are not sent again."""
        for binding in self._bindings:
            binding.render()
        self._film.follow()
        self.status_bar.render(status_state(self.studio.progress, self.studio.error, self.studio.changed))
        clip = self.studio.clip
        if clip is not self._played:
            self._played = clip
            if clip is None:
                self.player.clear()
            else:
                play_clip(self.player, clip)
        self._snapshot.render()

    def _ipython_display_(self, **_kwargs: Any) -> None:
        self._snapshot.show()

    def answer_beat(self) -> None:
        """Send every part once more, as it is now."""
        self._render_soon.run()
        super().answer_beat()

    def _redraw(self) -> None:
        self._render_soon()

    def _choose_samples(self) -> None:
        self.image_picker.choose_sample()
        self.video_picker.choose_sample()

    def _in_background(self, work: Callable[[], Any]) -> None:
        """Do work that may take time away from the kernel's thread; its failure becomes the studio's error."""
        self.studio.error = ""
        in_background(work, lambda message: setattr(self.studio, "error", message))
