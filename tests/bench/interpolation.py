"""Pictures between frames beside the alternatives, on drawn performances whose every frame is known.

Each way gets the performance at a low rate and gives it back at a high one; only pictures between frames count. The
mouth and the lids are read by face mesh in what was made and in the true frames, in the same squares of both, and both
curves are compared with what any way can know: the curve of the frames that it gets, in straight lines.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from wan_notebook.finishing.finish import Finish, finish
from wan_notebook.finishing.interpolate import interpolate
from wan_notebook.finishing.moments import positions
from wan_notebook.media.samples import PEOPLE, curves, draw
from wan_notebook.video.write import Writer

from support.bench_rows import Row, at_least
from support.fidelity import Agreement
from support.measuring import least_taken, taken
from support.witness import Witness

Picture = NDArray[np.uint8]
Way = Callable[..., dict[int, Picture]]
Rates = tuple[float, float]
"""Frames per second before and after."""
SIZE = (480, 624)
PERFORMER, PERFORMANCES = "theo", ("hello", "nod", "wonder")
RATES = ((12.5, 25.0), (16.0, 30.0))
MINTERPOLATE = "mi_mode=mci:mc_mode=aobmc:me_mode=bidir:vsbmc=1:scd=none"


@dataclass(frozen=True)
class Made:
    """What a way made of a performance: decibels of each picture in between, and milliseconds of computing a frame."""

    pictures: dict[int, Picture]
    decibels: list[float]
    computing: float


def drawn(performance: str, seconds: float, fps: float) -> list[Picture]:
    motion = curves(performance, seconds, fps)
    return [np.asarray(draw(PEOPLE[PERFORMER], motion.pose(number), SIZE)) for number in range(len(motion.time))]


def by_flow(frames: Sequence[Picture], count: int, fps: float, source_fps: float) -> dict[int, Picture]:
    return dict(enumerate(interpolate(frames, positions(count, fps, source_fps))))


def by_blending(frames: Sequence[Picture], count: int, fps: float, source_fps: float) -> dict[int, Picture]:
    made = {}
    for number, moment in enumerate(positions(count, fps, source_fps)):
        before, part = min(int(moment), len(frames) - 1), float(moment % 1)
        after = frames[min(before + 1, len(frames) - 1)]
        made[number] = cv2.addWeighted(frames[before], 1 - part, after, part, 0)
    return made


def by_minterpolate(frames: Sequence[Picture], count: int, fps: float, source_fps: float) -> dict[int, Picture]:
    """FFmpeg's own filter, with the options that are said to be its best."""
    rate = Fraction(source_fps).limit_denominator(1001)
    graph = av.filter.Graph()
    source = graph.add_buffer(width=SIZE[0], height=SIZE[1], format="rgb24", time_base=1 / rate)
    steps = [source]
    for name, options in (
        ("format", "yuv444p"),
        ("minterpolate", f"fps={Fraction(fps).limit_denominator(1001)}:{MINTERPOLATE}"),
        ("format", "rgb24"),
        ("buffersink", None),
    ):
        steps.append(graph.add(name, options))
        steps[-2].link_to(steps[-1])
    graph.configure()

    def pulled() -> Iterator[Any]:
        for number, pixels in enumerate([*frames, None]):
            if pixels is None:
                graph.push(None)
            else:
                frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
                frame.pts, frame.time_base = number, 1 / rate
                graph.push(frame)
            yield from ready(graph)

    # By its time, since the filter begins and ends as it likes.
    made = {round(float(frame.pts * frame.time_base) * fps): frame.to_ndarray(format="rgb24") for frame in pulled()}
    return {number: picture for number, picture in made.items() if 0 <= number < count}


def ready(graph: av.filter.Graph) -> Iterator[Any]:
    """The frames that a graph has ready."""
    with contextlib.suppress(av.BlockingIOError, av.EOFError):
        while True:
            yield graph.pull()


def decibels(one: Picture, other: Picture) -> float:
    error = float(((one.astype(np.float32) - other) ** 2).mean())
    return 10 * np.log10(255**2 / max(error, 1e-3))


