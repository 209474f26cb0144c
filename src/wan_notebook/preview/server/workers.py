"""The parent's side of the worker: starts it, keeps it warm, hands over errands, replaces it when it died."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ...errors import MediaError, StorageError, WanError

Message = dict[str, Any]

_GRACE = 0.5
"""Seconds that a cancelled errand has to end by itself before its process is ended."""


class EngineFailed(WanError):
    """The engine could not make the clip.

    Args:
        message: what happened.
        silent: whether the process died without a word about the errand: it was dying already, and another one may do.
    """

    def __init__(self, message: str, *, silent: bool = False) -> None:
        super().__init__(message)
        self.silent = silent


class WorkerProcess:
    """One process that works, started when first needed and again whenever it has ended.

    Args:
        engine: "package.module:function", imported over there.
        folder: an existing folder of ours to work in.
        patience: seconds without any word from the engine after which it is given up.
    """

    def __init__(self, engine: str, folder: Path, patience: float = 120.0) -> None:
        self._engine, self._folder, self._patience = engine, folder, patience
        self._process: subprocess.Popen[bytes] | None = None
        self._inbox: asyncio.Queue[Message | None] = asyncio.Queue()
        self._number = 0

    @property
    def pid(self) -> int | None:
        """The process's id; None before it was first needed."""
        return self._process.pid if self._process else None

    def warm_up(self) -> None:
        """Start the process, unless it runs, so that the next errand begins at once."""
        if self._process is None or self._process.poll() is not None:
            self._process, self._inbox = self._started(), asyncio.Queue()
            listener = (self._process, self._inbox, asyncio.get_running_loop())
            threading.Thread(target=_listen, args=listener, name="wan-notebook worker", daemon=True).start()
            weakref.finalize(self, _end, self._process)

    async def run(self, errand: Mapping[str, Any], heard: Callable[[Message], None]) -> None:
        """Carry out one errand; cancelling this ends its work within a second.

        Args:
            errand: image, video, settings, points and clip, as worker.py describes.
            heard: is called with each message on the way.

        Raises:
            MediaError: the inputs cannot be used.
            StorageError: the clip cannot be written.
            EngineFailed: the engine failed, or its process died or hung; the next errand gets a fresh one.
        """
        try:
            await self._attempt(errand, heard)
        except EngineFailed as failure:
            if not failure.silent:
                raise
            await self._attempt(errand, heard)

    def stop(self) -> None:
        """End the process at once."""
        if self._process is not None:
            _end(self._process)

    async def _attempt(self, errand: Mapping[str, Any], heard: Callable[[Message], None]) -> None:
        self.warm_up()
        self._number += 1
        try:
            self._say({"number": self._number, **errand})
            await self._hear_out(heard)
        except asyncio.CancelledError:
            await self._call_off()
            raise

    async def _hear_out(self, heard: Callable[[Message], None]) -> None:
        silent = True
        while True:
            try:
                message = await asyncio.wait_for(self._inbox.get(), self._patience)
            except asyncio.TimeoutError:
                self.stop()
                raise EngineFailed(
                    f"The preview engine gave no sign of life for {self._patience:g} seconds and was ended."
                ) from None
            if message is None:
                raise EngineFailed(
                    f"The preview engine's process ended unexpectedly ({self._how_it_ended()}).", silent=silent
                )
            if message["number"] != self._number:
                continue
            silent = False
            if "failed" in message:
                raise _ERRORS.get(message["name"], EngineFailed)(message["failed"])
            if "done" in message:
                return
            heard(message)

    async def _call_off(self) -> None:
        self._say({"cancel": self._number})
        try:
            await asyncio.wait_for(self._hear_out(lambda _message: None), _GRACE)
        except asyncio.TimeoutError:
            self.stop()
        except WanError:
            return

    def _say(self, message: Mapping[str, Any]) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()
        except OSError:
            # It has just died; whoever listens to it learns so.
            self.stop()

    def _how_it_ended(self) -> str:
        assert self._process is not None
        code = self._process.wait()
        if code >= 0:
            return f"exit code {code}"
        name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
        return f"{name}, perhaps for lack of memory" if name == "SIGKILL" else name

    def _started(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"{__package__}.worker_main", self._engine, str(self._folder)]
        # What it imports is what this process would import; nothing lying in the current folder comes between.
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        try:
            with (self._folder / "worker.log").open("wb") as log:
                return subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    cwd=self._folder,
                    env=environment,
                    # An interrupt sent to the whole group of a notebook's kernel must not reach the worker.
                    start_new_session=True,
                    creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
                )
        except OSError as error:
            raise EngineFailed(f"The preview engine's process cannot be started ({error}).") from None


_ERRORS: dict[str, type[WanError]] = {"MediaError": MediaError, "StorageError": StorageError}


def _listen(
    process: subprocess.Popen[bytes], inbox: asyncio.Queue[Message | None], loop: asyncio.AbstractEventLoop
) -> None:
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
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    assert process.stdin is not None
    with contextlib.suppress(OSError):
        process.stdin.close()
