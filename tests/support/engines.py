"""Engines: those that the service's worker process imports from here, and one call of the real one."""

import ctypes
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wan_notebook.errors import MediaError
from wan_notebook.model.family import MOVE

if TYPE_CHECKING:
    from wan_notebook.jobs.run import Run

SETTINGS = {"model": MOVE.id, "resolution": "480p", "num_inference_steps": 4, "shift": 3.0}


@dataclass(frozen=True)
class RenderedClip:
    width: int
    height: int
    fps: float
    report: Mapping[str, Any]
    frames: Iterator[Any]

    def __iter__(self) -> Iterator[Any]:
        return self.frames


def wait_until_taken(run: "Run | None") -> None:
    """Wait until the service has taken the job of a run."""
    taken = threading.Event()
    assert run is not None
    run.observe(lambda progress: taken.set() if progress.job else None)
    assert taken.wait(30)


NOTICE = {"about": "video", "topic": "camera", "text": "The engine noticed that the camera moves."}


def mixing(
    image: Path, video: Path, settings: Any, on_progress: Callable[..., None], _cancelled: Any, points: Any = None
) -> RenderedClip:
    """Make a frame of each frame of the reference, half of it and half the picture."""
    import numpy as np
    from PIL import Image

    from wan_notebook.video.probe import probe
    from wan_notebook.video.read import frames

    with Image.open(image) as opened:
        picture = np.asarray(opened.convert("RGB").resize((64, 48)))
    count = probe(video).frames

    def mixed() -> Iterator[Any]:
        for number, frame in enumerate(frames(video)):
            on_progress((number + 1) / count, "Mixing")
            yield (picture // 2 + frame.pixels // 2).astype(np.uint8)

    report = {"steps": settings["num_inference_steps"], "points": points, "notices": [NOTICE]}
    return RenderedClip(64, 48, 10.0, report, mixed())


def moody(*arguments: Any, points: Any = None) -> RenderedClip:
    """Do what MOODS has for the request's number of inference steps; with any other number, mix."""
    _image, _video, settings, on_progress, cancelled = arguments
    on_progress(0.1, "In a mood")
    if settings["num_inference_steps"] == TALK:
        _talk(on_progress)
    MOODS.get(settings["num_inference_steps"], lambda _cancelled: None)(cancelled)
    return mixing(*arguments, points=points)


def naming_models(*_arguments: Any, **_options: Any) -> RenderedClip:
    """Refuse every job, and name the folder of the face models."""
    from wan_notebook.faces.weights import get_models

    raise MediaError(f"The models are in {get_models().mesh.parent}.")


def _exit(_cancelled: Any) -> None:
    os._exit(7)


def _kill(_cancelled: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _segfault(_cancelled: Any) -> None:
    ctypes.string_at(0)


def _hang(_cancelled: Any) -> None:
    threading.Event().wait()


def _obey(cancelled: Callable[[], bool]) -> None:
    while not cancelled():
        threading.Event().wait(0.01)
    raise MediaError("Ended when asked to.")


def _refuse(_cancelled: Any) -> None:
    raise MediaError("The character image shows nobody.")


def _fail(_cancelled: Any) -> None:
    raise ZeroDivisionError("a defect")


def _talk(on_progress: Callable[..., None]) -> None:
    """Say something new ten times a second, for a quarter of a minute."""
    for number in range(150):
        on_progress(number / 150, f"Talking, {number}")
        threading.Event().wait(0.1)


def _chatter(_cancelled: Any) -> None:
    os.write(1, b"not of the protocol\n")
    print("nor is this")  # noqa: T201 - what a library might do


EXIT, KILL, SEGFAULT, HANG, OBEY, REFUSE, FAIL, CHATTER = range(30, 38)
TALK = 38
MOODS = dict(zip(range(30, 38), (_exit, _kill, _segfault, _hang, _obey, _refuse, _fail, _chatter), strict=True))


def rendered(image: Path, video: Path, points: Sequence[Sequence[float]] | None = None, **settings: object) -> Any:
    """The real engine's output for two inputs."""
    from wan_notebook.preview.engine import run

    return run(image, video, {**SETTINGS, **settings}, lambda _share, _what: None, lambda: False, points)


def notice_texts(clip: Any) -> list[str]:
    """The sentences of an output's preflight."""
    from wan_notebook.media import checks

    return [notice.text for notice in checks.service_notices(clip.report)]
