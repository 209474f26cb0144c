"""How truly a drawn character, or a photograph, repeats drawn motion, read by a ruler which knows no mesh."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from bench.preview import settings
from wan_notebook.media import samples
from wan_notebook.preview.engine import run
from wan_notebook.video.read import frames

from support.bench_rows import Bound, Row, at_least
from support.fidelity import Agreement, characters, farthest, lowest
from support.ruler import (
    ASTRONAUT,
    ASTRONAUT_EYE,
    CLOSED,
    DRAWN_EYE,
    GAPE,
    RAISED,
    SMILE,
    Marks,
    Ruler,
    drawn_marks,
)
from support.witness import Curve, Witness, mean_of

CORRELATIONS = {
    "head_x": 0.97,
    "head_y": 0.97,
    "roll": 0.97,
    "mouth": 0.97,
    "blink": 0.93,
    "yaw": 0.9,
    "pitch": 0.9,
    "smile": 0.85,
    "brows": 0.85,
}
GAIN, TRIED = Bound(0.75, 1.25, loosely=1.5), ("head_x", "head_y", "mouth")
"""The gain of each curve, and those that move enough in a small run."""
UNITS = {"mouth": GAPE, "smile": SMILE, "brows": RAISED}
"""Eye distances that a curve of 1 is in a drawing."""
OF_PERFORMER = {
    "yaw": ("yaw",),
    "pitch": ("pitch",),
    "smile": ("corner_left", "corner_right"),
    "brows": ("brow_left", "brow_right"),
}
"""Readings of the mesh that show a curve."""


def true_curves(performance: str, seconds: float) -> dict[str, Curve]:
    """Return the curves of a drawn performance; its smile is not told while the lips are open."""
    truth = samples.curves(performance, seconds)
    curves = {name: UNITS.get(name, 1) * getattr(truth, name) for name in CORRELATIONS}
    return curves | {"smile": np.where(truth.mouth < CLOSED, curves["smile"], np.nan)}


def agreements(picture: Path, performance: str, seconds: float) -> dict[str, Agreement]:
    """Let a character repeat a drawn performance, and compare what is seen with the truth."""
    made = run(picture, samples.reference(performance, seconds), settings(), lambda *_: None, lambda: False)
    still = Image.open(picture).convert("RGB")
    marks, eye = marked(picture)
    scale = np.diag([made.width / still.width, made.height / still.height, 1])[:2]
    pixels = cv2.resize(np.asarray(still), (made.width, made.height), interpolation=cv2.INTER_AREA)
    seen = Ruler(pixels, marks.placed(scale), eye).measure(made)
    return {name: Agreement.of(getattr(seen, name), true) for name, true in true_curves(performance, seconds).items()}


def marked(picture: Path) -> tuple[Marks, tuple[float, float]]:
    """Return where a character's features are, and how large its open eyes."""
    if "astronaut" in picture.name:
        return ASTRONAUT, ASTRONAUT_EYE
    return drawn_marks(samples.PEOPLE[picture.stem], samples.CHARACTER_SIZE), DRAWN_EYE


def as_read(performance: str, seconds: float) -> dict[str, Agreement]:
    """Compare what the mesh reads of the drawn performer with the truth: what is not read cannot be repeated."""
    seen, _ = Witness().read(frame.pixels for frame in frames(samples.reference(performance, seconds)))
    true = true_curves(performance, seconds)
    return {name: Agreement.of(curve, true[name]) for name, curve in mean_of(seen, OF_PERFORMER).items()}


def rows(folder: Path, *, small: bool) -> Iterator[Row]:
    performances, seconds = ("hello",) if small else samples.PERFORMANCES, 3.0
    found = {
        f"{name}, {performance}": agreements(picture, performance, seconds)
        for performance in performances
        for name, picture in characters(folder, small=small).items()
    }
    for curve, least in CORRELATIONS.items():
        pairs = {pair: agreement[curve] for pair, agreement in found.items()}
        yield lowest(curve, pairs, at_least(least, loosely=2))
        yield farthest(curve, pairs, GAIN if curve in TRIED else replace(GAIN, loosely=None))
    read = {performance: as_read(performance, seconds) for performance in performances}
    for curve in OF_PERFORMER:
        yield lowest(
            f"{curve} of the performer, read by the mesh", {one: found[curve] for one, found in read.items()}, None
        )
