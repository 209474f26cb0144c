"""Drift of colours that is known: how much of it is undone, and what becomes of clips that have none.

Clips begin to drift after the first window of 77 frames, at frame 300 by 12 levels and in contrast, growing or in steps
where windows begin, and are written as the service writes them. Real videos play forth and back as clips, and as
references whose light truly changes.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from wan_notebook.finishing.colour import measure_drift
from wan_notebook.finishing.finish import Finish, finish
from wan_notebook.media import samples
from wan_notebook.model.family import WINDOW_FRAMES
from wan_notebook.sweeps.metrics.appearance import ColourDrift
from wan_notebook.video.read import frames
from wan_notebook.video.write import Writer

from support.bench_rows import Row, at_least, at_most
from support.measuring import side_by_side, taken
from support.real_media import MISSING, real_media

Picture = NDArray[np.uint8]
FPS = 25.0


@dataclass(frozen=True)
class Source:
    """A video that goes forth and back as a clip of so many frames."""

    name: str
    path: Path
    count: int = 301
    height: int = 480

    def frames(self) -> Iterator[Picture]:
        shown = [frame.pixels for frame in frames(self.path, height=self.height)]
        return itertools.islice(itertools.cycle([*shown, *shown[::-1]]), self.count)


def growing(number: int) -> float:
    return max(0, number - WINDOW_FRAMES) / (300 - WINDOW_FRAMES)


def stepping(number: int) -> float:
    return max(0, (number - 1) // (WINDOW_FRAMES - 1)) / 3


def none(_number: int) -> float:
    return 0.0


def drifted(clip: Iterable[Picture], amount: Callable[[int], float]) -> Iterator[Picture]:
    for number, frame in enumerate(clip):
        share = amount(number)
        levels = (frame.astype(np.float32) - 128) * (1 + share * np.array([0.08, -0.05, 0.1])) + 128
        yield np.rint(levels + share * np.array([12, -6, -12])).clip(0, 255).astype(np.uint8)


def lit(clip: Iterable[Picture]) -> Iterator[Picture]:
    """A reference whose light truly changes, by 15 % up and down."""
    for number, frame in enumerate(clip):
        yield np.clip(frame * (1 + 0.15 * np.sin(number / 40)), 0, 255).astype(np.uint8)


def written(clip: Iterable[Picture], path: Path) -> Path:
    first, *rest = clip
    height, width = first.shape[0] // 2 * 2, first.shape[1] // 2 * 2
    with Writer(path, width=width, height=height, fps=FPS) as writer:
        for frame in (first, *rest):
            writer.write(frame[:height, :width])
    return path


def delta_e(path: Path) -> float:
    drift = ColourDrift()
    for frame in frames(path):
        drift.update(frame.pixels)
    return drift.value


def distance(path: Path, truth: Iterable[Picture]) -> float:
    """The mean distance of the last 30 frames from the true ones, in levels, over blocks of 8 by 8 pixels.

    Of single pixels the noise of the codec would be counted, twice in a clip that was written twice.
    """
    pairs = list(zip(frames(path, accurate=True), truth, strict=True))[-30:]
    return float(np.mean([np.abs(blocks(one.pixels) - blocks(other)).mean() for one, other in pairs]))


def blocks(pixels: Picture) -> NDArray[np.float32]:
    size = pixels.shape[1] // 8, pixels.shape[0] // 8
    return cv2.resize(pixels.astype(np.float32), size, interpolation=cv2.INTER_AREA)


def drift(source: Source, folder: Path) -> Iterator[Row]:
    """Yield what becomes of a clip that drifts, and of one that does not."""
    undrifted = written(source.frames(), folder / "undrifted.mp4")
    coded = distance(undrifted, source.frames())  # what the codec alone costs
    for amount in (growing, stepping, none):
        before, after = written(drifted(source.frames(), amount), folder / "before.mp4"), folder / "after.mp4"
        cost = taken(finish, before, after, Finish(steady=True))
        wrong, left = (max(0.0, distance(made, source.frames()) - coded) for made in (before, after))
        note = f"of {wrong:.1f} levels; ΔE {delta_e(before):.1f}, after it {delta_e(after):.1f}"
        if amount is none:
            yield Row(f"{source.name}, without drift: changed", left, "levels", promised=at_most(1))
        else:
            share, bound = 100 * (1 - left / wrong), at_least(85, loosely=1.25)
            yield Row(f"{source.name}, {amount.__name__}: undone", share, "%", promised=bound, note=note)
    yield Row(f"{source.name}: file to file", source.count / FPS / cost.computing, "× real time a core")


def light(source: Source) -> Iterator[Row]:
    """Yield what is taken for drift where the reference's light changes, and what is undone there."""
    reference = list(lit(source.frames()))
    clip = list(drifted(reference, growing))
    for mode, replaces in (("Move", False), ("Replace", True)):
        wrongly = measure_drift(reference, reference=reference, replaces=replaces).largest
        yield Row(f"{source.name}, changing light, {mode}: taken for drift", wrongly, "levels")
        found = measure_drift(clip, reference=reference, replaces=replaces)
        pairs = list(enumerate(zip(clip, reference, strict=True)))[-30:]
        left = np.mean([np.abs(found.correct(one, n).astype(int) - truth).mean() for n, (one, truth) in pairs])
        wrong = np.mean([np.abs(one.astype(int) - truth).mean() for _, (one, truth) in pairs])
        yield Row(f"{source.name}, changing light, {mode}: undone", float(100 * (1 - left / wrong)), "%")


def measured(drifting: Source, lit_anew: Source, folder: Path) -> list[Row]:
    """Return what becomes of a source's clips, written into a folder of their own."""
    (own := folder / drifting.name).mkdir()
    return [*drift(drifting, own), *light(lit_anew)]


def rows(folder: Path, *, small: bool) -> Iterator[Row]:
    drawn, videos = samples.reference("hello", 1 if small else 3, FPS), real_media()[1]
    if small:
        pairs = [(Source("drawn", drawn, 160, 96), Source("drawn", drawn, 90, 48))]
    else:
        pairs = [(source, source) for source in (Source("drawn", drawn), *(Source(one.stem, one) for one in videos))]
    for found in side_by_side(measured, [(*pair, folder) for pair in pairs], small=small):
        yield from found
    if not videos:
        yield Row("real", None, "", note=MISSING)