def made_by(
    way: Callable[..., dict[int, Picture]], low: Sequence[Picture], truth: Sequence[Picture], rates: Rates
) -> Made:
    """Let a way give frames back at the high rate, and compare those in between with the truth."""
    source_fps, fps = rates
    cost = taken(way, low, len(truth), fps, source_fps)
    moments = positions(len(truth), fps, source_fps)
    between = [n for n, moment in enumerate(moments) if moment % 1 and moment < len(low) - 1 and n in cost.result]
    values = [decibels(cost.result[number], truth[number]) for number in between]
    return Made(cost.result, values, 1000 * cost.computing / len(truth))


def line_between(curve: NDArray[np.float64], moments: Sequence[Fraction], step: float) -> NDArray[np.float64]:
    """A curve of the true frames, known at the low rate alone and drawn in straight lines: what any way can know."""
    known = np.interp(np.arange(int(moments[-1]) + 1) * step, np.arange(len(curve)), curve)
    return np.interp([float(moment) for moment in moments], np.arange(len(known)), known)


def correlations(
    pictures: dict[int, Picture], truth: Sequence[Picture], rates: Rates
) -> dict[str, tuple[float, float]]:
    """The correlation of mouth and lids with those of the true frames, and of what any way can know of them."""
    source_fps, fps = rates
    moments = positions(len(truth), fps, source_fps)
    made = [pictures.get(number, picture) for number, picture in enumerate(truth)]
    true, seen = Witness().read_alike(truth, made)
    known = {name: line_between(true[name], moments, fps / source_fps) for name in ("mouth", "blink")}
    pairs = {name: (Agreement.of(seen[name], true[name]), Agreement.of(known[name], true[name])) for name in known}
    return {name: (ours.correlation, limit.correlation) for name, (ours, limit) in pairs.items()}


def from_file_to_file(folder: Path, frames: Sequence[Picture], rates: Rates, times: int) -> float:
    """Return the seconds of computing that finishing a clip of these frames takes."""
    source_fps, fps = rates
    clip = folder / "clip.mp4"
    with Writer(clip, width=SIZE[0], height=SIZE[1], fps=source_fps) as writer:
        for frame in frames:
            writer.write(frame)
    return least_taken(times, finish, clip, folder / "finished.mp4", Finish(fps=fps)).computing


def rows(folder: Path, *, small: bool) -> Iterator[Row]:
    cv2.setNumThreads(1)
    seconds = 1.2 if small else 3.0  # in which a mouth speaks and eyes blink
    for rates in RATES:
        name = f"{rates[0]:g} → {rates[1]:g} fps"
        truth = {one: drawn(one, seconds, rates[1]) for one in PERFORMANCES[: 1 if small else None]}
        low = {one: drawn(one, seconds, rates[0]) for one in truth}
        flow, filtered, blended = (
            {one: made_by(way, low[one], truth[one], rates) for one in truth}
            for way in (by_flow, by_minterpolate, by_blending)
        )
        for what, part, least in (("mean", np.mean, 41), ("worst frame", min, 34)):
            worst = min(flow, key=lambda one, part=part: part(flow[one].decibels))
            ours, theirs = (float(part(way[worst].decibels)) for way in (flow, filtered))
            bound = at_least(least, loosely=1.1)
            yield Row(f"{name}: PSNR, {what}", ours, "dB", "minterpolate", theirs, bound, f"lowest of all: {worst}")
        above = min(float(np.mean(flow[one].decibels) - np.mean(blended[one].decibels)) for one in flow)
        yield Row(f"{name}: PSNR above blending", above, "dB", promised=at_least(3), note="lowest of all")
        read = {one: correlations(flow[one].pictures, truth[one], rates) for one in flow}
        for curve in ("mouth", "blink"):
            worst = min(read, key=lambda one, curve=curve: read[one][curve][0])
            ours, limit = read[worst][curve]
            bound = at_least(0.98, loosely=4)
            yield Row(
                f"{name}: {curve}, correlation", ours, "", "straight lines", limit, bound, f"lowest of all: {worst}"
            )
        computing, beside = (float(np.mean([made.computing for made in way.values()])) for way in (flow, filtered))
        yield Row(f"{name}: computing a frame", computing, "ms", "minterpolate", beside)
        cost = from_file_to_file(folder, next(iter(low.values())), rates, 1 if small else 3)
        yield Row(
            f"{name}: file to file, on two free cores",
            2 * seconds / cost,
            "× real time",
            promised=at_least(2, loosely=20),
        )
