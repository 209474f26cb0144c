"""How many requests a second a service takes: found out by asking quickly, and half as quickly where it refuses."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

_GROWTH = 1.0
"""Requests per second by which each answer raises the rate before the first refusal: it doubles within a second."""
_LEAST = 0.5
"""Requests per second that are sent however often the service refuses."""
_ONE_REFUSAL = 1.0
"""Seconds in which refusals count as one: they answer what was sent at the same rate."""
_SOON = 0.001
"""Seconds that are not waited for any more."""


class RequestRate:
    """Gives turns to requests, one after another: additive increase, multiplicative decrease.

    No hosted service publishes its limit, and one that is taken for granted costs a sweep of short jobs half its time.

    Args:
        first: requests per second to begin with.
        most: requests per second that are never exceeded.
    """

    def __init__(self, first: float, most: float) -> None:
        self.per_second = first
        """Requests per second, as it stands."""
        self._most = most
        self._refused_at: float | None = None
        self._free_at = 0.0
        self._line = asyncio.Lock()

    async def turn(
        self,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[object]],
        wanted: Callable[[], bool] = lambda: True,
    ) -> None:
        """Wait for the turn of one request; who comes first is first.

        Args:
            clock: in seconds, the same for all.
            sleep: waits so many seconds, or less.
            wanted: whether the request is still to be sent; where it is not, its turn is left to the next.
        """
        async with self._line:
            # Not for longer than one turn, whatever the clock did since the last one.
            self._free_at = min(self._free_at, clock() + 1 / self.per_second)
            while wanted() and (wait := self._free_at - clock()) > _SOON:
                await sleep(wait)
            if wanted():
                self._free_at = max(self._free_at, clock()) + 1 / self.per_second

    def answered(self) -> None:
        """Raise the rate a little: the service took a request."""
        growth = _GROWTH if self._refused_at is None else 1 / self.per_second
        self.per_second = min(self._most, self.per_second + growth)

    def refused(self, now: float) -> None:
        """Halve the rate: the service says that there are too many requests.

        Args:
            now: by the clock of turn().
        """
        if self._refused_at is None or not 0 <= now - self._refused_at < _ONE_REFUSAL:
            self.per_second = max(_LEAST, self.per_second / 2)
            self._refused_at = now
