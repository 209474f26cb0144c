"""The performer's motion through the whole clip."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ...faces.geometry import FacePoints, Matrix, apply, chain, smoothstep
from ...faces.lip_line import LipLine, trace_lips
from . import smoothing
from .expression import Expression, FaceReader, FaceReading
from .head import HEAD, depth_at, head_tracker
from .lips import mouth_widths, read_lips
from .reference import Footage
from .tracker import Floats, Pose, Region, Tracker


@dataclass(frozen=True)
class Track:
    """The performer's motion, frame by frame."""

    heads: smoothing.Curves
    """Frames × the fields of Pose."""
    torsos: smoothing.Curves
    limbs: NDArray[np.float16]
    """Frames × LIMB_CELLS × 2, in face units."""
    faces: smoothing.Curves
    """Frames × the fields of Expression."""
    maps: NDArray[np.float64]
    """Frames × 2 × 3: from face units to the reference's pixels at `height`."""
    first: int
    """The number of the frame in which the face is first seen; before it, all holds still."""
    height: int
    lips: LipLine
    """Where the performer's lips meet at rest."""

    def without_expression(self) -> Track:
        """Return the same motion with a face that keeps still."""
        return replace(self, faces=np.tile(astuple(Expression()), (len(self.faces), 1)))

    def head(self, frame: int) -> Pose:
        """Return the pose of the head in one frame."""
        return Pose(*self.heads[self._clamped(frame)].tolist())

    def torso(self, frame: int) -> Pose:
        """Return the pose of the shoulders in one frame."""
        return Pose(*self.torsos[self._clamped(frame)].tolist())

    def expression(self, frame: int) -> Expression:
        """Return the expression of the face in one frame."""
        return Expression(*self.faces[self._clamped(frame)].tolist())

    def arms(self, frame: int) -> NDArray[np.float16]:
        """Return the motion of the arms in one frame, LIMB_CELLS×2 in face units."""
        return np.asarray(self.limbs[self._clamped(frame)])

    def to_pixels(self, frame: int) -> Matrix:
        """Return the map from face units to the reference's pixels in one frame."""
        to_pixels: Matrix = self.maps[self._clamped(frame)]
        return to_pixels

    def mouth_to_pixels(self, frame: int) -> Matrix:
        """Return the same for the surroundings of the mouth, which slide over the head as that turns."""
        head = self.head(frame)
        near = depth_at(self.lips.middle, self.lips.height)
        return chain(np.array([[1, 0, near * head.yaw], [0, 1, near * head.pitch]]), self.to_pixels(frame))

    def _clamped(self, frame: int) -> int:
        return min(frame, len(self.heads) - 1)


def track_performer(
    footage: Footage, steps: int, shift: float, on_frame: Callable[[int, NDArray[np.uint8]], None]
) -> Track:
    """Measure the motion of the performer's head, face and shoulders.

    Args:
        footage: a reference in which a face was found.
        steps: more of them measure more finely.
        shift: more of it smooths over more frames.
        on_frame: is called with the number of frames measured so far, and the last of them.
    """
    tracking = _PerformerTracking(footage, steps)
    for number, pixels in enumerate(footage.frames(tracking.height)):
        tracking.add_frame(number, pixels)
        on_frame(number + 1, pixels)
    return tracking.result(sigma=(shift - 1) / 8 * footage.fps / 25)


