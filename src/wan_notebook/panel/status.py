"""A run's progress in the status bar's words."""

from __future__ import annotations

import time

from ..errors import ServiceError
from ..job import Job
from ..journal import Entry
from ..progress import Phase, Progress
from ..widgets.status import LogLine, StatusState, Timer

_TONES = {Phase.DONE: "good", Phase.FAILED: "bad", Phase.UNKNOWN: "bad"}


def status_of(progress: Progress, problem: str = "") -> StatusState:
    """Return what the status bar shows.

    Args:
        progress: of the run.
        problem: why the last choice or command was refused, where it was.
    """
    job = progress.job
    return StatusState(
        phase=progress.phase.value,
        tone="busy" if progress.phase.active else _TONES.get(progress.phase, "calm"),  # type: ignore[typeddict-item]
        message=progress.message,
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


def waiting_words(entry: Entry) -> str:
    """Return in words that a job of before is still to come, or may have been bought unseen."""
    begun = entry.submitted_at or entry.created_at
    when = time.strftime("%d %B at %H:%M", time.localtime(begun)) if begun else "an unknown day"
    if entry.phase == "unknown":
        return f"A submit of {when} lost its answer and may have been bought: look it up in the service's log."
    return f"A job begun on {when} is still to come."


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
