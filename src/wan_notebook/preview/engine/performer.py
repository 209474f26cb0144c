"""The performer's motion through the whole clip."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ...faces.geometry import Matrix, chain
from ...faces.lip_line import LipLine, trace_lips
from . import smoothing
from .expression import Face, Glimpse, Reader
from .head import HEAD, depth_at, head_tracker
from .lips import mouth_widths, read_lips
from .reference import Candidate, Footage
from .torso import LIMB_CELLS, Torso
from .tracker import Pose, Tracker


@dataclass(frozen=True)
class Track:
    """What the performer does in every frame."""

    heads: smoothing.Curves
    """Frames × the fields of Pose."""
    torsos: smoothing.Curves
    limbs: NDArray[np.float16]
    """Frames × LIMB_CELLS × 2, in face units."""
    faces: smoothing.Curves
    """Frames × the fields of Face."""
    places: NDArray[np.float64]
    """Frames × 2 × 3: maps from face units to the reference's pixels at `height`."""
    surprise: NDArray[np.float64]
    """How badly the head's motion explains each frame, in face units."""
    first: int
    """The frame in which the face is first seen; before it, all holds still."""
    height: int
    lips: LipLine
    """Where the performer's lips meet at rest."""

    def without_expression(self) -> Track:
        """Return the same motion with a face that keeps still."""
        return replace(self, faces=np.tile(astuple(Face()), (len(self.faces), 1)))

    def head(self, frame: int) -> Pose:
        """Return where the head is."""
        return Pose(*self.heads[self._known(frame)].tolist())

    def torso(self, frame: int) -> Pose:
        """Return where the shoulders are."""
        return Pose(*self.torsos[self._known(frame)].tolist())

    def face(self, frame: int) -> Face:
        """Return what the face does."""
        return Face(*self.faces[self._known(frame)].tolist())

    def arms(self, frame: int) -> NDArray[np.float16]:
        """Return how the arms move."""
        return np.asarray(self.limbs[self._known(frame)])

    def place(self, frame: int) -> Matrix:
        """Return the map from face units to the reference's pixels."""
        place: Matrix = self.places[self._known(frame)]
        return place

    def mouth_place(self, frame: int) -> Matrix:
        """Return the same for what surrounds the mouth, which slides over the head as that turns."""
        head = self.head(frame)
        near = depth_at(self.lips.middle, self.lips.height)
        return chain(np.array([[1, 0, near * head.yaw], [0, 1, near * head.pitch]]), self.place(frame))

    def _known(self, frame: int) -> int:
        return min(frame, len(self.heads) - 1)


def follow(footage: Footage, steps: int, shift: float, told: Callable[[int, NDArray[np.uint8]], None]) -> Track:
    """Measure the motion of the performer's head, face and shoulders.

    Args:
        footage: a reference in which a face was found.
        steps: more of them measure more finely.
        shift: more of it smooths over more frames.
        told: is called with the number of frames measured so far, and the last of them.
    """
    performer = _Performer(footage, steps)
    for number, pixels in enumerate(footage.frames(performer.height)):
        performer.watch(number, pixels)
        told(number + 1, pixels)
    return performer.track(sigma=(shift - 1) / 8 * footage.fps / 25)


class _Performer:
    """Watches the performer frame by frame, and keeps what a frame shows in few numbers."""

    def __init__(self, footage: Footage, steps: int) -> None:
        rest = footage.neutral
        assert rest is not None
        assert rest.face is not None
        self.height, self._fps = rest.pixels.shape[0], footage.fps
        self._rest, self._face = rest, rest.face
        rounds = 1 if steps < 30 else 2
        self._head = head_tracker(rest.pixels, rest.face, detail=24 + 1.6 * min(steps, 40), rounds=rounds)
        self._torso = Torso(rest.pixels, rest.face)
        self._reader = Reader(rest.face.mouth_units, self._head.detail)
        self._landmarks = [
            c for c in footage.candidates if c.face and self._head.looks_right(c.pixels, c.face.to_pixels)
        ]
        self._first = self._shown_at(self._landmarks[0].time)
        self._heads: list[Pose] = []
        self._torsos: list[Pose] = []
        self._limbs: list[NDArray[np.float16]] = []
        self._glimpses: list[Glimpse] = []
        self._places: list[Matrix] = []
        self._surprise: list[float] = []

    def watch(self, number: int, pixels: NDArray[np.uint8]) -> None:
        """Take in the next frame; those before the face is first seen tell nothing."""
        while self._landmarks and self._shown_at(self._landmarks[0].time) <= number:
            _set_right(self._head, self._landmarks.pop(0))
        if number < self._first:
            return
        sight = self._head.follow(pixels)
        if number == self._first:
            self._torso.begin(self._head.place)
        self._heads.append(sight.pose)
        self._places.append(self._head.place)
        self._surprise.append(sight.surprise)
        self._glimpses.append(self._reader.look(sight))
        if self._torso.is_seen:
            torso, limbs = self._torso.follow(pixels, self._head.place)
            self._torsos.append(torso)
            self._limbs.append(limbs)

    def track(self, sigma: float) -> Track:
        """Return the motion, smoothed over so many frames."""
        columns = np.array([glimpse.column for glimpse in self._glimpses])
        mouth, detail = self._face.mouth_units[1], self._head.detail
        lips = read_lips(columns, HEAD.top, mouth, detail)
        line = replace(trace_lips(self._rest.pixels, self._face), height=lips.line)
        width = mouth_widths(np.array([glimpse.mouth for glimpse in self._glimpses]), lips, line)
        heads = np.array([astuple(pose) for pose in self._heads])
        torsos = np.array([astuple(pose) for pose in self._torsos]) if self._torsos else np.zeros_like(heads)
        limbs = np.array(self._limbs, float) if self._limbs else np.zeros((len(heads), *LIMB_CELLS, 2))
        limbs = smoothing.smoothed(limbs.reshape(len(heads), -1), max(1.0, sigma)).reshape(limbs.shape)
        return Track(
            heads=self._held(smoothing.heads_held_back(smoothing.smoothed(heads, sigma))),
            torsos=self._held(smoothing.heads_held_back(smoothing.smoothed(torsos, max(0.7, sigma)))),
            limbs=self._held(limbs - np.median(limbs, axis=0)).astype(np.float16),
            faces=self._held(smoothing.smoothed(smoothing.faces(self._glimpses, lips, width), sigma)),
            places=self._held(_smoothed_maps(self._places, max(0.6, sigma))),
            surprise=np.array(self._surprise),
            first=self._first,
            height=self.height,
            lips=line,
        )

    def _shown_at(self, time: float) -> int:
        """Return which frame is on screen at a time."""
        return int(time * self._fps + 0.01)

    def _held(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Hold still until the face is first seen."""
        return np.concatenate([np.repeat(rows[:1], self._first, axis=0), rows])


def _smoothed_maps(places: list[Matrix], sigma: float) -> NDArray[np.float64]:
    return smoothing.smoothed(np.array(places).reshape(-1, 6), sigma).reshape(-1, 2, 3)


def _set_right(tracker: Tracker, landmark: Candidate) -> None:
    """Put a tracker that has lost the head back to where a face was found just now."""
    if landmark.face and not tracker.is_at(landmark.face.to_pixels, within=0.35):
        tracker.place = landmark.face.to_pixels
