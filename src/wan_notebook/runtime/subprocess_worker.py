"""A Python process that does one task after another: whatever crashes there does not take this process along.

This is the parent's side; `worker_main` is the child's. They exchange JSON lines over pipes:

    parent → child   {"import": ["package.module", …]}
                     {"number": 1, "function": "package.module:name", "task": {…}, "threads": 2}
                     {"cancel": 1}
    child → parent   {"number": 1, "begun": true}
                     {"number": 1, …}       a message about the task, any number of times
                     {"number": 1, "result": …}   or   {"number": 1, "failed": "…", "name": "MediaError"}

The child ends with its parent.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import MediaError, StorageError, WanError
from .event_loop import within
from .keys import without_keys
from .task import Message, OnMessage, Task, TaskLimits

_GRACE = 0.5
"""Seconds that a cancelled task has to end by itself before its process is killed."""
_NICER = 5
"""By how much the niceness of a worker exceeds this process's: the notebook and the browser come first."""
_PROGRAM = (
    "import sys; sys.path[:] = filter(None, sys.path); from wan_notebook.runtime import worker_main as w; w.main()"
)
"""Nothing that lies in the current folder is imported, nor is the folder of this package an entry of the path."""
ERRORS: dict[str, type[WanError]] = {"MediaError": MediaError, "StorageError": StorageError}
"""Errors of a worker that are raised again with their own class."""


class _Died(Exception):
    """The process ended, was killed for its silence, or could not be started; the text is the rest of a sentence.

    Args:
        how: what happened to it.
        again: whether another process may do better.
    """

    def __init__(self, how: str, *, again: bool = False) -> None:
        super().__init__(how)
        self.again = again


