"""From decoded JSON to values, without I/O: jobs, errors, the balance, the log, prices and durations.

Services have been seen to say one thing in many forms, and all of them are read. An oddity fails nothing: a field that
cannot be read is absent, so that no job is lost for its sake. No request is made here, and no response is known.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..model import family, protocol
from ..model.cost import Price
from ..model.job import COMPLETED, ERROR, QUEUED, Job, Status

_DEEPEST = 20
"""Levels of nesting that are read; the protocol has four."""


def parse_job(payload: Any, *, at: float, before: Job | None = None) -> Job:
    """Return the job that the JSON of a submit or a fetch describes.

    Args:
        payload: the decoded JSON.
        at: when it came, in seconds since the epoch.
        before: the snapshot which this one follows; its id, its times and every field that is absent now are kept.

    Raises:
        ValueError: the payload has no id or no status.
    """
    fields = _job_fields(payload)
    if before is not None:
        fields = {name: getattr(before, name) for name in _KEPT} | fields | {"id": before.id}
    job = Job.read(fields)
    submitted_at, started_at, finished_at = _times(job.status, at, before)
    return replace(job, submitted_at=submitted_at, started_at=started_at, finished_at=finished_at)


_KEPT = ("usage", "engine", "preflight", "request_id")
"""Fields that answers may leave out once they have told them."""


def _times(status: Status, at: float, before: Job | None) -> tuple[float | None, float | None, float | None]:
    """Return when a job was submitted, when it was first seen to run, and when to have ended."""
    started = at if status not in (QUEUED, "waiting") else None
    finished = at if status.final else None
    return (
        before.submitted_at if before else at,
        (before and before.started_at) or started,
        ((before and before.finished_at) or finished) if status.final else None,
    )


def _job_fields(payload: Any) -> dict[str, Any]:
    body = _mapping(_printable(payload))
    meta, video = _mapping(body.get("meta")), _video(body.get("video"))
    fields = {
        "id": _id(body.get("id")),
        "status": _status(body.get("status"), video),
        "video": video,
        "error": parse_error(body.get("error")),
        "usage": _usage(_mapping(meta.get("usage"))),
        "progress": _share(meta.get("progress")),
        "preflight": _mapping(meta.get("preflight")) or None,
        "revision": _revision(meta.get("revision")),
        "engine": _text(body.get("engine")),
        "message": _text(meta.get("message")),
    }
    return {name: value for name, value in fields.items() if value is not None}


def parse_error(error: Any) -> str | None:
    """Return one message from any form of error that a service is known to send, None where there is none.

    Args:
        error: None, a string, {name, message}, {message, data: [{path, message, expected, received}]}, or
            {detail: [{loc, msg, type, input}]}. Where a list names the fields at fault, it says most.
    """
    if isinstance(error, dict):
        if faults := parse_faults(error):
            return faults
        error = error.get("message") or error.get("detail") or error.get("name") or error
    return str(error).strip() or None if error else None


def parse_faults(error: Any, depth: int = 3) -> str:
    """Return the fields at fault that an error lists, each with its message; empty where it lists none.

    Args:
        error: the error, or a whole answer that holds one.
        depth: levels at which the list may lie.
    """
    if not isinstance(error, dict) or not depth:
        return ""
    for listed in map(error.get, _FAULTS):
        if isinstance(listed, list) and listed and all(isinstance(fault, dict | str) for fault in listed):
            return "; ".join(map(_fault, listed))
    return next(filter(None, (parse_faults(error.get(name), depth - 1) for name in (*_FAULTS, "error", "message"))), "")


_FAULTS = ("data", "detail", "errors", "issues")
"""Names of the lists of fields at fault, as validators give them."""


def _fault(fault: Any) -> str:
    if not isinstance(fault, dict):
        return str(fault) or "?"
    loc = fault.get("path", fault.get("loc"))
    where = ".".join(str(part) for part in (loc if isinstance(loc, list) else [loc]) if part not in (None, "", "body"))
    expected = f"Expected {fault['expected']}, received {fault.get('received')}" if fault.get("expected") else fault
    message = str(fault.get("message") or fault.get("msg") or expected)
    return f"{where}: {message}" if where else message


def parse_error_kind(body: Any) -> str | None:
    """Return the service's own word for the kind of an error, as "err_unverified_card"; None where it tells none."""
    found = (_text(_field(_field(holder, "data"), "kind")) for holder in (_field(body, "error"), body))
    return next(filter(None, found), None)


