"""Tasks for a Dask cluster, clusters that end, and a connection to one that can be broken."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from distributed import LocalCluster

from wan_notebook.runtime.cluster import Cluster, DaskWorkers
from wan_notebook.runtime.task import Message, Task
from wan_notebook.runtime.worker_pool import WorkerPool


def task(do: str, **values: Any) -> Task:
    return Task("support.subprocess_program:handle", {"do": do, **values}, subject="The helper")


@contextlib.asynccontextmanager
async def on(address: str, *, fallback: bool = False) -> AsyncIterator[DaskWorkers]:
    """Workers of a cluster, which are let go in the end."""
    workers = DaskWorkers(Cluster.of(address, local_fallback=fallback), WorkerPool(1) if fallback else None)
    try:
        yield workers
    finally:
        await workers.close()


def done(address: str, *tasks: Task, fallback: bool = False) -> list[Any]:
    """The result or the error of each task, all at once."""

    async def all_of_them() -> list[Any]:
        async with on(address, fallback=fallback) as workers:
            return await asyncio.gather(*map(workers.run, tasks), return_exceptions=True)

    return asyncio.run(all_of_them())


async def begin(workers: DaskWorkers, one: Task, messages: list[Message] | None = None) -> asyncio.Task[Any]:
    """Begin a task, and return it once it has said its first word."""
    said = asyncio.Event()

    def on_message(message: Message) -> None:
        if messages is not None:
            messages.append(dict(message))
        if "waiting" in message:
            said.set()

    running = asyncio.ensure_future(workers.run(one, on_message))
    await said.wait()
    return running


def scheduler_that_ends(scenario: Callable[[LocalCluster, Cluster], Awaitable[Any]], **options: Any) -> Any:
    """What a scenario makes of a cluster within this process, which it may close."""

    async def whole() -> Any:
        async with LocalCluster(
            n_workers=1,
            threads_per_worker=1,
            processes=False,
            host="127.0.0.1",
            dashboard_address=":0",
            asynchronous=True,
            **options,
        ) as cluster:
            return await scenario(cluster, Cluster.of(cluster, local_fallback=True))

    return asyncio.run(whole())


class Relay:
    """An address on the way to another one, which can become silent or break its connections.

    Args:
        port: of the other one, at loopback.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._open = asyncio.Event()
        self._open.set()
        self._writers: list[asyncio.StreamWriter] = []

    async def __aenter__(self) -> Relay:
        self._server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_error: object) -> None:
        self._open.set()
        self.cut()
        self._server.close()

    @property
    def address(self) -> str:
        """As Dask writes it."""
        return f"tcp://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def silence(self) -> None:
        """Pass on nothing more, and keep the connections."""
        self._open.clear()

    def cut(self) -> None:
        """Break the connections; new ones are made."""
        for writer in self._writers:
            writer.close()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._writers += [writer, far_writer]
        await asyncio.gather(self._pass_on(reader, far_writer), self._pass_on(far_reader, writer))

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                await self._open.wait()
                writer.write(data)
        writer.close()
