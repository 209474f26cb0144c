"""Seams inside a take: the later shot shows the last moments of the earlier one once more, and is blended over them.

Each job begins anew from the picture, so that a head may stand some pixels elsewhere, smaller or tilted. The meshes of
both faces at the same moments tell how, as one similarity transform for the whole seam: one for each frame would shake.
With it the later shot is laid over the earlier one while they are blended, and it fades out in the second after them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..finishing import missing_library
from ..media.checks.faces import reader_or_reason

if TYPE_CHECKING:
    from ..faces.find import FaceReader
    from ..faces.mesh import Mesh

Picture: TypeAlias = NDArray[np.uint8]
"""H×W×3 RGB."""

BLENDED = 30
"""Frames over which two shots are blended at most: all of them are in memory together."""
_LOOKS = 5
"""Moments of a seam at which both faces are read."""
_FARTHEST, _LARGEST = 0.6, 0.25
"""Distance over that between the eyes, and change of size or turn (as a share, in radians), beyond which it is another
face than the one looked for."""
_LEAST = 0.3
"""Pixels below which a face stands where it did."""
_HEAD, _BODY = 1.2, 2.4
"""Distances from the middle of a face, over that between its eyes, up to which all of the shift holds, and from which
on none does: before a background that stands still, only the person is moved."""
_CLEARLY = 0.8
"""Share of the other differences below which that of the whole picture moved tells that the whole picture is."""
_SHORT_SIDE = 120
"""Pixels of the copies on which it is told what brings two shots nearest to each other."""


@dataclass(frozen=True)
class Shift:
    """A similarity transform of a picture: turned, scaled and moved, all of it or about a face alone."""

    turn: complex
    """Of a place, as x + iy in pixels: turned and scaled about the middle of the face by this factor, then moved."""
    move: complex
    middle: complex
    """Of the face that is moved."""
    reach: float | None
    """Pixels between the outer corners of its eyes; None where the whole picture is moved."""

    @property
    def distance(self) -> float:
        """Pixels by which the middle of the face is moved."""
        return abs(self.move)

    def applied(self, pixels: Picture, share: float = 1.0) -> Picture:
        """Return a picture with a share of the shift, 0 to 1."""
        import cv2

        places, away = _ways(self, *pixels.shape[:2])
        sources = cv2.scaleAdd(away, share, places)
        moved: Picture = cv2.remap(pixels, sources, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        return moved


@lru_cache(maxsize=3)
def _ways(shift: Shift, height: int, width: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the places of the pixels of a picture, H×W×2, and the ways from there to where each is taken from."""
    rows, columns = np.indices((height, width), dtype=np.float32)
    places = columns + 1j * rows
    away = (places - shift.middle - shift.move) / shift.turn + shift.middle - places
    if shift.reach is not None:
        distance = np.abs(places - shift.middle - shift.move) / shift.reach
        away *= _eased(np.clip((_BODY - distance) / (_BODY - _HEAD), 0, 1))
    return tuple(np.stack([one.real, one.imag], 2).astype(np.float32) for one in (places, away))  # type: ignore[return-value]


def blended(before: Sequence[Picture], later: Iterator[Picture], fade: int) -> tuple[Shift | None, Iterator[Picture]]:
    """Return how the face of a later shot is moved, and its pictures, the first of them blended over those before.

    Args:
        before: the last pictures of the earlier shot.
        later: the pictures of the later one, of which the first show the same moments.
        fade: pictures after those over which the shift fades out.
    """
    same = list(itertools.islice(later, len(before)))
    shift = measure_shift(before[: len(same)], same)
    return shift, _blended(before, same, later, shift, fade)


def _blended(
    before: Sequence[Picture], same: Sequence[Picture], later: Iterator[Picture], shift: Shift | None, fade: int
) -> Iterator[Picture]:
    for number, (one, other) in enumerate(zip(before, same, strict=False), 1):
        moved = other if shift is None else shift.applied(other)
        weight = float(_eased(number / (len(same) + 1)))
        yield np.rint(one + weight * (moved.astype(np.float32) - one)).astype(np.uint8)
    for number, pixels in enumerate(later, 1):
        share = 1 - float(_eased(min(1.0, number / (fade + 1))))
        yield pixels if shift is None or share <= 0 else shift.applied(pixels, share)


def measure_shift(before: Sequence[Picture], later: Sequence[Picture]) -> Shift | None:
    """Return what lays the face of a later shot over that of an earlier one; None where nothing is to be moved.

    Args:
        before: pictures of the earlier shot.
        later: those of the later one at the same moments.
    """
    reader = None if missing_library() else reader_or_reason()
    if reader is None or isinstance(reader, str) or not before:
        return None
    looks = sorted({round(at) for at in np.linspace(0, len(before) - 1, _LOOKS)})
    found = [pair for at in looks if (pair := _faces(reader, before[at], later[at]))]
    if len(found) < (len(looks) + 1) / 2:
        return None
    shift = _similarity(found)
    if shift is None:
        return None
    # Whether the service has placed the person elsewhere or the whole picture, and whether the meshes are to be
    # believed, is told by what then differs.
    whole = replace(shift, reach=None)
    unmoved, about_face, everywhere = (
        sum(_difference(before[at], later[at], one) for at in looks) for one in (None, shift, whole)
    )
    if everywhere < _CLEARLY * min(unmoved, about_face):
        return whole
    return shift if about_face < unmoved else None


def _faces(reader: FaceReader, before: Picture, later: Picture) -> tuple[Mesh, Mesh] | None:
    """Return the meshes of the largest face and of the one in the other picture that is nearest to it."""
    first = max((face.mesh for face in reader.find(before)), key=lambda mesh: mesh.unit, default=None)
    if first is None:
        return None
    middle = first.points[:, :2].mean(0)

    def distance(mesh: Mesh) -> float:
        return float(np.linalg.norm(mesh.points[:, :2].mean(0) - middle))

    second = min((face.mesh for face in reader.find(later)), key=distance, default=None)
    return None if second is None or distance(second) > _FARTHEST * first.unit else (first, second)


def _similarity(found: Sequence[tuple[Mesh, Mesh]]) -> Shift | None:
    """Return the similarity transform, by least squares, that lays the second meshes over the first."""
    wanted, given = (
        np.concatenate([pair[which].points[:, 0] + 1j * pair[which].points[:, 1] for pair in found]) for which in (0, 1)
    )
    middle = given.mean()
    around = given - middle
    turn = np.vdot(around, wanted - wanted.mean()) / np.vdot(around, around)
    move = wanted.mean() - middle
    unit = float(np.median([first.unit for first, _ in found]))
    if abs(turn - 1) > _LARGEST:
        return None
    if np.abs(move + (turn - 1) * around).mean() < _LEAST:
        return None
    return Shift(complex(turn), complex(move), complex(middle), unit)


def _difference(before: Picture, later: Picture, shift: Shift | None) -> float:
    import cv2

    moved = later if shift is None else shift.applied(later)
    factor = min(1.0, _SHORT_SIDE / min(before.shape[:2]))
    one, other = (
        cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA) for pixels in (before, moved)
    )
    return float(cv2.absdiff(one, other).mean())


def _eased(share: Any) -> Any:
    """Return a share that begins and ends slowly."""
    return share * share * (3 - 2 * share)
