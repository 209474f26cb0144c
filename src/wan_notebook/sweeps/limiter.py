"""Who may submit a job now: so many jobs at once, so many a second, and nobody while the service is too busy."""

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
            await self._change(wait)
            if self._paused_until <= asyncio.get_running_loop().time():
                await self._rate.acquire()
        return not self._closed

    def accepted(self) -> None:
        """Make room for a little more: the service took a job."""
        self._refusals = 0
        self._limit = min(self._most, self._limit + 1 / self._limit)
        self._changed.set()

    def close(self) -> None:
        """Let no more jobs through."""
        self._closed = True
        self._changed.set()

    def open(self) -> None:
        """Let jobs through again."""
        self._closed = False

    async def _take(self) -> bool:
        while not self._closed and self._taken >= int(self._limit):
            await self._change()
        self._taken += not self._closed
        return not self._closed

    def _release(self) -> None:
        self._taken -= 1
        self._changed.set()

    def _refused(self, busy: TooBusy) -> float:
        now = asyncio.get_running_loop().time()
        # Refusals that arrive during a pause belong to submits sent before it; they count once.
        self._refusals += now >= self._paused_until
        seconds = backoff(busy, self._refusals, self._chance)
        self._paused_until = max(self._paused_until, now + seconds)
        self._limit = max(1.0, min(self._limit, self._taken))
        return self._paused_until - now

    async def _change(self, timeout: float | None = None) -> None:
        self._changed.clear()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._changed.wait(), timeout)


class Slot:
    """One job's slot among those that run."""

    def __init__(self, limiter: JobLimiter) -> None:
        self._limiter, self._held = limiter, False

    async def take(self) -> bool:
        """Wait for the slot; return whether it is held, which it is not once the limiter is closed."""
        self._held = self._held or await self._limiter._take()
        return self._held

    def release(self) -> None:
        """Give the slot to another job, unless that was done before."""
        if self._held:
            self._held = False
            self._limiter._release()

    def refused(self, busy: TooBusy) -> float:
        """Release the slot and pause everybody, as the service takes no more jobs; return for how many seconds."""
        self.release()
        return self._limiter._refused(busy)
