"""One writer for each journal: what comes at the same time goes to the disk in one transaction, in a thread.

A change is on the disk some ten milliseconds after it was made, and later on a busy one. An event loop that stood
still meanwhile would answer nobody, and the jobs of a sweep would wait for the disk one after another.
"""

from __future__ import annotations

import concurrent.futures
import os
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import StorageError
from ...runtime.daemon_threads import DaemonThreads

if TYPE_CHECKING:
    from .journal import Journal


@dataclass(frozen=True)
class JournalCall:
    """A call that waits for its turn."""

    journal: Journal
    call: Callable[[Journal], Any]
    future: concurrent.futures.Future[Any]


class JournalWriter:
    """Makes the calls of a journal that came together in one transaction, in a thread of its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # A call often comes in the moment in which the last ones are done, and would begin one more of the threads that
        # all share; each of those keeps a megabyte or two of what SQLite and Python have used there.
        self._thread = DaemonThreads(most=1)
        self._waiting: list[JournalCall] = []
        self._busy = False

    def submit(self, journal: Journal, call: Callable[[Journal], Any]) -> concurrent.futures.Future[Any]:
        """Make a call soon, and return its future, which is done once what it wrote is on the disk.

        Args:
            journal: of this writer's file.
            call: takes the journal.
        """
        future: concurrent.futures.Future[Any] = concurrent.futures.Future()
        future.set_running_or_notify_cancel()  # who waits no longer undoes nothing
        with self._lock:
            self._waiting.append(JournalCall(journal, call, future))
            if self._busy:
                return future
            self._busy = True
        # A Python that ends does not wait for it: a transaction is written whole, or not at all.
        self._thread.run(self._work)
        return future

    def _work(self) -> None:
        while True:
            with self._lock:
                together, self._waiting = self._waiting, []
                self._busy = bool(together)
            if not together:
                return
            try:
                outcomes = _outcomes(together)
            except BaseException as error:  # noqa: BLE001 - whoever waits is told, and the next ones get their turn
                outcomes = [_Raised(error)] * len(together)
            for one, outcome in zip(together, outcomes, strict=True):
                if isinstance(outcome, _Raised):
                    one.future.set_exception(outcome.error)
                else:
                    one.future.set_result(outcome)


@dataclass(frozen=True)
class _Raised:
    """The error in which a call ended."""

    error: BaseException


def writer_of(path: Path) -> JournalWriter:
    """Return the writer of a journal's file: the only one of this process."""
    with _lock:
        return _writers.setdefault(path, JournalWriter())


def _outcomes(together: Sequence[JournalCall]) -> list[Any]:
    """Make calls in one transaction; where that cannot be written, each by itself."""
    try:
        with together[0].journal.transaction() as connection:
            return [_outcome(partial(_made_within, connection, one), fatal=_DISK) for one in together]
    except StorageError:
        # Each keeps what could not be written, and raises an error of its own; the patience is used up.
        return [_outcome(partial(one.call, one.journal.impatient())) for one in together]


def _made_within(connection: sqlite3.Connection, one: JournalCall) -> Any:
    """Make a call within a transaction; where it raises, only what it wrote is undone."""
    connection.execute("SAVEPOINT one")
    try:
        result = one.call(one.journal.within(connection))
    except BaseException:
        if connection.in_transaction:  # a full disk ends it
            connection.execute("ROLLBACK TO one")
        raise
    connection.execute("RELEASE one")
    return result


_DISK = StorageError, sqlite3.Error
"""What may have undone the whole transaction."""


def _outcome(call: Callable[[], Any], fatal: tuple[type[Exception], ...] = ()) -> Any:
    try:
        return call()
    except fatal:
        raise
    except BaseException as error:  # noqa: BLE001 - it is raised where the call is awaited
        return _Raised(error)


_writers: dict[Path, JournalWriter] = {}
_lock = threading.Lock()


def _leave_to_parent() -> None:
    """Forget in a forked child what its parent writes."""
    global _lock
    _lock = threading.Lock()
    _writers.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_to_parent)
