"""The performer's motion through the whole clip: pose and expression of each frame, against the face at rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ...faces.expression import Reading, curves
from ...faces.eyes import SAME_LOOK, SeenEye
from ...faces.find import FaceReader
from ...faces.geometry import median
from ...faces.mesh import Mesh
from ...faces.topology import (
    INNER_LOWER_LIP,
    INNER_UPPER_LIP,
    LEFT_BROW,
    LEFT_MOUTH,
    LOWER_LIP,
    RIGHT_BROW,
    RIGHT_MOUTH,
    UPPER_LIP,
)
from ...faces.track import FaceTracker
from ...video.prefetch import prefetch
from .aside import without_faults_aside
from .drawn_lines import find_lines, line_courses, with_lines
from .eye_motion import eye_motion
from .head_motion import own_motion, poses
from .hidden_mouth import Bridge, MouthLooks
from .kept_picture import KeptHead, KeptHeads, KeptPicture
from .lips import dark_gap, lowered, raised_lip, shut_lips
from .pose import euler
from .presence import Presence
from .raster import Part, part_about
from .rest import calm_frames
from .smoothing import Curves, filled, median_of_five, smoothed

MOUTH_RING = INNER_UPPER_LIP + INNER_LOWER_LIP[-2:0:-1]
"""The points about the inside of the mouth, clockwise from its left corner."""
_MOUTH_MARGIN = 0.3
"""Units about the mouth that are kept: a smoothed course strays from what was read."""
READ_HEIGHT = 720
"""Rows of the frames in which the performer is read, at most."""
_POSE_SIGMA, _WAY_SIGMA, _BROW_SIGMA = 0.3, 0.6, 0.8
"""Frames of the Gaussian that smooths pose, place and brows at least: they are read with more noise than they move."""
_LIP_SIGMA = 1.0
"""The same for by how much the upper lip's edge is read too high."""
_GROWTH_SECONDS = 0.2
"""The same for the head's size, in seconds: it is read to one hundredth, and no head comes nearer in a moment."""
_SHUTS_SECONDS = 0.25
"""In which lips shut behind a hand, and part again."""
_SHUT_SINKS, _OPEN_SINKS = 0.012, 0.045
"""Units by which a face is read too low as its eyes shut, and for each unit between its lips.

Against features of skin that were followed from frame to frame in four real clips: 0.009 to 0.027, and 0.033 to 0.08.
"""
_ABOUT = 3
"""Readings before and after a frame in which the face is lost, or found again: a hand covers it in two or three."""
_POINTS = 52
"""Points of the mesh that are smoothed at once."""
_MANY = 20.0
"""Frames per second from which every other one tells enough: a blink lasts a tenth of a second."""
_NEWCOMERS, _SAME_LOOKS = (1.0, 3.0), (SAME_LOOK, 0.08)
"""Seconds between two looks for other people, whose number alone is told and which take as long as five meshes; and how
unlike eyes may be that are not read again: where every frame is read, and where every other one is."""
_SKIN = (50, 205, 187, 207, 280, 425, 411, 427, 195, 197, 5)
"""Points of the cheeks and of the nose's bridge."""
_LIGHT_SECONDS = 0.3
"""Over which the skin's colour is smoothed: light does not flicker."""
_BROWS = (*LEFT_BROW, *RIGHT_BROW)


