"""What a snapshot of a job means for its row: which phase it reaches, and what is new."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ..model.job import COMPLETED, ERROR, Job
from .entry import UNDER_WAY, Entry, Phase

EARLIER: Mapping[Phase, tuple[Phase, ...]] = {
    "rejected": ("submitting", "unknown"),
    "unknown": ("submitting",),
    "running": ("submitting", "unknown"),
    "completed": ("submitting", "unknown", "running"),
    "failed": ("submitting", "unknown", "running"),
    "saved": ("submitting", "unknown", "running", "completed"),
}
"""From where each phase may be reached: news that comes late, from another notebook, takes nothing back."""


def phase_of(job: Job) -> Phase:
    """Return the phase of a job which the service has accepted."""
    if job.status == COMPLETED:
        return "completed"
    return "failed" if job.status == ERROR else "running"


def columns_of(job: Job) -> dict[str, Any]:
    """Return what the journal keeps of a snapshot, by column."""
    return {
        "job_id": job.id,
        "status": str(job.status),
        "error": job.error,
        "engine": job.engine,
        "credits_used": job.usage and job.usage.credits_used,
        "usd": job.usage and job.usage.usd,
        "submitted_at": job.submitted_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
    }


def news(entry: Entry, job: Job) -> dict[str, Any]:
    """Return the columns which the job changes; a time that is known stays, and nothing known is forgotten."""
    told = {name: value for name, value in columns_of(job).items() if value is not None or name == "error"}
    return {
        name: value
        for name, value in told.items()
        if value != getattr(entry, name) and not (name.endswith("_at") and getattr(entry, name) is not None)
    }


def stored(phases: Collection[Phase]) -> set[Phase]:
    """Return the phases that stand in rows which are read as one of these.

    A submit cut off is read as unknown, and a preview that ended with its notebook as failed.
    """
    cut_off: Mapping[Phase, tuple[Phase, ...]] = {"unknown": ("submitting",), "failed": UNDER_WAY}
    return {*phases, *(row for phase in phases for row in cut_off.get(phase, ()))}
