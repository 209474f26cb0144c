"""Pictures between frames beside the alternatives, on drawn performances whose every frame is known.

Each way gets the performance at a low rate and gives it back at a high one; only pictures between frames count. The
mouth and the lids are read by face mesh in what was made and in the true frames, and both curves are compared. Of the
speed, the first is without a file, the second that of clip.finish() from file to file.
"""

import contextlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import psutil
from numpy.typing import NDArray

from wan_notebook.finishing.finish import Finish, finish
from wan_notebook.finishing.interpolate import interpolate, positions
from wan_notebook.media.samples import PEOPLE, curves, draw
from wan_notebook.video.write import Writer

from .expression import MEASURES, Witness, mean_of
from .fidelity import Agreement

Picture = NDArray[np.uint8]
SIZE = (480, 624)
PERFORMER, SECONDS = "theo", 3.0
RATES = ((12.5, 25.0), (16.0, 30.0))
MINTERPOLATE = "mi_mode=mci:mc_mode=aobmc:me_mode=bidir:vsbmc=1:scd=none"


def drawn(performance: str, fps: float) -> list[Picture]:
    motion = curves(performance, SECONDS, fps)
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


def by_nearest(frames: Sequence[Picture], count: int, fps: float, source_fps: float) -> dict[int, Picture]:
    moments = positions(count, fps, source_fps)
    return {number: frames[min(round(float(moment) - 0.01), len(frames) - 1)] for number, moment in enumerate(moments)}


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


WAYS: dict[str, Callable[..., dict[int, Picture]]] = {
    "flow (ours)": by_flow,
    "minterpolate": by_minterpolate,
    "blending": by_blending,
    "nearest": by_nearest,
}


def decibels(one: Picture, other: Picture) -> float:
    error = float(((one.astype(np.float32) - other) ** 2).mean())
    return 10 * np.log10(255**2 / max(error, 1e-3))


def agreement(witness: Witness, made: Sequence[Picture], truth: dict[str, NDArray[np.float64]]) -> list[float]:
    """The correlation of the mouth and of the lids with those of the true frames."""
    seen = mean_of(witness.read(made)[0], MEASURES)
    return [Agreement.of(seen[name], truth[name]).correlation for name in ("mouth", "blink")]


def line_between(curve: NDArray[np.float64], moments: Sequence[Fraction], step: float) -> NDArray[np.float64]:
    """A curve of the true frames, known at the low rate alone and drawn in straight lines: what any way can know."""
    known = np.interp(np.arange(int(moments[-1]) + 1) * step, np.arange(len(curve)), curve)
    return np.interp([float(moment) for moment in moments], np.arange(len(known)), known)


def speed_of_files(folder: Path, frames: Sequence[Picture], fps: float, source_fps: float) -> tuple[float, float]:
    """Return the seconds and the processor seconds of finishing a clip of these frames."""
    clip = folder / "clip.mp4"
    with Writer(clip, width=SIZE[0], height=SIZE[1], fps=source_fps) as writer:
        for frame in frames:
            writer.write(frame)
    begin, processor = time.perf_counter(), time.process_time()
    finish(clip, folder / "finished.mp4", Finish(fps=fps))
    return time.perf_counter() - begin, time.process_time() - processor


def main() -> None:
    cv2.setNumThreads(1)
    witness, cores = Witness(), os.cpu_count() or 1
    head = f"{'PSNR mean':>11}{'worst':>8}{'mouth r':>9}{'blink r':>9}{'CPU a frame':>13}"
    print(f"{'':<26}{'':<14}{head}")
    for source_fps, fps in RATES:
        for performance in ("hello", "nod", "wonder"):
            truth, low = drawn(performance, fps), drawn(performance, source_fps)
            read = mean_of(witness.read(truth)[0], MEASURES)
            moments = positions(len(truth), fps, source_fps)
            between = [n for n, moment in enumerate(moments) if moment % 1 and moment < len(low) - 1]
            half = {name: line_between(read[name], moments, fps / source_fps) for name in ("mouth", "blink")}
            limit = [Agreement.of(half[name], read[name]).correlation for name in half]
            for name, way in WAYS.items():
                begin = time.process_time()
                made = way(low, len(truth), fps, source_fps)
                took = (time.process_time() - begin) / len(truth)
                values = [decibels(made[number], truth[number]) for number in between if number in made]
                shown = [made.get(number, truth[number]) for number in range(len(truth))]
                mouth, blink = agreement(witness, shown, read)
                what = f"{performance}, {source_fps:g} → {fps:g} fps" if name == "flow (ours)" else ""
                numbers = f"{np.mean(values):>8.1f} dB{min(values):>5.1f} dB{mouth:>9.3f}{blink:>9.3f}"
                print(f"{what:<26}{name:<14}{numbers}{1000 * took:>10.0f} ms", flush=True)
            print(f"{'':<26}{'curves themselves, in straight lines':<33}{limit[0]:>9.3f}{limit[1]:>9.3f}")
        with tempfile.TemporaryDirectory() as folder:
            took, worked = speed_of_files(Path(folder), low, fps, source_fps)
        print(
            f"from file to file {source_fps:g} → {fps:g} fps at 480p: {SECONDS / took:.1f} × real time now, "
            f"{SECONDS * cores / worked:.1f} × on {cores} free cores (load {psutil.getloadavg()[0]:.1f})"
        )
    print("promised: mean ≥ 41 dB, worst ≥ 34 dB, 3 dB above blending, r ≥ .98, 2 × real time on two cores")


if __name__ == "__main__":
    main()
