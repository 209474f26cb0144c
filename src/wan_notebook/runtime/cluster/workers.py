"""This side of a cluster: tasks go to Dask's scheduler, their files to the workers that ask for them."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
import sys
import time
import uuid
import warnings
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from ...errors import ClusterUnavailable, StorageError, WanError
from ..event_loop import THREAD, within
from ..subprocess_worker import ERRORS
from ..task import Message, OnMessage, Task, Workers
from ..worker_pool import shared_pool
from .address import Cluster
from .files import TravellingFile

if TYPE_CHECKING:
    from distributed import Client

_CONNECT = 5.0
"""Seconds for a connection to the scheduler."""
_AGAIN = 30.0
"""Seconds for which a scheduler that did not answer is not asked again: each job of a sweep would wait for it."""
_FAREWELL = 5.0
"""Seconds for ending a task or a connection at most."""
_CERTIFICATES = "distributed.comm.tls.ca-file"
"""Dask's own setting."""
_ATTEMPTS = 3
"""How often a task is sent where the connection to the scheduler is lost."""


class _Lost(Exception):
    """The connection to the scheduler was lost in the midst of a task."""


@dataclass
class _Running:
    """A task under way."""

    task: asyncio.Task[Any]
    client: Client
    on_message: OnMessage
    paths: dict[str, Path]
    """Its files by their digests."""
    sending: set[asyncio.Task[None]] = field(default_factory=set)

    def send(self, digests: list[str], worker: str) -> None:
        """Send files to a worker that asks for them."""
        for digest in digests:
            task = asyncio.ensure_future(self._send(digest, worker))
            self.sending.add(task)
            task.add_done_callback(self.sending.discard)

    async def _send(self, digest: str, worker: str) -> None:
        from .execute import receive

        # A worker that is gone by now needs it no more; one that lacks a file says so by itself.
        with contextlib.suppress(Exception):
            content = await asyncio.to_thread(self.paths[digest].read_bytes)
            await self.client.run(receive, digest, content, workers=[worker])

    def end(self) -> None:
        """Send nothing more."""
        for task in self.sending:
            task.cancel()


