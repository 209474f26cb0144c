"""How long jobs like one took: what an estimate of the time left is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..model.family import windows
from ..model.job import Request
from .entry import Entry


def like(entries: Iterable[Entry], request: Request, frames: int | None) -> Iterator[Entry]:
    """Yield the finished jobs of this resolution, with as many steps and windows, whose times are known.

    Args:
        entries: where to look.
        request: what is to be done.
        frames: of the reference; None takes any.
    """
    settings = {"resolution": request.resolution, "num_inference_steps": request.num_inference_steps}
    for entry in entries:
        fits = frames is None or (entry.frames is not None and windows(entry.frames) == windows(frames))
        if fits and settings.items() <= entry.settings.items() and _well_timed(entry):
            yield entry


def _well_timed(entry: Entry) -> bool:
    # A job that ended while nobody looked (the kernel was gone, the machine asleep) seems to have taken far too long.
    if entry.phase not in ("completed", "saved") or entry.seconds is None or entry.late_by is None:
        return False
    return entry.late_by <= 2 + entry.seconds / 10
