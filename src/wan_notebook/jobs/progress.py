"""The progress of a run at one instant: a phase, a sentence, and the part that is done."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import WanError

if TYPE_CHECKING:
    from ..model.job import Job
    from .clip import Clip


class RunPhase(str, Enum):
    """Where a run stands; the value is the word that a person reads."""

    READY = "Ready"
    PREPARING = "Preparing"
    SENDING = "Sending"
    QUEUED = "Queued"
    GENERATING = "Generating"
    SAVING = "Saving"
    DONE = "Done"
    FAILED = "Failed"
    UNKNOWN = "Unknown"
    """A submit whose answer was lost: the job may have been bought."""
    STOPPED = "Stopped"
    """No longer watched; the job itself goes on, or its clip is still to be fetched."""

    CANCELLED = "Cancelled"
    """The free preview was ended; nothing goes on."""

    @property
    def active(self) -> bool:
        """Whether something is going on."""
        return self in ACTIVE


ACTIVE = (RunPhase.PREPARING, RunPhase.SENDING, RunPhase.QUEUED, RunPhase.GENERATING, RunPhase.SAVING)
"""The phases in which something is going on."""


@dataclass(frozen=True, slots=True)
class Progress:
    """A snapshot of a run."""

    phase: RunPhase = RunPhase.READY
    message: str = ""
    """One sentence, for a person."""
    job: Job | None = None
    fraction: float | None = None
    """How much is done, between 0 and 1; None where nobody can tell."""
    time_left: str = ""
    """In words, where it can be told."""
    clip: Clip | None = None
    made_before: bool = False
    """Whether the clip is that of an earlier job which asked the same."""
    error: WanError | None = None
    error_phase: RunPhase = RunPhase.FAILED
    """The phase that an error leads to while the service's own word of the job is not here: Failed where nothing can
    have been bought, Unknown for a submit whose answer was lost, Stopped for a job that goes on."""
    started_at: float | None = None
    """Seconds since the epoch; so for finished_at."""
    finished_at: float | None = None
    log: tuple[tuple[float, str], ...] = ()
    """All that was said so far, oldest first: seconds since the epoch, and a sentence. Tiles of a sweep have none."""

    @property
    def seconds(self) -> float | None:
        """How long the run took, once it is over."""
        if self.started_at is None or self.finished_at is None:
            return None
        return self.finished_at - self.started_at


NOT_BEGUN = Progress()
"""Of all that has not begun."""


class ProgressCallback(Protocol):
    """Takes the phase of a run and the fields of its Progress that changed."""

    def __call__(self, phase: RunPhase, *, note: str = "", **changes: Any) -> None:
        """Report progress.

        Args:
            phase: of the run, from now on.
            note: a sentence for the log alone.
            changes: fields of Progress.
        """
