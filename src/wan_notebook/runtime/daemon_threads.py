"""Threads for work that no event loop should do: begun when none is free, and free again for a while after it.

To begin one holds up the event loop, which waits for it; the jobs of a sweep need several each. A Python that ends
waits for none of them, as it would for those of asyncio.to_thread.
"""

from __future__ import annotations

import math
import os
import queue
import threading
from collections.abc import Callable

Work = Callable[[], None]
"""It raises nothing: nobody would hear of it."""

_LINGERS = 5.0
"""Seconds that an idle thread waits for more work."""


_DECODERS = 2
"""Threads that decode clips. The codec library begins threads of its own for each clip, as many as there are
processors; and every thread keeps the two or three megabytes that its last clip took."""
_READERS = 2
"""Threads that read files, as before each submit of a sweep: every thread keeps half a megabyte for what comes next."""


class DaemonThreads:
    """Threads that are begun as they are needed.

    Args:
        most: threads at once; by default however many are needed.
    """

    def __init__(self, most: float = math.inf) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._work: queue.SimpleQueue[Work] = queue.SimpleQueue()
        self._begun = 0
        """Threads that have not ended."""
        self.idle = 0
        """Threads that wait, and for which nothing is in the queue yet; below zero, the work that waits for one."""

    def run(self, work: Work) -> None:
        """Do some work in a thread, at once or as soon as one is free; where none can be begun, here and now."""
        with self._lock:
            if self.idle > 0 or self._begun >= self._most:
                self.idle -= 1
                self._work.put(work)
                return
            self._begun += 1
        try:
            threading.Thread(target=self._go_on, args=(work, _LINGERS), name="wan-notebook work", daemon=True).start()
        except RuntimeError:  # the system allows no more
            self._go_on(work, 0.0)

    def _go_on(self, work: Work, lingers: float) -> None:
        while True:
            work()
            with self._lock:
                self.idle += 1
            try:
                work = self._work.get(timeout=lingers)
            except queue.Empty:
                with self._lock:
                    if self.idle > 0:
                        self.idle -= 1
                        self._begun -= 1
                        return
                work = self._work.get()  # it came in this very moment


_threads, _decoders, _readers = DaemonThreads(), DaemonThreads(_DECODERS), DaemonThreads(_READERS)


def run(work: Work) -> None:
    """Do some work at once in one of the threads of this process."""
    _threads.run(work)


def decode(work: Work) -> None:
    """Do some work that decodes a clip, as soon as one of the few threads for it is free."""
    _decoders.run(work)


def read(work: Work) -> None:
    """Do some work that reads a file, as soon as one of the few threads for it is free."""
    _readers.run(work)


def _forget() -> None:
    """Begin anew in a forked child, which has none of its parent's threads."""
    global _threads, _decoders, _readers
    _threads, _decoders, _readers = DaemonThreads(), DaemonThreads(_DECODERS), DaemonThreads(_READERS)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
