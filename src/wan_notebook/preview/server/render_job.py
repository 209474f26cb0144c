"""One errand of the worker: the engine runs, and its frames become a clip."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ...video import Writer

COMMENT = "wan-notebook motion preview"
CRF = {"low": 28, "medium": 24, "high": 20, "maximum": 16}
"""x264's constant rate factor by video_quality."""
WRITE_MODES = {"fast": ("superfast", 0), "balanced": ("medium", 2), "small": ("slower", 5)}
"""x264's preset by video_write_mode, and what is added to the rate factor.

At one rate factor a slower preset may well give a larger file, so the factor rises with it. These three are far enough
apart: tests/bench/encoding.py shows fast to be the largest and small to be the slowest at every quality, which
veryfast, medium and slow are not.
"""
_REPORTS_PER_SECOND = 20

Engine = Callable[..., Any]
"""What makes the frames; service/preview/ shows its arguments and what it returns."""


class Cancelled(Exception):
    """The errand is not wanted any more."""


def perform(engine: Engine, errand: Mapping[str, Any], cancelled: Callable[[], bool], say: Callable[..., None]) -> None:
    """Run the engine and write its frames to errand["clip"].

    Args:
        engine: makes the frames.
        errand: image, video, settings, points and clip, as worker.py describes.
        cancelled: whether the errand is not wanted any more.
        say: takes what the engine tells on the way: progress, message, preflight.

    Raises:
        Cancelled: the parent has called it off.
        WanError: the inputs cannot be used, or the clip cannot be written.
    """
    settings, reference = errand["settings"], Path(errand["video"])
    reporter = Reporter(say)
    reporter.report(0.0, "Loading the inputs")
    performance = engine(
        Path(errand["image"]), reference, settings, reporter.report, cancelled, points=errand["points"]
    )
    preset, softer = WRITE_MODES[settings["video_write_mode"]]
    with Writer(
        Path(errand["clip"]),
        width=performance.width,
        height=performance.height,
        fps=performance.fps,
        crf=CRF[settings["video_quality"]] + softer,
        preset=preset,
        comment=COMMENT,
        sound_from=reference,
    ) as writer:
        for frame in performance:
            if cancelled():
                raise Cancelled
            reporter.tell_preflight(performance.preflight)
            writer.write(frame)
    reporter.tell_preflight(performance.preflight)


class Reporter:
    """Passes on what an engine tells, but not more often than anyone could look.

    Args:
        say: takes it, as named arguments.
        clock: seconds.
    """

    def __init__(self, say: Callable[..., None], clock: Callable[[], float] = time.monotonic) -> None:
        self._say, self._clock = say, clock
        self._next = float("-inf")
        self._message = ""
        self._preflight: dict[str, Any] = {}

    def report(self, fraction: float, message: str = "") -> None:
        """Tell how far the work is.

        Args:
            fraction: 0 to 1.
            message: what is being done, in a few words.
        """
        now = self._clock()
        if now < self._next and message == self._message:
            return
        self._next, self._message = now + 1 / _REPORTS_PER_SECOND, message
        self._say(progress=float(fraction), message=message)

    def tell_preflight(self, preflight: Mapping[str, Any]) -> None:
        """Tell what the engine has noticed so far, whenever that is more than before."""
        if preflight != self._preflight:
            self._preflight = dict(preflight)
            self._say(preflight=self._preflight)
