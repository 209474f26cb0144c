"""Answers of a service: their message, the job they describe, the error they are, the wait they ask for."""

from __future__ import annotations

import email.utils
import html
import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from ..errors import BadAnswer, NotAllowed, NotAuthorized, Rejected, ServiceError, ServiceFailure, TooBusy
from ..model.job import QUEUED, Job, Usage, shorten
from ..runtime.keys import Key
from .parsing import number, parse_error, parse_error_kind, parse_faults, parse_job

LONGEST_WAIT = 300.0
"""Seconds that Retry-After can make us wait at most."""
_MESSAGE, _BODY = 300, 2000
"""Characters of a message, and of a body, that an error keeps."""


@dataclass(frozen=True)
class Response:
    """The answer to one request, with the key and media taken out."""

    status: int
    headers: Mapping[str, str]
    """By their names in lower case."""
    text: str

    @property
    def is_success(self) -> bool:
        """Whether the HTTP status is one of success."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """Return the decoded text; None where it is not JSON."""
        try:
            return json.loads(self.text.removeprefix("\ufeff"))  # a byte order mark, as .NET writes
        except (ValueError, RecursionError):
            return None

    @property
    def message(self) -> str:
        """The service's error message as one line for a person; empty where it sent a page or nothing."""
        body = self.json()
        if body is None and "<" not in self.text and not self.text.lstrip().startswith(("[", "{")):
            body = self.text
        return str(shorten(" ".join(html.unescape(error_message(body)).split()), _MESSAGE)).rstrip(".")

    @property
    def request_id(self) -> str | None:
        """The service's own id of this request."""
        body = self.json()
        own_id = body.get("requestId") if isinstance(body, dict) else None
        return own_id if isinstance(own_id, str) else self.headers.get("x-request-id")

    def details(self, clock: Callable[[], float]) -> dict[str, Any]:
        """Return the fields of a ServiceError that describe the answer.

        Args:
            clock: seconds since the epoch.
        """
        return {
            "status_code": self.status,
            "request_id": self.request_id,
            "body": shorten(self.text, _BODY),
            "retry_after": self.retry_after(clock),
        }

    def retry_after(self, clock: Callable[[], float]) -> float | None:
        """Return the seconds of Retry-After, 0 to LONGEST_WAIT; None where the service does not ask us to wait.

        Args:
            clock: seconds since the epoch, for a Retry-After that is a date.
        """
        value = self.headers.get("retry-after", "").strip()
        try:
            seconds = float(value)
        except ValueError:
            try:
                seconds = email.utils.parsedate_to_datetime(value).timestamp() - clock()
            except (ValueError, OverflowError, TypeError, IndexError):
                return None
        return None if math.isnan(seconds) else min(max(seconds, 0.0), LONGEST_WAIT)


def error_message(body: Any) -> str:
    """Return the message in the body of an error: the fields at fault, else what it says in any form, and its kind."""
    if not isinstance(body, dict):
        return body if isinstance(body, str) else ""
    found = body.get("message") or body.get("error") or body.get("detail") or body.get("title") or ""
    text = ", ".join(map(str, found)) if isinstance(found, list) else parse_error(found) or ""
    text, kind = parse_faults(body) or text, parse_error_kind(body) or ""
    return text if kind in text else f"{text.rstrip('.')} ({kind})".strip()


@dataclass(frozen=True)
class NoResponse:
    """Stands for the answer to a request that got none."""

    reason: str
    """Part of a sentence."""


def redacted(text: str, key: Key | None) -> str:
    """Return `text` without keys and without the bodies of data URIs."""
    text = key.hide_in(text) if key else text
    text = _DATA_URI.sub(lambda found: f"{found[1]},…", text)
    return _BEARER.sub("Bearer …", text)


_DATA_URI = re.compile(r"(data:[\w.+-]+\\?/[\w.+-]+(?:;[\w=.-]+)*),(?:[\w+/=%-]|\\/)+", re.ASCII | re.IGNORECASE)
_BEARER = re.compile(r"\bBearer\s+[\w.~+/=-]{8,}", re.ASCII | re.IGNORECASE)


