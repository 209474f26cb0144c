"""Threads that are used again."""

import subprocess
import sys
import threading

import pytest

from wan_notebook.runtime import daemon_threads
from wan_notebook.runtime.daemon_threads import DaemonThreads


def test_free_thread_is_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work that comes when a thread is free begins none; one that was free for long has ended."""
    threads, names = DaemonThreads(), set[int]()

    def work() -> None:
        names.add(threading.get_ident())
        done.set()

    for _ in range(20):
        done = threading.Event()
        threads.run(work)
        assert done.wait(5)
        while not threads.idle:  # it is free in a moment
            pass
    assert len(names) == 1
    monkeypatch.setattr(daemon_threads, "_LINGERS", 0.0)
    threads.run(lambda: None)
    while threads.idle:
        pass


def test_work_side_by_side_never_waits() -> None:
    """Work that waits for other work holds nothing up, however much of it there is."""
    threads, meet, done = DaemonThreads(), threading.Barrier(50), threading.Semaphore(0)
    for _ in range(50):
        threads.run(lambda: (meet.wait(5), done.release())[1])
    assert all(done.acquire(timeout=5) for _ in range(50))


def test_few_threads_do_much_work() -> None:
    """Where only so many threads are allowed, no more are begun, and work that came meanwhile is done in its turn."""
    threads, gate, done, names = DaemonThreads(2), threading.Event(), threading.Semaphore(0), set[int]()

    def work() -> None:
        gate.wait(5)
        names.add(threading.get_ident())
        done.release()

    for _ in range(50):
        threads.run(work)
    gate.set()
    assert all(done.acquire(timeout=5) for _ in range(50))
    assert len(names) <= 2


def test_work_is_done_without_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system allows no more threads, work is done all the same, also what came while one was to begin."""
    threads, done = DaemonThreads(most=1), list[str]()

    def none_more(_: threading.Thread) -> None:
        threads.run(lambda: done.append("came meanwhile"))
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as full:
        full.setattr(threading.Thread, "start", none_more)
        threads.run(lambda: done.append("first"))
    assert done == ["first", "came meanwhile"]
    over = threading.Event()
    threads.run(over.set)
    assert over.wait(5)


def test_end_waits_for_no_work() -> None:
    """A Python that ends does not wait for what such a thread does."""
    code = (
        "import threading\n"
        "from wan_notebook.runtime import daemon_threads\n"
        "begun = threading.Event()\n"
        "daemon_threads.run(lambda: (begun.set(), threading.Event().wait())[1])\n"
        "assert begun.wait(5)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=20)
