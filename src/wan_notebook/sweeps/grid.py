"""The handle on a sweep: its tiles as they are now, and all that can be done with them."""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InvalidRequest, StillRunning
from ..jobs import unfinished
from ..jobs.progress import RunPhase
from ..model import family
from ..model.cost import Budget, check_budget
from ..runtime import event_loop
from ..runtime.data_dir import expanded
from ..runtime.observers import Observers
from . import archive, results
from .axes import Axis
from .tile import Tile

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes

    from ..widgets.display.html_page import HtmlPage
    from .runner import SweepJob, SweepRunner


_OPEN = (RunPhase.READY, RunPhase.FAILED, RunPhase.STOPPED, RunPhase.CANCELLED)
"""Phases from which resume() goes on; a tile that was perhaps bought needs retry()."""


class Grid:
    """A sweep on its way; `grid.result()` and `await grid` wait until nothing more will happen.

    `grid[3]` is a tile by its number, `len(grid)` says how many there are, and `for tile in grid` goes through them.

    Args:
        axes: the settings and inputs that vary.
        tiles: one for each cell, by number.
        jobs: the jobs behind the tiles; a tile without one stays as it is.
        runner: runs those; None for a sweep that was loaded from a folder.
        noun: what messages call a tile.
    """

    def __init__(
        self,
        axes: Sequence[Axis],
        tiles: Sequence[Tile],
        jobs: Sequence[SweepJob] = (),
        runner: SweepRunner | None = None,
        noun: str = "tile",
    ) -> None:
        self.axes = tuple(axes)
        self._tiles = list(tiles)
        self._jobs = {number: job for job in jobs for number in job.numbers}
        self._runner, self._noun = runner, noun
        self._lock = threading.Lock()
        self._observers: Observers[frozenset[int]] = Observers()
        self._futures: list[concurrent.futures.Future[None]] = []

    @classmethod
    def start(
        cls, axes: Sequence[Axis], tiles: Sequence[Tile], jobs: Sequence[SweepJob], runner: SweepRunner, noun: str
    ) -> Grid:
        """Begin the jobs of a sweep, and return the handle on it at once; arguments as for Grid."""
        grid = cls(axes, tiles, jobs, runner, noun)
        grid._begin(range(len(tiles)))
        return grid

    @property
    def tiles(self) -> tuple[Tile, ...]:
        """All cells as they are right now, by number."""
        with self._lock:
            return tuple(self._tiles)

    def __len__(self) -> int:
        return len(self._tiles)

    def __iter__(self) -> Iterator[Tile]:
        return iter(self.tiles)

    def __getitem__(self, number: int | slice) -> Any:
        """Return a tile as it is right now, by its number; a negative one counts from the end, a slice gives several.

        Raises:
            InvalidRequest: there is no such tile.
        """
        try:
            return self.tiles[number]
        except (IndexError, TypeError):
            raise self._no_tile(number) from None

    @property
    def done(self) -> bool:
        """Whether nothing more will happen here."""
        return not self._undone()

    @property
    def resumable(self) -> bool:
        """Whether jobs can be sent here; those of a sweep that was loaded from a folder cannot."""
        return self._runner is not None

    @property
    def cancels(self) -> bool:
        """Whether stop() also ends the jobs that were submitted: free previews."""
        return self._runner is not None and self._runner.cancels

    def observe(self, observer: Callable[[frozenset[int]], object]) -> Callable[[], None]:
        """Call `observer` with the numbers of the tiles which changed: now with all, and then from the background.

        The last call has no numbers: nothing more will happen.

        Args:
            observer: is given the numbers; it must be quick.

        Returns:
            A function that ends this.
        """
        return self._observers.add(observer, frozenset(range(len(self._tiles))))

    @property
    def rows(self) -> list[dict[str, Any]]:
        """One flat dictionary per tile: number, what is varied, phase, settings, numbers, clip, error."""
        return results.rows(self.axes, self.tiles)

    @property
    def table(self) -> pandas.DataFrame:
        """The same as a pandas DataFrame, by number.

        Raises:
            WanError: pandas is not installed.
        """
        return results.table(self.rows)

    def input_file(self, field: str, value: int) -> Path | None:
        """Return the file of one value of an axis of pictures or references, where a tile still has it.

        Args:
            field: the wire name of the axis.
            value: its number on the axis, from 0.
        """
        at = [axis.name for axis in self.axes].index(field)
        for tile in self.tiles:
            if tile.cell.position[at] != value:
                continue
            job, clip = self._jobs.get(tile.number), tile.clip
            if job is not None:
                paths = job.order.image.path, job.order.video.path
            else:
                paths = (clip.character, clip.reference) if clip else (None, None)
            path = paths[family.MEDIA_FIELDS.index(field)]
            if path is not None and path.is_file():
                return path
        return None

    def best(self, metric: str) -> Tile:
        """Return the tile with the best value of a metric, in the direction that metrics.DEFINITIONS states.

        Args:
            metric: its name, as "expression_fidelity".

        Raises:
            InvalidRequest: there is no such metric, neither direction is better, or no tile has a value yet.
        """
        return results.best(self.tiles, metric)

    def plot(self, x: str, y: str, ax: Axes | None = None) -> Axes:
        """Draw one column of the table over another, a line for each combination of the other axes.

        Args:
            x: what is varied, or a number, by name.
            y: likewise.
            ax: matplotlib's axes to draw into; new ones by default.

        Returns:
            The axes that were drawn into.

        Raises:
            InvalidRequest: there is no such column, or no tile has both yet.
            WanError: matplotlib is not installed.
        """
        return results.plot(self.axes, self.rows, x, y, ax)

    def save(self, folder: str | Path) -> Path:
        """Save clips, first frames, results.csv and sweep.json in a folder, and return its path.

        sweeps.load(folder) gives the grid again.

        Args:
            folder: is made where there is none.

        Raises:
            StorageError: it cannot be written.
        """
        return archive.save(self.axes, self.tiles, expanded(folder).absolute())

    def stop(self) -> None:
        """Submit no more jobs; those that were submitted go on, may be charged, and are watched to their end.

        Free previews are ended instead.
        """
        if self._runner is not None:
            self._runner.stop()

    def resume(self) -> None:
        """Run the jobs that were not sent, have failed, or are no longer watched; within what is left of the budget.

        Raises:
            InvalidRequest: the sweep was loaded from a folder.
        """
        left = [tile.number for tile in self.tiles if tile.progress.phase in _OPEN]
        self._begin(left)

    def retry(self, number: int, *, again: bool = False, budget: float | None = None) -> None:
        """Try a tile once more; a submit whose answer was lost is first looked for in the service's log.

        It takes its turn beside the jobs that run. After stop(), it is the only one that is sent.

        Args:
            number: of the tile, from 0.
            again: send it anew, although it may have been bought before.
            budget: dollars that it may cost, in place of what is left of the sweep's budget; float("inf") for no limit.

        Raises:
            InvalidRequest: there is no such tile, it is done, under way or waiting for its turn, the budget is no
                amount of money, or the sweep was loaded from a folder.
        """
        if not 0 <= number < len(self._tiles):
            raise self._no_tile(number)
        check_budget([], budget)
        phase = self._tiles[number].progress.phase
        if phase is RunPhase.DONE or phase.active:
            state = phase.value.lower()
            raise InvalidRequest(f"{self._noun.capitalize()} {number} cannot be tried again: it is {state}.")
        if self._runner is not None and self._runner.is_active(self._jobs[number]):
            raise InvalidRequest(f"{self._noun.capitalize()} {number} is waiting for its turn already.")
        own = None if budget is None else Budget(budget)
        self._begin([number], search_log=True, again=again, budget=own)

    def renew(self, job: SweepJob, *, again: bool = False, budget: float | None = None) -> SweepJob:
        """Run another job in place of that of its tiles, and return that one; what it made stays in the history.

        Args:
            job: the new one, with the numbers of its tiles.
            again: send it anew, although the same was made before.
            budget: dollars that it may cost, as for retry().

        Raises:
            InvalidRequest: the tile's job is under way, the budget is no amount of money, or the sweep was loaded from
                a folder.
        """
        check_budget([], budget)
        before = self._jobs[job.numbers[0]]
        if self._runner is not None and self._runner.is_active(before):
            raise InvalidRequest(f"{self._noun.capitalize()} {job.numbers[0]} is under way, or waits for its turn.")
        self._jobs |= dict.fromkeys(job.numbers, job)
        self._change(job, recipe=job.order.recipe, metrics=None, measure_error="")
        self._begin(job.numbers, again=again, budget=None if budget is None else Budget(budget))
        return before

    def put_back(self, job: SweepJob, tile: Tile) -> None:
        """Show a tile once more as it was before renew().

        Args:
            job: that renew() returned.
            tile: as it was.
        """
        with self._lock:
            self._jobs[tile.number] = job
            self._tiles[tile.number] = tile
        self._observers.notify(frozenset([tile.number]))

    def result(self, timeout: float | None = None) -> Grid:
        """Wait until nothing more will happen, and return the grid; only the cell waits, everything else goes on.

        Args:
            timeout: seconds to wait at most.

        Raises:
            StillRunning: the time is over; the sweep goes on.
            WanError: an error that every job would meet, as a refused key; those of single cells are on their tiles.
        """
        try:
            while left := self._undone():
                event_loop.wait(left[0], timeout)
        except TimeoutError:
            raise StillRunning(f"Not finished after {timeout:g} s; the sweep goes on.", None) from None
        return self._outcome()

    def __await__(self) -> Generator[Any, None, Grid]:
        while left := self._undone():
            event_loop.check_own(left[0])
            yield from asyncio.shield(asyncio.wrap_future(left[0])).__await__()
        return self._outcome()

    def export_html(self, path: str | Path, *, title: str = "", max_megabytes: float = 100) -> HtmlPage:
        """Write one page which plays the grid in any browser, without a kernel or a network, and tell its size.

        Args:
            path: of the page.
            title: of the page; what is varied by default.
            max_megabytes: the size from which on it is refused.

        Returns:
            The page's path and size, shown as a link in a cell.

        Raises:
            InvalidRequest: it would be larger.
            MediaError: a clip cannot be read.
            StorageError: the page cannot be written.
        """
        from ..widgets.display.html_page import export

        return export(self, expanded(path), title=title, max_megabytes=max_megabytes)

    @cached_property
    def widget(self) -> Any:
        """The widget that shows this sweep, one for all cells, so that all of them stay in step."""
        from ..widgets.display.grid import grid_widget

        return grid_widget(self)

    def _display_(self) -> Any:
        return self.widget  # what marimo asks for

    def _ipython_display_(self) -> None:
        self.widget._ipython_display_()

    def __repr__(self) -> str:
        phases = [tile.progress.phase for tile in self.tiles]
        counts = {phase: phases.count(phase) for phase in RunPhase}
        return f"Grid({', '.join(f'{count} {phase.value.lower()}' for phase, count in counts.items() if count)})"

    def _no_tile(self, number: object) -> InvalidRequest:
        return InvalidRequest(f"There is no {self._noun} {number!r}; they are numbered from 0 to {len(self) - 1}.")

    def _outcome(self) -> Grid:
        for future in self._futures:
            future.result()
        return self

    def _begin(self, numbers: Iterable[int], **how: Any) -> None:
        if self._runner is None:
            raise InvalidRequest(
                "This sweep was loaded from a folder. wan.sweep(…).run() goes on with what is missing."
            )
        found = (self._jobs[number] for number in numbers if number in self._jobs)
        jobs = {job.fingerprint: job for job in found}
        standing = [(job, self._tiles[job.numbers[0]].progress) for job in jobs.values()]
        begun = self._runner.begin(standing, self._change, **how)
        # Once all clips are there, only their numbers are missing, which are measured when the sweep is run again.
        unfinished.watch(begun, lambda: any(tile.progress.finished_at is None for tile in self.tiles))
        self._futures = [*self._undone(), begun]
        begun.add_done_callback(lambda _future: self._observers.notify(frozenset()))

    def _undone(self) -> list[concurrent.futures.Future[None]]:
        return [future for future in self._futures if not future.done()]

    def _change(self, job: SweepJob, **changes: Any) -> None:
        with self._lock:
            for number in job.numbers:
                self._tiles[number] = replace(self._tiles[number], **changes)
        self._observers.notify(frozenset(job.numbers))


def load(folder: str | Path) -> Grid:
    """Return a sweep that was saved with grid.save(folder).

    Args:
        folder: as grid.save has returned it.

    Raises:
        StorageError: there is none, or it cannot be read.
    """
    return Grid(*archive.read(expanded(folder).absolute()))
