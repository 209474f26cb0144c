"""The performer's motion through the whole clip: measured frame by frame, set against rest, smoothed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .expression import SIDE, Face, Glimpse, Reader, closure
from .footage import Candidate, Footage
from .geometry import Matrix
from .lips import Lips, read_lips
from .mouth_search import LipLine, trace_lips
from .tracking import TOP, Head, Tracker


@dataclass(frozen=True)
class Track:
    """What the performer's head does in every frame."""

    heads: NDArray[np.float64]
    """Frames × the fields of Head."""
    faces: NDArray[np.float64]
    """Frames × the fields of Face."""
    places: NDArray[np.float64]
    """Frames × 2 × 3: maps from face units to the reference's pixels at `height`."""
    surprise: NDArray[np.float64]
    """How badly the head's motion explains each frame, in face units."""
    height: int
    lips: LipLine
    """Where the performer's lips meet at rest."""

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
    tracker = Tracker(rest.pixels, rest.face, detail=24 + 1.6 * min(steps, 40), rounds=1 if steps < 30 else 2)
    reader = Reader(rest.face.mouth_units, tracker.detail)
    landmarks = [c for c in footage.candidates if c.face and tracker.looks_right(c.pixels, c.face)]
    first = round(landmarks[0].time * footage.fps)
    heads, glimpses, places, surprise = [], [], [], []
    for number, pixels in enumerate(footage.frames(rest.pixels.shape[0])):
        _set_right(tracker, landmarks, number / footage.fps)
        sight = tracker.follow(pixels)
        told(number + 1)
        if number < first:
            continue
        heads.append(astuple(sight.head))
        glimpses.append(reader.look(sight))
        places.append(tracker.place)
        surprise.append(sight.surprise)
    columns = np.array([g.columns for g in glimpses])
    sides = [read_lips(columns[:, n], TOP, rest.face.mouth_units[1], tracker.detail) for n in range(3)]
    rest_lips = replace(trace_lips(rest.pixels, rest.face), height=sides[1].line)
    sigma = (shift - 1) / 8 * footage.fps / 25
    return Track(
        heads=_held(smoothed(np.array(heads), sigma), first),
        faces=_held(smoothed(_faces(glimpses, sides, rest_lips), sigma), first),
        places=_held(np.array(places), first),
        surprise=np.array(surprise),
        height=rest.pixels.shape[0],
        lips=rest_lips,
    )


def _held(rows: NDArray[np.float64], first: int) -> NDArray[np.float64]:
    """Hold still until the face is first seen."""
    return np.concatenate([np.repeat(rows[:1], first, axis=0), rows])


def _set_right(tracker: Tracker, landmarks: list[Candidate], time: float) -> None:
    """Put a tracker that has lost the head back to where a face was found about now."""
    while landmarks and landmarks[0].time <= time + 0.001:
        face = landmarks.pop(0).face
        if face and not tracker.is_at(face):
            tracker.place = face.to_pixels


def _faces(glimpses: list[Glimpse], sides: list[Lips], line: LipLine) -> NDArray[np.float64]:
    """Return frames × the fields of Face."""
    lips = sides[1]
    gap = lips.lower - lips.upper
    # What is narrower than a fiftieth of the eyes' distance is noise, or lips that are pressed together.
    parted = np.clip((gap - 0.02) / 0.03, 0, 1)
    upper = lips.upper * parted
    lid = closure(np.array([g.eyes for g in glimpses]).mean(1))
    brows, corners = np.array([g.brows for g in glimpses]), np.array([g.corners for g in glimpses])
    lower = upper + np.maximum(0, gap) * parted
    return np.column_stack([upper, lower, _width(sides, line), lid, lid, brows, corners])


def _width(sides: list[Lips], line: LipLine) -> NDArray[np.float64]:
    """Return how wide the gap between the lips is against the closed mouth, from how high it is at the sides."""
    left, middle, right = (np.maximum(lips.lower - lips.upper, 0) for lips in sides)
    share = np.clip((left + right) / 2 / np.maximum(middle, 1e-3), 0.0, 0.95)
    # The gap is drawn as (1 - (x / half)²)^0.7; solved for the half width.
    half = SIDE / np.sqrt(1 - share ** (1 / 0.7))
    width = np.clip(2 * half / (line.left + line.right), 0.55, 1.0)
    return np.asarray(np.where(middle > 0.06, width, 1.0))


def smoothed(rows: NDArray[np.float64], sigma: float) -> NDArray[np.float64]:
    """Return each column smoothed by a Gaussian of this many rows."""
    if sigma < 0.15 or len(rows) < 3:
        return rows
    reach = int(np.ceil(3 * sigma))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    kernel /= kernel.sum()
    padded = np.pad(rows, ((reach, reach), (0, 0)), mode="edge")
    return np.stack([np.convolve(padded[:, c], kernel, mode="valid") for c in range(rows.shape[1])], -1)
