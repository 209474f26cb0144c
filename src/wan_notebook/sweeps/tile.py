"""One cell of a sweep while it runs: a frozen value, replaced at each change."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..jobs.progress import Progress

if TYPE_CHECKING:
    from ..jobs.clip import Clip
    from .axes import Cell
    from .metrics.definitions import Metrics


@dataclass(frozen=True)
class Tile:
    """A snapshot of one cell, its job and its clip."""

    number: int
    """The number of the cell in the plan, from 0."""
    cell: Cell
    progress: Progress = field(default_factory=Progress)
    """Of its job; RunPhase.READY as long as nothing was sent."""
    metrics: Metrics | None = None
    """Measured on its clip, soon after that was saved."""
    measure_error: str = ""
    """The reason why its clip could not be measured, as a sentence."""

    @property
    def clip(self) -> Clip | None:
        """The clip, once it is saved."""
        return self.progress.clip
