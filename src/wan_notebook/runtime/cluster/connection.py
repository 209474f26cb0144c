"""The connection to a cluster's scheduler: made when it is needed, watched, and made anew once it is lost."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
import time
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ...errors import ClusterUnavailable
from ..event_loop import THREAD, within
from .address import Cluster

if TYPE_CHECKING:
    from distributed import Client

_CONNECT = 5.0
"""Seconds for a connection to the scheduler, and again for the versions of its workers."""
_AGAIN = 30.0
"""Seconds for which a scheduler that did not answer is not asked again: each job of a sweep would wait for it."""
_PULSE, _SILENCE = 5.0, 15.0
"""Seconds between two questions whether the scheduler is there, and for its answer: a busy one may take several."""
_FAREWELL = 5.0
"""Seconds for ending a connection at most."""
_CERTIFICATES = "distributed.comm.tls.ca-file"
"""Dask's own setting."""

_log = logging.getLogger("wan_notebook")
OnEvent = Callable[[tuple[float, dict[str, Any]]], None]


class SchedulerConnection:
    """The connection to the scheduler of a cluster; it belongs to one event loop.

    Args:
        cluster: which one.
        on_event: is called with each event of the connection's topic, as the time and a message.
        remedy: what helps where it cannot be used, in a sentence; or nothing.
    """

    def __init__(self, cluster: Cluster, on_event: OnEvent, remedy: str = "") -> None:
        self._cluster, self._on_event, self._remedy = cluster, on_event, remedy
        self._client: Client | None = None
        self._comm: Any = None
        """What the client was connected by when it was made."""
        self._watching: asyncio.Task[None] | None = None
        self._connecting = asyncio.Lock()
        self._failed_at, self._failure = float("-inf"), ""

    async def client(self) -> Client:
        """Return Dask's client, made anew where there is none or its connection was lost.

        Raises:
            ClusterUnavailable: it cannot be made.
        """
        async with self._connecting:
            if self._client is not None and self._is_whole(self._client):
                return self._client
            await self.close()
            if time.monotonic() < self._failed_at + _AGAIN:
                raise ClusterUnavailable(self._failure)
            try:
                self._client = client = await self._connect()
            except ClusterUnavailable as error:
                self._failure, self._failed_at = str(error), time.monotonic()
                raise
            self._comm = client.scheduler_comm
            client.subscribe_topic(topic(client), self._on_event)
            self._watching = asyncio.ensure_future(self._watch(client))
            return client

    async def close(self) -> None:
        """End the connection, if there is one; tasks that are under way there are lost."""
        client, self._client = self._client, None
        watching, self._watching = self._watching, None
        if watching is not None and watching is not asyncio.current_task():
            watching.cancel()
        if client is not None:
            await _close(client)

    def unavailable(self, why: str) -> ClusterUnavailable:
        """Return the error with a sentence about why the cluster cannot be used, and what helps."""
        return ClusterUnavailable(f"{why} {self._remedy}".rstrip())

    def _is_whole(self, client: Client) -> bool:
        """Return whether a client is connected and was so ever since: where Dask connects it again, it has no topic."""
        return client.status == "running" and client.scheduler_comm is self._comm

    async def _watch(self, client: Client) -> None:
        """End a connection whose scheduler is silent: that of a process which was stopped stays open for ever."""
        while client.status not in ("closing", "closed"):
            try:
                await within(_SILENCE, client.scheduler.echo(data=None))
            except asyncio.TimeoutError:
                if client.scheduler_comm is not None:
                    # Nothing more is written to it, which might take for ever as well.
                    client.scheduler_comm.abort()
                await self.close()
                return
            except OSError as error:
                # Dask notices a connection that broke by itself, and cancels what is under way.
                _log.debug("%s: %s", self._cluster.scheduler, error)
            await asyncio.sleep(_PULSE)

    async def _connect(self) -> Client:
        import dask
        from distributed import Client
        from distributed.versions import VersionMismatchWarning

        cluster = self._cluster
        if cluster.address.startswith("tls:") and not (cluster.security or dask.config.get(_CERTIFICATES, None)):
            raise ClusterUnavailable(
                f"{cluster.address} wants certificates: set {_CERTIFICATES}, and those of the client beside it, in "
                "Dask's configuration, or pass the cluster object that has them."
            )
        # Nothing is printed from the background: where versions matter, a task says so.
        warnings.filterwarnings("ignore", category=VersionMismatchWarning)
        for handler in logging.getLogger("distributed").handlers:
            handler.addFilter(_is_of_others)
        client = Client(
            cluster.address,
            security=cluster.security,
            asynchronous=True,
            set_as_default=False,
            timeout=_CONNECT,
            name="wan-notebook",
        )
        try:
            await self._greet(client)
        except BaseException:
            # One that is left half connected waits for its scheduler when Python ends.
            await _close(client)
            raise
        return client

    async def _greet(self, client: Client) -> None:
        """Wait for a scheduler's answer, and look at the versions there.

        Raises:
            ClusterUnavailable: it does not answer, or has another Python.
        """
        name = f"T{self._cluster.scheduler[1:]}"
        try:
            # Dask's own timeout ends with the handshake, for whose answer it waits for as long as it takes.
            await within(_CONNECT, client)
        except asyncio.TimeoutError:
            raise self.unavailable(f"{name} does not answer (it said nothing for {_CONNECT:g} seconds).") from None
        except Exception as error:  # noqa: BLE001 - whatever Dask or its transports raise, it is told in words
            raise self.unavailable(f"{name} does not answer ({first_line(error)}).") from None
        try:
            self.check_pythons(await within(_CONNECT, client.get_versions(check=False)))
        except asyncio.TimeoutError:
            raise self.unavailable(f"{name} hears nothing of its workers.") from None

    def check_pythons(self, versions: dict[str, Any]) -> None:
        """Refuse a cluster with another Python: what one packs, the other cannot unpack, and would try for ever.

        Args:
            versions: of the "scheduler" and the "workers", as Dask tells them.

        Raises:
            ClusterUnavailable: names both.
        """
        here = sys.version_info[:2]
        for name, found in {self._cluster.scheduler: versions["scheduler"], **versions["workers"]}.items():
            there = tuple(map(int, found["packages"]["python"].split(".")[:2])) if found else here
            if there != here:
                raise self.unavailable(
                    f"{name} has Python {there[0]}.{there[1]} and this notebook {here[0]}.{here[1]}; Dask needs one "
                    "for all."
                )


async def failure_of(cluster: Cluster) -> str | None:
    """Return in a sentence why a cluster cannot be used now; None where it can."""
    connection = SchedulerConnection(cluster, lambda _event: None)
    try:
        await connection.client()
    except ClusterUnavailable as error:
        return str(error)
    finally:
        await connection.close()
    return None


def topic(client: Client) -> str:
    """Return the topic of the scheduler's events about a client's tasks."""
    return f"wan-notebook-{client.id}"


def first_line(error: Exception) -> str:
    """Return what an error says, without its details and the full stop."""
    return str(error).strip().partition("\n")[0].rstrip(".") or type(error).__name__


def _is_of_others(record: logging.LogRecord) -> bool:
    """Return whether a line of Dask's log is about somebody else's connection."""
    return record.threadName != THREAD


async def _close(client: Client) -> None:
    with contextlib.suppress(Exception):
        await within(_FAREWELL, client._close(fast=True))
