"""The performer's motion through the whole clip: measured frame by frame, set against rest, smoothed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray

from .expression import Face, Reader
from .footage import Footage
from .geometry import FacePoints, Matrix
from .tracking import Head, Tracker

Curve = NDArray[np.float64]


@dataclass(frozen=True)
class Track:
    """What the performer's head does in every frame."""

    heads: NDArray[np.float64]
    """Frames × the fields of Head."""
    faces: NDArray[np.float64]
    """Frames × the fields of Face; the eyes' fields say how far the lids are closed, 0 to 1."""
    places: NDArray[np.float64]
    """Frames × 2 × 3: maps from face units to the reference's pixels at `height`."""
    surprise: Curve
    height: int

    def head(self, frame: int) -> Head:
        """Return where the head is."""
        return Head(*self.heads[min(frame, len(self.heads) - 1)].tolist())

    def face(self, frame: int) -> Face:
        """Return what the face does."""
        return Face(*self.faces[min(frame, len(self.faces) - 1)].tolist())

    def place(self, frame: int) -> Matrix:
        """Return the map from face units to the reference's pixels."""
        place: Matrix = self.places[min(frame, len(self.places) - 1)]
        return place


def follow(footage: Footage, steps: int, shift: float, told: Callable[[int], None]) -> Track:
    """Measure the motion of the performer's head and face.

    Args:
        footage: a reference in which a face was found.
        steps: more of them measure more finely.
        shift: more of it smooths over more frames.
        told: is called with the number of frames measured.
    """
    rest = footage.neutral
    assert rest is not None
    assert rest.face is not None
    height = rest.pixels.shape[0]
    tracker = Tracker(rest.pixels, rest.face, detail=24 + 1.6 * min(steps, 40), rounds=1 if steps < 30 else 2)
    reader = Reader(tracker.rest, rest.face.mouth_units, tracker.detail)
    tracker.place = _first_place(footage, rest.face)
    heads, faces, places, surprise = [], [], [], []
    for number, pixels in enumerate(footage.frames(height)):
        if number == 0:
            for _ in range(4):
                tracker.follow(pixels)
        sight = tracker.follow(pixels)
        heads.append(astuple(sight.head))
        faces.append(astuple(reader.read(sight)))
        places.append(tracker.place)
        surprise.append(sight.surprise)
        told(number + 1)
    sigma = (shift - 1) / 8 * footage.fps / 25
    return Track(
        heads=smoothed(np.array(heads), sigma),
        faces=smoothed(_against_rest(np.array(faces)), sigma),
        places=np.array(places),
        surprise=np.array(surprise),
        height=height,
    )


def _first_place(footage: Footage, at_rest: FacePoints) -> Matrix:
    """Where the head seems to be as the clip begins: where the earliest candidate of a like size shows it."""
    first = next((c.face for c in footage.candidates[:3] if c.face), at_rest)
    return first.to_pixels


def _against_rest(faces: NDArray[np.float64]) -> NDArray[np.float64]:
    upper, lower = faces[:, 0].copy(), faces[:, 1].copy()
    gap = lower - upper
    calm = np.clip((gap - 0.02) / 0.03, 0, 1)
    faces = faces.copy()
    faces[:, 0] = upper * calm
    faces[:, 1] = faces[:, 0] + np.maximum(0, gap) * calm
    closure = _closure(faces[:, 2:4].mean(1))
    faces[:, 2] = faces[:, 3] = closure
    return faces


def _closure(seen: Curve) -> Curve:
    """How far the lids are closed, from how much of the eyes is seen."""
    share = seen / max(1e-6, float(np.percentile(seen, 75)))
    closed = float(np.clip(share.min(), 0.3, 0.6))
    return np.asarray(np.clip((0.85 - share) / (0.85 - closed), 0, 1))


def smoothed(rows: NDArray[np.float64], sigma: float) -> NDArray[np.float64]:
    """Return each column smoothed by a Gaussian of this many rows."""
    if sigma < 0.15 or len(rows) < 3:
        return rows
    reach = int(np.ceil(3 * sigma))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    kernel /= kernel.sum()
    padded = np.pad(rows, ((reach, reach), (0, 0)), mode="edge")
    return np.stack([np.convolve(padded[:, c], kernel, mode="valid") for c in range(rows.shape[1])], -1)
