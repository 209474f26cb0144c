"""One cell of a sweep on its way: a frozen value, replaced whenever there is news."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..jobs.clip import Clip
from ..jobs.progress import Progress
from .axes import Cell
from .metrics import Metrics


@dataclass(frozen=True)
class Tile:
    """A snapshot of one cell."""

    number: int
    """Its place in the plan, from 0."""
    cell: Cell
    progress: Progress = field(default_factory=Progress)
    """Where it stands; Phase.READY as long as nothing was sent for it."""
    metrics: Metrics | None = None
    """Read off its clip a little after that is there."""
    measure_error: str = ""
    """Why its clip could not be measured."""

    @property
    def clip(self) -> Clip | None:
        """Its clip, once it is saved."""
        return self.progress.clip
