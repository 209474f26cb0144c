"""Moments by the computer's own running time, which no change of its clock moves."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Uptime:
    """A moment, as seconds since the computer was started."""

    boot: str
    """Tells one start of the computer from another; empty where the system does not say."""
    seconds: float

    @classmethod
    def now(cls) -> Uptime:
        """Return this moment. Where the system counts it, the time that the computer slept is included."""
        clock = getattr(time, "CLOCK_BOOTTIME", None)
        return cls(_boot_id(), time.monotonic() if clock is None else time.clock_gettime(clock))

    @classmethod
    def parse(cls, text: Any) -> Uptime | None:
        """Return the moment that str() wrote; None for anything else."""
        boot, _, seconds = str(text).rpartition(" ")
        try:
            return cls(boot, float(seconds))
        except ValueError:
            return None

    def since(self, earlier: Uptime) -> float:
        """Return how many seconds have passed since an earlier moment, at least.

        When the computer was started anew in between, these are the seconds since then; without a boot id that is only
        seen where fewer seconds are counted than before, and then too few are returned, never too many.
        """
        known = self.boot and earlier.boot
        same = self.boot == earlier.boot if known else self.seconds >= earlier.seconds
        return self.seconds - earlier.seconds if same else self.seconds

    def __str__(self) -> str:
        return f"{self.boot} {self.seconds:.3f}"


@cache
def _boot_id() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""
