"""One private event loop in one daemon thread, for everything that takes time.

The kernel's own loop is not used: a coroutine there freezes while a cell blocks, and from ipykernel 7 on callbacks
arrive on other threads. A private loop keeps going under every kernel, and needs no nested event loops.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import inspect
import os
import threading
import time
import weakref
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from ..errors import WouldDeadlock
from . import daemon_threads

T = TypeVar("T")

THREAD = "wan-notebook"
"""The name of the loop's thread."""
_INTERRUPTIBLE = 0.2
"""Seconds between two chances for the interrupt button; on Windows a lock cannot be interrupted while it is held."""

_FOR_ITSELF = (
    "This would wait for itself. Inside a coroutine or callback write `await run` instead, and call what cannot be "
    "awaited in another thread: `await asyncio.to_thread(…)`."
)

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None
_pending: weakref.WeakSet[concurrent.futures.Future[Any]] = weakref.WeakSet()
"""What was begun here and has not ended."""
_left_behind: weakref.WeakSet[concurrent.futures.Future[Any]] = weakref.WeakSet()
"""What had not ended in the parent when this process was forked from it."""


def loop() -> asyncio.AbstractEventLoop:
    """Return the private event loop, started on first use."""
    global _loop
    with _lock:
        if _loop is None:
            _loop = asyncio.new_event_loop()
            threading.Thread(target=_loop.run_forever, name=THREAD, daemon=True).start()
        return _loop


def start(work: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
    """Begin a coroutine on the private loop, and return its future at once."""
    future = asyncio.run_coroutine_threadsafe(work, loop())
    _pending.add(future)
    future.add_done_callback(_pending.discard)
    return future


def wait(future: concurrent.futures.Future[T], timeout: float | None = None) -> T:
    """Return the result of a future, blocking the caller; the interrupt button works within a fraction of a second.

    Args:
        future: from start().
        timeout: seconds to wait at most; None waits for as long as it takes.

    Raises:
        TimeoutError: the time is over; the coroutine goes on.
        WouldDeadlock: called from the loop's own thread, or in a forked child of the process that began it.
    """
    check_own(future)
    if running_here():
        raise WouldDeadlock(_FOR_ITSELF)
    left = float("inf") if timeout is None else timeout
    while not future.done() and left > 0:
        concurrent.futures.wait([future], timeout=min(_INTERRUPTIBLE, left))
        left -= _INTERRUPTIBLE
    if not future.done():
        raise TimeoutError
    return future.result()


def finish(work: Coroutine[Any, Any, T]) -> T:
    """Begin a coroutine and return its result as wait() does; an interrupt ends it, as end() does.

    Raises:
        WouldDeadlock: called from the loop's own thread; nothing was begun.
    """
    if running_here():
        work.close()
        raise WouldDeadlock(_FOR_ITSELF)
    future = start(work)
    try:
        return wait(future)
    except KeyboardInterrupt:
        end(future, work)
        raise


def end(future: concurrent.futures.Future[T], work: Coroutine[Any, Any, T]) -> None:
    """Cancel a coroutine that start() began, and wait until it has put away what was half-made."""
    future.cancel()
    # The future is over at once, the work only later.
    while inspect.getcoroutinestate(work) != inspect.CORO_CLOSED:
        time.sleep(_INTERRUPTIBLE)


async def within(seconds: float | None, awaitable: Awaitable[T]) -> T:
    """Return the result of an awaitable, which is cancelled once its time is over.

    A cancellation of the caller is never lost: before Python 3.12, asyncio.wait_for forgets one that arrives in the
    same moment as the result.

    Args:
        seconds: that it may take; None waits for as long as it takes.
        awaitable: of a coroutine or a future of the running loop.

    Raises:
        asyncio.TimeoutError: the time is over.
    """
    task = asyncio.ensure_future(awaitable)
    try:
        await asyncio.wait([task], timeout=seconds)
        if task.done():
            return task.result()
        raise asyncio.TimeoutError
    except (asyncio.CancelledError, asyncio.TimeoutError):
        task.cancel()
        await asyncio.wait([task])
        raise


async def in_daemon_thread(work: Callable[[], T], begin: Callable[[daemon_threads.Work], None] | None = None) -> T:
    """Return the result of work that may take minutes; cancelling this does not end it: tell it.

    Args:
        work: is done in a thread.
        begin: daemon_threads.decode or .read, for work of which there may be much at once: it waits until one of a few
            threads is free. By default it is begun at once.
    """
    future: concurrent.futures.Future[T] = concurrent.futures.Future()
    future.set_running_or_notify_cancel()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # noqa: BLE001 - it is raised where it is awaited
            future.set_exception(error)

    (begin or daemon_threads.run)(run)
    return await asyncio.wrap_future(future)


def check_own(future: concurrent.futures.Future[Any]) -> None:
    """Raise WouldDeadlock where a future belongs to the parent of this forked process: nothing would ever end it here.

    Raises:
        WouldDeadlock: it does.
    """
    if future in _left_behind:
        raise WouldDeadlock(
            "This was begun in the process that this one was forked from, and is watched there; here it would never "
            "end. Wait for it there, or watch the job by its number: wan_notebook.history() lists them."
        )


def running_here() -> bool:
    """Return whether the caller is on the loop's own thread."""
    try:
        return asyncio.get_running_loop() is _loop
    except RuntimeError:
        return False


def _forget() -> None:
    """Forget the loop in a forked child, where its thread does not exist, so that the child starts its own."""
    global _loop, _lock, _pending
    _left_behind.update(_pending)
    _loop, _lock, _pending = None, threading.Lock(), weakref.WeakSet()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
