"""The connections to the service's port: how many there may be, and how long one may keep the service waiting."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Collection
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

_GRACE = 20.0
"""Seconds in which a request must arrive."""
_SLOWEST_UPLOAD = 20_000
"""Bytes for each of which, divided by this, a request gets a second more."""
_STALLED = 60.0
"""Seconds in which a client must take a buffer of some 50 kB off an answer."""
_MOST = 512
"""Connections at once; fewer where the system lets a process open fewer than three times as many files."""
BACKLOG = 64
"""Connections that are accepted at a time, before there is any chance to close others; so that no file is lacking."""


class PromptServer(uvicorn.Server):
    """A server that ends without waiting for clients who wait for news."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End all connections, as soon as what they asked for is answered."""
        app: Any = self.config.app
        app.state.jobs.let_go()
        await super().shutdown(sockets)


class BoundedConnection(H11Protocol):
    """One connection: closed when its client is late, or idle for the longest time while others need its place.

    Whoever opens connections without end so closes their own, and everybody else's requests are served.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request, and make room where there are too many connections."""
        super().connection_made(transport)
        self.restart_clock()
        self._stalled: asyncio.TimerHandle | None = None
        self._late = self.loop.call_later(_GRACE, self._close_if_late)
        others = [one for one in self.connections if isinstance(one, BoundedConnection) and one.is_open]
        host = self.client and self.client[0]
        same_client = [one for one in others if (one.client and one.client[0]) == host]
        for group, most in ((same_client, largest_number() // 2), (others, largest_number())):
            if len(group) > most:
                longest_idle(group, self).transport.abort()

    @property
    def is_open(self) -> bool:
        """Whether it has not been closed."""
        return not self.transport.is_closing()

    @property
    def is_idle(self) -> bool:
        """Whether no request is being served."""
        return self.cycle is None or self.cycle.response_complete

    def restart_clock(self) -> None:
        """Begin to wait for the next request."""
        self.waiting_since, self._received = self.loop.time(), 0

    def data_received(self, data: bytes) -> None:
        """Take bytes of a request; those that come after its answer give it no further time."""
        if self.cycle is None or not self.cycle.response_complete:
            self._received += len(data)
        super().data_received(data)

    def on_response_complete(self) -> None:
        """Begin to wait for the next request."""
        self.restart_clock()
        super().on_response_complete()

    def pause_writing(self) -> None:
        """Give the client a time in which to read."""
        super().pause_writing()
        self._stalled = self.loop.call_later(_STALLED, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on with an answer whose client has read on."""
        super().resume_writing()
        if self._stalled is not None:
            self._stalled.cancel()

    def connection_lost(self, exc: Exception | None) -> None:
        """End all timers of a connection that is gone."""
        self._late.cancel()
        if self._stalled is not None:
            self._stalled.cancel()
        super().connection_lost(exc)

    def _close_if_late(self) -> None:
        is_awaited = self.is_idle or self.conn.their_state is h11.SEND_BODY
        deadline = self.waiting_since + _GRACE + self._received / _SLOWEST_UPLOAD
        if is_awaited and self.loop.time() >= deadline:
            self.transport.abort()
        else:
            self._late = self.loop.call_at(max(deadline, self.loop.time() + 1), self._close_if_late)


def longest_idle(group: Collection[BoundedConnection], newest: BoundedConnection) -> BoundedConnection:
    """Return the connection which has waited for a request the longest; the newest where all others are served."""
    return min((one for one in group if one.is_idle), key=lambda one: one.waiting_since, default=newest)


def largest_number() -> int:
    """Return how many connections there may be at once."""
    with contextlib.suppress(ImportError):  # Windows has no such limit
        import resource

        files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        return min(_MOST, files // 3) if files != resource.RLIM_INFINITY else _MOST
    return _MOST
