"""One process for a kind of task of this whole notebook: started when first needed, ended when idle."""

from __future__ import annotations

import asyncio
import os
import weakref
from collections.abc import Callable, Mapping
from typing import Any

from .data_dir import subfolder
from .subprocess_worker import Message, SubprocessWorker

_IDLE = 20.0
"""Seconds without work after which the process ends, and gives its memory back."""
_all: weakref.WeakSet[SharedWorker] = weakref.WeakSet()


class SharedWorker:
    """Does tasks in another process, one after another; it belongs to one event loop.

    Args:
        name: the subject of messages, as for SubprocessWorker; so for module and low_priority.
        module: its program.
        low_priority: whether it leaves the processor to others.
    """

    def __init__(self, name: str, module: str, *, low_priority: bool = False) -> None:
        self._name, self._module, self._low_priority = name, module, low_priority
        self.reset()
        _all.add(self)

    def reset(self) -> None:
        """Start from nothing, as a forked child must: event loop and process are its parent's."""
        self.worker: SubprocessWorker | None = None
        """The process; None before it was first needed."""
        self._turn = asyncio.Lock()
        self._ending: asyncio.TimerHandle | None = None

    async def run(self, task: Mapping[str, Any], on_message: Callable[[Message], None] = lambda _message: None) -> Any:
        """Have one task done and return its result, as SubprocessWorker.run() does.

        Raises:
            WanError: as there.
        """
        async with self._turn:
            if self._ending is not None:
                self._ending.cancel()
            if self.worker is None:
                folder = subfolder("clips")
                self.worker = SubprocessWorker(self._name, self._module, folder=folder, low_priority=self._low_priority)
            try:
                return await self.worker.run(task, on_message)
            finally:
                self._ending = asyncio.get_running_loop().call_later(_IDLE, self.worker.stop)


def _reset_all() -> None:
    for worker in list(_all):
        worker.reset()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_reset_all)