def parse_withdrawal(payload: Any, names: Collection[str]) -> str | None:
    """Return the end of a sentence on a withdrawn model, from GET /v1/models/deprecations; None where it is not listed.

    Args:
        payload: the decoded JSON, whose form is not documented: a list of texts or rows, or a mapping with one inside.
        names: the model's id and its aliases.
    """
    lists = [payload, *payload.values()] if isinstance(payload, dict) else [payload]
    for row in itertools.chain.from_iterable(filter(lambda one: isinstance(one, list), lists)):
        entry = row if isinstance(row, dict) else {"id": row}
        called = itertools.chain.from_iterable([one, *_items(one)] for one in map(entry.get, _MODEL_NAMES))
        if any(isinstance(name, str) and name in names for name in called):
            told = [
                f"{name.replace('_', ' ')}: {value}"
                for name, value in entry.items()
                if name not in _MODEL_NAMES and _text(value)
            ]
            return f" ({'; '.join(told)})" if told else ""
    return None


_MODEL_NAMES = ("id", "model", "model_id", "name", "alias", "aliases")


def _id(value: Any) -> str | None:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_number else _text(value)


def _status(value: Any, video: str | None) -> str | None:
    word = (_text(value) or "").strip()
    # The gateway's words for the ends of other models; without a clip, "succeeded" may well be of a part of the work.
    own = {"failed": ERROR, "succeeded": COMPLETED if video else word}.get(word.lower(), word.lower())
    return str(own) if own in protocol.STATUSES else word or None


def _video(video: Any) -> str | None:
    while isinstance(video, list):
        video = video[0] if video else None
    return _text(video.get("url") if isinstance(video, dict) else video)


def _usage(usage: Mapping[str, Any]) -> dict[str, float] | None:
    figures = {
        "credits_used": _number(usage.get("credits_used", usage.get("tokens_used"))),
        "usd_spent": _number(usage.get("usd_spent")),
    }
    # A negative charge would let a budget be exceeded.
    return {name: figure for name, figure in figures.items() if figure is not None and figure >= 0} or None


def _share(value: Any) -> float | None:
    share = _number(value)
    return share if share is not None and 0 <= share <= 1 else None


