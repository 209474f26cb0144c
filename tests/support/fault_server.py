"""A server on loopback whose connections fail in ways that no app can: reset, silent, dripping, cut short."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field


@dataclass
class Connection:
    """One connection, as a script sees it."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    server: RawServer

    async def request(self) -> bytes:
        """Read a whole request, note it, and return it."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: *(\d+)", head)
        whole = head + await self.reader.readexactly(int(length[1]) if length else 0)
        self.server.requests.append(whole)
        self.server.heard.set()
        return whole

    async def send(self, raw: bytes) -> None:
        self.writer.write(raw)
        await self.writer.drain()

    async def drip(self, raw: bytes) -> None:
        """Send a byte at a time, for ever."""
        while True:
            for number in range(len(raw)):
                await self.send(raw[number : number + 1])
                await asyncio.sleep(0.005)

    def reset(self) -> None:
        """End the connection with a reset instead of an orderly close."""
        plug = self.writer.get_extra_info("socket")
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


Script = Callable[[Connection], Awaitable[None]]


@dataclass
class RawServer:
    """Plays one script for each connection; the last one again and again."""

    scripts: list[Script]
    requests: list[bytes] = field(default_factory=list)
    url: str = ""

    def __post_init__(self) -> None:
        self.heard = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def posts(self) -> list[bytes]:
        return [one for one in self.requests if one.startswith(b"POST")]

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[RawServer]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await script(Connection(reader, writer, self))
        writer.close()


def answer(body: bytes, *, status: str = "200 OK", length: int | None = None, kind: str = "application/json") -> bytes:
    """A whole HTTP answer, whose announced length may be a lie."""
    size = len(body) if length is None else length
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {size}\r\n\r\n".encode() + body


def refused_port() -> int:
    """A port of loopback on which nobody listens."""
    with socket.socket() as plug:
        plug.bind(("127.0.0.1", 0))
        return int(plug.getsockname()[1])
