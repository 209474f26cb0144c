"""The motion preview: a real clip from both inputs on two processor cores, without learned weights.

It measures the performer's head, mouth and eyes, and moves the character's picture accordingly. It is no diffusion
model and says so in the picture, in the file and in the service's answer; docs/engine.md tells how it works and where
it fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Performance", "run"]

Report = Callable[[float, str], None]


@dataclass(frozen=True)
class Performance:
    """A clip about to be made: its frames are computed while they are taken."""

    width: int
    height: int
    fps: float
    preflight: Mapping[str, Any]
    """What was noticed of the inputs on the way."""
    frames: Iterable[NDArray[np.uint8]]
    """H×W×3 RGB, one in memory at a time."""

    def __iter__(self) -> Iterator[NDArray[np.uint8]]:
        return iter(self.frames)


def run(
    image: Path,
    video: Path,
    settings: Mapping[str, Any],
    report: Report,
    cancelled: Callable[[], bool],
    points: Sequence[Sequence[float]] | None = None,
) -> Performance:
    """Measure the performer's motion and return the character's performance.

    Args:
        image: the character's picture.
        video: the reference, whose motion is taken.
        settings: the request's settings by their wire names.
        report: is called with the share of the work done, 0 to 1, and what is being done.
        cancelled: asked between frames; once true, the work stops.
        points: the character's left eye, right eye and mouth as (x, y) in pixels of the upright picture.

    Raises:
        MediaError: an input cannot be used.
        WanError: the work was cancelled.
    """
    report(0.0, "Opening the picture and the video")
    from .job import begin

    return begin(image, video, settings, report, cancelled, points)
