"""How truly a character repeats a performance: both clips read by the face mesh, frame by frame.

Drawn people and a photograph repeat drawn performances whose motion is known: the correlation is with the truth, the
gain, which needs one unit for both, with the performer as it is read, since the mesh knows people, and drawn ones less.
With a folder of real pictures and videos, each picture repeats each video.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.preview import settings
from wan_notebook.media import samples
from wan_notebook.preview.engine import run
from wan_notebook.video.read import frames

from support.bench_rows import Row, at_least
from support.fidelity import Agreement, characters, farthest, lowest
from support.real_media import MISSING, real_media
from support.witness import MEASURES, Curve, Witness, mean_of

DRAWN = {
    "head_x": ("x",),
    "head_y": ("y",),
    "roll": ("roll",),
    "mouth": ("mouth_open",),
    "blink": ("eye_left", "eye_right"),
    "yaw": ("yaw",),
    "pitch": ("pitch",),
    "smile": ("corner_left", "corner_right"),
    "brows": ("brow_left", "brow_right"),
}
"""The curves of drawn performances, and the readings that show them."""
OF_DRAWN = {"yaw": 0.9, "pitch": 0.9, "smile": 0.85, "brows": 0.85}
"""The least correlations; of the other curves they are those that bench/motion.py reads without a mesh."""
OF_REAL = {"mouth": 0.9, "lids": 0.8, "brows": 0.7, "width": 0.75, "yaw": 0.9, "pitch": 0.8, "roll": 0.95}
"""The least medians of correlations."""
LEAST_GAIN = 0.6


def in_units(seen: dict[str, Curve]) -> dict[str, Curve]:
    """Return readings with the place in distances of the eyes' corners."""
    unit = np.nanmedian(seen["unit"])
    return mean_of(seen | {"x": seen["x"] / unit, "y": seen["y"] / unit}, DRAWN)


def repeated(picture: Path, video: Path) -> Iterator[NDArray[np.uint8]]:
    return run(picture, video, settings(), lambda *_: None, lambda: False)


def drawn(folder: Path, *, small: bool) -> Iterator[Row]:
    """Yield how drawn characters follow what is drawn."""
    truly: dict[str, dict[str, Agreement]] = {}
    beside: dict[str, dict[str, Agreement]] = {}
    for performance in ("wonder",) if small else samples.PERFORMANCES:
        seconds = 1.6 if small else 3.0
        video, curves = samples.reference(performance, seconds), samples.curves(performance, seconds)
        truth = {name: (-1 if name == "blink" else 1) * getattr(curves, name) for name in DRAWN}
        performer = in_units(Witness().read(frame.pixels for frame in frames(video))[0])
        for name, picture in characters(folder, small=small).items():
            made = in_units(Witness().read(repeated(picture, video))[0])
            pair = f"{name}, {performance}"
            truly[pair] = {one: Agreement.of(made[one], truth[one]) for one in DRAWN}
            beside[pair] = {one: Agreement.of(made[one], performer[one]) for one in DRAWN}
    for one in DRAWN:
        promised = at_least(OF_DRAWN[one], loosely=None) if one in OF_DRAWN else None
        yield lowest(f"drawn, {one}", {pair: found[one] for pair, found in truly.items()}, promised)
        yield farthest(f"drawn, {one}", {pair: found[one] for pair, found in beside.items()}, None)


def compare(picture: Path, video: Path) -> tuple[dict[str, Agreement], float]:
    """Let a picture repeat a video; return the agreements, and the share of frames in which a face is surely seen."""
    made = run(picture, video, settings(), lambda *_: None, lambda: False)
    result, sure = Witness().read(made)
    wanted, _ = Witness().read(frame.pixels for frame in frames(video, fps=made.fps, height=480))
    count = min(len(result["roll"]), len(wanted["roll"]))
    seen, reference = mean_of(result), mean_of(wanted)
    return {name: Agreement.of(seen[name][:count], reference[name][:count]) for name in MEASURES}, sure


def real(pictures: list[Path], videos: list[Path]) -> Iterator[Row]:
    """Yield the medians over all pairs of real pictures and videos; none of them where there are none."""
    pairs = {f"{one.stem} × {other.stem}": compare(one, other) for one, other in itertools.product(pictures, videos)}
    for name in MEASURES:
        for part, promised in (("correlation", OF_REAL.get(name)), ("gain", LEAST_GAIN)):
            values = {pair: getattr(found[name], part) for pair, (found, _) in pairs.items()}
            note = f"lowest {min(values.values()):.2f}: {min(values, key=values.__getitem__)}" if values else MISSING
            median = float(np.nanmedian(list(values.values()))) if values else None
            bound = None if promised is None else at_least(promised, loosely=2)
            yield Row(f"real, {name}: median {part}", median, "", promised=bound, note=note)
    share = min((sure for _, sure in pairs.values()), default=None)
    yield Row("real: frames with a face, fewest", share, "of all", note="" if pairs else MISSING)


def rows(folder: Path, *, small: bool) -> Iterator[Row]:
    yield from drawn(folder, small=small)
    yield from real(*real_media())
