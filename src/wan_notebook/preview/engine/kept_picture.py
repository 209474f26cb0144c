"""Parts of a reference's frames, kept from the reading, so that no video is decoded again for them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ...faces.mesh import Mesh, head_centre
from .pose import euler
from .raster import Part, part_about

_QUALITY = [
    *(cv2.IMWRITE_JPEG_QUALITY, 95),
    *(cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444),
]
"""Nothing of it is seen; a mouth takes some five kilobytes, a head and what is around it up to two hundred."""
_REACH = 5.5
"""Eye distances about a head that are kept."""
_TURN = 15
"""Degrees of yaw and of pitch from one direction to the next in which a head is kept."""


@dataclass(frozen=True)
class KeptPicture:
    """A part of a frame."""

    jpeg: bytes
    left: int
    """Column of the frame at which the part begins."""
    top: int
    """Its row."""

    @classmethod
    def of(cls, pixels: NDArray[np.uint8], part: Part) -> KeptPicture:
        """Keep a part of a frame, H×W×3 RGB."""
        _, encoded = cv2.imencode(".jpg", cv2.cvtColor(pixels[part], cv2.COLOR_RGB2BGR), _QUALITY)
        return cls(encoded.tobytes(), part[1].start, part[0].start)

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """The part, H×W×3 RGB."""
        decoded = cv2.imdecode(np.frombuffer(self.jpeg, np.uint8), cv2.IMREAD_COLOR)
        assert decoded is not None
        return np.asarray(cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB), np.uint8)


@dataclass(frozen=True, eq=False)
class KeptHead:
    """A performer's head in a frame."""

    number: int
    """Of the frame."""
    picture: KeptPicture
    mesh: Mesh
    """The face, in pixels of the frame."""
    mouth_open: float
    """As Reading has it."""

    def own_mesh(self) -> Mesh:
        """Return the face in pixels of the picture."""
        return self.mesh.mapped(np.array([[1.0, 0, -self.picture.left], [0, 1, -self.picture.top]]))

    def unrest(self, yaw: float = 0.0, pitch: float = 0.0) -> float:
        """Return how little it looks into a direction, in degrees, with its mouth closed."""
        return _unrest(self.mesh, self.mouth_open, yaw, pitch)


class KeptHeads:
    """A performer's head as it looks into each direction: in the frame that shows it best."""

    def __init__(self) -> None:
        self._heads: dict[tuple[int, int], KeptHead] = {}

    def see(self, number: int, pixels: NDArray[np.uint8], mesh: Mesh, mouth_open: float) -> None:
        """Keep the head in a frame where none was kept that shows its direction better.

        Args:
            number: of the frame.
            pixels: the frame, H×W×3 RGB.
            mesh: the face in it.
            mouth_open: as Reading has it.
        """
        yaw, pitch, _ = np.degrees(euler(mesh.axes))
        direction = round(yaw / _TURN), round(pitch / _TURN)
        kept = self._heads.get(direction)
        middle = _TURN * direction[0], _TURN * direction[1]
        if kept is not None and kept.unrest(*middle) <= _unrest(mesh, mouth_open, *middle):
            return
        reach = round(_REACH * mesh.face_points.eye_distance)
        part = part_about(head_centre(mesh.points)[None, :2], reach, (pixels.shape[1], pixels.shape[0]))
        if part is not None:
            self._heads[direction] = KeptHead(number, KeptPicture.of(pixels, part), mesh, mouth_open)

    @property
    def calmest_first(self) -> tuple[KeptHead, ...]:
        """The heads, that which looks ahead with its mouth closed before the others."""
        return tuple(sorted(self._heads.values(), key=KeptHead.unrest))


def _unrest(mesh: Mesh, mouth_open: float, yaw: float, pitch: float) -> float:
    # A jaw that hangs is not painted over where it has risen; a turn of some degrees hardly changes an outline.
    own = euler(mesh.axes)
    return mouth_open + 0.3 * float(np.hypot(own[0] - np.radians(yaw), own[1] - np.radians(pitch)))
