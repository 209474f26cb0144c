"""Limits on submits: so many jobs at once, so many submits a second, and none while the service is too busy."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable

from aiolimiter import AsyncLimiter

from ..client.retry import backoff
from ..errors import TooBusy

_RATE, _LOCAL_RATE = 4.0, 200.0
"""Submits per second, to a service elsewhere and to one on this machine."""


class JobLimiter:
    """Limits how many jobs run at once, by additive increase and multiplicative decrease; belongs to one event loop.

    When the service says that it is too busy, everybody waits, and from then on no more jobs run at once than it had
    taken by then; each job that it accepts later makes room for a part of one more, up to `concurrency`.

    Args:
        concurrency: jobs at once, at most.
        local: whether the service is on this machine.
        chance: from 0 to 1, so that many notebooks do not come back together.
    """

    def __init__(self, concurrency: int, *, local: bool, chance: Callable[[], float] = random.random) -> None:
        self._most = self._limit = float(concurrency)
        self._taken = self._refusals = 0
        self._paused_until, self._closed = 0.0, False
        self._chance = chance
        self._changed = asyncio.Event()
        self._rate = AsyncLimiter(1, 1 / (_LOCAL_RATE if local else _RATE))

    async def acquire(self) -> Slot | None:
        """Wait for a slot among the jobs that run, and return it; None once the limiter is closed."""
        slot = Slot(self)
        return slot if await slot.take() else None

    async def may_submit(self) -> bool:
        """Wait until a submit may be sent; return whether one may, which is not once the limiter is closed."""
        await self._rate.acquire()
        while not self._closed and (wait := self._paused_until - asyncio.get_running_loop().time()) > 0:
            await self._wait_for_change(wait)
            if self._paused_until <= asyncio.get_running_loop().time():
                await self._rate.acquire()
        return not self._closed

    def accepted(self) -> None:
        """Raise the limit by a part of a job: the service accepted one."""
        self._refusals = 0
        self._limit = min(self._most, self._limit + 1 / self._limit)
        self._changed.set()

    def close(self) -> None:
        """Give out no more slots, and end all waiting."""
        self._closed = True
        self._changed.set()

    def open(self) -> None:
        """Give out slots again after close()."""
        self._closed = False

    async def take(self) -> bool:
        """Count one more job once there is room; return whether it may run, which it may not after close()."""
        while not self._closed and self._taken >= int(self._limit):
            await self._wait_for_change()
        self._taken += not self._closed
        return not self._closed

    def release(self) -> None:
        """Count one job less, and let the next one run."""
        self._taken -= 1
        self._changed.set()

    def refused(self, busy: TooBusy) -> float:
        """Pause all submits and lower the limit to the jobs that run; return the seconds of the pause."""
        now = asyncio.get_running_loop().time()
        # Refusals that arrive during a pause belong to submits sent before it; they count once.
        self._refusals += now >= self._paused_until
        seconds = backoff(busy, self._refusals, self._chance)
        self._paused_until = max(self._paused_until, now + seconds)
        self._limit = max(1.0, min(self._limit, self._taken))
        return self._paused_until - now

    async def _wait_for_change(self, timeout: float | None = None) -> None:
        self._changed.clear()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._changed.wait(), timeout)


class Slot:
    """The permission of one job to run."""

    def __init__(self, limiter: JobLimiter) -> None:
        self._limiter, self._held = limiter, False

    async def take(self) -> bool:
        """Wait for the slot; return whether it is held, which it is not once the limiter is closed."""
        self._held = self._held or await self._limiter.take()
        return self._held

    def release(self) -> None:
        """Give the slot to another job; a second call does nothing."""
        if self._held:
            self._held = False
            self._limiter.release()

    def refused(self, busy: TooBusy) -> float:
        """Release the slot and pause all submits, since the service is too busy; return the seconds of the pause."""
        self.release()
        return self._limiter.refused(busy)
