"""A Python process that does one task after another: whatever crashes there does not take this process along.

`SubprocessWorker` is the parent's side, `ParentConnection` the child's. They exchange JSON lines over pipes:

    parent → child   {"number": 1, …}       a task
                     {"cancel": 1}
    child → parent   {"number": 1, "begun": true}
                     {"number": 1, …}       a message about the task, any number of times
                     {"number": 1, "result": …}   or   {"number": 1, "failed": "…", "name": "MediaError"}

The child ends with its parent.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import os
import queue
import re
import signal
import subprocess
import sys
import threading
import traceback
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from ..errors import MediaError, StorageError, WanError
from .event_loop import within
from .keys import without_keys

Message = dict[str, Any]

_GRACE = 0.5
"""Seconds that a cancelled task has to end by itself before its process is killed."""
_NICER = 10
"""By how much the niceness of a process of low priority exceeds this one's."""
_ERRORS: dict[str, type[WanError]] = {"MediaError": MediaError, "StorageError": StorageError}
"""Errors of the child that are raised again with their own class."""


class _Died(Exception):
    """The process ended, was killed for its silence, or could not be started; the text is the rest of a sentence.

    Args:
        how: what happened to it.
        begun: whether it had begun the task. If not, it was dying already, and another process may do.
    """

    def __init__(self, how: str, *, begun: bool) -> None:
        super().__init__(how)
        self.begun = begun


@dataclass(frozen=True)
class WorkerLimits:
    """The limits of a worker; None is without one."""

    memory: int | None = None
    """Bytes of its own data, stacks of its threads included. Only Linux enforces it: address space, which other
    systems know at most, is taken by libraries in gigabytes that they never use."""
    file_size: int | None = None
    """Bytes of a file that it writes; likewise."""
    seconds: float | None = None
    """That a task may take, after which the process is killed."""


class SubprocessWorker:
    """The parent's side of a child process, started when first needed and again whenever it has ended.

    It belongs to one event loop, and does one task at a time.

    Args:
        name: the subject of messages, as "The preview engine's process".
        module: run as a program; it makes a ParentConnection and calls its serve().
        arguments: of that program.
        folder: the existing folder to run in.
        log: the file that takes its standard error; None drops it.
        patience: seconds without any message about a task after which the process is killed; None waits for ever.
        error: raised for failures which have no class of their own.
        low_priority: whether it leaves the processor to others.
        limits: of the process and its tasks.
    """

    def __init__(
        self,
        name: str,
        module: str,
        *arguments: str,
        folder: Path,
        log: Path | None = None,
        patience: float | None = None,
        error: type[WanError] = WanError,
        low_priority: bool = False,
        limits: WorkerLimits = WorkerLimits(),
    ) -> None:
        self._name, self._command = name, [sys.executable, "-m", module, *arguments]
        self._folder, self._log, self._patience = folder, log, patience
        self._error, self._low_priority, self._limits = error, low_priority, limits
        self._process: subprocess.Popen[bytes] | None = None
        self._inbox: asyncio.Queue[Message | None] = asyncio.Queue()
        self._number = 0

    @property
    def pid(self) -> int | None:
        """The id of the process; None before it was first needed."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the process unless it runs, so that the next task begins at once.

        Raises:
            WanError: it cannot be started; the class is the worker's own `error`.
        """
        if self._process is not None and self._process.poll() is None:
            return
        try:
            self._process, self._inbox = self._popen(), asyncio.Queue()
        except OSError as error:
            raise self._error(f"{self._name} cannot be started ({error}).") from None
        if self._low_priority and hasattr(os, "setpriority"):
            niceness = os.getpriority(os.PRIO_PROCESS, 0) + _NICER
            os.setpriority(os.PRIO_PROCESS, self._process.pid, min(19, niceness))
        set_limits(self._process.pid, self._limits)
        listener = (self._process, self._inbox, asyncio.get_running_loop())
        threading.Thread(target=forward_messages, args=listener, name="wan-notebook worker", daemon=True).start()
        weakref.finalize(self, kill, self._process)

    async def run(self, task: Mapping[str, Any], on_message: Callable[[Message], None] = lambda _message: None) -> Any:
        """Have one task done and return its result; cancelling this ends the work within a second.

        Args:
            task: JSON values by name.
            on_message: is called with each message about the task.

        Raises:
            MediaError: the task failed with this error; so for StorageError.
            WanError: the task failed otherwise, or the process died or hung; the class is the worker's own `error`.
        """
        try:
            try:
                return await self._attempt(task, on_message)
            except _Died as death:
                if death.begun:
                    raise
                return await self._attempt(task, on_message)
        except _Died as death:
            raise self._error(f"{self._name} {death}.") from None

    def stop(self) -> None:
        """Kill the process, if there is one."""
        if self._process is not None:
            kill(self._process)

    async def _attempt(self, task: Mapping[str, Any], on_message: Callable[[Message], None]) -> Any:
        self.start()
        self._number += 1
        try:
            self._send({"number": self._number, **task})
            return await within(self._limits.seconds, self._follow(on_message))
        except asyncio.TimeoutError:
            self.stop()
            raise _Died(f"took longer than {self._limits.seconds:g} seconds and was ended", begun=True) from None
        except asyncio.CancelledError:
            self._send({"cancel": self._number})
            with contextlib.suppress(WanError, _Died):
                try:
                    await within(_GRACE, self._follow(lambda _message: None))
                except asyncio.TimeoutError:
                    self.stop()
            raise

    async def _follow(self, on_message: Callable[[Message], None]) -> Any:
        begun = False
        while True:
            try:
                message = await within(self._patience, self._inbox.get())
            except asyncio.TimeoutError:
                self.stop()
                silence = f"gave no sign of life for {self._patience:g} seconds and was ended"
                raise _Died(silence, begun=True) from None
            if message is None:
                assert self._process is not None
                raise _Died(f"ended unexpectedly ({exit_reason(self._process.wait())})", begun=begun)
            if message.pop("number") != self._number:
                continue
            begun = True
            if "failed" in message:
                raise _ERRORS.get(message["name"], self._error)(message["failed"])
            if "result" in message:
                return message["result"]
            if "begun" not in message:
                on_message(message)

    def _send(self, message: Mapping[str, Any]) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()
        except OSError:
            # It has just died, which its inbox is about to show.
            self.stop()

    def _popen(self) -> subprocess.Popen[bytes]:
        priority = getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0) if self._low_priority else 0
        with (self._log or Path(os.devnull)).open("wb") as log:
            return subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=self._folder,
                # What it imports is what this process would import; nothing lying in the current folder comes between.
                env={**without_secrets(os.environ), "PYTHONPATH": import_path()},
                # An interrupt sent to the whole group of a notebook's kernel must not reach the worker.
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0) | priority,
            )


