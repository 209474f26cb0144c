"""A film on screen: its shots as they are made, and the player of the film, or of one shot."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...films.summary import ShotLine, shot_lines
from ...jobs.progress import RunPhase
from ...media.thumbnail import frames_at, shrunk, video_thumbnail
from ...model import family
from ...model.cost import sufficient_budget
from ...model.formatting import estimated_dollars
from ...runtime.throttle import Throttle
from ..bundle import script, style
from ..delivery import Delivery, Label
from ..display.clip import clip_facts, play_clip
from ..display.saved import SavedOutput
from ..frontend import Widget
from ..grid.tile_text import activity_words, cost_words, count_words
from ..player.player import Player
from ..status.status import tone_of
from .film import ShotState, ShotStrip, ShotStripState

if TYPE_CHECKING:
    from ...films.film import Film

_INTERVAL, _MANY = 0.25, 400
"""Seconds between two updates; of so many shots twice as long."""
_SIDE = 160
"""Pixels of the longer side of a shot's picture."""
_REMADE_WITH = (family.NUM_INFERENCE_STEPS, family.SHIFT)
_RETRIABLE = (RunPhase.FAILED, RunPhase.UNKNOWN, RunPhase.STOPPED, RunPhase.CANCELLED)
_UNSENT = (RunPhase.READY, RunPhase.CANCELLED, RunPhase.STOPPED)


