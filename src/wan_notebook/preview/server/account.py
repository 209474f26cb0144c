"""What the hosted service tells beside jobs, in miniature and true of this one: balance, log, catalogue, durations."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ...model import family
from .job import Ticket, iso
from .queue import JobQueue

_WINDOW_SECONDS = 3600
_UNITS = {"h": 3600, "d": 86_400}
_FREE = {"kind": "fixed", "units": [{"unit": "second", "per": 1, "price": 0}]}
_PERCENTILES = (50, 75, 90, 99)


class Account:
    """Answers about the service and what it has done.

    Args:
        jobs: the queue.
        clock: seconds since the epoch.
    """

    def __init__(self, jobs: JobQueue, clock: Callable[[], float] = time.time) -> None:
        self._jobs, self._clock = jobs, clock

    async def billing(self, _request: Request) -> Response:
        """Say what is left to spend, where nothing costs anything."""
        return JSONResponse({"current_balance": 0, "currency": "USD"})

    async def logs(self, request: Request) -> Response:
        """List the requests of the last hours or days, newest first."""
        query = request.query_params
        since = self._clock() - _seconds(query.get("period", ""))
        limit, offset = _number(query.get("limit", "50"), 1, 100), _number(query.get("offset", "0"), 0, 10**9)
        rows = [ticket.log_row() for ticket in self._jobs.tickets if ticket.created_at >= since]
        page = rows[offset : offset + limit]
        more = offset + len(page) < len(rows)
        pagination = {"limit": limit, "offset": offset, "total": len(rows), "has_more": more}
        return JSONResponse({"data": page, "pagination": pagination})

    async def catalogue(self, request: Request) -> Response:
        """List the models, with their price where asked for."""
        asked, include = request.query_params.get("id"), request.query_params.get("include", "")
        priced = bool({"pricing", "all"} & set(include.split(",")))
        listed = [model for model in family.MODELS.values() if asked is None or model.id in asked.split(",")]
        return JSONResponse({"object": "list", "data": [_entry(model, priced) for model in listed]})

    async def metrics(self, request: Request) -> Response:
        """Tell how long the jobs of the last hour took, by model."""
        if set(request.query_params) - {"aliases"}:
            raise HTTPException(400, "Query validation error: Expected 'aliases'")
        now = self._clock()
        asked = request.query_params.getlist("aliases") or list(family.MODELS)
        recent = [t for t in self._jobs.tickets if t.status == "completed" and t.created_at >= now - _WINDOW_SECONDS]
        durations = {name: _durations(recent, name) for name in family.MODELS if name in asked}
        measured = [_measured(name, seconds) for name, seconds in durations.items() if seconds]
        return JSONResponse({"window_seconds": _WINDOW_SECONDS, "generated_at": iso(now), "models": measured})


def _seconds(period: str) -> float:
    found = re.fullmatch(r"([1-9]\d{0,3})([hd])", period)
    if found is None:
        raise HTTPException(400, "Query validation error: period: Expected hours or days, as 24h or 7d")
    return int(found[1]) * _UNITS[found[2]]


def _number(text: str, least: int, most: int) -> int:
    if not text.isdecimal() or not least <= int(text) <= most:
        raise HTTPException(400, f"Query validation error: Expected a whole number from {least} to {most}")
    return int(text)


def _entry(model: family.Model, priced: bool) -> dict[str, Any]:
    entry = {
        "id": model.id,
        "aliases": [],
        "type": "video",
        "info": {"name": f"Motion preview of {model.title}", "developer": "wan-notebook"},
        "tags": ["preview"],
    }
    return {**entry, "pricing": _FREE} if priced else entry


def _durations(tickets: list[Ticket], model: str) -> list[float]:
    return [(t.finished_at or 0.0) - t.created_at for t in tickets if t.model == model]


def _measured(name: str, seconds: list[float]) -> dict[str, Any]:
    cuts = statistics.quantiles(seconds, n=100, method="inclusive") if len(seconds) > 1 else seconds * 99
    duration = {f"p{percent}": round(1000 * cuts[percent - 1]) for percent in _PERCENTILES}
    return {"alias": name, "endpoint": "/v2/video/generations", "metrics": {"duration_ms": duration}}
