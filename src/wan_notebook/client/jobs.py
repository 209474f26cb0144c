"""A job read off an answer, of its body and its headers."""

from __future__ import annotations

from ..model.job import QUEUED, Job, Usage
from .account import number
from .answers import Answer


def read_job(answer: Answer, *, at: float, before: Job | None = None) -> Job | None:
    """Return the job that a good answer tells of; None when it tells of none.

    Args:
        answer: to a submit or a fetch.
        at: seconds since the epoch.
        before: the snapshot which this one follows.
    """
    try:
        job = Job.from_answer(answer.json(), at=at, before=before)
    except (ValueError, RecursionError):
        return None
    extra = {"usage": job.usage or _usage(answer), "request_id": job.request_id or answer.request_id}
    return job.model_copy(update=extra)


def rescue_job(answer: Answer, *, at: float) -> Job | None:
    """Return the job that a submit began although its answer cannot be read, where an id is told after all."""
    said = answer.json()
    job_id = said.get("id") if isinstance(said, dict) else None
    job_id = job_id if isinstance(job_id, str) and job_id else answer.headers.get("x-inference-id")
    return Job(id=job_id, status=QUEUED, submitted_at=at, request_id=answer.request_id) if job_id else None


def _usage(answer: Answer) -> Usage | None:
    # Answers to a fetch may carry the cost of the fetch, which is nothing: only a real charge counts.
    credits_used = number(answer.headers.get("x-aimlapi-credits-used")) or None
    usd = number(answer.headers.get("x-aimlapi-usd-spent")) or None
    return Usage(credits_used=credits_used, usd_spent=usd) if credits_used or usd else None
