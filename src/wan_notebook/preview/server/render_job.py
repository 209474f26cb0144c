"""The work of one job, done in a worker: the engine runs, and its frames become a clip."""

from __future__ import annotations

import importlib
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ...errors import WanError
from ...faces.weights import use_models
from ...video.write import Writer

COMMENT = "wan-notebook motion preview"
"""The comment in the metadata of every clip."""
CRF = {"low": 28, "medium": 24, "high": 20, "maximum": 16}
"""x264's constant rate factor by video_quality."""
WRITE_MODES = {
    "fast": ("superfast", "mbtree=1:rc-lookahead=10", -2),
    "balanced": ("superfast", "mbtree=1:rc-lookahead=10:subme=2", -1),
    "small": ("slower", "", 5),
}
"""x264's preset by video_write_mode, what is set otherwise than in it, and what is added to the rate factor.

What keeps still needs few bits where the encoder looks ahead for it (macroblock trees), which superfast does not by
itself: of five previews, 60 frames of 480p each, superfast alone makes 861 kB, with it 674 kB in less time, and with
finer motion, as here, 601 kB; veryfast makes 583 kB in a quarter more time. All are at 45.2 dB. Ultrafast would save a
fifth of the time, and at low quality its lips have frayed edges.
tests/bench/encoding.py shows fast to be the largest and small to be the slowest at every quality.
"""
_REPORTS_PER_SECOND = 20

Engine = Callable[..., Any]
"""A function with the arguments and the return value of preview.engine.run."""


def load_engine(path: str) -> Engine:
    """Return the engine at "package.module:function"; if it cannot be loaded, every call of it raises WanError."""
    module, _, name = path.partition(":")
    try:
        engine: Engine = getattr(importlib.import_module(module), name)
    except ImportError as error:
        reason = f"The preview engine cannot be loaded ({error}). Install it with: pip install 'wan-notebook[preview]'"

        def unavailable(*_arguments: Any, **_options: Any) -> None:
            raise WanError(reason)

        return unavailable
    return engine


def encoder(quality: str, mode: str) -> dict[str, Any]:
    """Return the arguments of Writer for a video_quality and a video_write_mode."""
    preset, tuning, softer = WRITE_MODES[mode]
    return {"crf": CRF[quality] + softer, "preset": preset, "tuning": tuning}


def render(job: Mapping[str, Any], send: Callable[..., None], cancelled: Callable[[], bool]) -> None:
    """Run the engine and write its frames to job["clip"].

    Args:
        job: the engine as "package.module:function", image, video and clip as paths, settings by their wire names,
            points, which may be None, and the arguments of use_models().
        send: takes progress (0 to 1), message and preflight of the engine, as named arguments.
        cancelled: whether the job was cancelled.

    Raises:
        WanError: the inputs cannot be used, the clip cannot be written, the engine has a defect, or the job was
            cancelled.
    """
    use_models(job["models"], job["models_missing"])
    engine = load_engine(job["engine"])
    try:
        _write_clip(engine, job, ThrottledReport(send), cancelled)
    except WanError:
        raise
    except MemoryError:
        raise WanError("The job needs more memory than one job may have. Send a smaller picture or video.") from None
    except Exception as error:
        traceback.print_exc()
        raise WanError(f"The preview engine failed ({type(error).__name__}: {error}).") from error


def _write_clip(engine: Engine, job: Mapping[str, Any], report: ThrottledReport, cancelled: Callable[[], bool]) -> None:
    settings, reference = job["settings"], Path(job["video"])
    report.progress(0.0, "Loading the inputs")
    clip = engine(Path(job["image"]), reference, settings, report.progress, cancelled, points=job["points"])
    with Writer(
        Path(job["clip"]),
        width=clip.width,
        height=clip.height,
        fps=clip.fps,
        **encoder(settings["video_quality"], settings["video_write_mode"]),
        comment=COMMENT,
        sound_from=reference,
    ) as writer:
        for frame in clip:
            if cancelled():
                raise WanError("The job was cancelled.")
            report.preflight(clip.report)
            writer.write(frame)
    report.preflight(clip.report)


class ThrottledReport:
    """Sends an engine's reports on, but no more often than anyone could read them.

    Args:
        send: takes each report as named arguments.
        clock: seconds, monotonic.
    """

    def __init__(self, send: Callable[..., None], clock: Callable[[], float] = time.monotonic) -> None:
        self._send, self._clock = send, clock
        self._next = float("-inf")
        self._message = ""
        self._preflight: dict[str, Any] = {}

    def progress(self, fraction: float, message: str = "") -> None:
        """Report the progress of the work.

        Args:
            fraction: the share of the work done, 0 to 1.
            message: the current step, in a few words.
        """
        now = self._clock()
        if now < self._next and message == self._message:
            return
        self._next, self._message = now + 1 / _REPORTS_PER_SECOND, message
        self._send(progress=float(fraction), message=message)

    def preflight(self, findings: Mapping[str, Any]) -> None:
        """Report the engine's findings about the inputs, whenever they have changed."""
        if findings != self._preflight:
            self._preflight = dict(findings)
            self._send(preflight=self._preflight)
