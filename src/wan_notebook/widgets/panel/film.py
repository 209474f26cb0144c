"""A film of what a person has chosen in the panel: its plan, which follows every choice, and then the film."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ...client.prices import known_price
from ...client.service import Service
from ...errors import InvalidRequest, WanError
from ...jobs.order import Points
from ...jobs.progress_bar import OnProgress
from ...media.picture import Picture
from ...media.preparation import Preparation
from ...media.prepare import prepared_video
from ...media.video import Video
from ...model.cost import Price, check_budget, sufficient_budget
from ..film.film import ShotState, ShotStripState
from ..film.film_view import FilmBinding
from ..film.shot_states import plan_state
from ..frontend import in_background
from ..player.player import Player
from .studio import Studio

if TYPE_CHECKING:
    from ...films.film import Film
    from ...films.plan import FilmPlan


@dataclass(frozen=True)
class FilmInputs:
    """All that a film is planned with, as it stands on screen at one moment."""

    image: Picture
    video: Video
    prepare_video: Preparation
    """What is done to the reference first. Its rate and its size are not among it: those a film chooses itself."""
    service: Service
    prepare_image: Preparation
    points: Points | None
    settings: Mapping[str, Any]

    @classmethod
    def of(cls, studio: Studio) -> FilmInputs | None:
        """Return those of a studio; None where the picture or the reference is still to be chosen."""
        if studio.image is None or studio.video is None:
            return None
        return cls(
            studio.image,
            studio.video,
            replace(studio.prepare_video, fps=None, short_side=None),
            studio.service.renewed(),
            studio.prepare_image,
            None if studio.service.paid else studio.points,
            studio.settings,
        )

    @property
    def reference(self) -> tuple[Video, Preparation]:
        """What the shots are those of."""
        return self.video, self.prepare_video

    @property
    def price(self) -> Price | None:
        """The service's own price, as far as it is known by now."""
        return known_price(self.service, self.settings["model"])

    def plan(self, overlap: float, on_progress: OnProgress) -> FilmPlan:
        """Return the plan of a film.

        Args:
            overlap: of the shots of a take, in seconds.
            on_progress: as for plan_film().

        Raises:
            WanError: as for wan.film().
        """
        from ...films.plan import plan_film

        unchanged = self.prepare_video == Preparation()
        return plan_film(
            self.image,
            self.video if unchanged else prepared_video(self.video, self.prepare_video),
            overlap=overlap,
            on_progress=on_progress,
            service=self.service,
            prepare_image=self.prepare_image,
            points=self.points,
            **self.settings,
        )


