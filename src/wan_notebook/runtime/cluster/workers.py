"""This side of a cluster: tasks go to Dask's scheduler, their files to the workers that ask for them."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import uuid
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from ...errors import ClusterUnavailable, StorageError, WanError
from ..event_loop import within
from ..subprocess_worker import ERRORS
from ..task import Message, OnMessage, Task, Workers
from ..worker_pool import shared_pool
from .address import Cluster
from .connection import SchedulerConnection, first_line, topic
from .files import UNFIT, TravellingFile

if TYPE_CHECKING:
    from distributed import Client

_FAREWELL = 5.0
"""Seconds for telling the cluster that a task has ended, at most."""
_ATTEMPTS = 3
"""How often a task is sent where the connection to the scheduler is lost."""
_REMEDY = "Start it, name another one, or pass local_fallback=True, so that this computer does the work then."


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
        self._connection = SchedulerConnection(cluster, self._on_event, _REMEDY if fallback is None else "")
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
            raise self._connection.unavailable(f"The connection to {self._name} was lost {_ATTEMPTS} times.")
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
        await self._connection.close()
        if self._fallback is not None:
            await self._fallback.close()

    @property
    def _name(self) -> str:
        return self._cluster.scheduler

    async def _attempt(self, task: Task, on_message: OnMessage) -> Any:
        from distributed.client import FutureCancelledError

        client = await self._connection.client()
        order, paths = await asyncio.to_thread(packed, task)
        key = f"wan-notebook-{uuid.uuid4()}"
        waiting = asyncio.current_task()
        assert waiting is not None
        self._running[key] = _Running(waiting, client, on_message, paths)
        on_message({"message": f"Waiting for a worker of {self._cluster.address}"})
        order |= {"key": key, "topic": topic(client)}
        future = client.submit(entry(), order, key=key, pure=False, priority=task.urgency)
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
        if kind == UNFIT:
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
        return task.error(f"On {self._name}: {type(error).__name__}: {first_line(error)}")

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
        "urgency": task.urgency,
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
            return {"failed": f"it has no wan-notebook, or an older one ({error})", "name": UNFIT}
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


def _write(task: Task, files: dict[str, bytes]) -> None:
    try:
        for name, content in files.items():
            task.outputs[name].write_bytes(content)
    except OSError as error:
        raise StorageError(f"{error.filename} cannot be written ({error.strerror or error}).") from None
