"""The service as a Starlette app, reachable in this process through httpx.ASGITransport, or on a port."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Container, Sequence

from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ...model import protocol
from ...runtime.task import Workers
from .account import Account
from .auth import RequireHost, RequireToken
from .endpoints import CLIENT_REQUEST_ID, MAX_BODY, WORKERS, Endpoints
from .errors import defect_response, refusal_response
from .fetch import Fetcher
from .files import QUOTA
from .queue import CAPACITY, JobQueue

PREVIEW = "wan_notebook.preview.engine:run_remembering"
EXPOSED = (
    *("X-Request-Id", "X-Client-Request-Id", "X-Inference-Id", "X-Aimlapi-Credits-Used", "X-Aimlapi-Usd-Spent"),
    *("Retry-After", "Content-Range", "Accept-Ranges"),
)
"""The headers of answers that pages from elsewhere may read."""
_PREFLIGHT_SECONDS = 600
"""For which a browser need not ask again whether it may call."""


def create_app(
    *,
    token: str | None = None,
    engine: str = PREVIEW,
    allow_private: bool = False,
    hosts: Container[str] | None = None,
    any_address: bool = False,
    workers: Workers | None = None,
    capacity: int = CAPACITY,
    max_body: int = MAX_BODY,
    quota: int = QUOTA,
    public_url: str | None = None,
    origins: Sequence[str] = (),
) -> Starlette:
    """Return the app; its workers start with the first submit and end with `await app.state.jobs.close()`.

    The app belongs to the event loop that calls it first. It needs no lifespan: whatever it started ends with
    this process at the latest.

    Args:
        token: the key that clients must send; without one, no key is wanted.
        engine: "package.module:function", imported in the worker.
        allow_private: whether media may be fetched from this machine and its network.
        hosts: the host names it answers to; any when None.
        any_address: whether it also answers to any numeric address.
        workers: render the jobs; by default processes of this machine, which belong to the app.
        capacity: unfinished jobs beyond which submits are refused with 429.
        max_body: bytes of a submit beyond which it is refused with 413.
        quota: bytes of all files, beyond which submits are refused with 429.
        public_url: the address under which clients reach it, where that is another, as behind a proxy with TLS.
        origins: of the web pages that may call it from a browser, as "https://example.com"; "*" stands for all.
    """
    jobs = JobQueue(engine, Fetcher(allow_private=allow_private), workers, capacity=capacity, quota=quota)
    endpoints, account = Endpoints(jobs, max_body, public_url), Account(jobs)
    locked = [Middleware(RequireToken, token=token)]
    browsers = Middleware(
        CORSMiddleware,
        allow_origins=origins,
        allow_methods=["GET", "POST", "DELETE"],
        allow_headers=["*"],
        expose_headers=EXPOSED,
        max_age=_PREFLIGHT_SECONDS,
    )
    own_names = Middleware(RequireHost, names=hosts or (), addresses=any_address)
    app = Starlette(
        routes=[
            *(
                Route(path, endpoints.generations, methods=["GET", "POST", "DELETE"], middleware=locked)
                for path in (protocol.GENERATIONS, protocol.OLDER_GENERATIONS)
            ),
            Route("/", endpoints.welcome),
            Route(protocol.BILLING, account.billing, middleware=locked),
            Route(protocol.LOGS, account.logs, middleware=locked),
            Route(protocol.MODELS, account.catalogue),
            Route(protocol.METRICS, account.metrics),
            # Whoever knows a clip's address may have it: clients never send their key along with a download.
            Route("/files/{name}", endpoints.clip, name="clip"),
        ],
        middleware=[
            *([browsers] if origins else []),
            Middleware(AnswerHeaders),
            Middleware(IgnoreFinalSlash),
            *([] if hosts is None else [own_names]),
        ],
        exception_handlers={HTTPException: refusal_response, Exception: defect_response},
        lifespan=_lifespan,
    )
    app.state.jobs = jobs
    return app


class AnswerHeaders:
    """Middleware that says on each answer that this is the preview, and repeats a valid X-Client-Request-Id.

    Args:
        app: the app behind it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and add the headers to its answer."""
        sent = Headers(scope=scope).get("x-client-request-id", "") if scope["type"] == "http" else ""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[protocol.PREVIEW_HEADER] = "free"
                if CLIENT_REQUEST_ID.fullmatch(sent):
                    MutableHeaders(scope=message)["x-client-request-id"] = sent
            await send(message)

        await self._app(scope, receive, send_with_headers)


class WithWorkers:
    """Middleware that has the jobs of the requests which come through it done by other workers than the app's own.

    Args:
        app: the app behind it.
        workers: do the jobs.
    """

    def __init__(self, app: ASGIApp, workers: Workers) -> None:
        self._app, self._workers = app, workers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        await self._app({**scope, WORKERS: self._workers}, receive, send)


class IgnoreFinalSlash:
    """Middleware that takes a path with a slash at its end for the one without.

    A redirect to that would leave TLS where a proxy ends it, and many clients follow none with a submit.

    Args:
        app: the app behind it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on to the app, and its answer back."""
        path = {"path": scope["path"].rstrip("/") or "/"} if scope["type"] == "http" else {}
        await self._app({**scope, **path}, receive, send)


@contextlib.asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    yield
    await app.state.jobs.close()
