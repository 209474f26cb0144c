"""The free preview: how fast it is, how much memory it takes, and whether it leaves alone what does not move."""

from __future__ import annotations

import contextlib
import itertools
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import cv2
import numpy as np
from numpy.typing import NDArray

from wan_notebook.faces.find import face_reader
from wan_notebook.media import samples
from wan_notebook.media.samples.drawing import painted_figure
from wan_notebook.model.family import MOVE, REPLACE, Model
from wan_notebook.preview.engine import run
from wan_notebook.preview.engine.character import _grab_cut, find_character, open_picture
from wan_notebook.preview.engine.performance import PerformanceReader
from wan_notebook.preview.engine.reference import open_reference
from wan_notebook.preview.server.render_job import encoder
from wan_notebook.video.read import Frame, frames
from wan_notebook.video.write import Writer

from support.bench_rows import Bound, Row, at_most
from support.measuring import Taken, alone, least_taken, taken

SPEEDS: tuple[tuple[str, int, Model, Bound | None], ...] = (
    ("480p", 4, MOVE, at_most(0.5, loosely=20)),
    ("480p", 20, MOVE, at_most(0.7, loosely=20)),
    ("720p", 20, MOVE, at_most(1.6, loosely=20)),
    ("480p", 20, REPLACE, None),
)
"""Resolution, steps, model, and the seconds of computing that a second of video may take."""


AS_USUAL = encoder("high", "balanced")
"""How a clip is encoded unless something else is asked for."""


def settings(resolution: str = "480p", steps: int = 20, model: str = MOVE.id) -> dict[str, object]:
    """What a request asks of the engine."""
    return {"model": model, "resolution": resolution, "num_inference_steps": steps, "shift": 3.0}


def farther(look: str, size: tuple[int, int]) -> NDArray[np.bool_]:
    """Where a drawn picture is more than an eye distance away from the person."""
    figure = painted_figure(samples.PEOPLE[look], size)
    inner = (slice(figure.margin, figure.margin + size[1]), slice(figure.margin, figure.margin + size[0]))
    behind = np.asarray(figure.backdrop.convert("RGB"))[inner].astype(int)
    person = np.abs(np.asarray(samples.draw(samples.PEOPLE[look], samples.Pose(), size)) - behind).max(-1) > 6
    away = cv2.distanceTransform((~person).astype(np.uint8), cv2.DIST_L2, 5)
    return np.asarray(away > samples.unit(size))


