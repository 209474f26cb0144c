"""How truly a character repeats a performance: both clips read by the face mesh, frame by frame.

With a folder of real pictures and videos, each picture repeats each video. Drawn motion, which is known, is in
bench/motion.py.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bench.preview import settings
from wan_notebook import media
from wan_notebook.media import samples
from wan_notebook.media.checks import analyze_picture
from wan_notebook.preview.engine import run
from wan_notebook.video.read import frames

from support.bench_rows import Row, at_least
from support.fidelity import Agreement
from support.measuring import side_by_side
from support.real_media import MISSING, real_media
from support.witness import MEASURES, Curve, Witness, mean_of

OF_REAL = {"mouth": 0.9, "lids": 0.8, "brows": 0.7, "width": 0.75, "yaw": 0.9, "pitch": 0.8, "roll": 0.95}
"""The least medians of correlations."""
LEAST_GAIN = 0.6


def compare(picture: Path, video: Path) -> tuple[dict[str, Agreement], float]:
    """Let a picture repeat a video; return the agreements, and the share of frames in which a face is surely seen."""
    made = run(picture, video, settings(), lambda *_: None, lambda: False)
    result, sure = Witness().read(made)
    wanted = performed(video, made.fps)
    count = min(len(result["roll"]), len(wanted["roll"]))
    seen, reference = mean_of(result), mean_of(wanted)
    return {name: Agreement.of(seen[name][:count], reference[name][:count]) for name in MEASURES}, sure


@functools.cache
def performed(video: Path, fps: float) -> dict[str, Curve]:
    """Return what the mesh reads of a performance at so many frames per second."""
    return Witness().read(frame.pixels for frame in frames(video, fps=fps, height=480))[0]


def real(pictures: list[Path], videos: list[Path], *, small: bool) -> Iterator[Row]:
    """Yield the medians over all pairs of real pictures and videos; none of them where there are none."""
    chosen = [(picture, video) for video, picture in itertools.product(videos, pictures)]
    compared = side_by_side(compare, chosen, small=small)
    pairs = {f"{one.stem} × {other.stem}": found for (one, other), found in zip(chosen, compared, strict=True)}
    for name in MEASURES:
        for part, promised in (("correlation", OF_REAL.get(name)), ("gain", LEAST_GAIN)):
            values = {pair: getattr(found[name], part) for pair, (found, _) in pairs.items()}
            note = f"lowest {min(values.values()):.2f}: {min(values, key=values.__getitem__)}" if values else MISSING
            median = float(np.nanmedian(list(values.values()))) if values else None
            bound = None if promised is None else at_least(promised, loosely=2)
            yield Row(f"real, {name}: median {part}", median, "", promised=bound, note=note)
    found = [_shows_face(picture) for picture in pictures]
    shown = 100 * sum(found) / len(found) if found else None
    note = f"of {len(found)}" if found else MISSING
    yield Row("real: pictures in which a face is found", shown, "%", promised=at_least(100), note=note)
    share = min((sure for _, sure in pairs.values()), default=None)
    yield Row("real: frames with a face, fewest", share, "of all", note="" if pairs else MISSING)


def _shows_face(picture: Path) -> bool:
    analysis = analyze_picture(media.picture(picture))
    return analysis is not None and analysis.faces is not None and analysis.faces.count > 0


def drawn_media() -> tuple[list[Path], list[Path]]:
    """Return a picture and a video for a run in which only its way is tried."""
    return [samples.character("ada")], [samples.reference("wonder", 1.6)]


def rows(_folder: Path, *, small: bool) -> Iterator[Row]:
    yield from real(*(drawn_media() if small else real_media()), small=small)
