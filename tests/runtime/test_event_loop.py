"""The private event loop."""

import asyncio
import concurrent.futures
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest

from wan_notebook.errors import WouldDeadlock
from wan_notebook.runtime import event_loop


async def answer() -> str:
    return threading.current_thread().name


def test_work_runs_in_own_thread() -> None:
    """Whatever is started runs on one thread, which is not the caller's."""
    names = {event_loop.start(answer()).result(5) for _ in range(3)}
    assert names == {"wan-notebook"}


def test_blocked_caller_stops_no_work() -> None:
    """A cell that blocks its thread does not stop the loop."""
    released = threading.Event()

    async def release() -> None:
        released.set()

    event_loop.start(release())
    assert released.wait(5)


def test_waiting_returns_or_raises() -> None:
    """wait() is transparent to results and errors."""

    async def fail() -> None:
        raise LookupError("no")

    assert event_loop.wait(event_loop.start(answer())) == "wan-notebook"
    with pytest.raises(LookupError, match="no"):
        event_loop.wait(event_loop.start(fail()))


def test_timeout_ends_only_the_waiting() -> None:
    """A time limit ends the waiting, not the work."""
    late: concurrent.futures.Future[str] = concurrent.futures.Future()
    with pytest.raises(TimeoutError):
        event_loop.wait(late, timeout=0.01)
    late.set_result("done")
    assert event_loop.wait(late) == "done"


def test_waiting_inside_loop_is_refused() -> None:
    """wait() on the loop's own thread would never end, so it says what to write instead."""

    async def wait_inside() -> None:
        event_loop.wait(concurrent.futures.Future())

    with pytest.raises(WouldDeadlock, match="await run"):
        event_loop.start(wait_inside()).result(5)


def test_nothing_begins_where_nothing_can_wait() -> None:
    """Work that would have to be finished on the loop's own thread is refused before it begins."""
    begun: list[str] = []

    async def work() -> None:
        begun.append("work")

    async def finish_inside() -> None:
        event_loop.finish(work())

    with pytest.raises(WouldDeadlock, match=r"await asyncio\.to_thread"):
        event_loop.start(finish_inside()).result(5)
    event_loop.finish(asyncio.sleep(0))  # whatever had been begun before it is done
    assert begun == []


def test_interrupt_ends_the_waiting(interrupt_next_wait: Callable[[], None]) -> None:
    """An interrupt reaches a cell which waits, and the work goes on."""
    never: concurrent.futures.Future[str] = concurrent.futures.Future()
    interrupt_next_wait()
    with pytest.raises(KeyboardInterrupt):
        event_loop.wait(never)
    assert not never.done()


@pytest.mark.systems("linux", "darwin")
def test_forked_child_has_own_loop() -> None:
    """After a fork, work started in the child runs: the parent's thread does not exist there."""
    code = """
import os, asyncio
from wan_notebook.runtime import event_loop
async def one(): return 1
event_loop.start(one()).result(5)
pid = os.fork()
if pid == 0:
    os._exit(0 if event_loop.start(one()).result(5) == 1 else 1)
raise SystemExit(os.waitpid(pid, 0)[1])
"""
    assert subprocess.run([sys.executable, "-W", "ignore", "-c", code], timeout=30, check=False).returncode == 0


def test_cancelled_future_cancels_work() -> None:
    """What is cancelled outside stops inside."""
    stopped = threading.Event()
    begun = threading.Event()

    async def endless() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    future = event_loop.start(endless())
    assert begun.wait(5)
    future.cancel()
    assert stopped.wait(5)


@pytest.mark.systems("linux", "darwin")
def test_forked_child_never_hangs() -> None:
    """What its parent began is refused in a forked child, where nothing would end it."""
    script = """
import asyncio, os
from wan_notebook.errors import WouldDeadlock
from wan_notebook.runtime import event_loop

future = event_loop.start(asyncio.sleep(3600))
pid = os.fork()
if pid:
    os.waitpid(pid, 0)
else:
    try:
        event_loop.wait(future)
    except WouldDeadlock as error:
        print(error, flush=True)
    os._exit(0)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "forked from" in done.stdout


def test_no_cancellation_is_lost() -> None:
    """A task that is cancelled in the moment in which its result arrives ends, and does not go on."""

    async def scenario() -> bool:
        result = asyncio.get_running_loop().create_future()
        task = asyncio.ensure_future(event_loop.within(60, result))
        await asyncio.sleep(0)
        result.set_result("arrived")
        task.cancel()
        return (await asyncio.gather(task, return_exceptions=True))[0] is not None and task.cancelled()

    assert asyncio.run(scenario())


def test_time_over_ends_work() -> None:
    """Work that takes longer than it may is cancelled before its caller hears of it."""

    async def scenario() -> bool:
        endless = asyncio.ensure_future(asyncio.Event().wait())
        with pytest.raises(asyncio.TimeoutError):
            await event_loop.within(0, endless)
        return endless.cancelled()

    assert asyncio.run(scenario())
