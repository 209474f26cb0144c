"""A film on its way: its shots as they are made, and the clip that they are joined to."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import hashlib
import json
from collections.abc import Callable, Generator
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..errors import InvalidRequest, JobFailed, OverBudget, StillRunning, StorageError, WanError, defect
from ..finishing import missing_library
from ..jobs.clip import Clip, open_clip, write_sidecar
from ..jobs.progress import RunPhase
from ..jobs.recipe import Input, Recipe, settings_of
from ..model import family
from ..model.cost import sufficient_budget
from ..model.formatting import count, dollars
from ..model.job import COMPLETED, Job, Request, Usage
from ..runtime import event_loop
from ..runtime.data_dir import subfolder
from ..runtime.observers import Observers
from ..sweeps.runner import SweepJob
from .join import Joined, Part, join
from .summary import ranges

if TYPE_CHECKING:
    from ..sweeps.grid import Grid
    from ..sweeps.tile import Tile
    from .plan import FilmPlan

_EDITION = "1"
"""Part of every name: when films come to be joined otherwise, they are joined anew."""


class Film:
    """A film that is being made; `film.result()` and `await film` wait for its clip.

    `film[3]` is a shot by its number, as a tile of a sweep, and `len(film)` says how many there are.

    Args:
        plan: its shots.
        grid: their jobs, begun already, each under the number of its shot.
        refused: "reference" or "black" for what is shown of a shot that the service could not make, or "wait".
    """

    def __init__(self, plan: FilmPlan, grid: Grid, *, refused: str) -> None:
        self.plan = plan
        """As it is by now: remake() changes it."""
        self._grid, self._refused = grid, refused
        self._observers: Observers[frozenset[int]] = Observers()
        self._future: concurrent.futures.Future[Clip]
        self._begin(None)
        grid.observe(self._observers.notify)

    @property
    def tiles(self) -> tuple[Tile, ...]:
        """All shots as they are right now, by number; those without a job stay ready."""
        return self._grid.tiles

    def __len__(self) -> int:
        return len(self._grid)

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
    def notes(self) -> tuple[str, ...]:
        """Sentences on what was put right in the joined film, and which of its shots are not as planned."""
        if self.clip is None:
            return ()
        facts = json.loads(self.clip.path.with_suffix(".json").read_text(encoding="utf-8"))
        return tuple(facts["film"]["notes"])

    def observe(self, observer: Callable[[frozenset[int]], object]) -> Callable[[], None]:
        """Call `observer` with the numbers of the shots which changed: now with all, and then from the background.

        A call without numbers says that all jobs have ended, or that the film is joined, or is not to be.
        """
        return self._observers.add(observer, frozenset(range(len(self))))

    def stop(self) -> None:
        """Submit no more jobs; those that were submitted go on, may be charged, and are watched to their end.

        Free previews are ended instead.
        """
        self._grid.stop()

    def resume(self) -> None:
        """Make the shots that were not sent, have failed, or are no longer watched, and join the film again."""
        self._grid.resume()
        self._begin(self._future)

    def retry(self, number: int, *, again: bool = False, budget: float | None = None) -> None:
        """Try a shot once more, as Grid.retry() does, and join the film again.

        Args:
            number: of the shot, from 0.
            again: send it anew, although it may have been bought before.
            budget: dollars that it may cost, in place of what is left of the film's budget.

        Raises:
            InvalidRequest: there is no such shot, it has no job, or it cannot be tried now.
        """
        self._order(number)
        self._grid.retry(number, again=again, budget=budget)
        self._begin(self._future)

    def remake(self, number: int, *, budget: float | None = None, image: Any = None, **settings: Any) -> None:
        """Make one shot anew, and join the film again; what was made of it before stays in the history.

        Args:
            number: of the shot, from 0.
            budget: dollars that it may cost, needed on a paid service; float("inf") for no limit.
            image: another character for it.
            settings: fields of Request by name, as shift=7; without any change, the same is made once more.

        Raises:
            InvalidRequest: there is no such shot, it has no job or is under way, or a setting is not one the model
                takes; nothing was sent.
            OverBudget: it would cost more than the budget, or something at all without one; nothing was sent.
            MediaError: the picture cannot be used; nothing was sent.
        """
        self._order(number)
        again = image is None and not settings
        plan = self.plan if again else self.plan.change(number, image=image, **settings)
        order = plan.shots[number].order
        assert order is not None
        usd = order.estimate.usd
        if budget is None and order.service.paid and (again or plan.earlier(number) is None):
            price = "an unknown amount" if usd is None else f"about {dollars(usd)}"
            raise OverBudget(
                f"Shot {number} would cost {price}; nothing was sent. "
                f"Say what may be spent at most: film.remake({number}, …, budget={sufficient_budget(usd)})."
            )
        self._grid.renew(SweepJob(order, order.fingerprint, (number,)), again=again, budget=budget)
        self.plan = plan
        self._begin(self._future)

    def result(self, timeout: float | None = None) -> Clip:
        """Wait for the film, and return its clip; only the cell waits, everything else goes on.

        Args:
            timeout: seconds to wait at most.

        Raises:
            StillRunning: the time is over, or shots are missing that resume() or retry() can still make.
            JobFailed: the service could not make a shot, and the film waits for it.
            StorageError: there is no room for the film; its shots are kept, and resume() joins it.
            WanError: an error that every job would meet, as a refused key.
        """
        try:
            return event_loop.wait(self._future, timeout)
        except TimeoutError:
            raise StillRunning(f"Not finished after {timeout:g} s; the film goes on.", None) from None

    def __await__(self) -> Generator[Any, None, Clip]:
        event_loop.check_own(self._future)
        return asyncio.shield(asyncio.wrap_future(self._future)).__await__()

    def _order(self, number: int) -> None:
        """Refuse a number that is no shot's, or that of a shot without a job."""
        if self.plan._shot(number).order is None:
            raise InvalidRequest(f"Shot {number} has no job: the film shows it {self.plan.shots[number].shown}.")

    def _begin(self, before: concurrent.futures.Future[Clip] | None) -> None:
        self._future = event_loop.start(self._make(before))
        self._future.add_done_callback(lambda _future: self._observers.notify(frozenset()))

    async def _make(self, before: concurrent.futures.Future[Clip] | None) -> Clip:
        """Wait for all shots and join them; what was begun before ends first, so that one film is written at a time."""
        if before is not None:
            with contextlib.suppress(Exception):  # it has told what was wrong already
                await asyncio.shield(asyncio.wrap_future(before))
        await self._grid
        return await event_loop.in_daemon_thread(self._join)

    def _join(self) -> Clip:
        plan = self.plan
        parts, marks = self._parts()
        path = subfolder("films") / f"film-{_digest(plan, parts)}.mp4"
        with contextlib.suppress(StorageError):
            return open_clip(path)  # the same shots were joined before
        joined = join(plan.video, plan.footage, parts, path)
        request = Request(image_url=plan.choices.image.url, video_url=plan.video.url, **plan.choices.settings)
        spent = [tile.clip.job.usage.usd or 0.0 for tile in self.tiles if tile.clip and tile.clip.job.usage]
        usage = Usage(usd_spent=sum(spent)) if spent else None
        recipe = Recipe(
            image=Input.of(plan.choices.image.url, plan.choices.image),
            video=Input.of(plan.video.url, plan.video),
            settings={"model": request.model, **settings_of(request)},
        )
        clip = Clip(path, request, Job(id=path.stem, status=COMPLETED, usage=usage), recipe)
        write_sidecar(clip, film=self._facts(parts, joined, marks))
        return clip

    def _parts(self) -> tuple[list[Part], list[str]]:
        """Return what is shown of each shot, and sentences on those that are not as planned.

        Raises:
            JobFailed: the service could not make a shot, and the film is to wait for it.
            StillRunning: other shots are missing.
        """
        parts: list[Part] = []
        refused: list[Tile] = []
        missing: list[Tile] = []
        first: dict[str | None, int] = {}
        for tile, planned in zip(self.tiles, self.plan.shots, strict=True):
            if planned.order is None:
                parts.append(Part(planned.shot, black=planned.shown == "black"))
            elif tile.clip is not None:
                replaces = planned.order.request.model == family.REPLACE.id
                # In Move the background is the picture's, and one for all shots with this picture.
                like = None if replaces else first.setdefault(planned.order.image.sha256, tile.number)
                parts.append(Part(planned.shot, planned.order.video, tile.clip.path, replaces=replaces, like=like))
            else:
                parts.append(Part(planned.shot, black=self._refused == "black"))
                (refused if isinstance(tile.progress.error, JobFailed) else missing).append(tile)
        if missing:
            raise StillRunning(_waits(missing, "film.resume() goes on with them"), missing[0].progress.job)
        if refused and self._refused == "wait":
            error = refused[0].progress.error
            assert isinstance(error, JobFailed)
            how = f"film.remake({refused[0].number}, …) makes it otherwise"
            raise JobFailed(_waits(refused, how), error.job)
        kept = "black" if self._refused == "black" else "as in the reference"
        marks = [f"Shot {tile.number} is {kept}: {tile.reason}" for tile in refused]
        if missing_library() and any(part.clip for part in parts):
            marks.append(
                f"Frames that were not bought repeat the nearest, and colours are as they came. {missing_library()}"
            )
        return parts, marks

    def _facts(self, parts: list[Part], joined: Joined, marks: list[str]) -> dict[str, Any]:
        """Return what stands beside the film: each shot with its frames and the clip that it is made of."""
        shots = [
            {
                "frames": [part.shot.begin, part.shot.end],
                "shown": part.clip.name if part.clip else "black" if part.black else "reference",
                "job": tile.clip.job.id if part.clip and tile.clip else None,
                "settings": tile.settings if part.clip else None,
            }
            for part, tile in zip(parts, self.tiles, strict=True)
        ]
        notes = [*marks, *(f"Shot {number}: {note}" for number, note in joined.notes)]
        return {"fps": self.plan.choices.fps, "frames": joined.frames, "shots": shots, "notes": notes}

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
        jobs = [tile.progress.phase for tile, one in zip(self.tiles, self.plan.shots, strict=True) if one.order]
        counts = [f"{jobs.count(phase)} {phase.value.lower()}" for phase in RunPhase if phase in jobs]
        state = f", joined as {self.clip.path.name}" if self.clip else ""
        return f"Film({count(len(self), 'shot')}: {', '.join(counts) or 'none to make'}{state})"


def _waits(tiles: list[Tile], how: str) -> str:
    """Return the message of a film that waits for some shots."""
    which = f"shot{'' if len(tiles) == 1 else 's'} {ranges(tile.number for tile in tiles)}"
    why = tiles[0].reason or tiles[0].progress.message
    return f"The film waits for {which}: {why.rstrip('.')}. {how}; what is made already is kept."


def _digest(plan: FilmPlan, parts: list[Part]) -> str:
    """Return a name for a film that follows from its reference and all that is shown of it."""
    shown = [[part.shot.begin, str(part.clip and part.clip.name), part.black] for part in parts]
    facts = json.dumps([_EDITION, bool(missing_library()), plan.video.sha256, plan.choices.fps, shown])
    return hashlib.sha256(facts.encode()).hexdigest()[:12]
