"""Who may send a job now: so many jobs at once, so many a second, and nobody while the service is too busy."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable

from aiolimiter import AsyncLimiter

from ..client.retry import pause
from ..errors import TooBusy

_RATE, _LOCAL_RATE = 4.0, 200.0
"""Submits per second, to a service elsewhere and to one on this machine."""


class Gate:
    """Lets jobs through; mutable, and belongs to the loop on which it is used.

    Where the service says that it is too busy, everybody waits, and from then on no more jobs run at once than it had
    taken by then; each job that it takes later makes room for a part of one more, up to `concurrency`.

    Args:
        concurrency: how many jobs run at once at most.
        local: whether the service is on this machine.
        chance: from 0 to 1, so that many notebooks do not come back together.
    """

    def __init__(self, concurrency: int, *, local: bool, chance: Callable[[], float] = random.random) -> None:
        self._most = self._limit = float(concurrency)
        self._inside = self._refusals = 0
        self._closed_until, self._shut = 0.0, False
        self._chance = chance
        self._changed = asyncio.Event()
        self._rate = AsyncLimiter(1, 1 / (_LOCAL_RATE if local else _RATE))

    async def enter(self) -> Place | None:
        """Wait for a place among the jobs that run, and return it; None once the gate is shut."""
        place = Place(self)
        return place if await place.take() else None

    async def _take(self) -> bool:
        while not self._shut and self._inside >= int(self._limit):
            await self._change()
        self._inside += not self._shut
        return not self._shut

    def _leave(self) -> None:
        self._inside -= 1
        self._changed.set()

    async def turn(self) -> bool:
        """Wait until a submit may be sent, and return whether one may: none may once the gate is shut."""
        await self._rate.acquire()
        while not self._shut and (wait := self._closed_until - asyncio.get_running_loop().time()) > 0:
            await self._change(wait)
            if self._closed_until <= asyncio.get_running_loop().time():
                await self._rate.acquire()
        return not self._shut

    def _refused(self, busy: TooBusy) -> float:
        now = asyncio.get_running_loop().time()
        # What is refused while everybody waits already was sent before that.
        self._refusals += now >= self._closed_until
        seconds = pause(busy, self._refusals, self._chance)
        self._closed_until = max(self._closed_until, now + seconds)
        self._limit = max(1.0, min(self._limit, self._inside))
        return self._closed_until - now

    def taken(self) -> None:
        """Make room for a little more: the service took a job."""
        self._refusals = 0
        self._limit = min(self._most, self._limit + 1 / self._limit)
        self._changed.set()

    def shut(self) -> None:
        """Let nobody through any more."""
        self._shut = True
        self._changed.set()

    def open(self) -> None:
        """Let jobs through again."""
        self._shut = False

    async def _change(self, timeout: float | None = None) -> None:
        self._changed.clear()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._changed.wait(), timeout)


class Place:
    """One job's place among those that run."""

    def __init__(self, gate: Gate) -> None:
        self._gate, self._held = gate, False

    async def take(self) -> bool:
        """Wait for it, and return whether it is had: it is not, once the gate is shut."""
        self._held = self._held or await self._gate._take()
        return self._held

    def leave(self) -> None:
        """Give it to another job, unless that was done before."""
        if self._held:
            self._held = False
            self._gate._leave()

    def refused(self, busy: TooBusy) -> float:
        """Leave and slow everybody down, as the service took no more jobs; return for how many seconds."""
        self.leave()
        return self._gate._refused(busy)
