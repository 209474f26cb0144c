"""A list of observers: callables that are called with each change of a value."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

_log = logging.getLogger("wan_notebook")


class Observers(Generic[T]):
    """Calls every observer with each change; one that raises is logged and dropped, and stops no other.

    Observers may be added and removed from any thread, also during a call of notify().
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._observers: list[Callable[[T], object]] = []

    def add(self, observer: Callable[[T], object], first: T) -> Callable[[], None]:
        """Call `observer` with `first` now and with each change from now on; return a function that removes it."""
        with self._lock:
            self._observers.append(observer)
        self._call(observer, first)
        return lambda: self._remove(observer)

    def notify(self, change: T) -> None:
        """Call every observer with the change."""
        with self._lock:
            observers = list(self._observers)
        for observer in observers:
            self._call(observer, change)

    def _call(self, observer: Callable[[T], object], change: T) -> None:
        try:
            observer(change)
        except Exception:  # noqa: BLE001 - an observer is not ours, and what it raises must not stop a paid job
            _log.exception("an observer failed, and is called no more")
            self._remove(observer)

    def _remove(self, observer: Callable[[T], object]) -> None:
        with self._lock:
            self._observers = [other for other in self._observers if other is not observer]
