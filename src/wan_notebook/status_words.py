"""A run's progress in the status bar's words."""

from __future__ import annotations

from collections.abc import Sequence

from .errors import ServiceError
from .jobs.progress import Phase, Progress
from .model import family
from .model.job import Job
from .widgets.status import LogLine, StatusState, Timer

_NAMES = {"image": "picture", "prepare": "preparation", "prepare_image": "preparation", "model": "mode"}
_EXPECTATION = {Phase.READY: "The clip will play below."}
_TONES = {Phase.DONE: "good", Phase.FAILED: "bad", Phase.UNKNOWN: "bad"}


def status_of(progress: Progress, problem: str = "", changed: Sequence[str] = ()) -> StatusState:
    """Return what the status bar shows.

    Args:
        progress: of the run.
        problem: why the last choice or command was refused, where it was.
        changed: the choices which are no longer those that the run began with.
    """
    job = progress.job
    outdated = progress.phase is Phase.DONE and bool(changed)
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
        trouble=problem or (job.trouble if job and job.trouble else ""),
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
