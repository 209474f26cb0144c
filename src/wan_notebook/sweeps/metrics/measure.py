"""Measuring all numbers of a clip."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import WanError
from ...faces.weights import find_models
from ...model.job import Job
from .definitions import Metrics

if TYPE_CHECKING:
    from .faces import FaceFidelity


def measure(
    clip: Path, reference: Path | None = None, character: Path | None = None, job: Job | None = None
) -> Metrics:
    """Measure a clip, reading each video once, with one frame in memory at a time.

    Args:
        clip: the finished video.
        reference: the video whose motion it should have; without it nothing is said of that.
        character: the picture it should look like; without it there is no likeness.
        job: the job that made it; without it there are no times and no cost.

    Raises:
        MediaError: a file cannot be read.
        WanError: OpenCV is not installed.
    """
    try:
        from ...faces.find import face_reader
        from ...video.probe import probe
        from ...video.read import frames
        from .appearance import ColourDrift, Sharpness, window_borders
        from .faces import Likeness, face_fidelity
        from .motion import TemporalStability, motion_fidelity

        info = probe(clip)
        drift, stability, sharpness = ColourDrift(), TemporalStability(), Sharpness()
        # Nothing is fetched to measure a clip: without the face models, what needs them is left out.
        reader = face_reader() if find_models() is not None else None
        likeness = Likeness(reader, character) if reader and character else None
        for number, frame in enumerate(frames(clip)):
            drift.update(frame.pixels)
            stability.update(frame.pixels)
            if number in sample(24, info.frames):
                sharpness.update(frame.pixels)
            if likeness and number in sample(5, info.frames):
                likeness.update(frame.pixels)
        knows_face = likeness is None or likeness.has_face
        fidelity = face_fidelity(reader, clip, reference) if reader and reference and knows_face else None
        return Metrics(
            **job_metrics(job),
            **_face_metrics(fidelity),
            bytes=clip.stat().st_size,
            seconds=info.frames / info.fps,
            fps=info.fps,
            frames=len(drift.series),
            motion_fidelity=motion_fidelity(clip, reference) if reference else None,
            temporal_stability=stability.value,
            sharpness=sharpness.value,
            colour_drift=drift.value,
            likeness=likeness.value if likeness else None,
            drift=drift.series,
            window_borders=window_borders(len(drift.series)),
            curves=tuple((name, part.clip, part.reference) for name, part in fidelity.parts.items())
            if fidelity
            else (),
        )
    except ImportError as error:
        raise WanError(f"Measuring needs {error.name}. Install it with: pip install 'wan-notebook[preview]'") from None


def _face_metrics(fidelity: FaceFidelity | None) -> dict[str, float | None]:
    parts = fidelity.parts if fidelity else {}
    numbers: dict[str, float | None] = {
        "expression_fidelity": fidelity.mean if fidelity else None,
        "face_lost": fidelity.lost if fidelity else None,
    }
    for name in ("mouth", "lids", "brows", "pose"):
        part = parts.get(name)
        numbers[f"{name}_fidelity"] = part.correlation if part else None
        numbers[f"{name}_gain"] = part.gain if part else None
    return numbers


@functools.lru_cache
def sample(count: int, frames: int) -> frozenset[int]:
    """Return the numbers of some frames, evenly spread over a clip, with its first and last.

    Args:
        count: how many frames are wanted; a shorter clip gives fewer.
        frames: of the clip.
    """
    return frozenset(round(at * (frames - 1) / (count - 1)) for at in range(count))


def job_metrics(job: Job | None) -> dict[str, Any]:
    """Return the times and the cost of a job, which need no reading of its clip."""

    def since_submit(moment: float | None) -> float | None:
        submitted = job.submitted_at if job else None
        return None if submitted is None or moment is None else max(0.0, moment - submitted)

    return {
        "wall_seconds": since_submit(job.finished_at if job else None),
        "queue_seconds": since_submit(job.started_at if job else None),
        "cost_usd": job.usage.usd if job and job.usage else None,
    }
