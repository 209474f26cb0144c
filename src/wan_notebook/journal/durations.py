"""How long jobs like one took: what an estimate of the time left is made of."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..models import WINDOW_FRAMES
from .entry import Entry


def like(entries: Iterable[Entry], settings: Mapping[str, Any], frames: int | None) -> Iterator[float]:
    """Yield the seconds from submit to finish of the finished jobs with these settings and as many windows.

    Args:
        entries: where to look.
        settings: by their wire names; other settings may differ.
        frames: of the reference; None takes any.
    """
    for entry in entries:
        fits = frames is None or (entry.frames is not None and windows(entry.frames) == windows(frames))
        if fits and settings.items() <= entry.settings.items() and _well_timed(entry):
            yield entry.seconds or 0.0


def windows(frames: int) -> int:
    """Return in how many windows the model works through so many frames; neighbours share one frame."""
    return max(1, math.ceil((frames - 1) / (WINDOW_FRAMES - 1)))


def _well_timed(entry: Entry) -> bool:
    # A job that ended while nobody looked (the kernel was gone, the machine asleep) seems to have taken far too long.
    if entry.phase not in ("completed", "saved") or entry.seconds is None or entry.late_by is None:
        return False
    return entry.late_by <= 2 + entry.seconds / 10
