"""The worker processes of this notebook, as tests see them."""

import psutil

from wan_notebook.runtime import event_loop
from wan_notebook.runtime.worker_pool import WorkerPool, shared_pool


def notebook_pool() -> WorkerPool:
    """The pool that previews, measures and finishes share on the private event loop."""

    async def pool() -> WorkerPool:
        return shared_pool()

    return shared_pool() if event_loop.running_here() else event_loop.wait(event_loop.start(pool()))


def notebook_workers() -> list[psutil.Process]:
    """Its processes that run."""
    return [psutil.Process(pid) for pid in notebook_pool().pids if is_alive(pid)]


def is_alive(pid: int | None) -> bool:
    return psutil.pid_exists(pid or 0) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
