"""The program of a worker: one task after another for as long as its parent lives; subprocess_worker is that side."""

from __future__ import annotations

import contextlib
import faulthandler
import functools
import importlib
import json
import os
import queue
import signal
import threading
import time
import traceback
from typing import Any, BinaryIO, NoReturn

from ..errors import WanError
from .machine import allow_threads
from .task import Handler, Message
from .temporary_folder import remove_abandoned

_STUCK = 60.0
"""Seconds after which a process in which no Python runs ends itself: a library that keeps Python's lock also keeps it
from hearing that its parent is gone."""
_GONE = 1.0
"""Seconds within which a parent that closed its pipe is gone altogether, its locks with it."""


def main() -> NoReturn:
    """Do the tasks of the parent."""
    threading.Thread(target=_show_life, daemon=True).start()
    ParentConnection().serve()


class ParentConnection:
    """The child's side: standard input and output, taken away from everything else in the child.

    A library that prints would break the protocol, and on Windows one that asks for standard input would hang on it.
    """

    def __init__(self) -> None:
        # The interrupt button and Ctrl-C are meant for the parent, which cancels what it wants cancelled.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self._from_parent = take_stream(0, os.O_RDONLY, "rb")
        self._to_parent = take_stream(1, os.O_WRONLY, "wb")
        self._write_lock = threading.Lock()
        self._cancelled = 0
        self._tasks: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._parent = os.getppid()
        threading.Thread(target=self._listen, daemon=True).start()

    def serve(self) -> NoReturn:
        """Do one task after another for as long as the parent lives; nothing that a task raises ends the process."""
        while True:
            message = self._tasks.get()
            if "import" in message:
                for module in message["import"]:
                    with contextlib.suppress(ImportError):  # the task that needs it says so
                        importlib.import_module(module)
            else:
                self._do(message)

    def _do(self, message: Message) -> None:
        number = message["number"]
        send = functools.partial(self._send, number)
        send(begun=True)
        allow_threads(message["threads"])
        try:
            handle = load(message["function"])
            send(result=handle(message["task"], send, functools.partial(self._is_cancelled, number)))
        except WanError as error:
            send(failed=str(error), name=type(error).__name__)
        except Exception as error:  # noqa: BLE001 - whatever a task raises is reported, and the next task is done
            traceback.print_exc()
            send(failed=f"{type(error).__name__}: {error}", name=type(error).__name__)

    def _listen(self) -> None:
        for line in self._from_parent:
            message = json.loads(line)
            if "cancel" in message:
                self._cancelled = message["cancel"]
            else:
                self._tasks.put(message)
        end = time.monotonic() + _GONE
        while os.getppid() == self._parent and time.monotonic() < end:
            time.sleep(0.01)
        remove_abandoned()
        os._exit(0)

    def _is_cancelled(self, number: int) -> bool:
        return self._cancelled >= number

    def _send(self, number: int, **message: Any) -> None:
        line = json.dumps({"number": number, **message}, allow_nan=False)
        with self._write_lock:
            self._to_parent.write(line.encode() + b"\n")
            self._to_parent.flush()


def take_stream(number: int, nothing: int, mode: str) -> BinaryIO:
    """Return a private copy of a standard stream, 0 or 1, and put nothing in its place."""
    private = os.dup(number)
    empty = os.open(os.devnull, nothing)
    os.dup2(empty, number)
    os.close(empty)
    return os.fdopen(private, mode)  # type: ignore[return-value]


def load(path: str) -> Handler:
    """Return the function at "package.module:name".

    Raises:
        ImportError: there is none.
    """
    module, _, name = path.partition(":")
    handler: Handler = getattr(importlib.import_module(module), name)
    return handler


def _show_life() -> None:
    while True:
        faulthandler.dump_traceback_later(_STUCK, exit=True)
        time.sleep(_STUCK / 4)
