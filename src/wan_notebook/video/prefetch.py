"""Working one step ahead: while one frame is used, the next is being made."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")

_ROOM = 2
"""How many finished things may wait: enough for two cores, and little memory."""


def prefetch(source: Iterable[T]) -> Iterator[T]:
    """Yield the same things in the same order, made in a thread of their own.

    What the source raises is raised here; closing this ends the source.
    """
    line: _Line[T] = _Line()
    worker = threading.Thread(target=line.fill, args=(source,), daemon=True)
    worker.start()
    try:
        yield from line.taken()
    finally:
        line.close()
        worker.join()


class _Line(Generic[T]):
    def __init__(self) -> None:
        self._waiting: queue.Queue[tuple[bool, T | BaseException | None]] = queue.Queue(_ROOM)
        self._closed = threading.Event()

    def fill(self, source: Iterable[T]) -> None:
        try:
            for thing in source:
                if not self._put(True, thing):
                    break
            self._put(False, None)
        except BaseException as problem:  # noqa: BLE001 - whatever it is, it is raised where the things are taken
            self._put(False, problem)

    def _put(self, more: bool, thing: T | BaseException | None) -> bool:
        while not self._closed.is_set():
            try:
                self._waiting.put((more, thing), timeout=0.1)
            except queue.Full:
                continue
            return True
        return False

    def taken(self) -> Iterator[T]:
        while True:
            more, thing = self._waiting.get()
            if more:
                yield thing  # type: ignore[misc]
            elif isinstance(thing, BaseException):
                raise thing
            else:
                return

    def close(self) -> None:
        self._closed.set()
