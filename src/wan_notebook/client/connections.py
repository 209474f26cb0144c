"""Connections to hosts, without a proxy: HTTP/1.1 as h11 reads it, each kept for the next request.

The HTTP library's own take three times the computing for a request, most of it for locks, tracing and a look at every
connection. And they close each one after its answer where a few more are open, as while 64 previews are waited for, so
that every request of a sweep begins with a new one.
"""

from __future__ import annotations

import asyncio
import os
import select
import ssl
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator
from typing import Any, cast

import anyio
import h11
import httpx

_MOST = 100
"""Connections at once; some systems let a process open 256 files."""
_IDLE = 4.0
"""Seconds after which a connection that nothing is asked through is closed: the earliest servers do so after five, and
a submit that they no longer read would be of unknown outcome."""
_HAPPY_EYEBALLS = 0.25
"""Seconds that one address of a host has before the next is tried beside it (RFC 8305)."""
_LARGEST_HEAD = 100_000
"""Bytes of the head of an answer that are read."""
_UNREAD = 1 << 18
"""Bytes beyond which no more are taken from the network until some are read."""
_TOGETHER = 1 << 16
"""Bytes of a request that are gathered, so that a small one is one call of the system."""

Origin = tuple[str, str, int]
"""Scheme, host and port."""
_PORTS = {"http": 80, "https": 443}


