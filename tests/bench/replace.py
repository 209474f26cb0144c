"""Replace: how much the border of the new head flickers, beside heads that are cut out of each frame anew.

Drawn people take the places of drawn performers, and with a folder of real pictures and videos each picture that of the
performer in each video.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.preview import settings
from wan_notebook.faces.find import face_reader
from wan_notebook.faces.mesh import Mesh
from wan_notebook.faces.topology import OVAL, RIGID
from wan_notebook.faces.track import FaceTracker
from wan_notebook.media import samples
from wan_notebook.model.family import MOVE, REPLACE
from wan_notebook.preview.engine import run
from wan_notebook.preview.engine.area import HEAD
from wan_notebook.preview.engine.cutout import head_matte
from wan_notebook.video.read import frames

from support.bench_rows import Row, at_most
from support.measuring import side_by_side
from support.real_media import MISSING, real_media

Pixels = NDArray[np.uint8]
_RING = (1.05, 1.7)
"""The border of a head, in radii of the face's outline."""
MOST = {"drawn": 0.6, "real": 0.6}
"""Flicker beside heads that are cut out anew."""


def flicker(made: Iterable[Pixels], meshes: Sequence[Mesh | None]) -> float:
    """Return the flicker of the border of a head, in grey levels.

    It is the mean of |Iₜ₋₁ − 2 Iₜ + Iₜ₊₁| ÷ 2 within a ring around the face: what moves steadily adds little, what
    comes and goes from frame to frame all of it.

    Args:
        made: frames of one size, H×W×3 RGB.
        meshes: the faces whose borders are meant, in the frames' pixels; None where there is none.
    """
    values, window = [], []
    for pixels, mesh in zip(made, [None, *meshes], strict=False):
        window = [*window[-2:], pixels.astype(np.float32).mean(2)]
        if len(window) == 3 and mesh is not None:
            change = np.abs(window[0] - 2 * window[1] + window[2]) / 2
            values.append(float(change[_ring(mesh, change.shape)].mean()))
    return float(np.mean(values))


def _ring(mesh: Mesh, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    outline = mesh.points[list(OVAL), :2]
    ring = np.zeros(shape, np.uint8)
    for radii, value in zip(reversed(_RING), (1, 0), strict=True):
        cv2.fillPoly(ring, [np.round(outline.mean(0) + radii * (outline - outline.mean(0))).astype(np.int32)], value)
    return ring > 0


def cut_out_anew(
    picture: Path, video: Path, size: tuple[int, int], performer: Sequence[Mesh | None]
) -> Iterator[Pixels]:
    """Yield the alternative: the animated character, cut out of each frame by itself, laid where each mesh is read."""
    made = run(picture, video, settings(model=MOVE.id), lambda *_: None, lambda: False)
    tracker = FaceTracker(face_reader(), made.fps)
    scenes = (frame.pixels for frame in frames(video, fps=made.fps, height=size[1], accurate=True))
    for moved, scene, theirs in zip(made, scenes, performer, strict=False):
        pixels, own = cv2.resize(scene, size), tracker.follow(moved)
        if own is not None and theirs is not None:
            firm = list(RIGID)
            across, _ = cv2.estimateAffinePartial2D(own.points[firm, :2], theirs.points[firm, :2], method=cv2.LMEDS)
            detail = 40.0
            matte = cv2.warpAffine(head_matte(moved, own, detail), HEAD.to_pixels(own, detail), moved.shape[1::-1])
            alpha, over = cv2.warpAffine(matte, across, size), cv2.warpAffine(moved, across, size)
            pixels = cv2.blendLinear(over, pixels, alpha, 1 - alpha)
        yield pixels


def compare(picture: Path, video: Path, count: int) -> tuple[float, float, float]:
    """Return the flicker of Replace, of the alternative, and of the performer's own border, over so many frames."""
    made = run(picture, video, settings(model=REPLACE.id), lambda *_: None, lambda: False)
    size = made.width, made.height
    tracker = FaceTracker(face_reader(), made.fps)
    shown = (frame.pixels for frame in frames(video, fps=made.fps, height=made.height))
    reference = [cv2.resize(pixels, size) for pixels in itertools.islice(shown, count)]
    meshes = [tracker.follow(pixels) for pixels in reference]
    return (
        flicker(itertools.islice(made, count), meshes),
        flicker(cut_out_anew(picture, video, size, meshes), meshes),
        flicker(reference, meshes),
    )


def rows(_folder: Path, *, small: bool) -> Iterator[Row]:
    looks, performances = (("ada",), ("hello",)) if small else (("ada", "noor", "pip"), samples.PERFORMANCES)
    seconds, count = (0.2, 4) if small else (2.4, 60)
    drawn = [samples.character(name) for name in looks], [samples.reference(name, seconds) for name in performances]
    for kind, (pictures, videos) in (("drawn", drawn), ("real", real_media())):
        chosen = [(picture, video, count) for picture, video in itertools.product(pictures, videos)]
        found = side_by_side(compare, chosen, small=small)
        ours, anew, own = np.median(found, axis=0) if found else (None, None, 0)
        note = f"median of {len(found)}; the performers' own heads {own:.2f}" if found else MISSING
        bound = at_most(MOST[kind], of_ratio=True, loosely=1.5)
        yield Row(f"flicker around the head, {kind}", ours, "levels", "cut out anew", anew, bound, note)
