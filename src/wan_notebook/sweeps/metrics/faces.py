"""The motion of a clip's face beside the performer's, and its likeness to the character.

Both videos are read by face mesh at the same times, whatever their rates and lengths. Each measure of a face is
compared over time alone, so that another face, another framing and another rest do not matter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ...faces.expression import Reading, curves
from ...faces.find import FaceReader
from ...faces.identity import Identity
from ...faces.track import FaceTracker
from ...video.probe import probe
from ...video.read import frames

if TYPE_CHECKING:
    from ...faces.mesh import Mesh

_FPS = 15.0
"""Frames per second that are read at most: a blink takes a fifth of a second."""
_HEIGHT = 480
"""Pixels of the frames' height at most; the mesh sees 192."""
_LEAST = 8
"""Frames with both faces below which nothing is said."""
_HALF = 2.0
"""Distance of looks (see faces.identity) at which the likeness is a half."""
_POINTS = 160
"""Values of a curve that is kept to be drawn."""

Table = NDArray[np.float64]


@dataclass(frozen=True)
class Part:
    """One part of a face's motion."""

    measures: tuple[str, ...]
    """Fields of faces.expression.Reading."""
    least: float
    """Motion of the reference, as the standard deviation of the measures together, below which it may be but noise: on
    drawn faces that only blink the mesh reads 0.004 for the mouth, 0.006 for the brows, and 0.8 for the pose."""


PARTS: Mapping[str, Part] = {
    "mouth": Part(("mouth_open",), 0.012),
    "lids": Part(("eye_left", "eye_right"), 0.04),
    "brows": Part(("brow_left", "brow_right"), 0.009),
    "pose": Part(("yaw", "pitch", "roll"), 2.0),
}


@dataclass(frozen=True)
class PartFidelity:
    """How a clip repeats one part."""

    correlation: float
    gain: float
    clip: tuple[float | None, ...]
    """The measure that moves most over time, in spreads of the reference's, without its median; None without a face."""
    reference: tuple[float | None, ...]
    """Likewise."""


@dataclass(frozen=True)
class FaceFidelity:
    """How a clip's face follows the reference's."""

    parts: Mapping[str, PartFidelity]
    """By the name in PARTS; what hardly moves in the reference is missing."""
    lost: float | None
    """Share of the frames with a face in the reference in which the clip has none; None where that has none."""

    @property
    def mean(self) -> float | None:
        """The mean correlation; None where no part moves."""
        return float(np.mean([part.correlation for part in self.parts.values()])) if self.parts else None


def face_fidelity(reader: FaceReader, clip: Path, reference: Path) -> FaceFidelity:
    """Compare a clip's face with its reference's, second by second.

    Raises:
        MediaError: one of them cannot be read.
    """
    fps = min(probe(clip).fps, probe(reference).fps, _FPS)
    made, wanted = read_face(reader, clip, fps), _read_once(reader, reference, _state(reference), fps)
    count = min(len(made["yaw"]), len(wanted["yaw"]))
    made, wanted = ({name: curve[:count] for name, curve in one.items()} for one in (made, wanted))
    there = np.isfinite(wanted["yaw"])
    lost = float(np.isnan(made["yaw"][there]).mean()) if there.any() else None
    found = {name: _compared(part, made, wanted) for name, part in PARTS.items()}
    return FaceFidelity({name: part for name, part in found.items() if part is not None}, lost)


def read_face(reader: FaceReader, path: Path, fps: float) -> dict[str, Table]:
    """Return each measure of the largest person's face over the frames of a video at a rate; NaN without a face."""
    tracker = FaceTracker(reader, fps)
    readings: list[Reading | None] = []
    for frame in frames(path, fps=fps, height=min(_HEIGHT, probe(path).height)):
        mesh = tracker.follow(frame.pixels)
        readings.append(Reading.of(mesh, reader.eyes(frame.pixels, mesh)) if mesh is not None else None)
    return curves(readings)


@lru_cache(maxsize=8)
def _read_once(reader: FaceReader, path: Path, _file: tuple[int, int], fps: float) -> dict[str, Table]:
    """Read a reference once for all clips of a sweep; nothing of a face is kept on disk."""
    return read_face(reader, path, fps)


def _state(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def _compared(part: Part, made: Mapping[str, Table], wanted: Mapping[str, Table]) -> PartFidelity | None:
    one, other = (np.stack([curves[name] for name in part.measures], axis=1) for curves in (made, wanted))
    both = np.asarray(np.isfinite(np.hstack([one, other])).all(axis=1), np.bool_)
    if both.sum() < _LEAST:
        return None
    clip, reference = (table[both] - table[both].mean(0) for table in (one, other))
    if np.sqrt((reference**2).sum(1).mean()) < part.least:
        return None
    common, own, whole = (clip * reference).sum(), (clip**2).sum(), (reference**2).sum()
    correlation = float(common / np.sqrt(own * whole)) if own > 1e-9 else 0.0
    widest = int(reference.std(0).argmax())
    spread = float(reference[:, widest].std())
    drawn = (_drawn(table[:, widest], both, spread) for table in (one, other))
    return PartFidelity(correlation, float(common / whole), *drawn)


def _drawn(curve: Table, both: NDArray[np.bool_], spread: float) -> tuple[float | None, ...]:
    step = max(1, -(-len(curve) // _POINTS))
    values = ((curve - np.median(curve[both])) / spread)[::step]
    return tuple(round(value, 2) if np.isfinite(value) else None for value in values.tolist())


class Likeness:
    """Compares some frames of a clip with the character's picture.

    Args:
        reader: finds and reads faces.
        character: the picture.

    Raises:
        MediaError: the picture cannot be read.
    """

    def __init__(self, reader: FaceReader, character: Path) -> None:
        from ...media.srgb import open_image, to_srgb

        self._reader = reader
        with open_image(character, character.name) as picture:
            pixels = np.asarray(to_srgb(picture, character.name))
        found = reader.find(pixels)
        self._character = Identity.of(pixels, found[0].mesh) if found else None
        self._values: list[float] = []

    @property
    def has_face(self) -> bool:
        """Whether the character has a face that the mesh knows."""
        return self._character is not None

    def update(self, pixels: NDArray[np.uint8]) -> None:
        """Add a frame, H×W×3 RGB; one without a face tells nothing."""
        if self._character is None:
            return
        found = [face.mesh for face in self._reader.find(pixels)]
        if found:
            self._values.append(self._character.distance(_nearest(self._character, pixels, found)))

    @property
    def value(self) -> float | None:
        """The median likeness over the frames, 0 to 1; None where character or clip have no face."""
        return float(2 ** (-np.median(self._values) / _HALF)) if self._values else None


def _nearest(character: Identity, pixels: NDArray[np.uint8], meshes: list[Mesh]) -> Identity:
    return min((Identity.of(pixels, mesh) for mesh in meshes), key=character.distance)
