"""The side of a cluster's workers: a task's files are asked for, its work is done by a process, its files go back.

A process beside the worker does the work, as on the user's own machine: what crashes there takes no worker along, and
a task that is cancelled in the midst of a long call of a library is ended within a second.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from distributed import Worker, WorkerPlugin, get_worker

from ...errors import WanError
from ..task import Message, Task, TaskLimits
from ..worker_pool import WorkerPool
from .files import UNFIT, FileStore

_PAUSE = 0.2
"""Seconds between two messages of a task: each of them goes through the scheduler."""


async def execute(order: dict[str, Any]) -> dict[str, Any]:
    """Do a task on the Dask worker that runs this, and return its outcome.

    Args:
        order: "version" of this package, the "topic" for messages and the task's "key"; "function", "values",
            "subject", "limits" and "urgency" of the task; "inputs" by name as lists of (name, digest), with
            "several" for those that are a list to the task; "outputs" as names of files by name.

    Returns:
        The "result", the content of its "files" and the last message that was "said", or how it "failed" and the
        "name" of the error.
    """
    worker = get_worker()
    here = version("wan-notebook")
    if order["version"] != here:
        return {"failed": f"it has wan-notebook {here}, and this notebook {order['version']}", "name": UNFIT}
    return await (await _machine_of(worker)).do(order)


async def receive(digest: str, content: bytes, dask_worker: Worker) -> None:
    """Take a file on the worker that asked for it."""
    if dask_worker in _machines:
        await _machines[dask_worker].files.receive(digest, content)


class Machine(WorkerPlugin):  # type: ignore[misc]  # Dask is not typed
    """What a Dask worker has of ours: the files that came, and the processes that do the work.

    Args:
        worker: the Dask worker.
    """

    name = "wan-notebook"

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self.files, self._pool = FileStore(), WorkerPool(worker.state.nthreads, worker.state.nthreads)
        self._running: dict[str, asyncio.Task[dict[str, Any]]] = {}

    def transition(self, key: Any, _start: str, finish: str, **_more: Any) -> None:
        """End the work of a task that nobody wants any more: it was cancelled, or whoever asked for it is gone."""
        if finish == "released" and key in self._running:
            self._running[key].cancel()

    async def teardown(self, worker: Worker) -> None:
        """End all work and remove all files when the Dask worker closes."""
        _machines.pop(worker, None)
        await self._pool.close()
        self.files.close()

    async def do(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """Do a task, which transition() ends early."""
        key = order["key"]
        running = self._running[key] = asyncio.ensure_future(self._do(order))
        try:
            await asyncio.wait([running])
            return {"failed": "It was cancelled.", "name": "Cancelled"} if running.cancelled() else running.result()
        finally:
            running.cancel()
            del self._running[key]

    async def _do(self, order: Mapping[str, Any]) -> dict[str, Any]:
        news = News(self._worker, order["topic"], order["key"])
        folder = self.files.folder / f"task-{order['key']}"
        try:
            digests = [digest for files in order["inputs"].values() for _, digest in files]
            await self.files.fetch(digests, lambda missing: news.tell({"wants": missing}))
            task = self._unpacked(order, folder)
            result = await self._pool.run(task, news.on_message)
            files = await asyncio.to_thread(_contents, task.outputs)
            return {"result": result, "files": files, "said": news.rest()}
        except WanError as error:
            return {"failed": str(error), "name": type(error).__name__}
        except asyncio.TimeoutError:
            return {"failed": "the files of the task never came", "name": UNFIT}
        except OSError as error:
            return {"failed": f"its disk cannot take the files of the task ({error.strerror or error})", "name": UNFIT}
        finally:
            news.rest()
            shutil.rmtree(folder, ignore_errors=True)

    def _unpacked(self, order: Mapping[str, Any], folder: Path) -> Task:
        """Return the task with its files in a folder of its own, each input's in one of its name."""
        inputs: dict[str, Path | tuple[Path, ...]] = {}
        for name, files in order["inputs"].items():
            place = folder / name
            place.mkdir(parents=True)
            for file, digest in files:
                self.files.put(digest, place / Path(file).name)
            paths = tuple(place / Path(file).name for file, _ in files)
            inputs[name] = paths if name in order["several"] else paths[0]
        (folder / "made").mkdir(parents=True)
        return Task(
            order["function"],
            order["values"],
            inputs,
            {name: folder / "made" / f"{name}-{Path(file).name}" for name, file in order["outputs"].items()},
            order["subject"],
            limits=TaskLimits(**order["limits"]),
            urgency=order["urgency"],
        )


class News:
    """Messages about a task on their way to whoever asked for it: several within a moment go as one.

    Args:
        worker: the Dask worker.
        topic: of the scheduler's events.
        key: of the task.
    """

    def __init__(self, worker: Worker, topic: str, key: str) -> None:
        self._worker, self._topic, self._key = worker, topic, key
        self._waiting: Message = {}
        self._timer: asyncio.TimerHandle | None = None

    def tell(self, message: Message) -> None:
        """Send a message now."""
        self._worker.log_event(self._topic, {"key": self._key, "worker": self._worker.address, **message})

    def on_message(self, message: Message) -> None:
        """Send a message now, or together with the next ones where another has just gone."""
        self._waiting |= message
        if self._timer is None:
            self._send()

    def _send(self) -> None:
        message = self.rest()
        if message:
            self.tell(message)
            self._timer = asyncio.get_running_loop().call_later(_PAUSE, self._send)

    def rest(self) -> Message:
        """Return what waits, which is then not sent."""
        if self._timer is not None:
            self._timer.cancel()
        rest, self._waiting, self._timer = self._waiting, {}, None
        return rest


_machines: WeakKeyDictionary[Worker, Machine] = WeakKeyDictionary()


async def _machine_of(worker: Worker) -> Machine:
    if worker not in _machines:
        _machines[worker] = Machine(worker)
        await worker.plugin_add(_machines[worker], Machine.name)
    return _machines[worker]


def _contents(files: Mapping[str, Path]) -> dict[str, bytes]:
    return {name: path.read_bytes() for name, path in files.items()}
