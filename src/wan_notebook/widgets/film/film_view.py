"""A film on screen: its shots as they are made, and the player of the film, or of one shot."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from ...errors import WanError
from ...jobs.progress_bar import OnProgress
from ...model.cost import sufficient_budget
from ...runtime.throttle import Throttle
from ..delivery import Delivery
from ..display.clip import clip_facts, play_clip
from ..display.saved import SavedOutput
from ..frontend import Widget, in_background
from ..player.player import Player
from .film import ShotStrip, ShotStripState
from .shot_states import ShotPictures, film_state, plan_state

if TYPE_CHECKING:
    from ...films.film import Film
    from ...films.plan import FilmPlan
    from ...jobs.clip import Clip

PlanMaker: TypeAlias = "Callable[[float, OnProgress], FilmPlan]"
"""Plans a film with an overlap in seconds, and tells how far that is."""

_INTERVAL, _MANY = 0.25, 400
"""Seconds between two updates; of so many shots twice as long."""


class FilmBinding:
    """Shows a plan and then its film in a strip and a player, and hands a person's actions to them.

    Args:
        player: plays the film once it is joined, and single shots.
        on_over: called when nothing more will happen to the film.
        closable: whether the strip may be put away.
    """

    def __init__(self, player: Player, on_over: Callable[[], None] = lambda: None, *, closable: bool = False) -> None:
        self._player, self._on_over, self._closable = player, on_over, closable
        self._lock = threading.Lock()
        self._plan: FilmPlan | None = None
        self._make_plan: PlanMaker | None = None
        self._planning = threading.Event()
        """Set when the planning that goes on, if any, is to end."""
        self._film: Film | None = None
        self._stopped = False
        self._playing: int | None = None
        self._shown: Path | None = None
        delivery = Delivery()
        self._pictures = ShotPictures(delivery)
        self.strip = ShotStrip(
            delivery,
            on_play=self.play,
            on_film=self.show_film,
            on_retry=self.retry,
            on_remake=self.remake,
            on_stop=self.stop,
            on_resume=self.resume,
            on_make=self.make,
            on_overlap=self.overlap,
            on_close=self.close,
        )

    def plan(self, make: PlanMaker, overlap: float = 0.0) -> None:
        """Plan a film, which may take minutes, show how far that is, and then the plan.

        Args:
            make: plans it.
            overlap: of the shots of a take, in seconds.

        Raises:
            WanError: it cannot be planned.
        """
        self._planning.set()
        self._planning = ended = threading.Event()
        self._make_plan, before = make, self._plan

        def report(share: float, what: str) -> None:
            if ended.is_set():
                raise WanError("The planning was ended.")
            words = f"Planning the film: {what[:1].lower()}{what[1:]}"
            share = round(share, 2)
            self.strip.render(ShotStripState(words=words, fraction=share, stop="Stop planning", planning=True))

        try:
            report(0.0, "Reading the inputs")
            plan = make(overlap, report)
        except WanError:
            if self._planning is ended:
                self.close() if before is None else self.show_plan(before)
            if not ended.is_set():
                raise
            return
        if self._planning is ended:
            self.show_plan(plan)

    def overlap(self, wanted: bool) -> None:
        """Plan the film that is shown once more, with an overlap at the seams inside takes or without."""
        make = self._make_plan
        if make is not None and self._plan is not None:
            from ...films.summary import USUAL_OVERLAP

            in_background(lambda: self.plan(make, USUAL_OVERLAP if wanted else 0.0), self.strip.fail)

    def show_plan(self, plan: FilmPlan) -> None:
        """Show a plan in place of whatever was shown; a film that is under way goes on."""
        self._plan, self._film = plan, None
        self.strip.render(plan_state(plan, self._pictures))

    def make(self) -> None:
        """Make the film that was planned, for no more than the price beside the button."""
        plan = self._plan
        if plan is not None:
            paid = plan.service.paid and plan.usd is not None
            # What the checks say stands on screen already, and is not to be printed from here.
            self.follow(plan.run(budget=float(sufficient_budget(plan.usd)) if paid else None, checks=False))

    def follow(self, film: Film) -> None:
        """Show a film from now on."""
        self._plan, self._film = None, film
        self._stopped, self._playing, self._shown = False, None, None
        draw_soon = Throttle(lambda: self._draw(film), _INTERVAL * (1 + len(film) / _MANY))
        film.observe(lambda _numbers: draw_soon())

    def close(self) -> None:
        """Put away what is shown."""
        self._plan = self._film = None
        self.strip.render(ShotStripState())

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
        """Send no more jobs, and watch those that were sent to their end; or end the planning, or the joining."""
        self._planning.set()
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
                film, self._pictures, playing=self._playing, stopped=self._stopped, closable=self._closable
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
