"""Threads for work that no event loop should do: begun when none is free, and free again for a while after it.

To begin one holds up the event loop, which waits for it; the jobs of a sweep need several each. A Python that ends
waits for none of them, as it would for those of asyncio.to_thread.
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable

Work = Callable[[], None]
"""It raises nothing: nobody would hear of it."""

_LINGERS = 5.0
"""Seconds that an idle thread waits for more work."""


class DaemonThreads:
    """Threads that are begun as they are needed, however many that is."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._work: queue.SimpleQueue[Work] = queue.SimpleQueue()
        self.idle = 0
        """Threads that wait, and for which nothing is in the queue yet."""

    def run(self, work: Work) -> None:
        """Do some work in a thread, at once."""
        with self._lock:
            if self.idle:
                self.idle -= 1
                self._work.put(work)
                return
        threading.Thread(target=self._go_on, args=[work], name="wan-notebook work", daemon=True).start()

    def _go_on(self, work: Work) -> None:
        while True:
            work()
            with self._lock:
                self.idle += 1
            try:
                work = self._work.get(timeout=_LINGERS)
            except queue.Empty:
                with self._lock:
                    if self.idle:
                        self.idle -= 1
                        return
                work = self._work.get()  # it came in this very moment


_threads = DaemonThreads()


def run(work: Work) -> None:
    """Do some work at once in one of the threads of this process."""
    _threads.run(work)


def _forget() -> None:
    """Begin anew in a forked child, which has none of its parent's threads."""
    global _threads
    _threads = DaemonThreads()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
