"""Parts of a reference's frames, kept from the reading, so that no video is decoded again for them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ...faces.expression import Reading
from ...faces.mesh import Mesh, head_centre
from .raster import Part, part_about

_QUALITY = [
    *(cv2.IMWRITE_JPEG_QUALITY, 95),
    *(cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444),
]
"""Nothing of it is seen; a mouth takes some five kilobytes, a head and what is around it up to two hundred."""
_REACH = 5.5
"""Eye distances about a head that are kept."""


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
class Still:
    """A performer's head in a frame."""

    number: int
    """Of the frame."""
    picture: KeptPicture
    mesh: Mesh
    """The face, in pixels of the frame."""
    unrest: float
    """How little it looks ahead with its mouth closed."""

    def own_mesh(self) -> Mesh:
        """Return the face in pixels of the picture."""
        return self.mesh.mapped(np.array([[1.0, 0, -self.picture.left], [0, 1, -self.picture.top]]))


def calmer(kept: Still | None, number: int, pixels: NDArray[np.uint8], mesh: Mesh, reading: Reading) -> Still | None:
    """Return the head in a frame where it is calmer than the one that was kept, and that one otherwise.

    Args:
        kept: of an earlier frame.
        number: of this frame.
        pixels: the frame, H×W×3 RGB.
        mesh: the face in it.
        reading: what that shows.
    """
    # A jaw that hangs is not painted over where it has risen; a turn of some degrees hardly changes an outline.
    unrest = reading.mouth_open + 0.3 * float(np.radians(np.hypot(reading.yaw, reading.pitch)))
    if kept is not None and kept.unrest <= unrest:
        return kept
    reach = round(_REACH * mesh.face_points.eye_distance)
    part = part_about(head_centre(mesh.points)[None, :2], reach, (pixels.shape[1], pixels.shape[0]))
    return Still(number, KeptPicture.of(pixels, part), mesh, unrest) if part is not None else kept