class Connections(httpx.AsyncBaseTransport):
    """Sends requests to any host, each through a connection that is free, or a new one.

    Args:
        certificates: trusted on https.
    """

    def __init__(self, certificates: ssl.SSLContext | None) -> None:
        self._certificates = certificates
        self._idle: defaultdict[Origin, deque[Connection]] = defaultdict(deque)
        """Those through which nothing is asked, the latest last."""
        self._places = anyio.Semaphore(_MOST)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; its answer, whose body is still to be read, has to be closed.

        Raises:
            httpx.TransportError: there is no connection, or it broke, or nothing came in time.
        """
        timeouts = request.extensions["timeout"]
        origin = origin_of(request.url)
        await self._take_place(timeouts["pool"])
        connection = None
        try:
            connection = self._take_idle(origin) or await self._connect(origin, timeouts["connect"])
            head = await connection.ask(request, timeouts)
        except BaseException:
            if connection is not None:
                connection.abort()
            self._places.release()
            raise
        body = _Body(self, origin, connection, timeouts["read"])
        return httpx.Response(head.status_code, headers=head.headers.raw_items(), stream=body)

    async def aclose(self) -> None:
        """Close all connections through which nothing is asked."""
        for idle in self._idle.values():
            for connection in idle:
                connection.abort()
        self._idle.clear()
        await asyncio.sleep(0)  # they are closed in the loop's next round, which may be its last

    def give_back(self, origin: Origin, connection: Connection) -> None:
        """Keep a connection for the next request, where it is fit for one."""
        self._places.release()
        idle = self._idle[origin]
        while idle and not idle[0].is_fit():
            idle.popleft().abort()
        if connection.finish():
            idle.append(connection)
        else:
            connection.abort()

    async def _take_place(self, seconds: float) -> None:
        try:
            self._places.acquire_nowait()  # to wait for a place that is free takes a round of the loop
        except anyio.WouldBlock:
            try:
                with anyio.fail_after(seconds):
                    await self._places.acquire()
            except TimeoutError:
                raise httpx.PoolTimeout("no connection became free") from None

    def _take_idle(self, origin: Origin) -> Connection | None:
        idle = self._idle[origin]
        while idle:
            connection = idle.pop()
            if connection.is_fit():
                return connection
            connection.abort()
        return None

    async def _connect(self, origin: Origin, seconds: float) -> Connection:
        scheme, host, port = origin
        context = self._certificates if scheme == "https" else None
        try:
            with anyio.fail_after(seconds):
                _, connection = await asyncio.get_running_loop().create_connection(
                    Connection, host, port, ssl=context, happy_eyeballs_delay=_HAPPY_EYEBALLS
                )
        except TimeoutError:
            raise httpx.ConnectTimeout("no connection in time") from None
        except OSError as error:
            raise httpx.ConnectError(_reason(error)) from None
        return connection


class Connection(asyncio.Protocol):
    """One connection, through which one thing is asked after another."""

    def __init__(self) -> None:
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LARGEST_HEAD)
        self._waiter: asyncio.Future[None] | None = None
        self._writable, self._lost, self._asked = True, False, False
        self._unread = 0
        self._idle_since = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Called by the loop."""
        if not self._asked:
            self.abort()  # nobody knows what this is an answer to
            return
        self._http.receive_data(data)
        self._unread += len(data)
        if self._unread > _UNREAD:
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        """Called by the loop, which closes the connection then."""
        self._http.receive_data(b"")
        self._wake()

    def connection_lost(self, _error: Exception | None) -> None:
        """Called by the loop."""
        self._lost = True
        self._wake()

    def pause_writing(self) -> None:
        """Called by the loop, while the network takes no more."""
        self._writable = False

    def resume_writing(self) -> None:
        """Called by the loop."""
        self._writable = True
        self._wake()

    def abort(self) -> None:
        """Close it at once."""
        self._lost = True
        self._transport.abort()

    def is_fit(self) -> bool:
        """Return whether the next request may go through it: the other side has not closed it meanwhile."""
        late = time.monotonic() - self._idle_since > _IDLE
        return not (late or self._lost or self._transport.is_closing() or self._is_readable())

    def _is_readable(self) -> bool:
        """Whether something has come, or the end of all, that the loop has not seen yet."""
        number = self._transport.get_extra_info("socket").fileno()
        if not hasattr(select, "poll"):
            return bool(select.select([number], [], [], 0)[0])
        poll = select.poll()
        poll.register(number, select.POLLIN)
        return bool(poll.poll(0))

    async def ask(self, request: httpx.Request, timeouts: dict[str, float]) -> h11.Response:
        """Send a request, and return the head of its answer.

        Raises:
            httpx.TransportError: it broke, or stalled.
        """
        self._asked = True
        try:
            await self._send(request, timeouts["write"])
        except h11.LocalProtocolError:
            # Its own message shows the header that cannot be sent.
            raise httpx.LocalProtocolError("it cannot be sent") from None
        while True:
            event = await self.next_event(timeouts["read"])
            if isinstance(event, h11.Response):
                return event
            if not isinstance(event, h11.InformationalResponse):
                raise httpx.RemoteProtocolError("closed without an answer")

    async def _send(self, request: httpx.Request, seconds: float) -> None:
        """Send a request; where the other side breaks off, it has perhaps answered already."""
        head = h11.Request(method=request.method, target=request.url.raw_path, headers=request.headers.raw)
        waiting = bytearray(self._http.send(head) or b"")
        async for chunk in cast("httpx.AsyncByteStream", request.stream):
            waiting += self._http.send(h11.Data(data=chunk)) or b"" if chunk else b""
            if len(waiting) >= _TOGETHER:
                await self._write(bytes(waiting), seconds)
                waiting.clear()
            if self._lost:
                return
        waiting += self._http.send(h11.EndOfMessage()) or b""
        await self._write(bytes(waiting), seconds)

    async def _write(self, data: bytes, seconds: float) -> None:
        if not self._transport.is_closing():
            self._transport.write(data)
        while not (self._writable or self._lost):
            await self._wait(seconds, httpx.WriteTimeout("the other side takes no more"))

    async def next_event(self, seconds: float) -> Any:
        """Return what comes next: a head, a piece of a body, or an end.

        Args:
            seconds: of silence, after which it is given up.

        Raises:
            httpx.TransportError: it broke, is no HTTP, or nothing came in time.
        """
        while True:
            try:
                event = self._http.next_event()
            except h11.RemoteProtocolError as error:
                raise httpx.RemoteProtocolError(str(error)) from None
            if event is not h11.NEED_DATA:
                return event
            if self._lost:
                raise httpx.ReadError("the connection broke")
            if self._unread > _UNREAD:
                self._transport.resume_reading()
            self._unread = 0
            await self._wait(seconds, httpx.ReadTimeout("no answer came"))

    def finish(self) -> bool:
        """End what was asked, and return whether another request may follow: all was sent, and all has come."""
        if self._lost or not (self._http.our_state is h11.DONE and self._http.their_state is h11.DONE):
            return False
        self._http.start_next_cycle()
        self._asked, self._unread, self._idle_since = False, 0, time.monotonic()
        return self._http.trailing_data == (b"", False)

    async def _wait(self, seconds: float, late: httpx.TimeoutException) -> None:
        """Wait until anything changes; raise `late` where nothing does."""
        loop = asyncio.get_running_loop()
        self._waiter = loop.create_future()
        timer = loop.call_later(seconds, self._wake, late)
        try:
            await self._waiter
        finally:
            timer.cancel()
            self._waiter = None

    def _wake(self, error: Exception | None = None) -> None:
        if self._waiter is None or self._waiter.done():
            return
        if error is None:
            self._waiter.set_result(None)
        else:
            self._waiter.set_exception(error)


class _Body(httpx.AsyncByteStream):
    def __init__(self, connections: Connections, origin: Origin, connection: Connection, seconds: float) -> None:
        self._connections, self._origin = connections, origin
        self._connection: Connection | None = connection
        self._seconds = seconds

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while self._connection and isinstance(event := await self._connection.next_event(self._seconds), h11.Data):
            yield bytes(event.data)

    async def aclose(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            self._connections.give_back(self._origin, connection)


def origin_of(url: httpx.URL) -> Origin:
    """Return where the connection for a URL leads to."""
    return url.scheme, url.raw_host.decode("ascii"), url.port or _PORTS[url.scheme]


def _reason(error: OSError) -> str:
    """Return why a connection could not be made, as few words as the system has for it."""
    if isinstance(error, ConnectionError) and error.errno:
        return os.strerror(error.errno)
    return str(error) if isinstance(error, ssl.SSLError) else error.strerror or str(error)
