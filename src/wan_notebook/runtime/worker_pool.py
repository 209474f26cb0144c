"""Worker processes of this machine: started when first needed, as many as do tasks side by side, ended when idle."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections import deque
from typing import Any
from weakref import WeakKeyDictionary

from ..errors import InvalidRequest
from .machine import memory, processors
from .subprocess_worker import SubprocessWorker
from .task import OnMessage, Task
from .temporary_folder import TemporaryFolder

SIZE_VARIABLE = "WAN_NOTEBOOK_WORKERS"
"""The environment variable that holds how many workers there may be, as for many people on one machine."""
_LARGEST = 256
"""The largest number of workers that it may ask for."""
MOST = 4
"""Workers of a pool at most, unless somebody asks for more."""
WORKER_BYTES = 500_000_000
"""That a worker takes at most for a preview or for measuring a clip: of previews 200 MB were seen, at 480p and at 720p
(tests/bench/workers.py, preview.py)."""
_IDLE, _LAST_IDLE = 20.0, 600.0
"""Seconds without work after which a process ends and gives its memory back; the last one stays for a while, since
starting a new one takes a second or two."""


class _Closed(Exception):
    """The pool was closed while a task waited for its turn."""


def usual_size() -> int:
    """Return how many workers there are at most: as many as SIZE_VARIABLE says, else as the machine has room for.

    That is one for each processor and each two shares of memory.

    Raises:
        InvalidRequest: the variable holds no number of workers.
    """
    if wanted := os.environ.get(SIZE_VARIABLE, "").strip():
        if not (wanted.isascii() and wanted.isdecimal() and 1 <= int(wanted[:9]) <= _LARGEST):
            raise InvalidRequest(f"{SIZE_VARIABLE} is {wanted!r}, but must be a whole number from 1 to {_LARGEST}.")
        return int(wanted)
    room = memory()
    return max(1, min(MOST, processors(), MOST if room is None else room // (2 * WORKER_BYTES)))


class WorkerPool:
    """Processes that do tasks side by side, first come, first served; it belongs to one event loop.

    Args:
        size: processes at most; as many as usual_size() says by default.
        cores: processors that all of them may use together; by default those of this machine.
    """

    def __init__(self, size: int | None = None, cores: int | None = None) -> None:
        self.size, self._cores = size or usual_size(), cores or processors()
        self._folder: TemporaryFolder | None = None
        self._workers: list[SubprocessWorker] = []
        self._numbers = itertools.count()
        self._idle: list[SubprocessWorker] = []
        """The one used last comes last."""
        self._ending: dict[SubprocessWorker, asyncio.TimerHandle] = {}
        self._waiting: tuple[deque[asyncio.Future[SubprocessWorker]], ...] = (deque(), deque(), deque())
        """Tasks without a worker, the more urgent ones first."""

    @property
    def pids(self) -> list[int]:
        """The ids of the processes that were started so far."""
        return [worker.pid for worker in self._workers if worker.pid is not None]

    def prepare(self, modules: tuple[str, ...], wanted: int) -> None:
        """Start so many processes as are wanted, as far as there is room, and import modules there.

        Raises:
            OSError: one cannot be started.
        """
        while len(self._workers) < min(wanted, self.size):
            worker = self._new_worker()
            self._give(worker)
            worker.start(modules)

    async def run(self, task: Task, on_message: OnMessage = lambda _message: None) -> Any:
        """Have a task done; see Workers.run()."""
        try:
            worker = await self._take(self._waiting[1 - task.urgency])
        except _Closed:
            raise task.error(f"{task.subject} was closed before this began.") from None
        except OSError as error:
            raise task.error(f"{task.subject} cannot be started ({error}).") from None
        try:
            return await worker.run(task, on_message, self._threads)
        finally:
            self._give(worker)

    async def close(self) -> None:
        """End all processes, whatever they do; what runs or waits there fails."""
        for worker in self._workers:
            worker.close()
        for waiting in self._waiting:
            while waiting:
                turn = waiting.popleft()
                if not turn.done():
                    turn.set_exception(_Closed())
        for timer in self._ending.values():
            timer.cancel()
        if self._folder is not None:
            self._folder.remove()
        self._folder, self._workers, self._idle, self._ending = None, [], [], {}

    @property
    def _threads(self) -> int:
        """How many threads a task that begins now may use: alone it has all processors, beside others its share.

        Threads of several tasks on one processor wait for one another.
        """
        alone = len(self._workers) - len(self._idle) == 1 and not any(self._waiting)
        return self._cores if alone else max(1, self._cores // self.size)

    async def _take(self, waiting: deque[asyncio.Future[SubprocessWorker]]) -> SubprocessWorker:
        if self._idle:
            worker = self._idle.pop()
            self._ending.pop(worker).cancel()
            return worker
        if len(self._workers) < self.size:
            return self._new_worker()
        turn: asyncio.Future[SubprocessWorker] = asyncio.get_running_loop().create_future()
        waiting.append(turn)
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self._give(turn.result())
            raise

    def _give(self, worker: SubprocessWorker) -> None:
        """Give a worker that is free to the next task, or let it rest."""
        if worker not in self._workers:
            return  # the pool was closed meanwhile
        for waiting in self._waiting:
            while waiting:
                turn = waiting.popleft()
                if not turn.done():
                    turn.set_result(worker)
                    return
        self._idle.append(worker)
        self._ending[worker] = asyncio.get_running_loop().call_later(_IDLE, self._end_idle, worker, False)

    def _end_idle(self, worker: SubprocessWorker, late: bool) -> None:
        if len(self._workers) == 1 and not late:
            later = asyncio.get_running_loop().call_later(_LAST_IDLE, self._end_idle, worker, True)
            self._ending[worker] = later
            return
        worker.close()
        self._ending.pop(worker)
        self._idle.remove(worker)
        self._workers.remove(worker)

    def _new_worker(self) -> SubprocessWorker:
        if self._folder is None:
            self._folder = TemporaryFolder()
        worker = SubprocessWorker(self._folder.path, self._folder.path / f"worker-{next(self._numbers)}.log")
        self._workers.append(worker)
        return worker


_pools: WeakKeyDictionary[asyncio.AbstractEventLoop, WorkerPool] = WeakKeyDictionary()


def shared_pool() -> WorkerPool:
    """Return the pool of the running event loop: for all tasks of a notebook, whatever they are for."""
    loop = asyncio.get_running_loop()
    if loop not in _pools:
        _pools[loop] = WorkerPool()
    return _pools[loop]
