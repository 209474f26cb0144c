"""Working one step ahead: while one frame is used, the next is being made."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from ..runtime.machine import threads

T = TypeVar("T")

_CAPACITY = 2
"""The number of finished items that may wait: enough for two cores, and little memory."""


def prefetch(source: Iterable[T]) -> Iterator[T]:
    """Yield the same items in the same order, made in a thread of their own.

    Errors of the source are raised here; closing this iterator ends the source. Where this process may use one thread
    only, they are made here.
    """
    if threads() == 1:
        yield from source
        return
    buffer: _Buffer[T] = _Buffer()
    worker = threading.Thread(target=buffer.fill, args=(source,), daemon=True)
    worker.start()
    try:
        yield from buffer.drain()
    finally:
        buffer.close()
        worker.join()


class _Buffer(Generic[T]):
    """A bounded queue from one thread to another, which also carries the end of the items or their error."""

    def __init__(self) -> None:
        self._waiting: queue.Queue[tuple[bool, T | BaseException | None]] = queue.Queue(_CAPACITY)
        self._closed = threading.Event()

    def fill(self, source: Iterable[T]) -> None:
        try:
            for item in source:
                if not self._put(True, item):
                    break
            self._put(False, None)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is raised where the items are taken
            self._put(False, error)

    def _put(self, is_item: bool, item: T | BaseException | None) -> bool:
        while not self._closed.is_set():
            try:
                self._waiting.put((is_item, item), timeout=0.1)
            except queue.Full:
                continue
            return True
        return False

    def drain(self) -> Iterator[T]:
        while True:
            is_item, item = self._waiting.get()
            if is_item:
                yield item  # type: ignore[misc]
            elif isinstance(item, BaseException):
                raise item
            else:
                return

    def close(self) -> None:
        self._closed.set()
