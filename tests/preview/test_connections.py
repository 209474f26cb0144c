"""Connections that keep the service waiting."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from wan_notebook.preview.server import connections
from wan_notebook.preview.server.connections import BoundedConnection

HEAD = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n"
Reader = asyncio.StreamReader
Writer = asyncio.StreamWriter


def connected(app: Any, *scenarios: Callable[[Reader, Writer], Awaitable[None]]) -> None:
    """Serve an app on a port, and run each scenario with a connection to it."""

    async def whole() -> None:
        config, state = uvicorn.Config(app, log_level="critical"), ServerState()
        config.load()
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: BoundedConnection(config, state, {}), "127.0.0.1", 0)
        for scenario in scenarios:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            await scenario(reader, writer)
            writer.close()
        server.close()
        await asyncio.gather(*state.tasks)

    asyncio.run(whole())


async def read_whole_body(_scope: Any, receive: Any, send: Any) -> None:
    """An app that answers once the body is there, unless its client goes away."""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        more = message["more_body"]
    await answer_at_once(_scope, receive, send)


async def answer_at_once(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


async def until_closed(reader: Reader) -> bytes:
    try:
        return await reader.read()
    except ConnectionResetError:
        return b""


@pytest.mark.parametrize("begun", [b"", b"POST / HT", HEAD, HEAD + b"half"], ids=["silent", "head", "body", "half"])
def test_late_requests_are_given_up(begun: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that connects and says nothing, or stops in the midst of a request, is disconnected."""
    monkeypatch.setattr(connections, "_GRACE", 0.1)

    async def stopping(reader: Reader, writer: Writer) -> None:
        writer.write(begun)
        assert await until_closed(reader) == b""

    connected(read_whole_body, stopping)


def test_unread_bodies_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that goes on sending after its answer gets no time for it."""
    monkeypatch.setattr(connections, "_GRACE", 0.1)

    async def sending(reader: Reader, writer: Writer) -> None:
        writer.write(HEAD)
        assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")
        writer.write(b"x" * 900)
        assert await until_closed(reader) == b""

    connected(answer_at_once, sending)


def test_steady_uploads_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each piece of a body gives it further time, so that a large one may take as long as it needs."""
    monkeypatch.setattr(connections, "_GRACE", 0.1)
    monkeypatch.setattr(connections, "_SLOWEST_UPLOAD", 1)

    async def steady(reader: Reader, writer: Writer) -> None:
        writer.write(HEAD + b"x" * 500)
        silent, closing = await asyncio.open_connection(*writer.get_extra_info("peername"))
        assert await until_closed(silent) == b""
        closing.close()
        writer.write(b"x" * 500)
        assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")

    connected(read_whole_body, steady)


def test_unread_answers_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that takes nothing of a large answer is disconnected."""
    monkeypatch.setattr(connections, "_STALLED", 0.1)
    ended = asyncio.Event()

    async def endless(_scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        gone = asyncio.ensure_future(receive())
        while not gone.done():
            await send({"type": "http.response.body", "body": bytes(1 << 20), "more_body": True})
            await asyncio.sleep(0)
        ended.set()

    async def not_reading(_reader: Reader, writer: Writer) -> None:
        writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        await ended.wait()

    connected(endless, not_reading)


def test_idle_connections_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """One connection too many closes the one that was idle the longest, and a request that is served goes on."""
    monkeypatch.setattr(connections, "_MOST", 6)

    async def crowded(reader: Reader, writer: Writer) -> None:
        address = writer.get_extra_info("peername")
        writer.write(HEAD)
        first, second, third = [await asyncio.open_connection(*address) for _ in range(3)]
        assert await until_closed(first[0]) == b""
        writer.write(b"x" * 1000)
        assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")
        third[1].write(HEAD + b"x" * 1000)
        assert (await third[0].readuntil(b"ok")).startswith(b"HTTP/1.1 200")
        for _, opened in (first, second, third):
            opened.close()

    connected(read_whole_body, crowded)
