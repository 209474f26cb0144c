"""Who may ask: the name that the service was asked by, and the token."""

from __future__ import annotations

import ipaddress
import logging
import secrets
import time
import uuid
from collections.abc import Container
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from .job import iso


class RequireHost:
    """Lets through only what asks for this service by one of its names.

    A page from elsewhere can point its own name to this machine and so reach a local port; it cannot change the name.

    Args:
        app: what stands behind.
        names: the host names served.
        addresses: whether any numeric address will do, which no page can forge either.
    """

    def __init__(self, app: ASGIApp, names: Container[str], addresses: bool = False) -> None:
        self._app, self._names, self._addresses = app, names, addresses

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 400."""
        if scope["type"] == "http" and not self._known(Headers(scope=scope).get("host", "")):
            no = HTTPException(400, "Invalid host header: this service is not served under that name.")
            await (await refuse(Request(scope), no))(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _known(self, header: str) -> bool:
        try:
            name = urlsplit(f"//{header}").hostname or ""
        except ValueError:
            return False
        return name in self._names or (self._addresses and _is_address(name))


class RequireToken:
    """Lets through only what carries the token.

    Args:
        app: what stands behind.
        token: the secret; everything passes when there is none.
    """

    def __init__(self, app: ASGIApp, token: str | None) -> None:
        self._app, self._token = app, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 401."""
        if self._token is not None and not self._carries(scope, self._token):
            raise HTTPException(
                401,
                "This request requires a valid API key: send Authorization: Bearer TOKEN, "
                "with the token that the service was started with.",
                headers={"WWW-Authenticate": "Bearer"},
            )
        await self._app(scope, receive, send)

    def _carries(self, scope: Scope, token: str) -> bool:
        scheme, _, sent = Headers(scope=scope).get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and secrets.compare_digest(sent.strip().encode(), token.encode())


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


_log = logging.getLogger("wan_notebook.preview")


async def refuse(request: Request, refusal: Exception) -> Response:
    """Answer with the error's status and a body of the protocol's form."""
    assert isinstance(refusal, HTTPException)
    return _answer(request, refusal.status_code, refusal.detail, dict(refusal.headers or {}))


async def admit_defect(request: Request, defect: Exception) -> Response:
    """Answer 500 to a defect of this program; its details go to the log alone."""
    _log.error("a defect of the service", exc_info=defect)
    return _answer(request, 500, "Internal server error", {})


def _answer(request: Request, status: int, message: str, headers: dict[str, str]) -> Response:
    request_id = str(uuid.uuid4())
    body = {
        "message": message,
        "path": request.scope["path"],
        "requestId": request_id,
        "statusCode": status,
        "timestamp": iso(time.time()),
    }
    return JSONResponse(body, status_code=status, headers={"x-request-id": request_id, **headers})
