"""A film on its way: its shots as they are made, and the clip that they are joined to."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import math
import sys
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..errors import InvalidRequest, OverBudget, StillRunning, WanError, defect
from ..jobs import unfinished
from ..jobs.clip import Clip
from ..jobs.progress import RunPhase
from ..jobs.progress_bar import patient_bar
from ..media.prepare import original_file
from ..model.cost import check_budget, exceeds, sufficient_budget
from ..model.formatting import count, dollars
from ..runtime import event_loop
from ..runtime.observers import Observers
from ..sweeps.runner import SweepJob
from .clip import Refused, film_clip, refusals
from .progress import FilmProgress, Joining
from .summary import SHOWN, joining_seconds

if TYPE_CHECKING:
    from ..sweeps.grid import Grid
    from ..sweeps.tile import Tile
    from .orders import PlannedShot
    from .plan import FilmPlan

_PERHAPS = (RunPhase.UNKNOWN, RunPhase.STOPPED)
"""Phases of a job that may have been bought, or goes on."""
_REFRESH = 0.2
"""Seconds between two refreshes of a bar."""


class Film:
    """A film that is being made; `film.result()` and `await film` wait for its clip.

    `film[3]` is a shot by its number, as a tile of a sweep, `len(film)` says how many there are, and `for shot in film`
    goes through them.

    Args:
        plan: its shots.
        grid: their jobs, begun already, each under the number of its shot.
        refused: "reference" or "black" for what is shown of a shot that the service could not make, or whose clip
            cannot be had from it; or "wait".
    """

    def __init__(self, plan: FilmPlan, grid: Grid, *, refused: Refused) -> None:
        self.plan = plan
        """As it is by now: remake() changes it."""
        self._grid, self._refused = grid, refused
        self._observers: Observers[frozenset[int]] = Observers()
        self._earlier: dict[int, _Earlier] = {}
        """Shots that are being made anew, as they were before."""
        self._unmade: dict[int, str] = {}
        self._joining: Joining | None = None
        self._future: concurrent.futures.Future[Clip]
        self._told: concurrent.futures.Future[Clip] | None = None
        """That of which it was said which shots are not as planned."""
        self._begin(None)
        grid.observe(self._observers.notify)

    @property
    def tiles(self) -> tuple[Tile, ...]:
        """All shots as they are right now, by number; those without a job stay ready."""
        return self._grid.tiles

    def __len__(self) -> int:
        return len(self._grid)

    def __iter__(self) -> Iterator[Tile]:
        return iter(self.tiles)

    def __getitem__(self, number: int) -> Tile:
        """Return a shot as it is right now, by its number.

        Raises:
            InvalidRequest: there is no such shot.
        """
        tile: Tile = self._grid[number]
        return tile

    @property
    def done(self) -> bool:
        """Whether nothing more will happen here."""
        return self._future.done()

    @property
    def clip(self) -> Clip | None:
        """The film, once it is joined."""
        finished = self.done and not self._future.cancelled() and self._future.exception() is None
        return self._future.result() if finished else None

    @property
    def trouble(self) -> str:
        """The reason why nothing more will happen although the film is not joined; empty where there is none."""
        error = self._future.exception() if self.done and not self._future.cancelled() else None
        return "" if error is None else str(error) if isinstance(error, WanError) else defect(error)

    @property
    def joining(self) -> float | None:
        """The part of the joining that is done, 0 to 1; None unless it is under way."""
        joining = self._joining
        return None if joining is None else joining.share

    @property
    def progress(self) -> tuple[float, str]:
        """The share of the way to its clip that lies behind, never less than before, and what is being done."""
        return self._bar.of(self.tiles, self.joining)

    @property
    def unmade(self) -> tuple[str, ...]:
        """Sentences on the shots that could not be made anew, and stay as they were."""
        return tuple(self._unmade.values())

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on what was put right in the joined film, and which of its shots are not as planned."""
        return (*self.unmade, *(self.clip.film or {})["notes"]) if self.clip else ()

    def observe(self, observer: Callable[[frozenset[int]], object]) -> Callable[[], None]:
        """Call `observer` with the numbers of the shots which changed: now with all, and then from the background.

        A call without numbers says that all jobs have ended, or that the film is joined, or is not to be.

        Args:
            observer: is given the numbers; it must be quick.

        Returns:
            A function that ends this.
        """
        return self._observers.add(observer, frozenset(range(len(self))))

    def stop(self) -> None:
        """Submit no more jobs; those that were submitted go on, may be charged, and are watched to their end.

        Free previews are ended instead, and so is the joining of shots that are made.
        """
        if self._joining is not None:
            self._joining.ended = True
        self._grid.stop()

    def resume(self) -> None:
        """Make the shots that were not sent, have failed, or are no longer watched, and join the film again.

        Raises:
            MediaError: the reference has changed, or is gone; nothing was sent.
        """
        original_file(self.plan.video)
        self._grid.resume()
        self._begin(self._future)

    def retry(self, number: int, *, again: bool = False, budget: float | None = None) -> None:
        """Try a shot once more, as Grid.retry() does, and join the film again.

        Args:
            number: of the shot, from 0.
            again: send it anew, although it may have been bought before.
            budget: dollars that it may cost, in place of what is left of the film's budget.

        Raises:
            InvalidRequest: there is no such shot, it has no job, is made already, or cannot be tried now.
            MediaError: the reference has changed, or is gone; nothing was sent.
        """
        self._order(number)
        original_file(self.plan.video)
        if self[number].clip is not None:
            raise InvalidRequest(f"Shot {number} is made already. film.remake({number}, …) makes it anew.")
        self._grid.retry(number, again=again, budget=budget)
        self._begin(self._future)

    def remake(self, number: int, *, budget: float | None = None, image: Any = None, **settings: Any) -> None:
        """Make one shot anew, and join the film again; what was made of it before stays in the history.

        Where it cannot be made, the film keeps what was made before, and says so.

        Args:
            number: of the shot, from 0.
            budget: dollars that it may cost, needed on a paid service; float("inf") for no limit.
            image: another character for it.
            settings: fields of Request by name, as shift=7; without any change, the same is made once more.

        Raises:
            InvalidRequest: there is no such shot, it has no job or is under way, a setting is not one the model takes,
                or the budget is no amount of money; nothing was sent.
            OverBudget: it would cost more than the budget, or something at all without one; nothing was sent.
            MediaError: the picture cannot be used, or the reference has changed; nothing was sent.
        """
        self._order(number)
        original_file(self.plan.video)
        again = image is None and not settings
        plan = self.plan if again else self.plan.changed_alone(number, image=image, **settings)
        order = plan.shots[number].order
        assert order is not None
        check_budget([], budget)
        if order.service.paid and (again or plan.earlier(number) is None):
            _check_price(number, order.estimate.usd, budget)
        before = self[number]
        job = self._grid.renew(SweepJob(order, order.fingerprint, (number,)), again=again, budget=budget)
        if before.clip is not None:
            self._earlier[number] = _Earlier(self.plan.shots[number], before, job)
        self._unmade.pop(number, None)
        self.plan = plan
        self._begin(self._future)

    def result(self, timeout: float | None = None) -> Clip:
        """Wait for the film, and return its clip; a bar shows how far it is. Interrupted, the film goes on.

        Which shots are not as planned, and why, is written to stderr, once each time that the film is joined.

        Args:
            timeout: seconds to wait at most.

        Raises:
            StillRunning: the time is over, or shots are missing that resume() or retry() can still make.
            JobFailed: the service could not make a shot, and the film waits for it; or it made none at all.
            StorageError: there is no room for the film; its shots are kept, and resume() joins it.
            WanError: an error that every job would meet, as a refused key.
        """
        future, left = self._future, math.inf if timeout is None else timeout
        try:
            with patient_bar() as draw:
                while not future.done() and left > 0:
                    with contextlib.suppress(TimeoutError):
                        event_loop.wait(future, min(_REFRESH, left))
                    left -= _REFRESH
                    draw(*self.progress)
        except KeyboardInterrupt:
            how = "film.result() waits for it again, and film.stop() sends no more jobs"
            raise KeyboardInterrupt(f"No longer waited for; the film goes on. {how}.") from None
        if not future.done():
            raise StillRunning(f"Not finished after {timeout:g} s; the film goes on.", None)
        clip = future.result()
        if self._told is not future:
            self._told = future
            sentences = (*self.unmade, *refusals((clip.film or {})["shots"]))
            sys.stderr.write("".join(f"{sentence}\n" for sentence in sentences))
        return clip

    def __await__(self) -> Generator[Any, None, Clip]:
        event_loop.check_own(self._future)
        return asyncio.shield(asyncio.wrap_future(self._future)).__await__()

    def _order(self, number: int) -> None:
        """Refuse a number that is no shot's, or that of a shot without a job."""
        shot = self.plan._shot(number)
        if shot.order is None:
            raise InvalidRequest(
                f"Shot {number} was left out: it is {SHOWN[shot.shown]}. film.plan.take_in({number}).run(…) makes it."
            )

    def _begin(self, before: concurrent.futures.Future[Clip] | None) -> None:
        jobs = [number for number, shot in enumerate(self.plan.shots) if shot.order]
        missing = {number for job in self.plan.jobs.missing for number in job.numbers}
        making = [number for number in jobs if self[number].clip is None and (before or number in missing)]
        joining = joining_seconds(self.plan)
        self._bar = FilmProgress(jobs, making, self.plan.jobs.time.seconds or joining, joining)
        self._future = event_loop.start(self._make(before))
        unfinished.watch(self._future)
        self._future.add_done_callback(lambda _future: self._observers.notify(frozenset()))

    async def _make(self, before: concurrent.futures.Future[Clip] | None) -> Clip:
        """Wait for all shots and join them; what was begun before ends first, so that one film is written at a time."""
        if before is not None:
            with contextlib.suppress(Exception):  # it has told what was wrong already
                await asyncio.shield(asyncio.wrap_future(before))
        failure: WanError | None = None
        try:
            await self._grid
        except WanError as error:
            failure = error
        return await event_loop.in_daemon_thread(lambda: self._join(failure))

    def _join(self, failure: WanError | None) -> Clip:
        self._keep_earlier()
        plan, shots = self.plan, self._shots()
        if failure is not None and any(shot.order and tile.clip is None for shot, tile in shots):
            raise failure
        self._joining = joining = Joining(lambda: self._observers.notify(frozenset()))
        try:
            return film_clip(plan, shots, self._refused, joining.at)
        finally:
            self._joining = None

    def _keep_earlier(self) -> None:
        """Take back what shots were to be made anew with, where nothing came of it; nothing that was bought is lost."""
        for number, earlier in list(self._earlier.items()):
            tile = self[number]
            if tile.clip is not None:
                del self._earlier[number]
                self._unmade.pop(number, None)
            elif tile.progress.phase in _PERHAPS:
                why = tile.progress.message.rstrip(".")
                self._unmade[number] = (
                    f"Shot {number} was perhaps bought anew ({why}): film.retry({number}) goes on with it. "
                    "The film has what was made before."
                )
            else:
                self._unmade[number] = f"Shot {number} could not be made anew, and stays as it was: {tile.reason}"
                self._grid.put_back(earlier.job, earlier.tile)
                self.plan = self.plan.with_shot(number, earlier.shot)
                del self._earlier[number]

    def _shots(self) -> list[tuple[PlannedShot, Tile]]:
        """Return all shots as the film shows them: those that are still to be made anew as they were before."""
        now = list(zip(self.plan.shots, self.tiles, strict=True))
        for number, earlier in self._earlier.items():
            if now[number][1].clip is None:
                now[number] = earlier.shot, earlier.tile
        return now

    @cached_property
    def widget(self) -> Any:
        """The widget that shows this film, one for all cells, so that all of them stay in step."""
        from ..widgets.display.film import film_widget

        return film_widget(self)

    def _display_(self) -> Any:
        return self.widget  # what marimo asks for

    def _ipython_display_(self) -> None:
        self.widget._ipython_display_()

    def __repr__(self) -> str:
        return f"Film({self})"

    def __str__(self) -> str:
        jobs = [tile.progress.phase for tile, one in zip(self.tiles, self.plan.shots, strict=True) if one.order]
        counts = [f"{jobs.count(phase)} {phase.value.lower()}" for phase in RunPhase if phase in jobs]
        state = f", joined as {self.clip.path.name}" if self.clip else ""
        return f"{count(len(self), 'shot')}: {', '.join(counts) or 'none to make'}{state}"


@dataclass(frozen=True)
class _Earlier:
    """A shot before it is made anew."""

    shot: PlannedShot
    tile: Tile
    job: SweepJob


def _check_price(number: int, usd: float | None, budget: float | None) -> None:
    """Refuse to make a shot anew for more than its budget; without one, or at an unknown price, for anything.

    Raises:
        OverBudget: the budget is not enough.
    """
    if budget is not None and not exceeds(math.inf if usd is None else usd, budget):
        return
    price = "an unknown amount" if usd is None else f"about {dollars(usd)}"
    allowed = "" if budget is None else f", and the budget is {dollars(budget)}"
    raise OverBudget(
        f"Shot {number} would cost {price}{allowed}; nothing was sent. "
        f"Say what may be spent at most: film.remake({number}, …, budget={sufficient_budget(usd)})."
    )
