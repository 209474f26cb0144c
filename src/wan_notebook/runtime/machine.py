"""How much of this machine is ours: processors and memory, in a container those that it may use."""

from __future__ import annotations

import math
import os
from pathlib import Path

_GROUP = Path("/sys/fs/cgroup")
"""Where Linux tells the limits of a container."""
_UNLIMITED = 1 << 60
"""Bytes from which a limit of memory is none."""


def processors(group: Path = _GROUP) -> int:
    """Return how many processors this process may use at once, rounded up.

    Args:
        group: the folder of its control group.
    """
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota, period = (
        _numbers(group / "cpu.max")
        or (
            *_numbers(group / "cpu" / "cpu.cfs_quota_us"),
            *_numbers(group / "cpu" / "cpu.cfs_period_us"),
        )
        or (0, 0)
    )
    return min(allowed, math.ceil(quota / period)) if quota > 0 and period > 0 else allowed


_allowed: int | None = None
"""Threads that this process may use at once; None is one for each processor."""


def threads() -> int:
    """Return how many threads this process may use side by side for one piece of work."""
    return _allowed or processors()


def allow_threads(count: int) -> None:
    """Set how many threads this process may use side by side, where it shares its machine with others of its kind."""
    global _allowed
    _allowed = count


def memory(group: Path = _GROUP) -> int | None:
    """Return the bytes of memory that this process may use; None where the system does not say.

    Args:
        group: the folder of its control group.
    """
    limits = [*_numbers(group / "memory.max"), *_numbers(group / "memory" / "memory.limit_in_bytes")]
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        limits.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    return min((limit for limit in limits if 0 < limit < _UNLIMITED), default=None)


def _numbers(file: Path) -> tuple[int, ...]:
    """Return the whole numbers in a file; none where one is no number, or there is no such file."""
    try:
        return tuple(map(int, file.read_text(encoding="ascii").split()))
    except (OSError, ValueError):
        return ()
