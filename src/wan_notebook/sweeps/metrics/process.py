"""Measuring in a process apart: one for this whole notebook, started when first needed, ended when idle."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from concurrent.futures import Future
from pathlib import Path

from ...errors import WanError
from ...model.job import Job
from ...runtime.data_dir import subfolder
from .definitions import Metrics

_IDLE = 20.0
"""Seconds without work after which the process ends, and gives its memory back."""
_WINDOWS_FLAGS = getattr(subprocess, "CREATE_NO_WINDOW", 0) | getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0)


class Measurer:
    """Has clips measured by a process of its own, in their order; may be used from any thread."""

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[tuple[bytes, Future[Metrics]]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def measure(
        self, clip: Path, reference: Path | None = None, character: Path | None = None, job: Job | None = None
    ) -> Future[Metrics]:
        """Have a clip measured over there; arguments as for the function of this name.

        Returns:
            What will hold the numbers, or raise WanError where they cannot be told.
        """
        paths = {"clip": clip, "reference": reference, "character": character}
        asked = {name: None if path is None else str(path.absolute()) for name, path in paths.items()}
        line = json.dumps(asked | {"job": job and job.model_dump(mode="json")}).encode() + b"\n"
        future: Future[Metrics] = Future()
        self._waiting.put((line, future))
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._serve, name="wan-notebook measurer", daemon=True)
                self._thread.start()
        return future

    def _serve(self) -> None:
        while True:
            try:
                line, future = self._waiting.get(timeout=_IDLE if self._process else None)
            except queue.Empty:
                self._end()
                continue
            try:
                future.set_result(self._answer(line))
            except WanError as error:
                future.set_exception(error)

    def _answer(self, line: bytes) -> Metrics:
        try:
            answer = json.loads(self._exchange(line))
        except (OSError, ValueError):
            self._end()
            raise WanError("The process that measures clips ended unexpectedly.") from None
        if "failed" in answer:
            raise WanError(answer["failed"])
        return Metrics.of(answer)

    def _exchange(self, line: bytes) -> bytes:
        if self._process is None:
            self._process = _started()
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line)
        self._process.stdin.flush()
        return self._process.stdout.readline()

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def _started() -> subprocess.Popen[bytes]:
    # What it imports is what this process would import; nothing lying in the current folder comes between.
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.Popen(
        [sys.executable, "-m", f"{__package__}.worker_main"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=subfolder("clips"),
        env=environment,
        # An interrupt sent to the whole group of a notebook's kernel must not reach it.
        start_new_session=True,
        creationflags=_WINDOWS_FLAGS,
    )


measurer = Measurer()
"""The one of this notebook."""
