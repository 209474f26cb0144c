"""What a service tells beside jobs: balance, log, prices, durations. All of it is read tolerantly: absent is None."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..model import family
from ..model.cost import Price

_SHORTEST_JOB = 5.0
"""Seconds; a median below it cannot be of whole jobs, only of the requests that begin or ask after them."""


@dataclass(frozen=True)
class Balance:
    """What is left on the account."""

    amount: float
    currency: str = "USD"

    def __str__(self) -> str:
        return f"${self.amount:,.2f}" if self.currency == "USD" else f"{self.amount:,.2f} {self.currency}"


@dataclass(frozen=True)
class LogRow:
    """What the service's log says of one request."""

    job_id: str | None
    status: str | None
    """"succeeded" or "failed"."""
    created: str | None
    usd: float | None
    """What it cost."""


def read_balance(said: Any) -> Balance | None:
    """Read the answer of GET /v2/billing."""
    amount = number(_field(said, "current_balance"))
    return None if amount is None else Balance(amount, str(_field(said, "currency") or "USD"))


def read_log_row(said: Any, client_request_id: str) -> LogRow | None:
    """Find the request of this id in one page of GET /v2/logs."""
    for row in _rows(said, "data"):
        if row.get("client_request_id") == client_request_id:
            return LogRow(
                job_id=_text(row.get("inference_id")),
                status=_text(row.get("status")),
                created=_text(row.get("created")),
                usd=number(_field(row.get("cost"), "usd")),
            )
    return None


def more_rows(said: Any) -> bool:
    """Whether another page of the log follows."""
    return _field(_field(said, "pagination"), "has_more") is True


def read_price(said: Any, model: str) -> Price | None:
    """Read what a model costs off GET /v1/models; None where it is not told, or by a unit we cannot compare."""
    for entry in _rows(said, "data"):
        if model in (entry.get("id"), *_items(entry.get("aliases"))):
            rates = dict(_rates(entry.get("pricing")))
            return Price(rates, "the service's own price list") if rates else None
    return None


def read_percentiles(said: Any, model: str) -> dict[float, float] | None:
    """Read how long jobs took lately off GET /models/metrics: share of the jobs → seconds."""
    for entry in _rows(said, "models"):
        duration = _field(_field(entry, "metrics"), "duration_ms")
        if entry.get("alias") == model and isinstance(duration, dict):
            seconds = {share: (number(duration.get(name)) or 0) / 1000 for name, share in _PERCENTILES.items()}
            known = {share: value for share, value in seconds.items() if value > 0}
            return known if known.get(0.5, 0) >= _SHORTEST_JOB else None
    return None


_PERCENTILES = {"p50": 0.5, "p75": 0.75, "p90": 0.9, "p99": 0.99}


def _rates(pricing: Any) -> Iterator[tuple[str, float]]:
    """Yield dollars for models.FRAMES_PER_UNIT frames, by resolution."""
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
    if price is None or not per or frames is None:
        return None
    return price / per * family.FRAMES_PER_UNIT / frames


# Upstream counts a second as 16 frames of the reference. Where real seconds are meant, this errs on the dear side.
_FRAMES_OF = {"second": family.FRAMES_PER_UNIT, "frame": 1}


def _rows(said: Any, name: str) -> list[dict[str, Any]]:
    return [row for row in _items(_field(said, name)) if isinstance(row, dict)]


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _field(said: Any, name: str) -> Any:
    return said.get(name) if isinstance(said, dict) else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def number(value: Any) -> float | None:
    """Return a finite number, however it was written; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
