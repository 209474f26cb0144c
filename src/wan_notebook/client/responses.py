"""Reading what a service answered: its words, its refusals as errors of our tree, its wish to wait."""

from __future__ import annotations

import email.utils
import html
import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ..errors import BadAnswer, NotAllowed, NotAuthorized, Rejected, ServiceError, ServiceFailure, TooBusy
from ..model.job import QUEUED, Job, Usage, shorten
from ..runtime.keys import Key
from .parsing import number, parse_error, parse_job

LONGEST_WAIT = 300.0
"""Seconds beyond which a wish to wait is not taken literally."""
PASSING = frozenset({408, 425, 429})
"""Refusals which may be over the next time."""
_WORDS = 300
_BODY = 2000


@dataclass(frozen=True)
class Response:
    """What came back, with the key and media taken out."""

    status: int
    headers: Mapping[str, str]
    """By their names in lower case."""
    text: str

    @property
    def good(self) -> bool:
        """Whether the service did as it was asked."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """Return what the text says; None where it is not JSON."""
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError):
            return None

    @property
    def words(self) -> str:
        """What the service said, as one sentence for a person; empty where it sent a page or nothing."""
        said = self.json()
        if said is None and "<" not in self.text and not self.text.lstrip().startswith(("[", "{")):
            said = self.text
        return str(shorten(" ".join(html.unescape(_told(said)).split()), _WORDS)).rstrip(".")

    @property
    def request_id(self) -> str | None:
        """The service's own id of this request."""
        said = self.json()
        inside = said.get("requestId") if isinstance(said, dict) else None
        return inside if isinstance(inside, str) else self.headers.get("x-request-id")

    def details(self, clock: Callable[[], float]) -> dict[str, Any]:
        """Return what every ServiceError keeps of an answer."""
        return {
            "status_code": self.status,
            "request_id": self.request_id,
            "body": shorten(self.text, _BODY),
            "retry_after": self.retry_after(clock),
        }

    def retry_after(self, clock: Callable[[], float]) -> float | None:
        """Return the seconds that the service asks us to wait, within reason; None where it does not ask.

        Args:
            clock: seconds since the epoch, for a wish that is a date.
        """
        wish = self.headers.get("retry-after", "").strip()
        try:
            seconds = float(wish)
        except ValueError:
            seconds = _seconds_until(wish, clock())
        return None if math.isnan(seconds) else min(max(seconds, 0.0), LONGEST_WAIT)


def _told(said: Any) -> str:
    """Return the message in the body of an error: message or error, in any form, or a validator's detail."""
    if isinstance(said, dict):
        said = said.get("message") or said.get("error") or ({"detail": said["detail"]} if said.get("detail") else "")
        return ", ".join(map(str, said)) if isinstance(said, list) else parse_error(said) or ""
    return said if isinstance(said, str) else ""


@dataclass(frozen=True)
class NoResponse:
    """No answer came."""

    why: str
    """A part of a sentence."""


def redacted(text: str, key: Key | None) -> str:
    """Return `text` without keys and without the bodies of data URIs."""
    text = key.hide_in(text) if key else text
    text = _DATA_URI.sub(lambda found: f"{found[1]},…", text)
    return _BEARER.sub("Bearer …", text)


_DATA_URI = re.compile(r"(data:[\w.+-]+\\?/[\w.+-]+(?:;[\w=.-]+)*),(?:[\w+/=%-]|\\/)+", re.ASCII | re.IGNORECASE)
_BEARER = re.compile(r"\bBearer\s+[\w.~+/=-]{8,}", re.ASCII | re.IGNORECASE)


def error_from(answer: Response, *, clock: Callable[[], float], then: str) -> ServiceError:
    """Return the error that a bad answer is.

    Args:
        answer: one that is not good.
        clock: seconds since the epoch.
        then: what this means for the job, as a sentence that ends the message.
    """
    said = f" (“{answer.words}”)" if answer.words else ""
    wait = answer.retry_after(clock)
    when = "in a minute" if wait is None else f"in {math.ceil(wait)} s"
    kind, template = _READINGS.get(answer.status) or _reading(answer)
    message = template.format(said=said, status=answer.status, host=_redirected_to(answer), when=when)
    return kind(f"{message} {then}".strip(), **answer.details(clock))


def _reading(answer: Response) -> tuple[type[ServiceError], str]:
    if answer.status >= 500:
        return ServiceFailure, "The service failed with HTTP {status}{said}."
    if answer.status >= 400:
        return Rejected, "The service refused this with HTTP {status}{said}."
    if answer.status >= 300:
        return BadAnswer, "The service sends us on to {host}, where the key must not go: is its address right?"
    return BadAnswer, "The service answered with HTTP {status}, which is not of the protocol{said}."


_READINGS: Mapping[int, tuple[type[ServiceError], str]] = {
    400: (Rejected, "The service refused the request{said}."),
    401: (NotAuthorized, "The service does not accept the key{said}. wan.login() takes another one."),
    403: (NotAllowed, "The service does not allow this{said}: the account may be out of credits, or the key limited."),
    404: (Rejected, "The service has nothing at this address{said}."),
    408: (Rejected, "The request took too long to arrive{said}. Try again."),
    413: (Rejected, "The request is too large for the service{said}. Shorten or shrink the reference video."),
    422: (Rejected, "The service refused the request{said}."),
    425: (Rejected, "The service is not ready yet{said}. Try again."),
    429: (TooBusy, "The service takes no more requests just now{said}. Try again {when}."),
}


def _redirected_to(answer: Response) -> str:
    try:
        return urlsplit(answer.headers.get("location", "")).netloc.rpartition("@")[2] or "another address"
    except ValueError:
        return "another address"


def _seconds_until(date: str, now: float) -> float:
    try:
        return email.utils.parsedate_to_datetime(date).timestamp() - now
    except (ValueError, OverflowError, TypeError, IndexError):
        return math.nan


def read_job(answer: Response, *, at: float, before: Job | None = None) -> Job | None:
    """Return the job that a good answer tells of; None when it tells of none.

    Args:
        answer: to a submit or a fetch.
        at: seconds since the epoch.
        before: the snapshot which this one follows.
    """
    try:
        job = parse_job(answer.json(), at=at, before=before)
    except (ValueError, RecursionError):
        return None
    extra = {"usage": job.usage or _usage_in_headers(answer), "request_id": job.request_id or answer.request_id}
    return job.model_copy(update=extra)


def salvage_job(answer: Response, *, at: float) -> Job | None:
    """Return the job that a submit began although its answer cannot be read, where an id is told after all."""
    said = answer.json()
    job_id = said.get("id") if isinstance(said, dict) else None
    job_id = job_id if isinstance(job_id, str) and job_id else answer.headers.get("x-inference-id")
    return Job(id=job_id, status=QUEUED, submitted_at=at, request_id=answer.request_id) if job_id else None


def _usage_in_headers(answer: Response) -> Usage | None:
    # Answers to a fetch may carry the cost of the fetch, which is nothing: only a real charge counts.
    credits_used = number(answer.headers.get("x-aimlapi-credits-used")) or None
    usd = number(answer.headers.get("x-aimlapi-usd-spent")) or None
    return Usage(credits_used=credits_used, usd_spent=usd) if credits_used or usd else None
