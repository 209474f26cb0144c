"""Expression and pose, read off a mesh as named numbers.

The points are MediaPipe's (topology.py); left and right are as seen in the picture. Distances are taken in three
dimensions and divided by that of the eyes' outer corners, so that a head which turns away closes no mouth and a camera
which comes nearer opens none. Lids follow the eye aspect ratio (Soukupová and Čech, Real-Time Eye Blink Detection using
Facial Landmarks, CVWW 2016); the coefficients bear the names that face-tracking tools share.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from .eyes import Eyes
from .mesh import Mesh
from .topology import EYE_CORNERS, LEFT_CORNER, LEFT_MOUTH, RIGHT_CORNER, RIGHT_MOUTH

Curve = NDArray[np.float64]

_EYES = np.array(EYE_CORNERS).reshape(2, 2)
"""The corners of each eye, from left to right."""


@dataclass(frozen=True)
class Reading:
    """The measures of one face in one frame; |a−b| is the distance of two points in three dimensions.

    The unit of length is u = |33−263|, between the eyes' outer corners.
    """

    mouth_open: float
    """|13−14| ÷ u: the gap between the lips; 0.5 and more for a wide open mouth."""
    mouth_width: float
    """|61−291| ÷ u: between the mouth's corners, 0.5 to 0.8."""
    protrusion: float
    """How far the lips' middles (0, 17) stand out before the mouth's corners (61, 291), in u."""
    corner_left: float
    """How far the mouth's left corner (61) lies above the middle of the lips' outer edges (0, 17), in u."""
    corner_right: float
    """Likewise of the right corner (291)."""
    eye_left: float
    """The gap between the left eye's lids over its width: the mean of |160−144|, |159−145| and |158−153| of the rim,
    ÷ |33−133|. At 0.12 it is shut. Without the rim |159−145| of the mesh, which a blink changes by a fifth at most."""
    eye_right: float
    """Likewise with 387, 386, 385 and 373, 374, 380, ÷ |362−263|."""
    brow_inner: float
    """The mean of |107−133| and |336−362|, ÷ u: the brows' inner ends above the eyes' inner corners."""
    brow_left: float
    """|105−33| ÷ u: the left brow above the outer corner of its eye."""
    brow_right: float
    """|334−263| ÷ u."""
    yaw: float
    """Degrees by which the face is turned to the right of the picture."""
    pitch: float
    """Degrees by which it is turned down."""
    roll: float
    """Degrees by which the line of the eyes is turned clockwise."""
    x: float
    """Pixels of the picture, of the point midway between the eyes' outer corners; so is y."""
    y: float
    unit: float
    """Pixels: u."""
    gaze_x: float = 0.0
    """How far the irises lie right of the middle between their eye's corners, in half eye widths; 0 without irises."""
    gaze_y: float = 0.0
    """How far they lie below the line of the corners, likewise."""

    @classmethod
    def of(cls, mesh: Mesh, eyes: Eyes | None = None) -> Reading:
        """Measure a face.

        Args:
            mesh: its points.
            eyes: as FaceReader.eyes() returns them; without them the gaze is 0, and the lids hardly move.

        Returns:
            The measures of the face.
        """
        points, unit, axes = mesh.points.astype(float), mesh.unit, mesh.axes
        own = points @ axes / unit  # in the face's own axes: right, down, away

        def apart(one: int, other: int) -> float:
            return math.dist(points[one], points[other])

        lips, forward = (own[0] + own[17]) / 2, -axes[:, 2]
        middle = (points[LEFT_CORNER] + points[RIGHT_CORNER]) / 2
        gaze_x, gaze_y = (0.0, 0.0) if eyes is None else _gaze(points, eyes.irises)
        gaps = (apart(159, 145), apart(386, 374)) if eyes is None else _gaps(points, eyes.rims)
        return cls(
            mouth_open=mesh.lips_apart,
            mouth_width=apart(LEFT_MOUTH, RIGHT_MOUTH) / unit,
            protrusion=float((own[LEFT_MOUTH, 2] + own[RIGHT_MOUTH, 2]) / 2 - lips[2]),
            corner_left=float(lips[1] - own[LEFT_MOUTH, 1]),
            corner_right=float(lips[1] - own[RIGHT_MOUTH, 1]),
            eye_left=gaps[0] / max(1e-6, apart(*_EYES[0])),
            eye_right=gaps[1] / max(1e-6, apart(*_EYES[1])),
            brow_inner=(apart(107, 133) + apart(336, 362)) / 2 / unit,
            brow_left=apart(105, LEFT_CORNER) / unit,
            brow_right=apart(334, RIGHT_CORNER) / unit,
            yaw=float(np.degrees(np.arctan2(forward[0], -forward[2]))),
            pitch=float(np.degrees(np.arctan2(forward[1], np.hypot(forward[0], forward[2])))),
            roll=float(np.degrees(np.arctan2(axes[1, 0], axes[0, 0]))),
            x=float(middle[0]),
            y=float(middle[1]),
            unit=unit,
            gaze_x=gaze_x,
            gaze_y=gaze_y,
        )

    def against(self, rest: Reading) -> Expression:
        """Return the coefficients of this face, as seen against the same face at rest.

        Args:
            rest: what the same face shows with its mouth shut and its brows still.
        """

        def change(name: str, full: float) -> float:
            return float(getattr(self, name) - getattr(rest, name)) / full

        def shut(name: str) -> float:
            opened = max(SHUT + 0.05, getattr(rest, name))
            return float(np.clip((opened - getattr(self, name)) / (opened - SHUT), 0, 1))

        narrowed, forward = max(0.0, -change("mouth_width", 0.25)), max(0.0, change("protrusion", 0.15))
        values = {
            "jaw_open": float(np.clip(change("mouth_open", 0.5), 0, 1)),
            "mouth_width": change("mouth_width", 0.25),
            "pucker": float(np.clip((narrowed + forward) / 2, 0, 1)),
            "smile_left": change("corner_left", 0.15),
            "smile_right": change("corner_right", 0.15),
            "lid_left": shut("eye_left"),
            "lid_right": shut("eye_right"),
            "brow_inner": change("brow_inner", 0.12),
            "brow_outer_left": change("brow_left", 0.12),
            "brow_outer_right": change("brow_right", 0.12),
            "gaze_x": change("gaze_x", 1.0),
            "gaze_y": change("gaze_y", 1.0),
            "yaw": change("yaw", 90.0),
            "pitch": change("pitch", 90.0),
            "roll": (change("roll", 1.0) + 180) % 360 / 180 - 1,
            "x": (self.x - rest.x) / rest.unit / 5,
            "y": (self.y - rest.y) / rest.unit / 5,
            "scale": float(np.log2(self.unit / rest.unit)),
        }
        return Expression(**{name: float(np.clip(value, -1, 1)) for name, value in values.items()})


