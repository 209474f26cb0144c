"""Access to the service: the host name that a request is for, and the token that it carries."""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Container
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from .errors import refusal_response


class RequireHost:
    """Middleware that lets through only requests for one of the service's own names.

    A page from elsewhere can point its own name to this machine and so reach a local port; it cannot change the name.

    Args:
        app: the app behind it.
        names: the host names served.
        addresses: whether any numeric address will do, which no page can forge either.
    """

    def __init__(self, app: ASGIApp, names: Container[str], addresses: bool = False) -> None:
        self._app, self._names, self._addresses = app, names, addresses

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 400."""
        if scope["type"] == "http" and not self.serves(Headers(scope=scope).get("host", "")):
            refusal = HTTPException(400, "Invalid host header: this service is not served under that name.")
            await (await refusal_response(Request(scope), refusal))(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def serves(self, host: str) -> bool:
        """Whether the service is reached under a Host header, with or without a port."""
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        return name in self._names or (self._addresses and _is_address(name))


class RequireToken:
    """Middleware that lets through only requests which carry the token.

    Args:
        app: the app behind it.
        token: the secret; everything passes when there is none.
    """

    def __init__(self, app: ASGIApp, token: str | None) -> None:
        self._app, self._token = app, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 401."""
        scheme, _, sent = Headers(scope=scope).get("authorization", "").partition(" ")
        if self._token is not None and not (
            scheme.lower() == "bearer" and secrets.compare_digest(sent.strip().encode(), self._token.encode())
        ):
            raise HTTPException(
                401,
                "This request requires a valid API key: send Authorization: Bearer TOKEN, "
                "with the token that the service was started with.",
                headers={"WWW-Authenticate": "Bearer"},
            )
        await self._app(scope, receive, send)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
