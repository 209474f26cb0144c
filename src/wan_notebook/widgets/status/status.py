"""The status bar: the phase of a run, its clocks, its log, and its errors."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ...errors import ServiceError, WanError
from ...jobs.progress import Progress, RunPhase
from ...model import family
from ...model.job import Job
from ..frontend import Part

Tone = Literal["calm", "busy", "good", "bad", "open"]
"""The colour of a phase: "busy" means that more will come, "open" that the clip may still come, unwatched."""


@dataclass(frozen=True)
class Timer:
    """A clock of one part of a run, which the browser counts on by itself."""

    label: str
    """The name of the part, as "Queue"."""
    since: float
    """Seconds since the epoch."""
    until: float | None = None
    """Seconds since the epoch; None while it runs."""


@dataclass(frozen=True)
class LogLine:
    """One event of a run."""

    at: float
    """Seconds since the epoch."""
    text: str


@dataclass(frozen=True)
class StatusState:
    """The state of a status bar; empty fields are not shown."""

    phase: str = "Ready"
    """The phase of the run, in a word or two."""
    tone: Tone = "calm"
    message: str = ""
    """One sentence: the event, or the error and its remedy."""
    details: str = ""
    """The facts of an error, a line each; the browser folds them away."""
    fraction: float | None = None
    """The part that is done, between 0 and 1; None where nobody can tell."""
    time_left: str = ""
    """In words, as "about 40 s left"."""
    started_at: float | None = None
    """Seconds since the epoch; so for finished_at."""
    finished_at: float | None = None
    timers: tuple[Timer, ...] = ()
    """The parts of the whole time, as queue and generation."""
    job_id: str = ""
    raw_status: str = ""
    """The service's own word for its status, where it is not one that we know."""
    trouble: str = ""
    """An error that does not stop the run, or a refused action."""
    log: tuple[LogLine, ...] = ()
    """All events so far, oldest first."""
    now: float = 0.0
    """Seconds since the epoch on the kernel's clock when the state was sent; the bar itself sets it."""


class StatusBar(Part[StatusState]):
    """The status of a run; its browser side asks for all that is new while the tone is "busy", and after each action.

    Args:
        clock: seconds since the epoch.
    """

    def __init__(self, *, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        super().__init__(StatusState(now=clock()), {})

    def render(self, shown: StatusState) -> None:
        """Show a state in place of the one before, with the time that it is now, where anything else is new in it."""
        if replace(shown, now=self.shown.now) != self.shown:
            super().render(replace(shown, now=self._clock()))

    def refresh(self) -> None:
        """Set the time to what it is now."""
        super().render(replace(self.shown, now=self._clock()))


_TONES: dict[RunPhase, Tone] = {
    RunPhase.DONE: "good",
    RunPhase.FAILED: "bad",
    RunPhase.UNKNOWN: "open",
    RunPhase.STOPPED: "open",
}
_NAMES = {"image": "picture", "prepare_video": "preparation", "prepare_image": "preparation", "model": "mode"}


def tone_of(phase: RunPhase) -> Tone:
    """Return the colour in which a phase is shown."""
    return "busy" if phase.active else _TONES.get(phase, "calm")


def status_state(progress: Progress, error: str = "", changed: Sequence[str] = ()) -> StatusState:
    """Return the state of a status bar for a run.

    Args:
        progress: of the run.
        error: the reason why the person's last action was refused, where it was.
        changed: names of the choices that were changed since the run began.
    """
    job, phase = progress.job, progress.phase
    outdated = phase is RunPhase.DONE and bool(changed)
    return StatusState(
        phase=phase.value,
        tone="calm" if outdated else tone_of(phase),
        message=outdated_text(changed) if outdated else progress.message,
        details=error_details(progress.error),
        fraction=progress.fraction,
        time_left=progress.time_left,
        started_at=progress.started_at,
        finished_at=progress.finished_at,
        timers=job_timers(job) if job else (),
        job_id=job.id if job else "",
        raw_status=str(job.status) if job and not job.status.known else "",
        trouble=error or (job.poll_error if job and job.poll_error else ""),
        log=tuple(LogLine(at, text) for at, text in progress.log),
    )


def outdated_text(changed: Sequence[str]) -> str:
    """Return a sentence saying that the clip was made with other choices than the current ones."""
    labels = {name: setting.label.lower() for name, setting in family.SETTINGS.items()} | _NAMES
    *others, last = sorted({labels.get(name, name) for name in changed})
    listed = f"{', '.join(others)} and {last}" if others else last
    return f"This clip is from before you changed the {listed}. Generate makes one as it is set now."


def error_details(error: WanError | None) -> str:
    """Return the facts about a service's error that its support needs, a line each."""
    if not isinstance(error, ServiceError):
        return ""
    facts = {"HTTP status": error.status_code, "Request id": error.request_id, "Answer": error.body}
    return "\n".join(f"{name}: {value}" for name, value in facts.items() if value)


def job_timers(job: Job) -> tuple[Timer, ...]:
    """Return the clocks of a job: its time in the queue, and its generation."""
    timers = []
    if job.submitted_at is not None:
        timers.append(Timer("Queue", job.submitted_at, job.started_at or job.finished_at))
    if job.started_at is not None:
        timers.append(Timer("Generation", job.started_at, job.finished_at))
    return tuple(timers)
