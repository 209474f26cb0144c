"""Connections without a proxy: aiohttp behind the HTTP library's interface, a quarter of its computing a request.

Only what is asked for is done: no cookies, no redirects, no decompression, and nothing is read from the environment.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import ssl
from collections.abc import AsyncIterator, Iterator
from typing import Any

import aiohttp
import anyio
import httpx
from yarl import URL

_MOST = 100
"""Connections at once."""
_KEPT_SECONDS = 5.0
"""For which an idle connection is kept."""
_LONGEST_HEADER = 100_000
"""Bytes of one header of an answer; aiohttp's own 8190 are less than some policies and signed addresses have."""


class AiohttpTransport(httpx.AsyncBaseTransport):
    """Sends requests over aiohttp's connections, each within the four timeouts of the HTTP library.

    Args:
        certificates: trusted on https.
    """

    def __init__(self, certificates: ssl.SSLContext) -> None:
        self._certificates = certificates
        self._session: aiohttp.ClientSession | None = None
        self._free = asyncio.Semaphore(_MOST)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request, and return its answer, whose body is still to be read.

        Raises:
            httpx.TransportError: there is none.
        """
        seconds = request.extensions["timeout"]
        await self._wait_for_a_free_connection(seconds["pool"])
        try:
            with _translated_errors():
                answer = await self._send(request, seconds)
        except BaseException:
            self._free.release()
            raise
        return httpx.Response(answer.status, headers=answer.raw_headers, stream=_Body(answer, self._free))

    async def aclose(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()

    async def _wait_for_a_free_connection(self, seconds: float) -> None:
        if not self._free.locked():
            await self._free.acquire()  # without the timer, which takes longer than all else of this
            return
        # aiohttp has one timeout for this and for the connection, and would not tell which of them it was.
        try:
            with anyio.fail_after(seconds):
                await self._free.acquire()
        except TimeoutError:
            raise httpx.PoolTimeout("") from None

    async def _send(self, request: httpx.Request, seconds: dict[str, float]) -> aiohttp.ClientResponse:
        headers = request.headers.copy()
        chunked = headers.pop("Transfer-Encoding", None)  # aiohttp sets it by itself
        has_body = chunked is not None or "Content-Length" in headers
        with anyio.CancelScope() as stalled:
            return await self._opened().request(
                request.method,
                URL(str(request.url), encoded=True),  # a signed address counts to the letter
                headers=headers,
                data=_watched(request, seconds["write"], stalled) if has_body else None,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(sock_connect=seconds["connect"], sock_read=seconds["read"]),
            )
        raise httpx.WriteTimeout("")

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=_Connector(
                    limit=0,
                    ssl=self._certificates,
                    keepalive_timeout=_KEPT_SECONDS,
                    resolver=aiohttp.ThreadedResolver(),  # the system's, whatever else is installed
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                max_line_size=_LONGEST_HEADER,
                max_field_size=_LONGEST_HEADER,
            )
        return self._session


class _Connector(aiohttp.TCPConnector):
    """Leaves idle connections alone that the service has closed, or on which it has said what nobody asked."""

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Any],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109
    ) -> aiohttp.connector.Connection:
        while True:
            connection = await super().connect(req, traces, timeout)
            # What came while this loop stood still is read in its next turn, and acted upon in the one after it.
            for _ in range(2):
                await asyncio.sleep(0)
            protocol = connection.protocol
            if protocol is not None and protocol.is_connected() and not protocol.should_close:
                return connection
            connection.close()


class _Body(httpx.AsyncByteStream):
    def __init__(self, answer: aiohttp.ClientResponse, free: asyncio.Semaphore) -> None:
        self._answer, self._free = answer, free

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _translated_errors():
            async for chunk in self._answer.content.iter_any():
                yield chunk

    async def aclose(self) -> None:
        self._answer.close()  # where it was read to its end, its connection is kept all the same
        self._free.release()


async def _watched(request: httpx.Request, seconds: float, stalled: anyio.CancelScope) -> AsyncIterator[bytes]:
    """Yield a request's body, and cancel `stalled` where a chunk of it is not taken for so many seconds."""
    assert isinstance(request.stream, httpx.AsyncByteStream)
    async for chunk in request.stream:
        stalled.deadline = anyio.current_time() + seconds
        yield chunk
    stalled.deadline = float("inf")


@contextlib.contextmanager
def _translated_errors() -> Iterator[None]:
    """Raise the HTTP library's errors in place of aiohttp's."""
    try:
        yield
    except aiohttp.ConnectionTimeoutError:
        raise httpx.ConnectTimeout("") from None
    except aiohttp.ClientConnectorError as error:
        raise httpx.ConnectError(_reason(error.__cause__)) from None
    except aiohttp.SocketTimeoutError:
        raise httpx.ReadTimeout("") from None
    except (aiohttp.ClientError, OSError) as error:
        raise httpx.ReadError(type(error).__name__) from None


def _reason(error: BaseException | None) -> str:
    """Return the system's words for why a connection could not be made: asyncio puts its own in their place."""
    number = error.errno if isinstance(error, OSError) and not isinstance(error, ssl.SSLError) else None
    return os.strerror(number) if number and number > 0 else getattr(error, "strerror", None) or str(error)