def error_from(
    answer: Response,
    *,
    clock: Callable[[], float],
    consequence: str,
    on_wrong_key: str = "does not accept the key{quote}. wan.login() takes another one.",
) -> ServiceError:
    """Return the error that an answer without success is.

    Args:
        answer: its status decides the kind of error.
        clock: seconds since the epoch.
        consequence: the sentence that ends the message: what the error means for the job.
        on_wrong_key: how a sentence about the service goes on whose key is refused; see Service.on_wrong_key.
    """
    wait = answer.retry_after(clock)
    kind, template = _BY_STATUS.get(answer.status) or _BY_CLASS.get(min(answer.status // 100, 5)) or _NOT_OF_PROTOCOL
    unverified = _UNVERIFIED.match(parse_error_kind(answer.json()) or "") if kind is NotAllowed else None
    quote = f" (“{answer.message}”)" if answer.message else ""
    message = (_VERIFY_FIRST if unverified else template).format(
        thing=unverified[1].replace("_", " ") if unverified else "",
        on_wrong_key=on_wrong_key.replace("{quote}", quote),
        quote=quote,
        status=answer.status,
        host=redirect_host(answer),
        when="in a minute" if wait is None else f"in {math.ceil(wait)} s",
    )
    return kind(f"{message} {consequence}".strip(), **answer.details(clock))


_UNVERIFIED = re.compile(r"err_unverified_(\w+)")
_VERIFY_FIRST = "The account must verify its {thing} first, on the service's own pages{quote}."
_NOT_OF_PROTOCOL = BadAnswer, "The service answered with HTTP {status}, which is not of the protocol{quote}."
_BY_CLASS: Mapping[int, tuple[type[ServiceError], str]] = {
    3: (BadAnswer, "The service sends us on to {host}, where the key must not go: is its address right?"),
    4: (Rejected, "The service refused this with HTTP {status}{quote}."),
    5: (ServiceFailure, "The service failed with HTTP {status}{quote}."),
}
_BY_STATUS: Mapping[int, tuple[type[ServiceError], str]] = {
    400: (Rejected, "The service refused the request{quote}."),
    401: (NotAuthorized, "The service {on_wrong_key}"),
    403: (NotAllowed, "The service does not allow this{quote}: the account may be out of credits, or the key limited."),
    404: (Rejected, "The service has nothing at this address{quote}."),
    408: (Rejected, "The request took too long to arrive{quote}. Try again."),
    413: (Rejected, "The request is too large for the service{quote}. Shorten or shrink the reference video."),
    422: (Rejected, "The service refused the request{quote}."),
    425: (Rejected, "The service is not ready yet{quote}. Try again."),
    429: (TooBusy, "The service takes no more requests just now{quote}. Try again {when}."),
}


def redirect_host(answer: Response) -> str:
    """Return the host that a redirect leads to, in words."""
    try:
        return urlsplit(answer.headers.get("location", "")).netloc.rpartition("@")[2] or "another address"
    except ValueError:
        return "another address"


def read_job(answer: Response, *, at: float, before: Job | None = None) -> Job | None:
    """Return the job that an answer of success describes; None when it describes none.

    Args:
        answer: to a submit or a fetch.
        at: seconds since the epoch.
        before: the snapshot which this one follows.
    """
    try:
        job = parse_job(answer.json(), at=at, before=before)
    except (ValueError, RecursionError):
        return None
    usage, request_id = job.usage or usage_in_headers(answer), job.request_id or answer.request_id
    return replace(job, usage=usage, request_id=request_id)


def salvage_job(answer: Response, *, at: float) -> Job | None:
    """Return the job of a submit whose answer cannot be read but for its id; None when there is no id either.

    Args:
        answer: to a submit.
        at: seconds since the epoch.
    """
    body = answer.json()
    job_id = body.get("id") if isinstance(body, dict) else None
    job_id = job_id if isinstance(job_id, str) and job_id else answer.headers.get("x-inference-id")
    return Job(id=job_id, status=QUEUED, submitted_at=at, request_id=answer.request_id) if job_id else None


def usage_in_headers(answer: Response) -> Usage | None:
    """Return the charge that the headers of an answer state, or None."""
    # Answers to a fetch may carry the cost of the fetch, which is nothing: only a real charge counts.
    names = ("x-aimlapi-credits-used", "x-aimlapi-usd-spent")
    credits_used, usd = (max(number(answer.headers.get(name)) or 0.0, 0.0) or None for name in names)
    return Usage(credits_used=credits_used, usd_spent=usd) if credits_used or usd else None
