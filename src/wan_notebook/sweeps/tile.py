"""One cell of a sweep while it runs: a frozen value, replaced at each change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..jobs.progress import NOT_BEGUN, Progress, RunPhase
from ..model import family
from . import fields

if TYPE_CHECKING:
    from ..jobs.clip import Clip
    from ..jobs.recipe import Recipe
    from .axes import Cell
    from .metrics.definitions import Metrics

STOPPED_BEFORE = "Stopped before this was sent."
"""The reason of a tile whose sweep was stopped by a person."""


@dataclass(frozen=True, repr=False, slots=True)
class Tile:
    """A snapshot of one cell, its job and its clip."""

    number: int
    """The number of the cell in the plan, from 0."""
    cell: Cell
    progress: Progress = NOT_BEGUN
    """Of its job; RunPhase.READY as long as nothing was sent."""
    metrics: Metrics | None = None
    """Measured on its clip, soon after that was saved."""
    measuring: str = ""
    """What the measuring of its clip waits for, in a few words; empty where that takes no while."""
    measure_error: str = ""
    """The reason why its clip could not be measured, as a sentence."""
    recipe: Recipe | None = None
    """Its inputs as they were chosen, their preparation and its settings."""

    @property
    def clip(self) -> Clip | None:
        """The clip, once it is saved."""
        return self.progress.clip

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of its request, and how its inputs were prepared, as Clip.settings has them."""
        defaults = {"model": family.MOVE.id, **family.DEFAULTS}
        if self.recipe is not None:
            return defaults | self.recipe.choices
        return {name: self.cell.settings.get(name, default) for name, default in defaults.items()}

    @property
    def reason(self) -> str:
        """Why it has no clip, and what to do, as a sentence; empty where it has one, or may still get one."""
        over = self.progress.phase in _WITHOUT_CLIP or (
            self.progress.phase is RunPhase.READY and self.progress.finished_at is not None
        )
        return self.progress.message if over else ""

    def __repr__(self) -> str:
        values = self.cell.coordinates.items()
        varied = [f"{fields.column(name)}={fields.value_label(name, value)}" for name, value in values]
        return f"Tile({', '.join([str(self.number), *varied, self.progress.phase.value.lower()])})"


_WITHOUT_CLIP = (RunPhase.FAILED, RunPhase.UNKNOWN, RunPhase.STOPPED, RunPhase.CANCELLED)
