"""The worker process: takes one errand after another, runs the engine, writes the clip.

It may crash without harm, and ends with its parent. Both speak JSON lines over pipes:

    parent → worker   {"number": 1, "image": …, "video": …, "settings": {…}, "points": …, "clip": …}
                      {"cancel": 1}
    worker → parent   {"number": 1, "progress": 0.4, "message": "…"}   any number of times
                      {"number": 1, "preflight": {…}}
                      {"number": 1, "done": true}   or   {"number": 1, "failed": "…", "name": "MediaError"}
"""

from __future__ import annotations

import functools
import importlib
import json
import os
import queue
import shutil
import signal
import sys
import threading
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from ...errors import WanError
from .render_job import Cancelled, Engine, perform

FOLDER_PREFIX = "wan-notebook-"
"""What the name of a service's temporary folder begins with."""


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

    def listen(self, folder: Path) -> None:
        """Take in what the parent says; when there is no parent any more, remove its folder and end this process."""
        for line in self._from_parent:
            message = json.loads(line)
            if "cancel" in message:
                self._cancelled = message["cancel"]
            else:
                self.errands.put(message)
        if folder.name.startswith(FOLDER_PREFIX):
            shutil.rmtree(folder, ignore_errors=True)
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


def main(engine_path: str, folder: Path) -> None:
    """Work for as long as the parent lives.

    Args:
        engine_path: "package.module:function".
        folder: the parent's temporary files, which a parent that was killed cannot remove itself.
    """
    # The interrupt button and Ctrl-C are meant for the parent, which cancels what it wants cancelled.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    channel = Channel()
    threading.Thread(target=channel.listen, args=(folder,), daemon=True).start()
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
        perform(engine, errand, lambda: channel.is_cancelled(number), functools.partial(channel.say, number))
    except Cancelled:
        channel.say(number, failed="The job was cancelled.", name="Cancelled")
    except WanError as error:
        channel.say(number, failed=str(error), name=type(error).__name__)
    except Exception as error:  # noqa: BLE001 - whatever an engine raises is told, and the next errand goes on
        traceback.print_exc()
        channel.say(number, failed=f"The preview engine failed ({type(error).__name__}: {error}).", name="EngineFailed")
    else:
        channel.say(number, done=True)


def _taken(number: int, nothing: int, mode: str) -> BinaryIO:
    """Return a private copy of a standard stream, and put nothing in its place."""
    private = os.dup(number)
    empty = os.open(os.devnull, nothing)
    os.dup2(empty, number)
    os.close(empty)
    return os.fdopen(private, mode)  # type: ignore[return-value]


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