@dataclass(frozen=True)
class Performance:
    """The performer's motion, frame by frame; lengths in the distance of the eyes' outer corners."""

    shapes: NDArray[np.float16]
    """Frames × 468 × 3: how far each point of the mesh has moved in the face's own axes, the pose taken away."""
    moves: Curves
    """Frames × 3: to the right and down the picture, and the logarithm of the growth."""
    lids: Curves
    """Frames × 2: how far each eye is open: 0 shut, 1 as at rest; the left one first."""
    mouth: Curves
    """Frames: how far the lips are apart."""
    shut: Curves
    """Frames: how far the lips are shut: 1 where they touch, 0 where they are surely parted."""
    gaze: Curves
    """Frames × 2: how far the irises have moved to the right and down, in widths of an eye."""
    rings: NDArray[np.float32]
    """Frames × MOUTH_RING × 2: where the inside of the mouth is, in pixels of frames of `height` rows."""
    mouths: tuple[KeptPicture | None, ...]
    """Frames: the mouth as each shows it; None where the face is not seen."""
    axes: Curves
    """Frames × 3 × 3: the face's axes in the picture."""
    centres: Curves
    """Frames × 2: midway between the eyes, in pixels."""
    units: Curves
    """Frames: the length of one unit in pixels."""
    skins: Curves
    """Frames × 3: the colour of the skin, in CIELAB."""
    rest: Mesh
    """The face at rest, in pixels of frames of `height` rows."""
    heads: tuple[KeptHead, ...]
    """The head as it looks into each direction: that which looks ahead with its mouth closed first."""
    seen: NDArray[np.bool_]
    """Frames: whether the face was seen, in those that were not read as in the one before."""
    hidden: NDArray[np.bool_]
    """Frames: whether something hides the mouth of a face that is seen."""
    present: NDArray[np.bool_]
    """Frames: whether the performer is there, be it with a hidden face."""
    people: int
    """How many faces were seen at once at most."""
    height: int
    """Rows of the frames that were read."""
    stride: int = 1
    """Which frames were read: every first or every second one."""

    def narrower(self, number: int) -> float:
        """Return by how many units the mouth is narrower in a frame than at rest; below 0 where it is wider."""
        left, right = self.shapes[number, [LEFT_MOUTH, RIGHT_MOUTH], 0].astype(float)
        return float(left - right)

    def without_expression(self) -> Performance:
        """Return the same motion with a face that keeps still."""
        return replace(
            self,
            shapes=np.zeros_like(self.shapes),
            lids=np.ones_like(self.lids),
            mouth=np.full_like(self.mouth, self.mouth.min()),
            shut=np.zeros_like(self.shut),
            gaze=np.zeros_like(self.gaze),
        )


