"""The service as a Starlette app, reachable in this process through httpx.ASGITransport, or on a port."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Container

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Route

from ...model import protocol
from .account import Account
from .auth import RequireHost, RequireToken
from .endpoints import MAX_BODY, Endpoints
from .errors import defect_response, refusal_response
from .fetch import Fetcher
from .queue import CAPACITY, JobQueue

PREVIEW = "wan_notebook.preview.engine:run"


def create_app(
    *,
    token: str | None = None,
    engine: str = PREVIEW,
    allow_private: bool = False,
    hosts: Container[str] | None = None,
    any_address: bool = False,
    capacity: int = CAPACITY,
    max_body: int = MAX_BODY,
) -> Starlette:
    """Return the app; its worker starts with the first submit and ends with `await app.state.jobs.close()`.

    The app belongs to the event loop that calls it first. It needs no lifespan: whatever it started ends with
    this process at the latest.

    Args:
        token: the key that clients must send; without one, no key is wanted.
        engine: "package.module:function", imported in the worker process.
        allow_private: whether media may be fetched from this machine and its network.
        hosts: the host names it answers to; any when None.
        any_address: whether it also answers to any numeric address.
        capacity: unfinished jobs beyond which submits are refused with 429.
        max_body: bytes of a submit beyond which it is refused with 413.
    """
    jobs = JobQueue(engine, Fetcher(allow_private=allow_private), capacity=capacity)
    endpoints, account = Endpoints(jobs, max_body), Account(jobs)
    locked = [Middleware(RequireToken, token=token)]
    app = Starlette(
        routes=[
            Route(protocol.GENERATIONS, endpoints.submit, methods=["POST"], middleware=locked),
            Route(protocol.GENERATIONS, endpoints.fetch, methods=["GET"], middleware=locked),
            Route(protocol.GENERATIONS, endpoints.cancel, methods=["DELETE"], middleware=locked),
            Route(protocol.BILLING, account.billing, middleware=locked),
            Route(protocol.LOGS, account.logs, middleware=locked),
            Route(protocol.MODELS, account.catalogue),
            Route(protocol.METRICS, account.metrics),
            # Whoever knows a clip's address may have it: clients never send their key along with a download.
            Route("/files/{name}", endpoints.clip, name="clip"),
        ],
        middleware=[] if hosts is None else [Middleware(RequireHost, names=hosts, addresses=any_address)],
        exception_handlers={HTTPException: refusal_response, Exception: defect_response},
        lifespan=_lifespan,
    )
    app.state.jobs = jobs
    return app


@contextlib.asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    yield
    await app.state.jobs.close()
