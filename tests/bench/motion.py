"""How truly a drawn character, or a photograph, repeats drawn motion, read by a ruler which knows no mesh."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from bench.preview import settings
from wan_notebook.media import samples
from wan_notebook.preview.engine import run

from support.bench_rows import Bound, Row, at_least
from support.fidelity import (
    ASTRONAUT,
    ASTRONAUT_EYE,
    DRAWN_EYE,
    GAPE,
    Agreement,
    Ruler,
    characters,
    drawn_points,
    farthest,
    lowest,
)

CORRELATIONS = {"head_x": 0.97, "head_y": 0.97, "roll": 0.97, "mouth": 0.97, "blink": 0.93}
GAINS = dict.fromkeys(("head_x", "head_y", "mouth"), Bound(0.75, 1.25, loosely=1.5))


def agreements(picture: Path, performance: str, seconds: float) -> dict[str, Agreement]:
    """Let a character repeat a drawn performance, and compare what is seen with the truth."""
    made = run(picture, samples.reference(performance, seconds), settings(), lambda *_: None, lambda: False)
    still = Image.open(picture).convert("RGB")
    photograph = "astronaut" in picture.name
    points, eye = (ASTRONAUT, ASTRONAUT_EYE) if photograph else (drawn_points(samples.CHARACTER_SIZE), DRAWN_EYE)
    across, down = made.width / still.width, made.height / still.height
    left, right, upper, lower = ((x * across, y * down) for x, y in points)
    pixels = cv2.resize(np.asarray(still), (made.width, made.height), interpolation=cv2.INTER_AREA)
    seen, truth = Ruler(pixels, (left, right, upper, lower), eye).measure(made), samples.curves(performance, seconds)
    true = {name: getattr(truth, name) * (GAPE if name == "mouth" else 1) for name in CORRELATIONS}
    return {name: Agreement.of(getattr(seen, name), true[name]) for name in CORRELATIONS}


def rows(folder: Path, *, small: bool) -> Iterator[Row]:
    performances, seconds = (("hello",), 1.0) if small else (samples.PERFORMANCES, 3.0)
    found = {
        f"{name}, {performance}": agreements(picture, performance, seconds)
        for performance in performances
        for name, picture in characters(folder, small=small).items()
    }
    for curve, least in CORRELATIONS.items():
        pairs = {pair: agreement[curve] for pair, agreement in found.items()}
        yield lowest(curve, pairs, at_least(least, loosely=2))
        yield farthest(curve, pairs, GAINS.get(curve))