class DaskWorkers:
    """Have tasks done by the workers of a Dask cluster; see Workers. Nothing is connected before it is used.

    Args:
        cluster: which one.
        fallback: do the tasks where the cluster cannot be used; None leaves them undone.
    """

    def __init__(self, cluster: Cluster, fallback: Workers | None = None) -> None:
        self._cluster, self._fallback = cluster, fallback
        self._client: Client | None = None
        self._connecting = asyncio.Lock()
        self._failed_at, self._failure = float("-inf"), ""
        self._running: dict[str, _Running] = {}

    def prepare(self, modules: tuple[str, ...], wanted: int) -> None:
        """Do nothing: the cluster's workers get ready by themselves."""

    async def run(self, task: Task, on_message: OnMessage = lambda _message: None) -> Any:
        """Have a task done; see Workers.run().

        Raises:
            ClusterUnavailable: the cluster cannot be used, and there is no fallback.
        """
        try:
            for _ in range(_ATTEMPTS):
                with contextlib.suppress(_Lost):
                    return await self._attempt(task, on_message)
            raise ClusterUnavailable(
                f"The connection to {self._name} was lost {_ATTEMPTS} times. {self._remedy}".rstrip()
            )
        except ClusterUnavailable as error:
            if self._fallback is None:
                raise
            why = f"on this computer, since: {error}"

            def explained(message: Message) -> None:
                # With each step, since the next one takes its place on the screen.
                words = {"message": f"{message['message']}, {why}"} if message.get("message") else {}
                on_message({**message, **words})

            return await self._fallback.run(task, explained)

    async def close(self) -> None:
        """End all work and the connection."""
        if tasks := [running.task for running in self._running.values()]:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        if self._client is not None:
            await _close(self._client)
            self._client = None
        if self._fallback is not None:
            await self._fallback.close()

    @property
    def _name(self) -> str:
        return f"the Dask scheduler at {self._cluster.address}"

    @property
    def _remedy(self) -> str:
        if self._fallback is not None:
            return ""
        return "Start it, name another one, or pass local_fallback=True, so that this computer does the work then."

    async def _attempt(self, task: Task, on_message: OnMessage) -> Any:
        from distributed.client import FutureCancelledError

        client = await self._connected()
        order, paths = await asyncio.to_thread(packed, task)
        key = f"wan-notebook-{uuid.uuid4()}"
        waiting = asyncio.current_task()
        assert waiting is not None
        self._running[key] = _Running(waiting, client, on_message, paths)
        on_message({"message": f"Waiting for a worker of {self._cluster.address}"})
        order |= {"key": key, "topic": _topic(client)}
        future = client.submit(entry(), order, key=key, pure=False, priority=-int(task.background))
        try:
            outcome = await future
        except FutureCancelledError as error:
            raise _Lost from error
        except asyncio.CancelledError:
            # Its worker hears that nobody wants it any more, and ends the process that does it.
            with contextlib.suppress(Exception):
                await within(_FAREWELL, client.cancel([future], force=True))
            raise
        except Exception as error:  # noqa: BLE001 - whatever Dask raises, it is told in words
            raise self._explained(task, error) from None
        finally:
            self._running.pop(key).end()
            future.release()
        if said := outcome.get("said"):
            on_message(said)
        return await self._result(outcome, task)

    async def _result(self, outcome: dict[str, Any], task: Task) -> Any:
        """Return the result of a task whose files came back, or raise its error."""
        if "failed" not in outcome:
            await asyncio.to_thread(_write, task, outcome["files"])
            return outcome["result"]
        kind, failed = outcome["name"], outcome["failed"]
        if kind == "UnfitWorker":
            raise self._unfit(failed)
        if kind in ERRORS:
            raise ERRORS[kind](failed)
        raise task.error(f"On a worker of {self._name}: {failed}")

    def _unfit(self, why: str) -> ClusterUnavailable:
        install = f"pip install 'wan-notebook[preview,cluster]=={_version()}'"
        return ClusterUnavailable(
            f"A worker of {self._name} cannot be used: {why}. It needs what this notebook has: {install}."
        )

    def _explained(self, task: Task, error: Exception) -> WanError:
        """Return the error of this package for one of Dask's."""
        from distributed.scheduler import KilledWorker

        if isinstance(error, KilledWorker):
            return task.error(f"{task.subject} ended {error.allowed_failures + 1} times together with its worker.")
        return task.error(f"On {self._name}: {type(error).__name__}: {_first_line(error)}")

    async def _connected(self) -> Client:
        """Return the connection to the scheduler, made anew where there is none or it was lost.

        Raises:
            ClusterUnavailable: it cannot be made.
        """
        async with self._connecting:
            if self._client is not None and self._client.status == "running":
                return self._client
            if self._client is not None:
                await _close(self._client)
                self._client = None
            if time.monotonic() < self._failed_at + _AGAIN:
                raise ClusterUnavailable(self._failure)
            try:
                self._client = await self._connect()
            except ClusterUnavailable as error:
                self._failure, self._failed_at = str(error), time.monotonic()
                raise
            self._client.subscribe_topic(_topic(self._client), self._on_event)
            return self._client

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
        try:
            client = await Client(
                cluster.address,
                security=cluster.security,
                asynchronous=True,
                set_as_default=False,
                timeout=_CONNECT,
                name="wan-notebook",
            )
        except Exception as error:  # noqa: BLE001 - whatever Dask or its transports raise, it is told in words
            why = _first_line(error)
            raise ClusterUnavailable(f"T{self._name[1:]} does not answer ({why}). {self._remedy}".rstrip()) from None
        try:
            self._check_pythons(await within(_CONNECT, client.get_versions(check=False)))
        except BaseException as error:
            await _close(client)
            if isinstance(error, asyncio.TimeoutError):
                raise ClusterUnavailable(f"T{self._name[1:]} hears nothing of its workers. {self._remedy}") from None
            raise
        return client

    def _check_pythons(self, versions: dict[str, Any]) -> None:
        """Refuse a cluster with another Python: what one packs, the other cannot unpack, and would try for ever."""
        here = sys.version_info[:2]
        for name, found in {self._name: versions["scheduler"], **versions["workers"]}.items():
            there = tuple(map(int, found["packages"]["python"].split(".")[:2])) if found else here
            if there != here:
                raise ClusterUnavailable(
                    f"{name} has Python {there[0]}.{there[1]} and this notebook {here[0]}.{here[1]}; Dask needs one "
                    f"for all. {self._remedy}".rstrip()
                )

    def _on_event(self, event: tuple[float, Message]) -> None:
        message = dict(event[1])
        running, worker = self._running.get(message.pop("key")), message.pop("worker")
        if running is None:
            return
        if "wants" in message:
            running.send(message["wants"], worker)
        else:
            running.on_message(message)


