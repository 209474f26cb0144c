"""Drift of colours that is known: how much of it is undone, and what becomes of clips that have none.

Clips begin to drift after the first window of 77 frames, at frame 300 by 12 levels and in contrast, growing or in steps
where windows begin, and are written as the service writes them. ΔE is the metric of sweeps/metrics, before and after.
With a FOLDER of videos, each plays forth and back as a clip and as its own reference: `python -m tests.bench colour F`.
"""

import itertools
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
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

Picture = NDArray[np.uint8]
COUNT, FPS = 301, 25.0
HEIGHT = 480


def growing(number: int) -> float:
    return max(0, number - WINDOW_FRAMES) / (COUNT - 1 - WINDOW_FRAMES)


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


def forth_and_back(path: Path) -> Iterator[Picture]:
    """The first COUNT frames of a video that goes forth and back."""
    shown = [frame.pixels for frame in frames(path, height=HEIGHT)]
    return itertools.islice(itertools.cycle([*shown, *shown[::-1]]), COUNT)


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


def row(name: str, folder: Path, clip: Callable[[], Iterator[Picture]], amount: Callable[[int], float]) -> None:
    before = written(drifted(clip(), amount), folder / "before.mp4")
    written(clip(), folder / "undrifted.mp4")
    begin = time.process_time()
    report = finish(before, folder / "after.mp4", Finish(steady=True))
    took = time.process_time() - begin
    coded = distance(folder / "undrifted.mp4", clip())  # what the codec alone costs
    wrong, left = (max(0.0, distance(folder / f"{which}.mp4", clip()) - coded) for which in ("before", "after"))
    removed = f"{1 - left / wrong:>8.0%}" if amount is not none else f"{'–':>8}"
    shown = [delta_e(folder / f"{which}.mp4") for which in ("before", "after", "undrifted")]
    print(
        f"{name:<34}{wrong:>8.1f}{left:>8.2f}{removed}{report.drift:>9.1f}"
        f"{shown[0]:>9.1f}{shown[1]:>8.1f}{shown[2]:>8.1f}{COUNT / FPS / took:>8.1f} ×",
        flush=True,
    )


def references(path: Path) -> None:
    """Print what is taken for drift where the reference's light changes, and in clips without any."""
    clip = list(forth_and_back(path))
    light = list(lit(clip))
    both = list(drifted(light, growing))

    def undone(replaces: bool) -> float:
        drift = measure_drift(both, reference=light, replaces=replaces)
        pairs = list(enumerate(zip(both, light, strict=True)))[-30:]
        left = np.mean([np.abs(drift.correct(one, n).astype(int) - truth).mean() for n, (one, truth) in pairs])
        return float(1 - left / np.mean([np.abs(one.astype(int) - truth).mean() for _, (one, truth) in pairs]))

    wrongly = [
        measure_drift(clip).largest,
        measure_drift(light, reference=light).largest,
        measure_drift(light, reference=light, replaces=True).largest,
    ]
    print(
        f"{path.stem[:32]:<34}"
        + "".join(f"{one:>12.1f}" for one in wrongly)
        + f"{undone(False):>12.0%}{undone(True):>12.0%}"
    )


def main(arguments: Sequence[str] = ()) -> None:
    real = sorted(path for folder in arguments for path in Path(folder).glob("*.mp4"))
    head = f"{'levels':>8}{'left':>8}{'undone':>8}{'measured':>9}{'ΔE before':>9}{'after':>8}{'of none':>8}{'CPU':>10}"
    print(f"{'':<34}{head}")
    with tempfile.TemporaryDirectory() as folder:
        for path in [samples.reference("hello", 3, FPS), *real]:
            for amount in (growing, stepping, none):
                row(
                    f"{path.stem[:22]}, {amount.__name__}", Path(folder), lambda path=path: forth_and_back(path), amount
                )
    print("promised: 85 % of a drift undone, and an undrifted clip changed by less than a level")
    print(
        f"\n{'taken for drift, in levels, of':<34}{'no drift':>12}{'light, Move':>12}{'Replace':>12}"
        f"{'undone: Move':>14}{'Replace':>12}"
    )
    for path in [samples.reference("hello", 3, FPS), *real]:
        references(path)


if __name__ == "__main__":
    main()
