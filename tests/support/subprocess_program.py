"""The program of a worker process for the tests; does what the task's "do" names."""

import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from wan_notebook.errors import MediaError
from wan_notebook.runtime.subprocess_worker import ParentConnection

SIMPLE: dict[str, Callable[[], Any]] = {
    "environment": lambda: dict(os.environ),
    "grow": lambda: len(bytearray(1_000_000_000)),
    "exit": lambda: os._exit(7),
}


def handle(task: dict[str, Any], send: Callable[..., None], cancelled: Callable[[], bool]) -> Any:
    """Do the task and return a result."""
    do = task["do"]
    if do == "echo":
        for number in range(3):
            send(step=number)
        return task["value"]
    if do in SIMPLE:
        return SIMPLE[do]()
    if do == "print":
        print("not of the protocol")  # noqa: T201 - what a library might do
        return sys.stdin.read()
    if do == "refuse":
        raise MediaError("The picture shows nobody.")
    if do == "fail":
        raise ZeroDivisionError("a defect")
    send(waiting=True)
    while do in ("hang", "chatter") or not cancelled():
        if do == "chatter":
            send(waiting=True)
        threading.Event().wait(0.01)
    return "cancelled"


if __name__ == "__main__":
    if "die once" in sys.argv:
        mark = Path("was here")
        if not mark.exists():
            mark.touch()
            os._exit(3)
    ParentConnection(on_parent_gone=Path("parent gone").touch).serve(handle)
