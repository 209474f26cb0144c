"""Few updates a second."""

import threading

import pytest

from wan_notebook.runtime.throttle import Throttle

from support.clock import Clock


def test_throttle_sends_the_last_update() -> None:
    """A storm of changes becomes two updates: the first at once, and the last state soon after."""
    done: list[int] = []
    state = 0
    late = threading.Event()

    def update() -> None:
        done.append(state)
        if len(done) == 2:
            late.set()

    soon = Throttle(update)
    for number in range(1, 100):
        state = number
        soon()
    assert late.wait(5)
    assert done == [1, 99]


def test_the_last_state_is_shown_last() -> None:
    """A slow update that began earlier does not come after a newer one: the same thread shows the newer state too."""
    states, shown = [1], list[int]()
    reading, go_on = threading.Event(), threading.Event()

    def update() -> None:
        read = states[-1]
        reading.set()
        assert go_on.wait(10)
        shown.append(read)

    throttle = Throttle(update)
    slow = threading.Thread(target=throttle)
    slow.start()
    assert reading.wait(10)
    states.append(2)
    throttle.run()
    go_on.set()
    slow.join(10)
    assert shown == [1, 2]


def test_updates_never_run_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread that has just ended an update leaves the next one to the thread that has begun it meanwhile."""
    begun, go_on = threading.Event(), threading.Event()
    threads: list[str] = []

    def update() -> None:
        threads.append(threading.current_thread().name)
        if len(threads) > 1:
            begun.set()
            assert go_on.wait(10)

    class HandedOver:
        """A lock: when it is left after the first update, another thread begins the second one at once."""

        def __init__(self, lock: threading.Lock) -> None:
            self._lock = lock

        def __enter__(self) -> None:
            self._lock.acquire()

        def __exit__(self, *_error: object) -> None:
            self._lock.release()
            if len(threads) == 1 and threading.current_thread() is first:
                second.start()
                assert begun.wait(10)
                go_on.set()

    throttle, first = Throttle(update), threading.current_thread()
    second = threading.Thread(target=throttle.run, name="second")
    monkeypatch.setattr(throttle, "_lock", HandedOver(threading.Lock()))
    throttle.run()
    second.join(10)
    assert threads == [first.name, "second"]


def test_long_updates_are_rare() -> None:
    """An update that takes long leaves twenty times as long to everything else, as far as that is within a second."""
    done: list[float] = []
    clock = Clock()

    def update() -> None:
        done.append(clock.passed)
        clock.now += 0.03

    throttle = Throttle(update, clock=clock)
    throttle()
    clock.now += 0.5
    throttle()
    assert done == [0.0]
    clock.now += 0.2
    throttle.run()
    assert done == [0.0, pytest.approx(0.73)]


def test_a_failed_update_blocks_no_other() -> None:
    """An update that raises is heard of, and the next one runs."""
    outcomes = iter([ZeroDivisionError(), None])

    def update() -> None:
        if error := next(outcomes):
            raise error

    throttle = Throttle(update)
    with pytest.raises(ZeroDivisionError):
        throttle.run()
    throttle.run()
    assert next(outcomes, "none left") == "none left"