SHUT = 0.12
"""What is left of the gap of an eye that is shut, over its width: the rims of real ones are seen that far apart."""


@dataclass(frozen=True)
class Expression:
    """A face's coefficients against its rest: 0 is the rest, 1 (or −1) as far as people go; beyond that it is cut off.

    Each is the change of a Reading over its full range, which was set by what footage of actors shows at its extremes.
    """

    jaw_open: float
    """0 to 1: mouth_open has grown by 0.5."""
    mouth_width: float
    """−1 to 1: mouth_width has grown (a grin) or shrunk (an o) by 0.25."""
    pucker: float
    """0 to 1: half from mouth_width, shrunk by 0.25, half from protrusion, grown by 0.15."""
    smile_left: float
    """−1 to 1: corner_left has risen, or fallen, by 0.15."""
    smile_right: float
    lid_left: float
    """0 to 1: shut; eye_left has gone from the rest's to 0.12."""
    lid_right: float
    brow_inner: float
    """−1 to 1: brow_inner has grown (raised) or shrunk (drawn together) by 0.12; so of the outer ones."""
    brow_outer_left: float
    brow_outer_right: float
    gaze_x: float
    """−1 to 1: to the right of the picture, by half an eye width."""
    gaze_y: float
    """−1 to 1: downwards, likewise."""
    yaw: float
    """−1 to 1: turned to the right of the picture by 90°."""
    pitch: float
    """−1 to 1: turned down by 90°."""
    roll: float
    """−1 to 1: turned clockwise by 180°."""
    x: float
    """−1 to 1: moved to the right by five times u."""
    y: float
    """−1 to 1: moved down, likewise."""
    scale: float
    """−1 to 1: from half the size to twice the size, as the logarithm to the base 2."""


def curves(readings: Iterable[Reading | None]) -> dict[str, Curve]:
    """Return each measure over the frames, by its name in Reading; a frame without a face is NaN."""
    names = [field.name for field in fields(Reading)]
    rows = [[np.nan] * len(names) if one is None else [getattr(one, name) for name in names] for one in readings]
    table = np.array(rows, float).reshape(-1, len(names))
    return dict(zip(names, table.T, strict=True))


def _gaps(points: NDArray[np.float64], rims: NDArray[np.float32]) -> list[float]:
    """Return the pixels between each eye's lids, in the scale of the mesh's eyes."""
    gaps = np.linalg.norm(rims[:, 11:14] - rims[:, 3:6], axis=2).mean(1)
    widths = np.linalg.norm(points[_EYES[:, 1], :2] - points[_EYES[:, 0], :2], axis=1)
    scale = widths / np.maximum(1e-6, np.linalg.norm(rims[:, 8] - rims[:, 0], axis=1))
    return list((gaps * scale).tolist())


def _gaze(points: NDArray[np.float64], irises: NDArray[np.float32]) -> tuple[float, float]:
    """Return how far the irises look aside and down, the mean of both eyes, in half eye widths."""
    start, end = points[_EYES[:, 0], :2], points[_EYES[:, 1], :2]
    along, off = (end - start) / 2, irises[:, 0] - (start + end) / 2
    length = np.maximum(1e-6, (along**2).sum(1))
    aside, down = (along * off).sum(1) / length, (along[:, 0] * off[:, 1] - along[:, 1] * off[:, 0]) / length
    return float(aside.mean()), float(down.mean())