class SubprocessWorker:
    """The parent's side of a child process, started when first needed and again whenever it has ended.

    It belongs to one event loop, and does one task at a time.

    Args:
        folder: the existing folder to run in.
        log: the file that takes its standard error.
    """

    def __init__(self, folder: Path, log: Path) -> None:
        self._folder, self._log = folder, log
        self._process: subprocess.Popen[bytes] | None = None
        self._inbox: asyncio.Queue[Message | None] = asyncio.Queue()
        self._number = 0
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The id of the process; None before it was first needed."""
        return self._process.pid if self._process else None

    def start(self, modules: Sequence[str] = ()) -> None:
        """Start the process unless it runs, so that the next task begins at once.

        Args:
            modules: that it imports meanwhile.

        Raises:
            OSError: it cannot be started.
        """
        if self._process is not None and self._process.poll() is None:
            return
        self._process, self._inbox = self._popen(), asyncio.Queue()
        listener = (self._process, self._inbox, asyncio.get_running_loop())
        threading.Thread(target=forward_messages, args=listener, name="wan-notebook worker", daemon=True).start()
        weakref.finalize(self, kill, self._process)
        if modules:
            self._send({"import": list(modules)})

    async def run(self, task: Task, on_message: OnMessage = lambda _message: None, threads: int = 1) -> Any:
        """Have one task done and return its result; cancelling this ends the work within a second.

        Args:
            task: the work; where its process crashes, a fresh one begins it once more.
            on_message: is called with each message about it; {"begun": True} is the first one of each beginning.
            threads: that it may use side by side.

        Raises:
            MediaError: the task failed with this error; so for StorageError.
            WanError: the task failed otherwise, or the process died or hung; the class is the task's own `error`.
        """
        try:
            try:
                return await self._attempt(task, on_message, threads)
            except _Died as death:
                if not death.again:
                    raise
                return await self._attempt(task, on_message, threads)
        except _Died as death:
            raise task.error(f"{task.subject} {death}{', twice' if death.again else ''}.") from None

    def close(self) -> None:
        """Kill the process and start no other: what it does fails."""
        self._closed = True
        self.stop()

    def stop(self) -> None:
        """Kill the process, if there is one."""
        if self._process is not None:
            kill(self._process)

    async def _attempt(self, task: Task, on_message: OnMessage, threads: int) -> Any:
        if self._closed:
            raise _Died("was closed")
        try:
            self.start()
        except OSError as error:
            raise _Died(f"cannot be started ({error})") from None
        assert self._process is not None
        on_message({"begun": True})
        lower_priority(self._process.pid)
        set_limits(self._process.pid, task.limits)
        self._number += 1
        try:
            order = {"function": task.function, "task": task.message, "threads": threads}
            self._send({"number": self._number, **order})
            return await within(task.limits.seconds, self._follow(task, on_message))
        except asyncio.TimeoutError:
            self.stop()
            raise _Died(f"took longer than {task.limits.seconds:g} seconds and was ended") from None
        except asyncio.CancelledError:
            self._send({"cancel": self._number})
            with contextlib.suppress(WanError, _Died):
                try:
                    await within(_GRACE, self._follow(task, lambda _message: None))
                except asyncio.TimeoutError:
                    # It listens to nothing, as within a long call of a library: the system ends it all the same.
                    self.stop()
            raise

    async def _follow(self, task: Task, on_message: OnMessage) -> Any:
        while True:
            try:
                message = await within(task.limits.silence, self._inbox.get())
            except asyncio.TimeoutError:
                self.stop()
                silence = f"gave no sign of life for {task.limits.silence:g} seconds and was ended"
                raise _Died(silence) from None
            if message is None:
                assert self._process is not None
                raise _Died(f"ended unexpectedly ({exit_reason(self._process.wait())})", again=True)
            if message.pop("number") != self._number:
                continue
            if "failed" in message:
                raise ERRORS.get(message["name"], task.error)(message["failed"])
            if "result" in message:
                return message["result"]
            if "begun" not in message:
                on_message(message)

    def _send(self, message: Mapping[str, Any]) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        line = json.dumps(message).encode() + b"\n"
        try:
            self._process.stdin.write(line)
            self._process.stdin.flush()
        except (OSError, ValueError):
            # It has just died, or was killed here, which closed the pipe; its inbox is about to show it.
            self.stop()

    def _popen(self) -> subprocess.Popen[bytes]:
        with self._log.open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-c", _PROGRAM],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=self._folder,
                # What it imports is what this process would import.
                env={**without_secrets(os.environ), "PYTHONPATH": import_path()},
                # An interrupt sent to the whole group of a notebook's kernel must not reach the worker.
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0)
                | getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0),
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


def lower_priority(pid: int) -> None:
    """Let this process, and others of its niceness, come before a worker.

    Linux weighs sessions against one another where it groups processes by them (sched(7), the autogroup feature), and
    a worker has a session of its own: there a process's niceness counts for nothing, and its session's counts.
    """
    if not hasattr(os, "setpriority"):
        return  # Windows was told when the process began
    niceness = min(19, os.getpriority(os.PRIO_PROCESS, 0) + _NICER)
    with contextlib.suppress(OSError):  # it has ended
        os.setpriority(os.PRIO_PROCESS, pid, niceness)
    session = Path(f"/proc/{pid}/autogroup")
    # No other system has one, and Linux takes ten a second: one that it refuses now is set with the next task.
    with contextlib.suppress(OSError):
        if session.exists():
            session.write_text(f"{niceness}\n")


def set_limits(pid: int, limits: TaskLimits) -> None:
    """Set the limits of a worker's next task, where this system can."""
    if sys.platform != "linux":
        return
    import resource

    for kind, bound in ((resource.RLIMIT_DATA, limits.memory), (resource.RLIMIT_FSIZE, limits.file_size)):
        with contextlib.suppress(OSError):  # it has ended
            _, most = resource.prlimit(pid, kind)
            lower = bound is not None and (most == resource.RLIM_INFINITY or bound < most)
            resource.prlimit(pid, kind, (bound if lower else most, most))  # type: ignore[arg-type]


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
