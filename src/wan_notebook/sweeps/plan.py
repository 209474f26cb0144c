"""What a sweep will do, said before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass

from ..axes import Axis, Cell
from ..client import Service
from ..journal import Journal
from .errand import Asked
from .grid import Grid
from .running import Running
from .tile import Tile

CONCURRENCY = 4
"""Jobs at once where nothing else is said."""


@dataclass(frozen=True)
class Plan:
    """A sweep that is ready to run; as the last line of a cell it is a table."""

    axes: tuple[Axis, ...]
    cells: tuple[Cell, ...]
    asked: tuple[Asked, ...]
    """What will be asked for: each different request once."""
    service: Service
    notes: tuple[str, ...] = ()
    """What is worth knowing, in sentences."""

    def run(self, *, concurrency: int = CONCURRENCY, stop_on_error: bool = False) -> Grid:
        """Send what is missing, and return at once."""
        tiles = [Tile(number, cell) for number, cell in enumerate(self.cells)]
        running = Running(self.service, Journal(), concurrency, stop_on_error=stop_on_error)
        return Grid(self.axes, tiles, self.asked, running)
