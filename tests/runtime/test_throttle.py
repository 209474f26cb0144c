"""Few updates a second."""

import threading

from wan_notebook.runtime.throttle import Throttle


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