def _revision(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _number(value: Any) -> float | None:
    return None if isinstance(value, str) else number(value)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _printable(value: Any, depth: int = 0) -> Any:
    """Replace values that cannot be written down: halves of surrogate pairs, infinite figures, endless nesting."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, list | dict) and depth == _DEEPEST:
        return "…"
    if isinstance(value, list):
        return [_printable(one, depth + 1) for one in value]
    if isinstance(value, dict):
        return {_printable(name): _printable(one, depth + 1) for name, one in value.items()}
    return value


_SHORTEST_JOB = 5.0
"""Seconds; a median below it cannot be of whole jobs, only of the requests that begin or ask after them."""


@dataclass(frozen=True)
class Balance:
    """The balance of an account."""

    amount: float
    currency: str = "USD"

    def __str__(self) -> str:
        return f"${self.amount:,.2f}" if self.currency == "USD" else f"{self.amount:,.2f} {self.currency}"


@dataclass(frozen=True)
class LogRow:
    """One request in the service's log."""

    client_request_id: str | None
    job_id: str | None
    status: str | None
    """"succeeded" or "failed"."""
    usd: float | None
    """Its cost."""
    model: str | None = None


@dataclass(frozen=True)
class LogPage:
    """A page of the service's log, newest requests first."""

    rows: tuple[LogRow, ...]
    last: bool
    """Whether the service says that no other page follows; a service that does not say leaves it open."""
    total: float
    """Rows of all pages, as far as the service says."""
    keys: frozenset[str]
    """One for each row, so that a page which comes twice is noticed."""


def parse_balance(payload: Any) -> Balance | None:
    """Return the balance in GET /v2/billing; None where it has none."""
    amount = number(_field(payload, "current_balance"))
    return None if amount is None else Balance(amount, str(_field(payload, "currency") or "USD"))


def parse_log_page(payload: Any) -> LogPage | None:
    """Return one page of GET /v2/logs; None where it is not of the protocol, and so tells nothing."""
    rows, pagination = _field(payload, "data"), _field(payload, "pagination")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return None
    return LogPage(
        rows=tuple(map(_log_row, rows)),
        last=_field(pagination, "has_more") is False,
        total=number(_field(pagination, "total")) or 0,
        keys=frozenset(json.dumps(row, sort_keys=True) for row in rows),
    )


def _log_row(row: Mapping[str, Any]) -> LogRow:
    return LogRow(
        client_request_id=_text(row.get("client_request_id")),
        job_id=_id(row.get("inference_id")),
        status=_text(row.get("status")),
        usd=number(_field(row.get("cost"), "usd")),
        model=_text(row.get("model")),
    )


def parse_price(payload: Any, model: str) -> Price | None:
    """Return the price of a model in GET /v1/models; None without one, or in a unit that cannot be compared."""
    for entry in _rows(payload, "data"):
        if model in (entry.get("id"), *_items(entry.get("aliases"))):
            rates = dict(_rates(entry.get("pricing")))
            return Price(rates, "the service's own price list") if rates else None
    return None


def parse_percentiles(payload: Any, model: str) -> dict[float, float] | None:
    """Return the percentiles of recent durations in GET /models/metrics: share of the jobs → seconds."""
    for entry in _rows(payload, "models"):
        duration = _field(_field(entry, "metrics"), "duration_ms")
        if entry.get("alias") == model and isinstance(duration, dict):
            seconds = {share: (number(duration.get(name)) or 0) / 1000 for name, share in _PERCENTILES.items()}
            known = {share: value for share, value in seconds.items() if value > 0}
            return known if known.get(0.5, 0) >= _SHORTEST_JOB else None
    return None


_PERCENTILES = {"p50": 0.5, "p75": 0.75, "p90": 0.9, "p99": 0.99}


def _rates(pricing: Any) -> Iterator[tuple[str, float]]:
    """Yield dollars for family.FRAMES_PER_UNIT frames, by resolution."""
    for unit in _rows(pricing, "units"):
        if (rate := _rate(unit)) is not None:
            yield from ((resolution, rate) for resolution in family.RESOLUTION.choices)
    for variant in _rows(pricing, "variants"):
        resolution, rate = _field(variant.get("when"), "resolution"), _rate(variant)
        if rate is not None and resolution in family.RESOLUTION.choices:
            yield resolution, rate


def _rate(unit: Mapping[str, Any]) -> float | None:
    price, per = number(unit.get("price")), number(unit.get("per", 1))
    frames = _FRAMES_OF.get(str(unit.get("unit") or unit.get("name")).lower().rstrip("s"))
    if price is None or price < 0 or not per or per < 0 or frames is None:
        return None
    return price / per * family.FRAMES_PER_UNIT / frames


# Upstream counts a second as 16 frames of the reference. Where real seconds are meant, this errs on the dear side.
_FRAMES_OF = {"second": family.FRAMES_PER_UNIT, "frame": 1}


def _rows(payload: Any, name: str) -> list[dict[str, Any]]:
    return [row for row in _items(_field(payload, name)) if isinstance(row, dict)]


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _field(payload: Any, name: str) -> Any:
    return _mapping(payload).get(name)


def number(value: Any) -> float | None:
    """Return a finite number, however it was written; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