class _PerformerTracking:
    """Follows the performer frame by frame, and keeps few numbers of each."""

    def __init__(self, footage: Footage, steps: int) -> None:
        rest = footage.neutral
        assert rest is not None
        assert rest.face is not None
        self.height, self._fps = rest.pixels.shape[0], footage.fps
        self._rest, self._face = rest, rest.face
        rounds = 1 if steps < 30 else 2
        self._head = head_tracker(rest.pixels, rest.face, detail=24 + 1.6 * min(steps, 40), rounds=rounds)
        self._torso = Torso(rest.pixels, rest.face)
        self._reader = FaceReader(rest.face.mouth_units, self._head.detail)
        self._landmarks = [c for c in footage.candidates if c.face and self._head.matches(c.pixels, c.face.to_pixels)]
        self._first = self._shown_at(self._landmarks[0].time)
        self._heads: list[Pose] = []
        self._torsos: list[Pose] = []
        self._limbs: list[NDArray[np.float16]] = []
        self._readings: list[FaceReading] = []
        self._maps: list[Matrix] = []

    def add_frame(self, number: int, pixels: NDArray[np.uint8]) -> None:
        """Measure the next frame; those before the face is first seen are passed over."""
        while self._landmarks and self._shown_at(self._landmarks[0].time) <= number:
            face = self._landmarks.pop(0).face
            # A tracker that has lost the head goes back to where a face was found just now.
            if face and not self._head.is_at(face.to_pixels, within=0.35):
                self._head.to_pixels = face.to_pixels
        if number < self._first:
            return
        head = self._head.follow(pixels)
        if number == self._first:
            self._torso.begin(self._head.to_pixels)
        self._heads.append(head.pose)
        self._maps.append(self._head.to_pixels)
        self._readings.append(self._reader.read(head))
        if self._torso.is_seen:
            torso, limbs = self._torso.follow(pixels, self._head.to_pixels)
            self._torsos.append(torso)
            self._limbs.append(limbs)

    def result(self, sigma: float) -> Track:
        """Return the motion, smoothed by a Gaussian of sigma frames."""
        columns = np.array([reading.column for reading in self._readings])
        mouth, detail = self._face.mouth_units[1], self._head.detail
        lips = read_lips(columns, HEAD.top, mouth, detail)
        line = replace(trace_lips(self._rest.pixels, self._face), height=lips.line)
        width = mouth_widths(np.array([reading.mouth for reading in self._readings]), lips, line)
        heads = np.array([astuple(pose) for pose in self._heads])
        torsos = np.array([astuple(pose) for pose in self._torsos]) if self._torsos else np.zeros_like(heads)
        limbs = np.array(self._limbs, float) if self._limbs else np.zeros((len(heads), *LIMB_CELLS, 2))
        maps = np.array(self._maps).reshape(-1, 6)
        limbs = smoothing.smoothed(limbs.reshape(len(heads), -1), max(1.0, sigma)).reshape(limbs.shape)
        return Track(
            heads=self._held(smoothing.limit_poses(smoothing.smoothed(heads, sigma))),
            torsos=self._held(smoothing.limit_poses(smoothing.smoothed(torsos, max(0.7, sigma)))),
            limbs=self._held(limbs - np.median(limbs, axis=0)).astype(np.float16),
            faces=self._held(smoothing.smoothed(smoothing.expressions(self._readings, lips, width), sigma)),
            maps=self._held(smoothing.smoothed(maps, max(0.6, sigma)).reshape(-1, 2, 3)),
            first=self._first,
            height=self.height,
            lips=line,
        )

    def _shown_at(self, time: float) -> int:
        """Return the number of the frame that is on screen at a second."""
        return int(time * self._fps + 0.01)

    def _held(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Hold still until the face is first seen."""
        return np.concatenate([np.repeat(rows[:1], self._first, axis=0), rows])


TORSO = Region(left=-3.0, right=3.0, top=1.8, bottom=5.8)
LIMB_CELLS = (4, 6)
"""Rows and columns of the grid in which the arms' motion is kept."""
_DETAIL = 14
_LEAST_SEEN = 0.7
"""Face units of shoulders that a frame must show below the chin."""


class Torso:
    """Follows the performer's shoulders.

    Args:
        pixels: H×W×3 RGB, the frame at rest.
        face: the three points of its face.
    """

    def __init__(self, pixels: NDArray[np.uint8], face: FacePoints) -> None:
        x, y = TORSO.grid(_DETAIL)
        self._inside = inside_picture(pixels, face.to_pixels, x, y)
        seen = self._inside[:, abs(x[0]) < 0.8].mean(1)
        self.is_seen = float((seen > 0.5).sum()) / _DETAIL > _LEAST_SEEN
        """Whether there is enough of them in the picture."""
        trust = self._inside * smoothstep(2.2, 1.4, np.abs(x)) * smoothstep(4.6, 3.6, y)
        self._tracker = Tracker(pixels, face, TORSO, trust, None, detail=_DETAIL, rounds=1)

    def begin(self, head: Matrix) -> None:
        """Start below the head of the first frame, given the map from its face units to pixels."""
        self._tracker.to_pixels = head

    def follow(self, pixels: NDArray[np.uint8], head: Matrix) -> tuple[Pose, NDArray[np.float16]]:
        """Find the shoulders in the next frame.

        Args:
            pixels: H×W×3 RGB.
            head: the map from face units to pixels of this frame's head: no shoulders are far from it.

        Returns:
            The shoulders' pose; LIMB_CELLS×2: how the arms move against them, in face units.
        """
        if not self._tracker.is_at(head, within=0.9):
            self._tracker.to_pixels = head
        track = self._tracker.follow(pixels)
        seen = cv2.resize(track.motion * self._inside[..., None], LIMB_CELLS[::-1], interpolation=cv2.INTER_AREA)
        return track.pose, np.clip(seen, -0.5, 0.5).astype(np.float16)


def inside_picture(pixels: NDArray[np.uint8], to_pixels: Matrix, x: Floats, y: Floats) -> Floats:
    """Return 1 where a place in face units lies within the picture, 0 elsewhere."""
    spots = apply(to_pixels, np.stack([x, y], -1).reshape(-1, 2).astype(float))
    height, width = pixels.shape[:2]
    within = (spots >= 1).all(1) & (spots[:, 0] < width - 1) & (spots[:, 1] < height - 1)
    return np.asarray(within.reshape(x.shape), np.float32)
