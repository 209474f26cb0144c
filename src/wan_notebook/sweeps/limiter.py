"""Limits on submits: so many jobs at once, so many submits a second, and none while the service is too busy."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable

from ..client.request_rate import RequestRate
from ..client.retry import backoff
from ..errors import TooBusy
from ..runtime.event_loop import within

_RATE, _LOCAL_RATE = (20.0, 40.0), (200.0, 200.0)
"""Submits per second, at first and at most, to a service elsewhere and to a preview on this machine."""


class JobLimiter:
    """Limits how many jobs run at once, by additive increase and multiplicative decrease; belongs to one event loop.

    When the service says that it is too busy, everybody waits, and from then on no more jobs run at once than it had
    taken by then; each job that it accepts later makes room for a part of one more, up to `concurrency`.

    Args:
        concurrency: jobs at once, at most.
        local: whether this machine does the work; see Service.works_here.
        chance: from 0 to 1, so that many notebooks do not come back together.
    """

    def __init__(self, concurrency: int, *, local: bool, chance: Callable[[], float] = random.random) -> None:
        self._most = self._limit = float(concurrency)
        self._taken = self._refusals = 0
        self._paused_until = 0.0
        self.closings = 0
        """How often close() was called: a slot is good until the next time."""
        self._chance = chance
        self._changed = asyncio.Event()
        self._rate = RequestRate(*(_LOCAL_RATE if local else _RATE))

    def slot(self) -> Slot:
        """Return a slot for one job, which is taken later, unless close() is called before. From any thread."""
        return Slot(self, self.closings)

    def accepted(self) -> None:
        """Raise the limit by a part of a job, and the rate of submits: the service accepted one."""
        self._rate.answered()
        self._refusals = 0
        self._limit = min(self._most, self._limit + 1 / self._limit)
        self._changed.set()

    def close(self) -> None:
        """Let no job submit whose slot exists by now; slots made from now on are good. From any thread; then wake()."""
        self.closings += 1

    def wake(self) -> None:
        """Let all who wait look again."""
        self._changed.set()

    async def take(self, slot: Slot) -> bool:
        """Count one more job once there is room; return whether it may run, which it may not after close()."""
        while slot.good and self._taken >= int(self._limit):
            await self._wait_for_change()
        self._taken += slot.good
        return slot.good

    async def may_submit(self, slot: Slot) -> bool:
        """Wait until a submit may be sent; return whether one may, which is not after close()."""
        clock = asyncio.get_running_loop().time
        await self._rate.turn(clock, self._wait_for_change, lambda: slot.good)
        while slot.good and (wait := self._paused_until - clock()) > 0:
            await self._wait_for_change(wait)
            if self._paused_until <= clock():
                await self._rate.turn(clock, self._wait_for_change, lambda: slot.good)
        return slot.good

    def release(self) -> None:
        """Count one job less, and let the next one run."""
        self._taken -= 1
        self._changed.set()

    def refused(self, busy: TooBusy) -> float:
        """Pause all submits, halve their rate and lower the limit to the jobs that run; return the pause in seconds."""
        now = asyncio.get_running_loop().time()
        self._rate.refused(now)
        # Refusals that arrive during a pause belong to submits sent before it; they count once.
        self._refusals += now >= self._paused_until
        seconds = backoff(busy, self._refusals, self._chance)
        self._paused_until = max(self._paused_until, now + seconds)
        self._limit = max(1.0, min(self._limit, self._taken))
        return self._paused_until - now

    async def _wait_for_change(self, timeout: float | None = None) -> None:
        self._changed.clear()
        with contextlib.suppress(asyncio.TimeoutError):
            await within(timeout, self._changed.wait())


class Slot:
    """The permission of one job to run, and to be submitted until the limiter is closed.

    Args:
        limiter: counts the jobs.
        closings: how often that was closed before.
    """

    __slots__ = ("_admitted", "_closings", "_held", "_limiter")

    def __init__(self, limiter: JobLimiter, closings: int) -> None:
        self._limiter, self._closings, self._held = limiter, closings, False
        self._admitted = False

    @property
    def good(self) -> bool:
        """Whether the limiter was not closed since the slot was made."""
        return self._closings == self._limiter.closings

    @property
    def dismissed(self) -> bool:
        """Whether the limiter was closed before the job was let in, so that the job will not run."""
        return not self._admitted and not self.good

    async def take(self) -> bool:
        """Wait for the slot; return whether it is held, which it is not once the limiter was closed."""
        self._held = self._held or await self._limiter.take(self)
        return self._held

    async def admit(self) -> bool:
        """Wait until the job may be submitted; return whether it may, which it may not once the limiter was closed."""
        self._admitted = await self.take() and await self._limiter.may_submit(self)
        return self._admitted

    def send_back(self) -> None:
        """Let the job be dismissed again: it was let in, and nothing was submitted."""
        self._admitted = False

    def release(self) -> None:
        """Give the slot to another job; a second call does nothing."""
        if self._held:
            self._held = False
            self._limiter.release()

    def refused(self, busy: TooBusy) -> float:
        """Release the slot and pause all submits, since the service is too busy; return the seconds of the pause."""
        self.send_back()
        self.release()
        return self._limiter.refused(busy)