class PlanBinding:
    """Keeps the plan of a film in step with a studio, until the film is made of it.

    A plan is bought as it stands on screen, or not at all: any change of what it was made with puts it away at once,
    and another one is made in the background.

    Args:
        studio: the session.
        player: plays the film.
        on_over: called when nothing more will happen to the film.
    """

    def __init__(self, studio: Studio, player: Player, on_over: Callable[[], None]) -> None:
        self._studio = studio
        self._lock = threading.RLock()
        self._one_at_a_time, self._making = threading.Lock(), threading.Lock()
        self._open = False
        """Whether a plan is wanted on screen."""
        self._number = 0
        """Of the plan that is on screen, or being made; another one with each change."""
        self._inputs: FilmInputs | None = None
        """With which it is made; None while one of them is missing."""
        self._overlap = 0.0
        self._plan: FilmPlan | None = None
        self._price: Price | None = None
        """The service's own price when it was made."""
        self._cards: tuple[ShotState, ...] = ()
        """The shots of the plan before, as far as they stay where they are."""
        self._film = FilmBinding(player, on_over, planner=self)
        self.strip = self._film.strip

    def begin(self) -> None:
        """Plan a film of what is chosen, and show the plan."""
        self._studio.error = ""
        with self._lock:
            self._open, self._overlap, self._cards = True, 0.0, ()
            self._plan_anew()

    def follow(self) -> None:
        """Plan the film anew where something else is chosen than what its plan was made with."""
        with self._lock:
            if self._open and self._is_outdated():
                self._plan_anew()

    def overlap(self, wanted: bool) -> None:
        """Plan the film once more, with an overlap at the seams inside takes or without."""
        from ...films.summary import USUAL_OVERLAP

        with self._lock:
            if self._open:
                self._overlap, self._cards = USUAL_OVERLAP if wanted else 0.0, ()
                self._plan_anew()

    def make(self, number: int) -> None:
        """Make the film of the plan that a person has seen, for no more than the price beside the button.

        Args:
            number: of the plan on the person's screen.

        Raises:
            InvalidRequest: something has changed since; nothing was sent.
            WanError: as for FilmPlan.run(); nothing was sent.
        """
        with self._making:
            plan = self._take(number)
            if plan is None:
                return  # a second click
            film: Film | None = None
            try:
                paid = plan.service.paid and plan.usd is not None
                for job in plan.jobs.missing if paid else ():
                    check_budget([job.order.estimate], self._studio.budget)
                # What the checks say stands on screen already, and is not to be printed from here.
                film = plan.run(budget=float(sufficient_budget(plan.usd)) if paid else None, checks=False)
            finally:
                self._put_back() if film is None else self._film.follow(film)

    def stop(self) -> None:
        """End the planning."""
        self.close()

    def close(self) -> None:
        """Put away the plan, or the film."""
        with self._lock:
            self._open, self._plan = False, None
            self._number += 1
            self._film.show(ShotStripState())

    def _is_outdated(self) -> bool:
        inputs = FilmInputs.of(self._studio)
        return inputs != self._inputs or (inputs is not None and self._plan is not None and inputs.price != self._price)

    def _plan_anew(self) -> None:
        self._number += 1
        number, overlap = self._number, self._overlap
        before, inputs = self._inputs, FilmInputs.of(self._studio)
        self._plan, self._inputs = None, inputs
        if before is None or inputs is None or before.reference != inputs.reference:
            self._cards = ()
        if inputs is None:
            self._show_planning("Choose a picture and a video, and the film is planned anew.", None)
            return
        self._show_planning("Planning the film", 0.0)
        in_background(
            lambda: self._make_plan(number, inputs, overlap), lambda text: setattr(self._studio, "error", text)
        )

    def _make_plan(self, number: int, inputs: FilmInputs, overlap: float) -> None:
        def report(share: float, what: str) -> None:
            with self._lock:
                if number != self._number:
                    raise WanError("The planning was ended.")
                self._show_planning(f"Planning the film: {what[:1].lower()}{what[1:]}", round(share, 2))

        plan: FilmPlan | None = None
        try:
            with self._one_at_a_time:
                report(0.0, "Reading the inputs")
                plan = inputs.plan(overlap, report)
        except WanError:
            if number == self._number:
                raise
        finally:
            with self._lock:
                if number == self._number:
                    self._show_plan(plan, inputs) if plan is not None else self.close()

    def _show_plan(self, plan: FilmPlan, inputs: FilmInputs) -> None:
        self._plan, self._price = plan, inputs.price
        state = replace(plan_state(plan, self._film.pictures), plan=self._number)
        self._cards = tuple(replace(shot, phase="Being planned", message="") for shot in state.shots)
        self._film.show(state)

    def _show_planning(self, words: str, share: float | None) -> None:
        """Show that there is no plan right now, in place of the one before.

        Args:
            words: the reason.
            share: the part of the planning that is done; None where it waits for something.
        """
        waits = share is None
        self._film.show(
            ShotStripState(
                words=words,
                tone="calm" if waits else "busy",
                fraction=share or 0.0,
                shots=self._cards,
                stop="" if waits else "Stop planning",
                planning=True,
                offer="Make the film",
                closable=waits,
            )
        )

    def _take(self, number: int) -> FilmPlan | None:
        """Take the plan of a number off the screen, which it can be made from once; None where none is wanted."""
        with self._lock:
            if not self._open:
                return None
            if self._plan is None or number != self._number or self._is_outdated():
                raise InvalidRequest("Something was changed since this price was shown: look at it, and click again.")
            plan, self._open = self._plan, False
            return plan

    def _put_back(self) -> None:
        """Keep the plan on screen, of which no film was made."""
        with self._lock:
            self._open = True
            self.follow()
