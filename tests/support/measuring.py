"""What a call takes: seconds, processor and memory, here or in a process of its own."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Taken:
    """What a call took: seconds, seconds of computing, and the megabytes by which the process's peak grew, from 1."""

    seconds: float
    computing: float
    megabytes: float
    result: Any


def taken(call: Callable[..., Any], *arguments: Any) -> Taken:
    """Call, and measure this process meanwhile."""
    before, began, computing = peak(), time.perf_counter(), time.process_time()
    result = call(*arguments)
    return Taken(time.perf_counter() - began, time.process_time() - computing, max(1.0, peak() - before), result)


def least_taken(times: int, call: Callable[..., Any], *arguments: Any) -> Taken:
    """Call several times, and return what the one took that computed least: a machine's other work only ever adds."""
    return min((taken(call, *arguments) for _ in range(times)), key=lambda cost: cost.computing)


def alone(call: Callable[..., Any], *arguments: Any, small: bool = False) -> Any:
    """Call a function of a module in a fresh process, and return its result; for a small run here, which is quicker."""
    if small:
        return call(*arguments)
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn, initializer=_end_with_parent) as pool:
        return pool.submit(call, *arguments).result()


def side_by_side(call: Callable[..., Any], calls: Iterable[tuple[Any, ...]], *, small: bool = False) -> list[Any]:
    """Call with each of the arguments, two at a time in processes of their own, for what no time is measured of.

    Returns the results in order. A small run calls here, one after another, which is quicker.
    """
    if small:
        return [call(*arguments) for arguments in calls]
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=spawn, initializer=_end_with_parent) as pool:
        return [running.result() for running in [pool.submit(call, *arguments) for arguments in calls]]


def _end_with_parent() -> None:
    """End this process when its parent is gone, however that ended: what goes on would be in the way of the next."""
    parent = multiprocessing.parent_process()
    assert parent is not None

    def wait() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


@contextlib.contextmanager
def running(command: Sequence[str], environment: dict[str, str] | None = None) -> Iterator[str]:
    """Run a program that serves until its standard input ends; yields the first line that it prints.

    An interrupt from the keyboard is not for it.
    """
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, env=environment, stdin=pipe, stdout=pipe, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def peak() -> float:
    """The most memory that this process has had, in megabytes.

    On Linux getrusage tells that of the parent, where it was more.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1000
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
