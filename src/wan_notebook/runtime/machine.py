"""How much of this machine is ours: processors and memory, in a container or a cluster's job those that it may use."""

from __future__ import annotations

import functools
import math
import os
from pathlib import Path

_GROUPS, _OWN = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")
"""Where Linux tells the limits of control groups, and which are this process's (cgroups(7)). A container is one, and so
is a step of Slurm, or what a hub starts for each person."""
_UNLIMITED = 1 << 60
"""Bytes from which a limit of memory is none."""


def processors(groups: Path = _GROUPS, own: Path = _OWN) -> int:
    """Return how many processors this process may use at once, rounded up.

    Args:
        groups: the folder of all control groups.
        own: the file that names those of this process.
    """
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    for group in _around("cpu", groups, own):
        older = (*_numbers(group / "cpu.cfs_quota_us"), *_numbers(group / "cpu.cfs_period_us"))
        quota, period = _numbers(group / "cpu.max") or older or (0, 0)
        if quota > 0 and period > 0:
            allowed = min(allowed, math.ceil(quota / period))
    return allowed


_allowed: int | None = None
"""Threads that this process may use at once; None is one for each processor."""


def threads() -> int:
    """Return how many threads this process may use side by side for one piece of work."""
    return _allowed or _own_processors()


@functools.cache
def _own_processors() -> int:
    """Return processors() as they were at first: each video that is opened asks, and to find out takes half a ms."""
    return processors()


def allow_threads(count: int) -> None:
    """Set how many threads this process may use side by side, where it shares its machine with others of its kind."""
    global _allowed
    _allowed = count


def memory(groups: Path = _GROUPS, own: Path = _OWN) -> int | None:
    """Return the bytes of memory that this process may use; None where the system does not say.

    Args:
        groups: the folder of all control groups.
        own: the file that names those of this process.
    """
    limits = [
        limit
        for group in _around("memory", groups, own)
        for limit in (*_numbers(group / "memory.max"), *_numbers(group / "memory.limit_in_bytes"))
    ]
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        limits.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    return min((limit for limit in limits if 0 < limit < _UNLIMITED), default=None)


def _around(controller: str, groups: Path, own: Path) -> list[Path]:
    """Return the folders of the control groups whose limits hold for this process: its own and those around it.

    Args:
        controller: "cpu" or "memory", for which the older kind of groups has a tree of its own.
        groups: the folder of all control groups.
        own: the file that names those of this process, a line each: number, controllers and path, between colons.
    """
    folders = [groups, groups / controller]
    for line in _text(own).splitlines():
        controllers, _, path = line.partition(":")[2].partition(":")
        top = groups / controller if controllers else groups
        parts = Path(path).parts[1:]
        if ".." not in parts and (not controllers or controller in controllers.split(",")):
            folders += [top.joinpath(*parts[:depth]) for depth in range(1, len(parts) + 1)]
    return folders


def _numbers(file: Path) -> tuple[int, ...]:
    """Return the whole numbers in a file; none where one is no number, or there is no such file."""
    try:
        return tuple(map(int, _text(file).split()))
    except ValueError:
        return ()


def _text(file: Path) -> str:
    """Return what is in a file; nothing where there is no such file."""
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
