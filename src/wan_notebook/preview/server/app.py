"""The service as a Starlette app, reachable in this process through httpx.ASGITransport, or on a port."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Container

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Route
from starlette.types import ASGIApp

from .account import Account
from .auth import RequireHost, RequireToken, admit_defect, refuse
from .endpoints import MAX_BODY, Generations
from .fetch import Fetcher
from .queue import CAPACITY, JobQueue

PREVIEW = "wan_notebook.preview.engine:run"
GENERATIONS = "/v2/video/generations"


def create_app(
    *,
    token: str | None = None,
    engine: str = PREVIEW,
    allow_private: bool = False,
    hosts: Container[str] | None = None,
    any_address: bool = False,
    capacity: int = CAPACITY,
    max_body: int = MAX_BODY,
    faults: Callable[[ASGIApp], ASGIApp] | None = None,
) -> Starlette:
    """Return the app; its worker starts with the first submit and ends with `await app.state.jobs.close()`.

    The app belongs to the event loop that calls it first. It needs no lifespan: whatever it started ends with
    this process at the latest.

    Args:
        token: what clients must send as their key; without one, nobody is asked.
        engine: "package.module:function", imported in the worker process.
        allow_private: whether media may be fetched from this machine and its network.
        hosts: the host names it answers to; any when None.
        any_address: whether it answers to any numeric address besides.
        capacity: unfinished jobs beyond which submits are refused with 429.
        max_body: bytes of a submit beyond which it is refused with 413.
        faults: wraps the app, so that a test can delay, spoil or refuse what it likes.
    """
    jobs = JobQueue(engine, Fetcher(allow_private=allow_private), capacity=capacity)
    around = [Middleware(lambda app: faults(app))] if faults else []
    if hosts is not None:
        around.append(Middleware(RequireHost, names=hosts, addresses=any_address))
    app = Starlette(
        routes=_routes(Generations(jobs, max_body), Account(jobs), [Middleware(RequireToken, token=token)]),
        middleware=around,
        exception_handlers={HTTPException: refuse, Exception: admit_defect},
        lifespan=_lifespan,
    )
    app.state.jobs = jobs
    return app


def _routes(generations: Generations, account: Account, locked: list[Middleware]) -> list[Route]:
    return [
        Route(GENERATIONS, generations.submit, methods=["POST"], middleware=locked),
        Route(GENERATIONS, generations.fetch, methods=["GET"], middleware=locked),
        Route(GENERATIONS, generations.cancel, methods=["DELETE"], middleware=locked),
        Route("/v2/billing", account.billing, middleware=locked),
        Route("/v2/logs", account.logs, middleware=locked),
        Route("/v1/models", account.catalogue),
        Route("/models/metrics", account.metrics),
        # Whoever knows a clip's address may have it: clients never send their key along with a download.
        Route("/files/{name}", generations.clip, name="clip"),
    ]


@contextlib.asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    yield
    await app.state.jobs.close()