class PerformanceReader:
    """Reads the performer's motion through a clip.

    Args:
        reader: reads faces.
        steps: the request's number of inference steps: from 30 on each frame is read twice, below 10 every other one
            where there are many in a second.
        fps: frames per second.
    """

    def __init__(self, reader: FaceReader, steps: int, fps: float) -> None:
        self._reader = reader
        self._stride, self._twice = self.style(steps, fps)
        self._tracker = FaceTracker(reader, fps / self._stride, _NEWCOMERS[self._stride - 1])
        self._fps = fps
        self._meshes: list[NDArray[np.float32]] = []
        self._readings: list[Reading] = []
        self._gaps: list[float] = []
        self._lines: list[tuple[float, ...]] = []
        self._raised: list[float] = []
        self._skins: list[NDArray[np.float32]] = []
        self._seen: list[bool] = []
        self._mouths: list[KeptPicture | None] = []
        same = _SAME_LOOKS[self._stride - 1]
        self._eyes = SeenEye(same), SeenEye(same)
        self._heads = KeptHeads()
        self._looks = MouthLooks(fps)
        self._size = (0, 0)

    @staticmethod
    def style(steps: int, fps: float) -> tuple[int, bool]:
        """Return which frames are read, every first or every second one, and whether twice."""
        return (2 if steps < 10 and fps >= _MANY else 1), steps >= 30

    def read(self, footage: Iterable[NDArray[np.uint8]]) -> Iterator[NDArray[np.uint8]]:
        """Read the frames of a clip, H×W×3 RGB, and yield each once it was read.

        Its mesh is read in one thread and its eyes in another: a model each, and both cores.
        """
        mouth: Part | None = None
        for pixels, mesh in prefetch(self._followed(footage)):
            if len(self._seen) % self._stride == 0:
                mouth = None if mesh is None else _about_mouth(mesh, pixels)
            self._mouths.append(None if mouth is None else KeptPicture.of(pixels, mouth))
            self._size = pixels.shape[1], pixels.shape[0]
            self._seen.append(mesh is not None)
            if mesh is not None:
                eyes = self._reader.eyes(pixels, mesh, self._eyes)
                self._meshes.append(mesh.points)
                self._looks.note(len(self._seen) - 1, pixels, mesh)
                self._readings.append(Reading.of(mesh, eyes))
                self._heads.see(len(self._seen) - 1, pixels, mesh, self._readings[-1].mouth_open)
                self._gaps.append(dark_gap(pixels, mesh.points))
                self._lines.append(find_lines(pixels, mesh.points))
                self._skins.append(skin_colour(pixels, mesh.points))
                self._raised.append(raised_lip(pixels, mesh.points, self._skins[-1]))
            yield pixels

    def _followed(self, footage: Iterable[NDArray[np.uint8]]) -> Iterator[tuple[NDArray[np.uint8], Mesh | None]]:
        """Yield each frame with the performer's mesh; None where it is not seen, or this frame is not looked at."""
        for number, pixels in enumerate(footage):
            mesh = None if number % self._stride else self._tracker.follow(pixels)
            if mesh is not None and self._twice:
                again = self._reader.read(pixels, mesh.region)
                mesh = Mesh(np.mean([mesh.points, again.points], axis=0, dtype=np.float32), 1.0) if again else mesh
            yield pixels, mesh

    @property
    def found(self) -> bool:
        """Whether a face was seen so far."""
        return bool(self._meshes)

    def hides(self, frame: int) -> bool:
        """Whether the face is lost, or found again, about a frame."""
        stride = self._stride
        first = max(0, frame // stride - _ABOUT)
        return not all(self._seen[first * stride : (frame // stride + _ABOUT) * stride : stride])

    def result(self, sigma: float, cuts: list[int]) -> Performance | None:
        """Return the motion; None where no face was seen.

        Args:
            sigma: frames of the Gaussian that smooths it.
            cuts: numbers of the frames with which another scene begins.
        """
        heads = self._heads.calmest_first
        if not heads:
            return None
        seen = np.array(self._seen)
        hidden = self._looks.hidden(len(seen), cuts)
        meshes, read, shut, calm = self._faces(hidden[seen])
        rest = Mesh(meshes[calm[0]], 1.0)
        rotations, scales, centres = poses(meshes, rest)
        (lids, looks), units = eye_motion(read, calm), rest.unit * scales
        sunk = _SHUT_SINKS * (1 - lids.mean(1)) + _OPEN_SINKS * read["mouth_open"]
        centres -= (units * sunk)[:, None] * (rotations @ rest.axes)[:, :2, 1]
        presence = Presence(seen, meshes, self._size, cuts, self._fps)
        shown = np.repeat(seen[:: self._stride], self._stride)[: len(seen)]

        def every(rows: NDArray[Any]) -> Curves:
            return filled(np.asarray(rows, float).reshape(len(rows), -1), seen)

        def curve(rows: NDArray[Any], least: float = 0.0, at_rest: NDArray[Any] | float = 0.0) -> Curves:
            return presence.held(smoothed(presence.rested(every(rows), at_rest), max(least, sigma), cuts))

        yaws = np.array([euler(axes)[0] for axes in rotations @ rest.axes])
        motion = own_motion(meshes, rest, rotations, scales)
        motion = without_faults_aside(motion, yaws, read["mouth_open"], calm, self._fps / self._stride)
        course, present = presence.gone_on(every(centres), rest.unit)
        way, slow = (centres - centres[calm].mean(0)) / rest.unit, _GROWTH_SECONDS * self._fps
        return Performance(
            shapes=shape_curves(motion, calm, curve),
            moves=np.column_stack([curve(way, _WAY_SIGMA), curve(np.log(scales), slow)]),
            lids=curve(lids, at_rest=1.0),
            mouth=curve(read["mouth_open"], at_rest=read["mouth_open"][calm[0]])[:, 0],
            shut=curve(shut, at_rest=shut[calm].mean())[:, 0],
            gaze=curve(median_of_five(looks), _POSE_SIGMA),
            rings=smoothed(every(meshes[:, MOUTH_RING, :2]), sigma, cuts).reshape(len(seen), -1, 2).astype(np.float32),
            mouths=tuple(None if one else mouth for one, mouth in zip(hidden, self._mouths, strict=True)),
            axes=orthonormal(curve(rotations @ rest.axes, _POSE_SIGMA, rest.axes.ravel()).reshape(-1, 3, 3)),
            centres=smoothed(course, max(_WAY_SIGMA, sigma), cuts),
            units=smoothed(every(units), max(slow, sigma), cuts)[:, 0],
            skins=smoothed(every(np.array(self._skins)), _LIGHT_SECONDS * self._fps, cuts),
            rest=rest,
            heads=heads,
            seen=shown,
            hidden=hidden & shown,
            present=present,
            people=self._tracker.most_people,
            height=self._size[1],
            stride=self._stride,
        )

    def _faces(
        self, hidden: NDArray[np.bool_]
    ) -> tuple[NDArray[np.float32], dict[str, Curves], Curves, NDArray[np.int64]]:
        """Return the faces that were read, without the known faults of their mouths.

        Args:
            hidden: in which of them the mouth is hidden.

        Returns:
            The meshes, N×468×3; their measures, by the fields of Reading; how far the lips are shut; and the numbers of
            those at rest.
        """
        read, meshes = curves(self._readings), np.array(self._meshes)
        bridge = Bridge(meshes, hidden, _SHUTS_SECONDS * self._fps / self._stride)
        raised = smoothed(median_of_five(bridge.values(np.array(self._raised)[:, None])), _LIP_SIGMA)[:, 0]
        meshes = lowered(bridge.meshes(meshes), raised, read["unit"])
        read["mouth_open"] = np.linalg.norm(meshes[:, UPPER_LIP] - meshes[:, LOWER_LIP], axis=1) / read["unit"]
        read["mouth_width"] = bridge.values(read["mouth_width"])
        lines = line_courses(bridge.values(np.array(self._lines)), read["mouth_open"])
        calm = calm_frames(read, lines[:, :2].mean(1))
        shut = shut_lips(read["mouth_open"], read["mouth_width"], bridge.values(np.array(self._gaps)), calm)
        return with_lines(meshes, lines, calm), read, shut, calm


def _about_mouth(mesh: Mesh, pixels: NDArray[np.uint8]) -> Part | None:
    """Return the part of a frame that holds the inside of a mouth; None where that lies outside."""
    size = pixels.shape[1], pixels.shape[0]
    return part_about(mesh.points[list(MOUTH_RING), :2], round(_MOUTH_MARGIN * mesh.unit), size)


def shape_curves(
    shapes: NDArray[np.float32], calm: NDArray[np.int64], curve: Callable[..., Curves]
) -> NDArray[np.float16]:
    """Return the motion of each point over all frames, from those that were seen; few points at a time, for memory."""
    brows = np.isin(np.arange(shapes.shape[1]), _BROWS)
    parts = []
    for start in range(0, shapes.shape[1], _POINTS):
        part = slice(start, start + _POINTS)
        rows = shapes[:, part] - shapes[calm, part].mean(0)
        moving = curve(rows).reshape(-1, rows.shape[1], 3).astype(np.float16)
        if brows[part].any():
            moving[:, brows[part]] = curve(rows[:, brows[part]], _BROW_SIGMA).reshape(len(moving), -1, 3)
        parts.append(moving)
    return np.concatenate(parts, axis=1)


def skin_colour(pixels: NDArray[np.uint8], points: NDArray[Any]) -> NDArray[np.float32]:
    """Return the colour of a face's skin in CIELAB: the median of its cheeks and its nose.

    Args:
        pixels: H×W×3 RGB.
        points: the mesh, in pixels.
    """
    places = points[list(_SKIN), :2]
    columns = np.clip(np.round(places[:, 0]).astype(int), 0, pixels.shape[1] - 1)
    rows = np.clip(np.round(places[:, 1]).astype(int), 0, pixels.shape[0] - 1)
    lab = cv2.cvtColor(pixels[rows, columns][None].astype(np.float32) / 255, cv2.COLOR_RGB2LAB)[0]
    return np.asarray(median(lab), np.float32)


def orthonormal(matrices: Curves) -> Curves:
    """Return the rotations nearest to N×3×3 matrices."""
    u, _, vt = np.linalg.svd(matrices)
    return np.asarray(u @ vt)
