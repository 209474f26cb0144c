"""A film on screen: its shots as they are made, and the player of the film, or of one shot."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...model.cost import sufficient_budget
from ...runtime.throttle import Throttle
from ..delivery import Delivery
from ..display.clip import clip_facts, play_clip
from ..display.saved import SavedOutput
from ..frontend import Widget
from ..player.player import Player
from .film import Planner, ShotStrip, ShotStripState
from .shot_states import ShotPictures, film_state

if TYPE_CHECKING:
    from ...films.film import Film
    from ...jobs.clip import Clip

_INTERVAL, _MANY = 0.25, 400
"""Seconds between two updates; of so many shots twice as long."""


class FilmBinding:
    """Shows a film in a strip and a player, and hands a person's actions to it.

    Args:
        player: plays the film once it is joined, and single shots.
        on_over: called when nothing more will happen to the film.
        planner: makes the plans that the strip shows before a film, and puts both away; None where there is a film.
    """

    def __init__(
        self, player: Player, on_over: Callable[[], None] = lambda: None, *, planner: Planner | None = None
    ) -> None:
        self._player, self._on_over, self._planner = player, on_over, planner
        self._lock = threading.RLock()
        self._film: Film | None = None
        self._stopped = False
        self._playing: int | None = None
        self._shown: Path | None = None
        delivery = Delivery()
        self.pictures = ShotPictures(delivery)
        self.strip = ShotStrip(
            delivery,
            on_play=self.play,
            on_film=self.show_film,
            on_retry=self.retry,
            on_remake=self.remake,
            on_stop=self.stop,
            on_resume=self.resume,
            planner=planner,
        )

    def show(self, state: ShotStripState) -> None:
        """Show a plan, or nothing, in place of a film; one that is under way goes on."""
        with self._lock:
            self._film = None
            self.strip.render(state)

    def follow(self, film: Film) -> None:
        """Show a film from now on."""
        self._film = film
        self._stopped, self._playing, self._shown = False, None, None
        draw_soon = Throttle(lambda: self._draw(film), _INTERVAL * (1 + len(film) / _MANY))
        film.observe(lambda _numbers: draw_soon())

    def play(self, number: int) -> None:
        """Play the clip of a shot, as it was bought."""
        film = self._film
        clip = film[number].clip if film is not None else None
        if film is not None and clip is not None:
            self._playing, self._shown = number, clip.path
            play_clip(self._player, clip, f"Shot {number}", focus=True)
            self._draw(film)

    def show_film(self) -> None:
        """Play the film again after a single shot."""
        self._playing = self._shown = None
        if self._film is not None:
            self._draw(self._film)

    def retry(self, number: int) -> None:
        """Try a shot once more that has failed."""
        if self._film is not None:
            self._stopped = False
            self._film.retry(number)

    def remake(self, number: int, settings: Mapping[str, Any]) -> None:
        """Make a shot anew; on a paid service for no more than the price beside the button."""
        order = self._film.plan.shots[number].order if self._film is not None else None
        if self._film is None or order is None:
            return
        changed = {name: value for name, value in settings.items() if order.request.settings.get(name) != value}
        usd = order.estimate.usd
        budget = float(sufficient_budget(usd)) if order.service.paid and usd is not None else None
        self._stopped = False
        self._film.remake(number, budget=budget, **changed)

    def resume(self) -> None:
        """Make what is missing, within what is left of the budget, and join the film."""
        if self._film is not None:
            self._stopped = False
            self._film.resume()

    def stop(self) -> None:
        """Send no more jobs, and watch those that were sent to their end; or end the joining, or the planning."""
        if self._film is None and self._planner is not None:
            self._planner.stop()
        if self._film is not None:
            self._stopped = True
            self._film.stop()
            self._draw(self._film)

    def _draw(self, film: Film) -> None:
        with self._lock:
            if film is not self._film:
                return
            clip = film.clip
            if clip is not None and self._playing is None and clip.path != self._shown:
                self._shown = clip.path
                self._play_film(film, clip)
            state = film_state(
                film, self.pictures, playing=self._playing, stopped=self._stopped, closable=self._planner is not None
            )
            self.strip.render(state)
        if film.done:
            self._on_over()

    def _play_film(self, film: Film, clip: Clip) -> None:
        plan = film.plan
        self._player.play(
            clip.path,
            reference=plan.video.path,
            character=clip.character,
            title=f"Film · {clip.title}",
            facts=[f"{len(film)} shots", *clip_facts(clip)],
            download=clip.download_name,
            marks=[planned.shot.start - plan.footage.times[0] for planned in plan.shots],
            closable=False,
        )


class FilmView(Widget):
    """A film as the last line of a cell.

    Args:
        film: the film; where it is shown in several cells, all stay in step.
        draw_saved: returns what a saved notebook shows of it, as HTML and as text.
    """

    _script, _style = "film/film_view.js", "film/film.css"

    def __init__(self, film: Film, draw_saved: Callable[[], tuple[str, str]]) -> None:
        self.player = Player(on_close=lambda: self._binding.show_film())
        self._binding = FilmBinding(self.player, on_over=lambda: self._saved.update())
        self.strip = self._binding.strip
        super().__init__(strip=self.strip, player=self.player)
        self._saved = SavedOutput(self, draw_saved, lambda: film.done)
        self._binding.follow(film)

    def _ipython_display_(self, **_kwargs: Any) -> None:
        self._saved.show()
