"""A limit on the rate of updates: a few a second, and always the last one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from . import event_loop

_REST, _LONGEST_REST = 20.0, 1.0
"""How many times as long as a run took the next one waits at least, and for how many seconds at most: an update of
thousands of tiles takes some ten milliseconds, and all of them together a twentieth of a processor."""


class Throttle:
    """Runs an action at most once in an interval, and once more at its end when a call was held back.

    An action that takes long runs less often.

    It never runs in two threads at once, where the one that began first could end last with what it read long before.

    Args:
        action: the update; it runs in the caller's thread or in the background.
        interval: seconds between two runs: quick for an eye, slow enough for every front end.
        clock: seconds, monotonic.
    """

    def __init__(
        self, action: Callable[[], None], interval: float = 0.15, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._action, self._interval, self._clock = action, interval, clock
        self._lock = threading.Lock()
        self._next = 0.0
        self._waiting = False
        self._running = self._again = False

    def __call__(self) -> None:
        """Run the action now, or once the interval has passed."""
        with self._lock:
            if self._waiting:
                return
            left = self._next - self._clock()
            self._waiting = left > 0
            self._next = max(self._next, self._clock()) + self._interval
        if left > 0:
            loop = event_loop.loop()
            loop.call_soon_threadsafe(loop.call_later, left, self._run_late)
        else:
            self.run()

    def run(self) -> None:
        """Run the action now; where another thread is at it, that one runs it once more."""
        with self._lock:
            if self._running:
                self._again = True
                return
            self._running = again = True
        try:
            while again:
                began = self._clock()
                self._action()
                ended = self._clock()
                with self._lock:
                    # Once the lock is free, another thread may be at it.
                    again = self._running = self._again
                    self._again = False
                    self._next = max(self._next, ended + min(_REST * (ended - began), _LONGEST_REST))
        except BaseException:
            self._running = self._again = False
            raise

    def _run_late(self) -> None:
        with self._lock:
            self._waiting = False
            # It may be late, on a busy loop, and the next one is not to follow on its heels.
            self._next = self._clock() + self._interval
        self.run()
