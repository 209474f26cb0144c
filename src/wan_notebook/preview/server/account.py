"""The endpoints about the account and the service: balance, log, catalogue, metrics; none of them invents a figure."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ...model import family, protocol
from .job import iso
from .queue import JobQueue

_WINDOW_SECONDS = 3600
_UNITS = {"h": 3600, "d": 86_400}
_FREE = {"kind": "fixed", "units": [{"unit": "second", "per": 1, "price": 0}]}
_PERCENTILES = (50, 75, 90, 99)


class Account:
    """Answers requests about the service and its past jobs.

    Args:
        jobs: the queue.
        clock: seconds since the epoch.
    """

    def __init__(self, jobs: JobQueue, clock: Callable[[], float] = time.time) -> None:
        self._jobs, self._clock = jobs, clock

    async def billing(self, _request: Request) -> Response:
        """Answer with the balance, zero where nothing costs anything."""
        return JSONResponse({"current_balance": 0, "currency": "USD"})

    async def logs(self, request: Request) -> Response:
        """List the requests of the query's period, newest first."""
        query = request.query_params
        since = self._clock() - period_seconds(query.get("period", ""))
        limit, offset = (
            _whole_number(query.get("limit", "50"), 1, 100),
            _whole_number(query.get("offset", "0"), 0, 10**9),
        )
        rows = [job.log_row() for job in self._jobs.jobs if job.created_at >= since]
        page = rows[offset : offset + limit]
        more = offset + len(page) < len(rows)
        pagination = {"limit": limit, "offset": offset, "total": len(rows), "has_more": more}
        return JSONResponse({"data": page, "pagination": pagination})

    async def catalogue(self, request: Request) -> Response:
        """List the models, with their price on request."""
        wanted, include = request.query_params.get("id"), request.query_params.get("include", "")
        pricing = {"pricing": _FREE} if {"pricing", "all"} & set(include.split(",")) else {}
        entries = [
            {
                "id": model.id,
                "aliases": [model.alias],
                "type": "video",
                "info": {"name": f"Motion preview of {model.title}", "developer": "wan-notebook"},
                "tags": ["preview"],
                **pricing,
            }
            for model in family.MODELS.values()
            if wanted is None or {model.id, model.alias} & set(wanted.split(","))
        ]
        return JSONResponse({"object": "list", "data": entries})

    async def metrics(self, request: Request) -> Response:
        """Answer with percentiles of the durations of the last hour's jobs, by model."""
        if set(request.query_params) - {"aliases"}:
            raise HTTPException(400, "Query validation error: Expected 'aliases'")
        now = self._clock()
        wanted = request.query_params.getlist("aliases") or list(family.MODELS)
        models = []
        for name in family.MODELS:
            seconds = [
                job.finished_at - job.created_at
                for job in self._jobs.jobs
                if job.model == name
                and job.status == "completed"
                and job.finished_at is not None
                and job.created_at >= now - _WINDOW_SECONDS
            ]
            if {name, family.MODELS[name].alias} & set(wanted) and seconds:
                duration = percentiles(seconds)
                models.append({"alias": name, "endpoint": protocol.GENERATIONS, "metrics": {"duration_ms": duration}})
        return JSONResponse({"window_seconds": _WINDOW_SECONDS, "generated_at": iso(now), "models": models})


def period_seconds(period: str) -> float:
    """Return the seconds of a period such as 24h or 7d."""
    found = re.fullmatch(r"([1-9]\d{0,3})([hd])", period)
    if found is None:
        raise HTTPException(400, "Query validation error: period: Expected hours or days, as 24h or 7d")
    return int(found[1]) * _UNITS[found[2]]


def percentiles(seconds: list[float]) -> dict[str, int]:
    """Return the percentiles that the protocol names, in milliseconds."""
    cuts = statistics.quantiles(seconds, n=100, method="inclusive") if len(seconds) > 1 else seconds * 99
    return {f"p{percent}": round(1000 * cuts[percent - 1]) for percent in _PERCENTILES}


def _whole_number(text: str, least: int, most: int) -> int:
    if not text.isdecimal() or len(text) > 20 or not least <= int(text) <= most:
        raise HTTPException(400, f"Query validation error: Expected a whole number from {least} to {most}")
    return int(text)