_SECRET_NAME = re.compile(r"KEY|TOKEN|SECRET|PASS|CREDENTIAL|AUTH|COOKIE|PROXY", re.IGNORECASE)
_PASSWORD_IN_URL = re.compile(r"://[^/\s]*:[^/\s]*@")


def without_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of an environment whose names do not sound like secrets and whose values hold none.

    A worker decodes strangers' files and speaks to no service, so that it has no use for any of them.
    """
    return {
        name: value
        for name, value in without_keys(environment).items()
        if not (_SECRET_NAME.search(name) or _PASSWORD_IN_URL.search(value))
    }


def set_limits(pid: int, limits: WorkerLimits) -> None:
    """Set the limits of a process that has just been started, where this system can."""
    if sys.platform != "linux":
        return
    import resource

    for kind, bound in ((resource.RLIMIT_DATA, limits.memory), (resource.RLIMIT_FSIZE, limits.file_size)):
        if bound is not None:
            with contextlib.suppress(OSError, ValueError):  # it has ended, or a lower limit holds already
                resource.prlimit(pid, kind, (bound, bound))


def import_path() -> str:
    """Return the folders this process imports from, for another one with another current folder."""
    # Importing takes no notice of entries that are no texts, though people put paths there.
    return os.pathsep.join(os.path.abspath(entry) for entry in sys.path if isinstance(entry, str) and entry)


def forward_messages(
    process: subprocess.Popen[bytes], inbox: asyncio.Queue[Message | None], loop: asyncio.AbstractEventLoop
) -> None:
    """Put the messages of a process into an inbox, and None once it has ended; this runs in a thread of its own."""
    # A thread rather than the loop's own subprocesses, which not every loop of Windows knows.
    assert process.stdout is not None
    try:
        with process.stdout as lines:
            for line in lines:
                loop.call_soon_threadsafe(inbox.put_nowait, json.loads(line))
        process.wait()
        loop.call_soon_threadsafe(inbox.put_nowait, None)
    except RuntimeError:
        # The loop is closed: nobody waits for the process any more.
        kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a process, wait until it is gone, and close the pipe to it."""
    process.kill()
    process.wait()
    assert process.stdin is not None
    with contextlib.suppress(OSError):
        process.stdin.close()


def exit_reason(code: int) -> str:
    """Return how a process ended, in words: an exit code, or the name of the signal that a negative one stands for."""
    if code >= 0:
        return f"exit code {code}"
    name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
    return f"{name}, perhaps for lack of memory" if name == "SIGKILL" else name


Handler = Callable[[Message, Callable[..., None], Callable[[], bool]], Any]
"""Does one task in the child, and returns its result as a JSON value.

It gets the task, a function that sends a message (JSON values as named arguments), and one that returns whether
the task was cancelled.
"""


class ParentConnection:
    """The child's side: standard input and output, taken away from everything else in the child.

    A library that prints would break the protocol, and on Windows one that asks for standard input would hang on it.

    Args:
        on_parent_gone: is called when the parent has ended, just before the child ends.
    """

    def __init__(self, on_parent_gone: Callable[[], None] = lambda: None) -> None:
        # The interrupt button and Ctrl-C are meant for the parent, which cancels what it wants cancelled.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self._from_parent = take_stream(0, os.O_RDONLY, "rb")
        self._to_parent = take_stream(1, os.O_WRONLY, "wb")
        self._write_lock = threading.Lock()
        self._cancelled = 0
        self._tasks: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._on_parent_gone = on_parent_gone
        threading.Thread(target=self._listen, daemon=True).start()

    def serve(self, handle: Handler) -> NoReturn:
        """Do one task after another for as long as the parent lives; nothing that a task raises ends the process."""
        while True:
            task = self._tasks.get()
            number = task.pop("number")
            send = functools.partial(self._send, number)
            send(begun=True)
            try:
                send(result=handle(task, send, functools.partial(self._is_cancelled, number)))
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
        self._on_parent_gone()
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