class FilmView(Widget):
    """Draws a film, and hands a person's actions to it.

    Args:
        film: the film; where it is shown in several cells, all stay in step.
        draw_saved: returns what a saved notebook shows of it, as HTML and as text.
    """

    _esm, _css = script("film/film_view.js"), style("film/film.css")

    def __init__(self, film: Film, draw_saved: Callable[[], tuple[str, str]]) -> None:
        self._film = film
        self._lock = threading.Lock()
        self._stopped = False
        self._playing: int | None = None
        self._shown: Path | None = None
        self._delivery = Delivery()
        self._pictures: dict[tuple[int, Path | None], Label] = {}
        self.player = Player(on_close=self._back_to_film)
        self.strip = ShotStrip(
            self._delivery,
            on_play=self.play,
            on_retry=self.retry,
            on_remake=self.remake,
            on_stop=self.stop,
            on_resume=self.resume,
        )
        super().__init__(strip=self.strip, player=self.player)
        self._saved = SavedOutput(self, draw_saved, lambda: film.done)
        self._draw_soon = Throttle(self._draw, _INTERVAL * (1 + len(film) / _MANY))
        film.observe(lambda _numbers: self._draw_soon())

    def _ipython_display_(self, **_kwargs: Any) -> None:
        self._saved.show()

    def play(self, number: int) -> None:
        """Play the clip of a shot, as it was bought."""
        clip = self._film[number].clip
        if clip is None:
            return
        self._playing, self._shown = number, clip.path
        play_clip(self.player, clip, f"Shot {number}", focus=True)
        self._draw()

    def retry(self, number: int) -> None:
        """Try a shot once more that has failed."""
        self._stopped = False
        self._film.retry(number)

    def remake(self, number: int, settings: Mapping[str, Any]) -> None:
        """Make a shot anew; on a paid service for no more than the price beside the button."""
        planned = self._film.plan.shots[number]
        assert planned.order is not None
        now = planned.order.request.settings
        changed = {name: value for name, value in settings.items() if now.get(name) != value}
        usd = planned.order.estimate.usd
        budget = float(sufficient_budget(usd)) if planned.order.service.paid and usd is not None else None
        self._stopped = False
        self._film.remake(number, budget=budget, **changed)

    def resume(self) -> None:
        """Make what is missing, within what is left of the budget, and join the film."""
        self._stopped = False
        self._film.resume()

    def stop(self) -> None:
        """Send no more jobs; those that were sent are watched to their end."""
        self._stopped = True
        self._film.stop()
        self._draw()

    def _back_to_film(self) -> None:
        self._playing = self._shown = None
        self._draw()

    def _draw(self) -> None:
        with self._lock:
            film, clip = self._film, self._film.clip
            if clip is not None and self._playing is None and clip.path != self._shown:
                self._shown = clip.path
                self._play_film()
            self.strip.render(self._state())
        if film.done:
            self._saved.update()

    def _play_film(self) -> None:
        film, clip = self._film, self._film.clip
        assert clip is not None
        first = film.plan.footage.times[0]
        self.player.play(
            clip.path,
            reference=film.plan.video.path,
            character=clip.character,
            title=f"Film · {clip.title}",
            facts=[f"{len(film)} shots", *clip_facts(clip)],
            download=clip.download_name,
            marks=[planned.shot.start - first for planned in film.plan.shots],
            closable=False,
        )

    def _state(self) -> ShotStripState:
        film = self._film
        shots = tuple(self._shot(line) for line in shot_lines(film.plan))
        jobs = [film[shot.number] for shot in shots if film.plan.shots[shot.number].order is not None]
        done = sum(tile.progress.phase is RunPhase.DONE for tile in jobs)
        words = [*count_words(jobs, done), *cost_words(jobs)]
        trouble = "" if film.clip or not film.done else film.trouble
        if film.clip is not None:
            words.append("joined")
        elif not film.done and done == len(jobs):
            words.append("joining the shots")
        elif not film.done:
            words += activity_words(jobs, self._stopped, time.time())
        unsent = any(tile.progress.phase in _UNSENT for tile in jobs)
        return ShotStripState(
            words=" · ".join(words),
            tone="good" if film.clip else "calm" if film.done else "busy",
            fraction=done / max(1, len(jobs)),
            shots=shots,
            playing=self._playing,
            joined=film.clip is not None and self._playing is None,
            can_stop=not film.done and not self._stopped and unsent,
            can_resume=film.done and film.clip is None and unsent,
            notes=film.notes,
            limits={one.name: (one.minimum or 0, one.maximum or 0, one.step or 1) for one in _REMADE_WITH},
            trouble=trouble,
        )

    def _shot(self, line: ShotLine) -> ShotState:
        film, number = self._film, line.number
        tile, planned = film[number], film.plan.shots[number]
        first, order = film.plan.footage.times[0], planned.order
        phase = tile.progress.phase
        waits = phase is RunPhase.READY
        settings = order.request.settings if order else {}
        return ShotState(
            number=number,
            span=line.span,
            begin=planned.shot.start - first,
            end=planned.shot.stop - first,
            frames=line.frames,
            phase=line.state if order is None else "Not sent" if waits else phase.value,
            tone="calm" if order is None else tone_of(phase),
            message=tile.reason or " ".join(line.notes),
            fraction=tile.progress.fraction if phase.active else None,
            picture=self._picture(number),
            has_clip=tile.clip is not None,
            can_retry=phase in _RETRIABLE and order is not None,
            can_remake=order is not None and not phase.active and not waits,
            price=estimated_dollars(order.estimate.usd) if order and order.service.paid else "",
            **{one.name: settings.get(one.name, one.default) for one in _REMADE_WITH},
        )

    def _picture(self, number: int) -> Label:
        """Return the label of a shot's first frame, which is made when a browser asks for it."""
        clip = self._film[number].clip
        path, planned = clip.path if clip else None, self._film.plan.shots[number]
        own = number, path
        if own not in self._pictures:

            def first_frame() -> bytes:
                piece = path or (planned.order.video.path if planned.order else None)
                if piece is not None:
                    return shrunk(video_thumbnail(piece), _SIDE)
                whole = self._film.plan.video.path
                assert whole is not None
                return shrunk(frames_at(whole, [planned.shot.start]), _SIDE)

            name = f"shot {number} at {planned.shot.start} of {path}"
            self._pictures[own] = self._delivery.offer_slowly(name, "image/jpeg", first_frame)
        return self._pictures[own]