def changed(look: str, seconds: float) -> int:
    """Return by how many levels a pixel changes at most that is none of the person's, the mark left out."""
    picture = samples.character(look)
    made = run(picture, samples.reference("hello", seconds), settings(), lambda *_: None, lambda: False)
    still = find_character(open_picture(picture), "480p", face_reader()).pixels.astype(np.int16)
    outside = farther(look, (made.width, made.height))
    outside[-made.height // 12 :] = False
    return max(int(np.abs(frame[outside] - still[outside]).max()) for frame in made)


def made(seconds: float, asked: dict[str, object]) -> tuple[float, float]:
    """Make a clip of this length; return its seconds, and when the first word of progress came."""
    first: list[float] = []
    began = time.perf_counter()

    def on_progress(_share: float, _what: str) -> None:
        first.append(time.perf_counter() - began)

    picture, reference = samples.character("ada"), samples.reference("hello", seconds)
    clip = run(picture, reference, asked, on_progress, lambda: False)
    return sum(1 for _ in clip) / clip.fps, first[0]


def encoded(seconds: float, resolution: str, path: Path) -> Taken:
    """Make and encode a clip of this length."""
    picture, reference = samples.character("ada"), samples.reference("hello", seconds)

    def make() -> None:
        clip = run(picture, reference, settings(resolution), lambda *_: None, lambda: False)
        with Writer(path, width=clip.width, height=clip.height, fps=clip.fps, **AS_USUAL) as writer:
            for frame in clip:
                writer.write(frame)

    return taken(make)


@dataclass
class Decoding:
    """A pass in which a reference is decoded, as far as its frames were taken."""

    path: Path
    choices: dict[str, Any]
    """The keyword arguments of frames()."""
    frames: int = 0

    def again(self) -> None:
        """Decode as much once more."""
        deque(itertools.islice(frames(self.path, **self.choices), self.frames), maxlen=0)


@contextlib.contextmanager
def decodings() -> Iterator[list[Decoding]]:
    """Note each pass in which the engine decodes its reference; yields the list of them."""
    passes: list[Decoding] = []

    def noted(path: Path, **choices: Any) -> Iterator[Frame]:
        passes.append(one := Decoding(path, choices))
        for frame in frames(path, **choices):
            one.frames += 1
            yield frame

    with mock.patch("wan_notebook.preview.engine.reference.frames", noted):
        yield passes


def shares(reference: Path, asked: dict[str, object], path: Path) -> tuple[dict[str, float], int]:
    """Measure each kind of work by itself.

    Returns:
        the seconds of computing that each takes for a second of video, and in how many passes the reference is decoded.
    """
    footage = open_reference(reference)
    _grab_cut.cache_clear()  # what an earlier clip of the bench has cut out
    seconds = footage.count / footage.fps

    def encode() -> None:
        with Writer(path, width=clip.width, height=clip.height, fps=clip.fps, **AS_USUAL) as writer:
            for frame in drawn.result:
                writer.write(frame)

    with decodings() as passes:
        read = taken(run, samples.character("ada"), reference, asked, lambda *_: None, lambda: False)
        first = len(passes)
        clip = read.result
        drawn = taken(list, clip)
    decoding = [taken(one.again).computing for one in passes]
    spent = {
        "decoding": sum(decoding),
        "reading": read.computing - sum(decoding[:first]),
        "drawing": drawn.computing - sum(decoding[first:]),
        "encoding": taken(encode).computing,
    }
    return {kind: computing / seconds for kind, computing in spent.items()}, len(decoding)


def reading(reference: Path, times: int) -> float:
    """Return the milliseconds of computing in which a frame's face is followed and its expression read."""
    pixels, fps = [frame.pixels for frame in frames(reference)], open_reference(reference).fps
    steps = int(settings()["num_inference_steps"])

    def read() -> None:
        deque(PerformanceReader(face_reader(), steps, fps).read(iter(pixels)), maxlen=0)

    return 1000 * least_taken(times, read).computing / len(pixels)


def enlarged(reference: Path, path: Path) -> Path:
    """Store a video with 1080 rows."""
    with Writer(path, width=830, height=1080, fps=open_reference(reference).fps) as writer:
        for frame in frames(reference, width=830, height=1080):
            writer.write(frame.pixels)
    return path


def rows(folder: Path, *, small: bool) -> Iterator[Row]:
    made(0.1, settings())  # what is loaded and drawn on first use
    length, tries = (0.2, 1) if small else (6.0, 3)
    samples.reference("hello", length)
    for resolution, steps, model, promised in SPEEDS:
        cost = least_taken(tries, made, length, settings(resolution, steps, model.id))
        seconds, first = cost.result
        case = f"{model.mode}, {resolution}, {steps} steps"
        yield Row(f"{case}: computing per second", cost.computing / seconds, "s", promised=promised)
        yield Row(f"{case}: waiting per second", cost.seconds / seconds, "s")
    reference = samples.reference("hello", length)
    cases = [("move, 20 steps", reference, settings())]
    if not small:
        cases.append(("move, 4 steps", reference, settings(steps=4)))
        cases.append(("move, 20 steps, of 1080p", enlarged(reference, folder / "1080p.mp4"), settings()))
        cases.append(("replace, 20 steps", reference, settings(model=REPLACE.id)))
    for case, video, asked in cases:
        spent, passes = shares(video, asked, folder / "clip.mp4")
        for kind, computing in spent.items():
            share, times = f"{computing / sum(spent.values()):.0%}", f", passes: {passes}" if kind == "decoding" else ""
            yield Row(f"{case}: {kind}", computing, "s", note=share + times)
    yield Row("a frame's face, followed and read", reading(reference, tries), "ms", promised=at_most(12, loosely=20))
    yield Row("first word of progress", first, "s", promised=at_most(0.5, loosely=100))
    short, long = (0.1, 0.2) if small else (3.0, 30.0)
    for seconds in (short, long):
        samples.reference("hello", seconds)  # drawing it would take memory in the process that is measured
    for resolution in ("480p",) if small else ("480p", "720p"):
        brief, whole = (
            alone(encoded, seconds, resolution, folder / "clip.mp4", small=small).megabytes for seconds in (short, long)
        )
        bound = at_most(1.2, of_ratio=True) if resolution == "480p" else None
        yield Row(f"memory, {resolution}, long clip", whole, "MB", "short clip", brief, bound)
    levels = max(changed(look, 0.2 if small else 3.0) for look in (("ada",) if small else ("ada", "noor", "pip")))
    yield Row("pixels away from the person change", levels, "levels", promised=at_most(2, loosely=1))
