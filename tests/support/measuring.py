"""What a call takes: seconds, processor and memory, here or in a process of its own."""

from __future__ import annotations

import multiprocessing
import resource
import sys
import time
from collections.abc import Callable
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


def alone(call: Callable[..., Any], *arguments: Any, small: bool = False) -> Any:
    """Call a function of a module in a fresh process, and return its result; for a small run here, which is quicker."""
    if small:
        return call(*arguments)
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(call, *arguments).result()


def peak() -> float:
    """The most memory that this process has had, in megabytes.

    On Linux getrusage tells that of the parent, where it was more.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1000
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
