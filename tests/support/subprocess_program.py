"""The work of a worker in the tests; does what the task's "do" names."""

import ctypes
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from wan_notebook.errors import MediaError
from wan_notebook.runtime.machine import threads


def _refuse(_task: dict[str, Any]) -> None:
    raise MediaError("The picture shows nobody.")


def _fail(_task: dict[str, Any]) -> None:
    raise ZeroDivisionError("a defect")


def _print(_task: dict[str, Any]) -> str:
    print("not of the protocol")  # noqa: T201 - what a library might do
    return sys.stdin.read()


def _exit_once(task: dict[str, Any]) -> str:
    mark = Path(task["mark"])
    if not mark.exists():
        mark.touch()
        os._exit(7)
    return "the second time"


def _copy(task: dict[str, Any]) -> int:
    return Path(task["copy"]).write_bytes(Path(task["original"]).read_bytes())


SIMPLE: dict[str, Callable[[dict[str, Any]], Any]] = {
    "environment": lambda _task: dict(os.environ),
    "grow": lambda _task: len(bytearray(600_000_000)),
    "exit": lambda _task: os._exit(7),
    "exit once": _exit_once,
    "copy": _copy,
    "pid": lambda _task: os.getpid(),
    "print": _print,
    "threads": lambda _task: threads(),
    "refuse": _refuse,
    "fail": _fail,
}


def handle(task: dict[str, Any], send: Callable[..., None], cancelled: Callable[[], bool]) -> Any:
    """Do the task and return a result."""
    do = task["do"]
    if do in SIMPLE:
        return SIMPLE[do](task)
    if do == "echo":
        for number in range(3):
            send(step=number, message=f"Step {number}")
        return task["value"]
    send(waiting=True)
    if do == "keep the lock":
        ctypes.PyDLL(None).sleep(60)  # Python's own, as a library may
    while do in ("hang", "chatter") or not (cancelled() or Path(task.get("until", "no such file")).exists()):
        if do == "chatter":
            send(waiting=True)
        threading.Event().wait(0.01)
    return os.getpid()
