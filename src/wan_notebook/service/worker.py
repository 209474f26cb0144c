"""The worker process: takes one errand after another, runs the engine, writes the clip.

It may crash without harm, and ends with its parent. Both speak JSON lines over pipes:

    parent → worker   {"number": 1, "image": …, "video": …, "settings": {…}, "points": …, "clip": …}
                      {"cancel": 1}
    worker → parent   {"number": 1, "progress": 0.4, "message": "…"}   any number of times
                      {"number": 1, "preflight": {…}}
                      {"number": 1, "done": true}   or   {"number": 1, "failed": "…", "name": "MediaError"}
"""

from __future__ import annotations

import importlib
import json
import os
import queue
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from ..errors import WanError
from ..video import Writer

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


class Cancelled(Exception):
    """The errand is not wanted any more."""


class Channel:
    """The line to the parent: standard input and output, taken away from everything else in this process.

    A library that prints would break the protocol, and on Windows one that asks for standard input would hang on it.
    """

    def __init__(self) -> None:
        self._from_parent = _taken(0, os.O_RDONLY, "rb")
        self._to_parent = _taken(1, os.O_WRONLY, "wb")
        self._lock = threading.Lock()
        self._cancelled = 0
        self.errands: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()

    def listen(self) -> None:
        """Take in what the parent says, and end this process at once when there is no parent any more."""
        for line in self._from_parent:
            message = json.loads(line)
            if "cancel" in message:
                self._cancelled = message["cancel"]
            else:
                self.errands.put(message)
        os._exit(0)

    def is_cancelled(self, number: int) -> bool:
        """Whether the parent has called this errand off."""
        return self._cancelled >= number

    def say(self, number: int, **message: Any) -> None:
        """Send one line."""
        line = json.dumps({"number": number, **message}, allow_nan=False)
        with self._lock:
            self._to_parent.write(line.encode() + b"\n")
            self._to_parent.flush()


def main(engine_path: str) -> None:
    """Work for as long as the parent lives."""
    # The interrupt button and Ctrl-C are meant for the parent, which cancels what it wants cancelled.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    channel = Channel()
    threading.Thread(target=channel.listen, daemon=True).start()
    engine = load(engine_path)
    while True:
        attempt(engine, channel.errands.get(), channel)


def load(path: str) -> Engine:
    """Return the engine at "package.module:function"; one that cannot be loaded says so when it is called."""
    module, _, name = path.partition(":")
    try:
        engine: Engine = getattr(importlib.import_module(module), name)
    except ImportError as error:
        reason = f"The preview engine cannot be loaded ({error}). Install it with: pip install 'wan-notebook[preview]'"
        return lambda *_arguments, **_options: _fail(reason)
    return engine


def _fail(reason: str) -> None:
    raise WanError(reason)


def attempt(engine: Engine, errand: Mapping[str, Any], channel: Channel) -> None:
    """Carry out one errand and say how it ended; no defect of the engine ends the process."""
    number = errand["number"]
    try:
        perform(engine, errand, channel)
    except Cancelled:
        channel.say(number, failed="The job was cancelled.", name="Cancelled")
    except WanError as error:
        channel.say(number, failed=str(error), name=type(error).__name__)
    except Exception as error:  # noqa: BLE001 - whatever an engine raises is told, and the next errand goes on
        traceback.print_exc()
        channel.say(number, failed=f"The preview engine failed ({type(error).__name__}: {error}).", name="EngineFailed")
    else:
        channel.say(number, done=True)


def perform(engine: Engine, errand: Mapping[str, Any], channel: Channel) -> None:
    """Run the engine and write its frames to errand["clip"].

    Raises:
        Cancelled: the parent has called it off.
        WanError: the inputs cannot be used, or the clip cannot be written.
    """
    number, settings, reference = errand["number"], errand["settings"], Path(errand["video"])
    reporter = Reporter(channel, number)
    reporter.report(0.0, "Loading the inputs")
    performance = engine(
        Path(errand["image"]),
        reference,
        settings,
        reporter.report,
        lambda: channel.is_cancelled(number),
        points=errand["points"],
    )
    channel.say(number, preflight=dict(performance.preflight))
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
            if channel.is_cancelled(number):
                raise Cancelled
            writer.write(frame)


class Reporter:
    """Passes an engine's progress on, but not more often than anyone could look."""

    def __init__(self, channel: Channel, number: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._channel, self._number, self._clock = channel, number, clock
        self._next = float("-inf")
        self._message = ""

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
        self._channel.say(self._number, progress=float(fraction), message=message)


def _taken(number: int, nothing: int, mode: str) -> BinaryIO:
    """Return a private copy of a standard stream, and put nothing in its place."""
    private = os.dup(number)
    empty = os.open(os.devnull, nothing)
    os.dup2(empty, number)
    os.close(empty)
    return os.fdopen(private, mode)  # type: ignore[return-value]


if __name__ == "__main__":
    main(sys.argv[1])
