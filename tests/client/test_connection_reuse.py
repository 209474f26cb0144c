"""Connections: left alone once they are not what they were, and never too many."""

import asyncio
import contextlib
import json
import socket
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from wan_notebook.client import Client, Service, Timeouts
from wan_notebook.client.responses import NoResponse
from wan_notebook.client.transport import Transport
from wan_notebook.errors import Unreachable

from support.clients import CANARY, REQUEST
from support.services import Connection, RawServer, generating, http_answer

TOLD = http_answer(json.dumps(generating().body).encode())


class Counting:
    """A script that counts its connections, and answers as `answer` says."""

    def __init__(self, answer: Callable[[Connection, bytes], Awaitable[None]]) -> None:
        self._answer = answer
        self.connections = 0

    async def __call__(self, connection: Connection) -> None:
        self.connections += 1
        while True:
            await self._answer(connection, await connection.request())


async def well(connection: Connection, _request: bytes) -> None:
    await connection.send(TOLD)


def with_client(
    script: Callable[[Connection], Awaitable[None]], use: Callable[[Client], Awaitable[Any]], **timeouts: float
) -> tuple[RawServer, Any]:
    """Run `use` with a client of a server on loopback."""
    server = RawServer([script])

    async def go() -> Any:
        async with server.running():
            service = Service.at(server.url, CANARY, paid=False)
            async with Client(service, timeouts=Timeouts(**timeouts)) as client:
                return await use(client)

    return server, asyncio.run(go())


@pytest.mark.parametrize("what", ["look", "submit"])
def test_closed_connection_is_left(what: str) -> None:
    """That the service has closed a connection is noticed at once: the next request, a submit too, takes another."""
    listener = socket.create_server(("127.0.0.1", 0))
    answered, closed = threading.Event(), threading.Event()
    asked: list[bytes] = []

    def serve() -> None:
        first, _ = listener.accept()
        first.recv(1 << 16)
        first.sendall(TOLD)
        answered.wait()
        first.close()
        closed.set()
        second, _ = listener.accept()
        asked.append(second.recv(1 << 16))
        second.sendall(TOLD)

    async def use() -> str:
        service = Service.at(f"http://127.0.0.1:{listener.getsockname()[1]}", paid=False)
        async with Client(service) as client:
            await client.fetch_once("job-1")
            answered.set()
            closed.wait()  # meanwhile the loop sees nothing
            if what == "submit":
                return (await client.submit(REQUEST, client_request_id="wan-1")).id
            return (await client.fetch_once("job-1")).id

    threading.Thread(target=serve, daemon=True).start()
    with listener:
        assert (asyncio.run(use()), len(asked)) == ("job-1", 1)


def test_unasked_answer_is_nobodys() -> None:
    """What a service sends later than its answer is not taken for the answer to the next request."""
    told = http_answer(json.dumps(generating("job-2").body).encode())

    async def answers(connection: Connection, _request: bytes) -> None:
        await connection.send(TOLD)
        await asked.wait()
        await connection.send(told)
        sent.set()

    script, asked, sent = Counting(answers), asyncio.Event(), asyncio.Event()

    async def use(client: Client) -> None:
        await client.fetch_once("job-1")
        asked.set()
        await sent.wait()
        assert (await client.fetch_once("job-1")).id == "job-1"

    with_client(script, use)
    assert script.connections == 2


def test_cancelled_request_leaves_no_answer() -> None:
    """The answer to a request that was given up does not arrive at the next one."""
    held = asyncio.Event()

    async def answers(connection: Connection, request: bytes) -> None:
        if b"held" in request:
            held.set()
            await asyncio.Event().wait()
        await well(connection, request)

    script = Counting(answers)

    async def use(client: Client) -> None:
        task = asyncio.ensure_future(client.fetch_once("held"))
        await held.wait()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await client.fetch_once("job-1")

    with_client(script, use)
    assert script.connections == 2


def test_few_connections_at_once() -> None:
    """However many ask at once, no more than a hundred connections are opened; who finds none free is told."""

    async def answers(_connection: Connection, _request: bytes) -> None:
        await asyncio.Event().wait()

    script = Counting(answers)

    async def use(client: Client) -> None:
        asked = [asyncio.ensure_future(client.fetch_once("job-1")) for _ in range(101)]
        ended, others = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        with pytest.raises(Unreachable, match="too many requests are under way from here"):
            await ended.pop()
        for one in others:
            one.cancel()

    with_client(script, use, pool=0.1)
    assert script.connections <= 100


def test_unread_answer_waits_at_its_sender() -> None:
    """Of an answer that is read slowly, what is not read yet stays with the service, and not in memory."""
    stalled, sent = asyncio.Event(), 0

    async def floods(connection: Connection, _request: bytes) -> None:
        nonlocal sent
        await connection.send(b"HTTP/1.1 200 OK\r\n\r\n")
        while sent < 400_000_000:
            connection.writer.write(bytes(1_000_000))
            sent += 1_000_000
            drained = asyncio.ensure_future(connection.writer.drain())
            if not (await asyncio.wait([drained], timeout=0.5))[0]:
                break
        stalled.set()
        await asyncio.Event().wait()

    server = RawServer([Counting(floods)])

    async def go() -> Any:
        async with server.running():
            transport = Transport(Service.at(server.url, paid=False), None, Timeouts())

            async def receive(_head: Any, _chunks: Any) -> bool:
                return await stalled.wait()

            outcome = await transport.stream("/clip.mp4", receive)
            await transport.close()
            return outcome

    assert not isinstance(asyncio.run(go()), NoResponse)
    assert sent < 100_000_000
