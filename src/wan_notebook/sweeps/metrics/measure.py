"""Reading all numbers off a clip."""

from __future__ import annotations

import functools
from collections.abc import Callable
from concurrent.futures import CancelledError
from pathlib import Path

from ... import video
from ...errors import WanError
from ...model.job import Job
from .definitions import Metrics


def measure(
    clip: Path,
    reference: Path | None = None,
    character: Path | None = None,
    job: Job | None = None,
    *,
    cancelled: Callable[[], bool] = lambda: False,
) -> Metrics:
    """Return the numbers of a clip, reading each video once, with one frame in memory at a time.

    Args:
        clip: the finished video.
        reference: the video whose motion it should have; without it there is no motion fidelity.
        character: the picture it should look like; without it there is no likeness.
        job: the job that made it; without it there are no times and no cost.
        cancelled: is asked at each frame; once it says yes, the measuring ends.

    Raises:
        MediaError: a file cannot be read.
        WanError: OpenCV or scikit-image are not installed.
        CancelledError: `cancelled` said so.
    """

    def check() -> None:
        if cancelled():
            raise CancelledError

    try:
        return _measured(clip, reference, character, job, check)
    except ImportError as error:
        raise WanError(f"Measuring needs {error.name}. Install it with: pip install 'wan-notebook[preview]'") from None


def _measured(
    clip: Path, reference: Path | None, character: Path | None, job: Job | None, check: Callable[[], None]
) -> Metrics:
    from .colour_drift import Drift, window_borders
    from .likeness import Likeness
    from .motion import motion_fidelity
    from .sharpness import Sharpness, Stability

    info = video.probe(clip)
    drift, stability, sharpness = Drift(), Stability(), Sharpness()
    likeness = Likeness(character) if character else None
    for number, frame in enumerate(video.frames(clip)):
        check()
        drift.see(frame.pixels)
        stability.see(frame.pixels)
        if number in _spread(24, info.frames):
            sharpness.see(frame.pixels)
        if likeness and number in _spread(5, info.frames):
            likeness.see(frame.pixels)
    return Metrics(
        **of_the_job(job),
        bytes=clip.stat().st_size,
        seconds=info.frames / info.fps,
        fps=info.fps,
        frames=len(drift.series),
        motion_fidelity=motion_fidelity(clip, reference, check) if reference else None,
        temporal_stability=stability.reading,
        sharpness=sharpness.reading,
        colour_drift=drift.reading,
        likeness=likeness.reading if likeness else None,
        drift=drift.series,
        window_borders=window_borders(len(drift.series)),
    )


@functools.lru_cache
def _spread(count: int, frames: int) -> frozenset[int]:
    """So many frames, evenly spread over a clip, with its first and last."""
    return frozenset(round(at * (frames - 1) / (count - 1)) for at in range(count))


def of_the_job(job: Job | None) -> dict[str, float | None]:
    """Return the numbers that a job tells, without a look at its clip."""
    begun = job.submitted_at if job else None
    return {
        "wall_seconds": _between(begun, job.finished_at if job else None),
        "queue_seconds": _between(begun, job.started_at if job else None),
        "cost_usd": job.usage.usd if job and job.usage else None,
    }


def _between(start: float | None, end: float | None) -> float | None:
    return None if start is None or end is None else max(0.0, end - start)
