"""Kernels that are killed while they run a program, and what a service took from them."""

import collections
import multiprocessing
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import httpx

from wan_notebook.client import Service

_HAS_FORKSERVER = "forkserver" in multiprocessing.get_all_start_methods()
_START: Any = multiprocessing.get_context("forkserver" if _HAS_FORKSERVER else "spawn")
_IMPORTED = ["pytest", "httpx", "numpy", "av", "cv2", "PIL.Image", "platformdirs"]
_IMPORTED += [
    f"wan_notebook.{name}" for name in ("jobs.run", "sweeps.sweep", "films.plan", "films.clip", "video.write")
]
if _HAS_FORKSERVER:
    # Kernels are forked from a process that has imported all this: else each of many would take seconds for it.
    _START.set_forkserver_preload(_IMPORTED)


class Kernel:
    """A process of its own that runs a program.

    Args:
        code: the program; `tell` sends a word to this process, and `wait_for_end()` waits until it is killed.
        arguments: its sys.argv[1:].
    """

    def __init__(self, code: str, *arguments: str) -> None:
        self._words, theirs = _START.Pipe()
        self._process = _START.Process(target=_run, args=(code, arguments, dict(os.environ), theirs))
        self._process.start()
        theirs.close()

    def heard(self) -> object:
        """The next word that the program tells."""
        return self._words.recv()

    def wait(self, seconds: float) -> int | None:
        """Wait so long for the program to end, and return its exit code; None while it runs."""
        self._process.join(seconds)
        code: int | None = self._process.exitcode
        return code

    def kill(self) -> None:
        """Kill it, as the system does where memory runs out."""
        self._process.kill()
        self._process.join()


def _run(code: str, arguments: tuple[str, ...], environment: dict[str, str], words: Connection) -> None:
    os.environ.clear()
    os.environ.update(environment)
    sys.argv[1:] = arguments
    exec(compile(code, "kernel", "exec"), {"tell": words.send, "wait_for_end": words.recv})


@contextmanager
def notebook(service: Service, image: Path, video: Path, code: str) -> Iterator[Kernel]:
    """A kernel that is about to submit a job; it is killed in the end."""
    kernel = Kernel(code, str(image), str(video), service.base_url)
    try:
        assert kernel.heard() == "ready"
        yield kernel
    finally:
        kernel.kill()


def kill_after(seconds: float, service: Service, image: Path, video: Path, code: str) -> None:
    """Run a kernel and kill it so many seconds after it began to submit."""
    with notebook(service, image, video, code) as kernel:
        kernel.wait(seconds)


def bought(service: Service) -> dict[str, list[str]]:
    """The ids of the jobs that the service has taken, by the id which the client gave the submit."""
    found = collections.defaultdict(list)
    more, offset = True, 0
    while more:
        query = {"period": "24h", "limit": 100, "offset": offset}
        answer = httpx.get(
            f"{service.base_url}/v2/logs", params=query, headers={"Authorization": "Bearer token"}
        ).json()
        for row in answer["data"]:
            found[row["client_request_id"]].append(row["inference_id"])
        more, offset = answer["pagination"]["has_more"], offset + 100
    return dict(found)