def packed(task: Task) -> tuple[dict[str, Any], dict[str, Path]]:
    """Return a task as plain data, and the paths of its files by their digests.

    Raises:
        StorageError: a file cannot be read.
    """
    paths: dict[str, Path] = {}
    inputs: dict[str, list[tuple[str, str]]] = {}
    for name, files in task.inputs.items():
        inputs[name] = []
        for path in files if isinstance(files, tuple) else (files,):
            try:
                file = TravellingFile.of(path)
            except OSError as error:
                raise StorageError(f"{path} cannot be read ({error.strerror or error}).") from None
            paths[file.digest] = path
            inputs[name].append((file.name, file.digest))
    order = {
        "version": _version(),
        "function": task.function,
        "values": dict(task.values),
        "inputs": inputs,
        "several": [name for name, files in task.inputs.items() if isinstance(files, tuple)],
        "outputs": {name: path.name for name, path in task.outputs.items()},
        "subject": task.subject,
        "limits": dataclasses.asdict(task.limits),
        "background": task.background,
    }
    return order, paths


def entry() -> Callable[[dict[str, Any]], Coroutine[Any, Any, dict[str, Any]]]:
    """Return the function that a worker is sent, which is packed whole: one that lacks this package says so.

    A function that a worker cannot import would be sent to it for ever.
    """

    async def execute_there(order: dict[str, Any]) -> dict[str, Any]:
        try:
            from wan_notebook.runtime.cluster.execute import execute
        except ImportError as error:
            return {"failed": f"it has no wan-notebook, or an older one ({error})", "name": "UnfitWorker"}
        return await execute(order)

    return execute_there


def workers_of(cluster: Cluster | None) -> Workers:
    """Return who does the work of this notebook on the running event loop.

    Args:
        cluster: does it; None is this machine.
    """
    if cluster is None:
        return shared_pool()
    known = _clusters.setdefault(asyncio.get_running_loop(), {})
    if cluster not in known:
        known[cluster] = DaskWorkers(cluster, shared_pool() if cluster.local_fallback else None)
    return known[cluster]


_clusters: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Cluster, DaskWorkers]] = WeakKeyDictionary()


def _version() -> str:
    return version("wan-notebook")


def _topic(client: Client) -> str:
    return f"wan-notebook-{client.id}"


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".") or type(error).__name__


def _write(task: Task, files: dict[str, bytes]) -> None:
    try:
        for name, content in files.items():
            task.outputs[name].write_bytes(content)
    except OSError as error:
        raise StorageError(f"{error.filename} cannot be written ({error.strerror or error}).") from None


def _is_of_others(record: logging.LogRecord) -> bool:
    """Return whether a line of Dask's log is about somebody else's connection."""
    return record.threadName != THREAD


async def _close(client: Client) -> None:
    with contextlib.suppress(Exception):
        await within(_FAREWELL, client._close(fast=True))
