"""The status bar: what is going on, for how long already, for how long still, and what went wrong."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypedDict

from ...errors import ServiceError
from ...jobs.progress import Progress, RunPhase
from ...model import family
from ...model.job import Job
from ..bundle import script, style
from ..frontend import Buffers, FrontEnd, Handler


class Timer(TypedDict):
    """A stretch of time which is counted by itself."""

    label: str
    """What it measures, as "Queue"."""
    since: float
    """Seconds since the epoch."""
    until: float | None
    """Seconds since the epoch; None while it runs, and the browser counts on by itself."""


class LogLine(TypedDict):
    """Something that happened."""

    at: float
    """Seconds since the epoch."""
    text: str


class StatusState(TypedDict, total=False):
    """What the status bar shows; whatever is left out is not shown."""

    phase: str
    """Where the run stands, in a word or two."""
    tone: Literal["calm", "busy", "good", "bad"]
    """How the phase is to be taken; "busy" means that more will come."""
    message: str
    """One sentence: what happens, or what went wrong and what to do."""
    details: str
    """The long story of an error, folded away."""
    fraction: float | None
    """How much is done, between 0 and 1; None where nobody can tell."""
    time_left: str
    """In words, as "about 40 s left"."""
    started_at: float | None
    """Seconds since the epoch; so for finished_at."""
    finished_at: float | None
    timers: list[Timer]
    """Parts of the whole time, as queue and generation."""
    job_id: str
    raw_status: str
    """The service's own word, where it is not one we know."""
    trouble: str
    """What goes wrong just now without stopping the run."""
    log: list[LogLine]
    """All that happened, oldest first."""


_KEYS = frozenset(StatusState.__annotations__)


class StatusBar(FrontEnd):
    """What is going on.

    Args:
        on_beat: called about twice a second while the tone is "busy" and shortly after a person did something, because
            a browser asked: the place to resend_all() the widgets around, since a front end may have lost what they
            sent (Colab drops what is sent after the cell has ended).
        clock: seconds since the epoch.
    """

    _esm = script("status/status.js")
    _css = style("status/status.css")

    def __init__(self, on_beat: Callable[[], None] | None = None, *, clock: Callable[[], float] = time.time) -> None:
        super().__init__()
        self._on_beat = on_beat
        self._clock = clock
        self.render({"phase": "Ready", "tone": "calm"})

    def render(self, state: StatusState | Mapping[str, Any]) -> None:
        """Show this, and nothing of what was shown before.

        Raises:
            ValueError: a key is not one of StatusState.
        """
        unknown = set(state) - _KEYS
        if unknown:
            raise ValueError(
                f"A status bar shows no {', '.join(sorted(unknown))}; it shows {', '.join(sorted(_KEYS))}."
            )
        with self._lock:
            self.state = {**state, "now": self._clock()}

    def resend(self) -> None:
        """Send the state once more, with the time that it is now."""
        with self._lock:
            self.state = {**self.state, "now": self._clock()}

    def _handlers(self) -> Mapping[str, Handler]:
        return {"beat": self._answer_beat}

    def _answer_beat(self, _message: Mapping[str, Any], _buffers: Buffers) -> None:
        try:
            if self._on_beat is not None:
                self._on_beat()
        finally:
            self.resend()

    def _show_failure(self, message: str) -> None:
        with self._lock:
            self.state = {**self.state, "trouble": message, "now": self._clock()}


_NAMES = {"image": "picture", "prepare_video": "preparation", "prepare_image": "preparation", "model": "mode"}
_EXPECTATION = {RunPhase.READY: "The clip will play below."}
_TONES = {RunPhase.DONE: "good", RunPhase.FAILED: "bad", RunPhase.UNKNOWN: "bad"}


def status_of(progress: Progress, problem: str = "", changed: Sequence[str] = ()) -> StatusState:
    """Return what the status bar shows.

    Args:
        progress: of the run.
        problem: why the last choice or command was refused, where it was.
        changed: the choices which are no longer those that the run began with.
    """
    job = progress.job
    outdated = progress.phase is RunPhase.DONE and bool(changed)
    tone = "busy" if progress.phase.active else _TONES.get(progress.phase, "calm")
    return StatusState(
        phase=progress.phase.value,
        tone="calm" if outdated else tone,  # type: ignore[typeddict-item]
        message=_outdated(changed) if outdated else progress.message or _EXPECTATION.get(progress.phase, ""),
        details=_details(progress),
        fraction=progress.fraction,
        time_left=progress.time_left,
        started_at=progress.started_at,
        finished_at=progress.finished_at,
        timers=_timers(job) if job else [],
        job_id=job.id if job else "",
        raw_status=str(job.status) if job and not job.status.known else "",
        trouble=problem or (job.poll_error if job and job.poll_error else ""),
        log=[LogLine(at=at, text=text) for at, text in progress.log],
    )


def _outdated(changed: Sequence[str]) -> str:
    """Return in words that the clip is not one of what is chosen now."""
    words = {_NAMES.get(name) or _label(name) for name in changed}
    *others, last = sorted(words)
    listed = f"{', '.join(others)} and {last}" if others else last
    return f"This clip is from before you changed the {listed}. Generate makes one as it is set now."


def _label(name: str) -> str:
    return family.SETTINGS[name].label.lower() if name in family.SETTINGS else name


def _details(progress: Progress) -> str:
    error = progress.error
    if not isinstance(error, ServiceError):
        return ""
    facts = {"HTTP status": error.status_code, "Request id": error.request_id, "Answer": error.body}
    return "\n".join(f"{name}: {value}" for name, value in facts.items() if value)


def _timers(job: Job) -> list[Timer]:
    timers = []
    if job.submitted_at is not None:
        timers.append(Timer(label="Queue", since=job.submitted_at, until=job.started_at or job.finished_at))
    if job.started_at is not None:
        timers.append(Timer(label="Generation", since=job.started_at, until=job.finished_at))
    return timers
