"""Time that passes only when a test says so."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Clock:
    """A clock which only goes on when somebody sleeps, or sets it."""

    def __init__(self, now: float = 1_700_000_000.0) -> None:
        self.began = self.now = now
        self.naps: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        assert seconds > 0, "a loop that does not wait is a busy one"
        self.naps.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)  # whoever else works meanwhile comes to its turn

    @property
    def passed(self) -> float:
        return self.now - self.began


class _Selector(selectors.DefaultSelector):
    """Waits for nothing but what other threads and sockets bring, and counts the seconds that it was to wait."""

    passed = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.passed += timeout or 0.0
        return super().select(None if timeout is None else 0)


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._clock = _Selector()
        super().__init__(self._clock)

    def time(self) -> float:
        return self._clock.passed


def run_at_once(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` in a loop whose own time jumps to the next timer whenever nothing else is left to do."""
    loop = _Loop()
    try:
        return loop.run_until_complete(work)
    finally:
        loop.close()
