"""The reference's scene without the performer's head, which the character's does not cover everywhere."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ...faces.geometry import Matrix, apply, chain, inverse, smoothstep
from ...faces.mesh import head_centre
from ...faces.topology import CHIN, OVAL
from .area import HEAD, Floats
from .cutout import head_matte
from .kept_picture import KeptHead
from .performance import Performance
from .pose import Points, euler

_DETAIL = 24
"""Pixels per eye distance of the copies in which the performer's head is outlined."""
_INPAINTED = 80
"""Long side of the copy in which the scene behind the performer's head is made up."""
_DEEP = 1.2
"""Eye distances by which the middle of a skull lies behind the eyes."""
_ALIKE = np.radians((3.0, 10.0))
"""By how much farther from a frame's direction than the nearest one a head may look that tells as much of its outline,
and from which on it tells nothing."""
_HANGS = 1.2
"""Units by which a chin hangs lower than its mesh for each between the lips, and for each by which the mouth is
narrower than at rest.

The mesh follows a jaw that drops a part of the way only, the least where the mouth is round: against the edge of the
chin in eight frames of three real clips, up to 0.32 units are missing, and with this 0.07 either way.
"""
_COLLAR, _NECK = 0.7, 0.7
"""Eye distances from the chin up to the highest collar, and from the middle of a neck to where one may begin."""
_TOUCHING, _UNLIKE = 0.5, 24
"""Eye distances about a head in which clothes would spread over it, and levels by which they differ from the wall."""
_BARE = 30.0, 12.0
"""How much lighter or darker than the face a neck may be, and how far from its hue, in CIELAB."""
_BELOW = 0.1, 0.8
"""Eye distances below a chin, and its shadow, at which a neck begins, and ends at the latest."""
_BITS = 4
"""Of the fraction of a pixel, in an outline that is filled."""


@dataclass(frozen=True, eq=False)
class _SeenHead:
    """The performer's head as one frame shows it, in HEAD's pixels."""

    number: int
    """Of the frame."""
    pose: NDArray[np.float64]
    """Yaw, pitch and roll there."""
    where: Floats
    """How much of each place is head, 0 to 1."""
    sides: tuple[tuple[NDArray[np.uint8], NDArray[np.uint8]], ...]
    """Left and right: where collars may lie beside the neck, and what lies beside the face, 0 or 1."""
    colours: NDArray[np.float32]
    """Of the frame, in CIELAB."""
    neck: NDArray[np.uint8]
    """Where bare skin is below the chin, 0 or 1."""
    to_frame: Matrix
    """The map to the frame's pixels."""

    @classmethod
    def of(cls, kept: KeptHead, lowest_chin: float, skin: NDArray[np.floating]) -> _SeenHead:
        """Outline a head.

        Args:
            kept: the head.
            lowest_chin: where its chin is with its mouth closed, in eye distances; nothing farther down belongs to it.
            skin: colour of the face there, in CIELAB.
        """
        x, y = HEAD.grid(_DETAIL)
        # Of a head that is turned more is seen on the other side.
        behind = _DEEP * float(HEAD.mesh(kept.mesh, _DETAIL).axes[0, 2])
        small = np.hypot((x - behind / 2) / 1.1, (y - 0.1) / 1.7)
        large = np.hypot((x - behind) / 2.2, (y - 0.1) / 2.8)
        # Every head is at least as large as the one, and what lies beyond the other is no hair.
        matte = head_matte(kept.picture.pixels, kept.own_mesh(), _DETAIL)
        seen = np.maximum(matte * (large < 1), (small < 1).astype(np.float32))
        far, near = (cv2.dilate(seen, np.ones((size, size), np.uint8)) for size in (11, 5))
        chin = min(_chin(kept), lowest_chin)
        # Beside the jaw are collar and shoulders, which stay: only the face itself goes farther down than here.
        collar = y - chin + np.clip(np.abs(x) - 0.4, 0, 0.5)
        beside = smoothstep(0.9, 1.3, y)
        where = np.asarray((far + (near - far) * beside) * smoothstep(0.0, -0.4, collar), np.float32)
        low, wall = y > chin - _COLLAR, (np.abs(x) > 1.1) & (np.abs(x) < 2.2) & (y > 0)
        left, right = (
            ((low & (side * x > _NECK)).astype(np.uint8), (wall & ~low & (side * x > 0)).astype(np.uint8))
            for side in (-1, 1)
        )
        colours = _lab(HEAD.of(kept.picture.pixels, kept.own_mesh(), _DETAIL))
        away = np.abs(colours - np.asarray(skin, np.float32))
        neck = (away[..., 0] < _BARE[0]) & (np.hypot(away[..., 1], away[..., 2]) < _BARE[1])
        neck &= (np.abs(x) < _NECK) & (y > chin + _BELOW[0]) & (y < chin + _BELOW[1])
        pose = np.array(euler(kept.mesh.axes))
        to_frame = HEAD.to_pixels(kept.mesh, _DETAIL)
        return cls(kept.number, pose, where, (left, right), colours, neck.astype(np.uint8), to_frame)

    def turned_from(self, pose: Points) -> float:
        """Return by how many radians the head looks elsewhere than in a pose of yaw, pitch and roll."""
        return float(np.hypot(*(self.pose - pose)[:2]))


class HeadlessScene:
    """The reference's frames without the performer's head, as far as the character's will not cover it."""

    def __init__(self, performance: Performance) -> None:
        self._performance = performance
        lowest_chin = _chin(performance.heads[0])
        self._heads = [_SeenHead.of(kept, lowest_chin, performance.skins[kept.number]) for kept in performance.heads]
        rest = performance.rest
        self._level = (rest.points - head_centre(rest.points)) @ rest.axes / rest.unit

    def without_head(self, number: int, pixels: NDArray[np.uint8], factor: float) -> NDArray[np.uint8]:
        """Return a frame in which the head's surroundings have closed over it.

        Args:
            number: of the frame.
            pixels: the frame, H×W×3 RGB.
            factor: its pixels over those of the performance.
        """
        heads = self._alike(number)
        hidden = np.zeros(pixels.shape[:2], np.float32)
        for head, share in heads:
            hidden = np.maximum(hidden, share * self._hidden(head, number, pixels.shape[1::-1], factor))
        left, top, wide, high = cv2.boundingRect((hidden > 0.02).astype(np.uint8))
        if not wide or not high:
            return pixels
        margin = max(4, max(wide, high) // 6)
        part = (slice(max(0, top - margin), top + high + margin), slice(max(0, left - margin), left + wide + margin))
        near, hole = pixels[part], hidden[part]
        shrunk = min(1.0, _INPAINTED / max(near.shape[:2]))
        small = cv2.resize(near, None, fx=shrunk, fy=shrunk, interpolation=cv2.INTER_AREA)
        gone = (cv2.resize(hole, small.shape[1::-1]) > 0.15).astype(np.uint8)
        to_frame = self._to_frame(heads[0][0], number, factor)
        to_small = shrunk * (to_frame - np.array([[0, 0, part[1].start], [0, 0, part[0].start]]))
        gone |= _clothes(small, gone, heads[0][0], to_small)
        gone &= 1 - self._bare_neck(small, gone, heads[0][0], number, to_small)
        filled = cv2.resize(cv2.inpaint(small, gone, 2, cv2.INPAINT_TELEA), near.shape[1::-1])
        share = np.minimum(1.6 * hole, 1)
        emptied = pixels.copy()
        emptied[part] = cv2.blendLinear(filled, near, share, 1 - share)
        return emptied

    def _bare_neck(
        self, small: NDArray[np.uint8], gone: NDArray[np.uint8], head: _SeenHead, number: int, to_small: Matrix
    ) -> NDArray[np.uint8]:
        """Paint the neck of another frame, in this one's light, where a jaw that hangs hides it; return where, 0 or 1.

        Where a chin reaches the collar nothing of the neck is in sight, and clothes would spread over it.
        """
        size = small.shape[1::-1]
        bare = gone & cv2.warpAffine(head.neck, to_small, size)
        light = self._performance.skins[number] - self._performance.skins[head.number]
        seen = cv2.warpAffine(head.colours + np.asarray(light, np.float32), to_small, size)
        small[bare > 0] = _rgb(seen)[bare > 0]
        return np.asarray(bare, np.uint8)

    def _alike(self, number: int) -> list[tuple[_SeenHead, float]]:
        """Return the heads that look about where a frame's does, the nearest first, and how much each tells of it."""
        pose = np.array(euler(self._performance.axes[number]))
        away = np.array([head.turned_from(pose) for head in self._heads])
        full, none = away.min() + _ALIKE
        shares = smoothstep(none, full, away)
        return [(self._heads[at], float(shares[at])) for at in np.argsort(away, kind="stable") if shares[at] > 0]

    def _hidden(self, head: _SeenHead, number: int, size: tuple[int, int], factor: float) -> Floats:
        """Return how much of each place of a frame is the performer's head, outlined as another frame shows it."""
        to_frame = self._to_frame(head, number, factor)
        face = np.zeros(head.where.shape, np.uint8)
        outline = apply(inverse(to_frame), factor * self._outline(number))
        cv2.fillPoly(face, [np.round(2**_BITS * outline).astype(np.int32)], 1, shift=_BITS)
        where = np.maximum(head.where, cv2.dilate(face, np.ones((5, 5), np.uint8)).astype(np.float32))
        return np.asarray(cv2.warpAffine(cv2.GaussianBlur(where, (0, 0), 1.5), to_frame, size), np.float32)

    def _outline(self, number: int) -> NDArray[np.float64]:
        """Return the outline of the performer's face in a frame, N×2 in the performance's pixels."""
        performance = self._performance
        points = self._level + performance.shapes[number].astype(float)
        opened = performance.mouth[number] - performance.mouth[performance.heads[0].number]
        hangs = _HANGS * max(0.0, opened + performance.narrower(number))
        points[:, 1] += hangs * smoothstep(0.7, 1.15, self._level[:, 1])
        points = points[list(OVAL)] @ performance.axes[number].T
        return np.asarray(performance.centres[number] + performance.units[number] * points[:, :2], np.float64)

    def _to_frame(self, head: _SeenHead, number: int, factor: float) -> Matrix:
        """Return the map from HEAD's pixels, with a head as another frame shows it, to those of a frame."""
        performance = self._performance
        turn = euler(performance.axes[number])[2] - euler(performance.axes[head.number])[2]
        scale = float(performance.units[number] / performance.units[head.number])
        c, s = scale * np.cos(turn), scale * np.sin(turn)
        linear = np.array([[c, -s], [s, c]])
        moved = performance.centres[number] - linear @ performance.centres[head.number]
        return factor * chain(head.to_frame, np.column_stack([linear, moved]))


def _lab(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.asarray(cv2.cvtColor(pixels.astype(np.float32) / np.float32(255), cv2.COLOR_RGB2LAB))


def _rgb(lab: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.asarray(np.round(255 * cv2.cvtColor(lab, cv2.COLOR_LAB2RGB).clip(0, 1)), np.uint8)


def _chin(kept: KeptHead) -> float:
    """Return how far the chin is below the point between the eyes, in eye distances."""
    return float(apply(kept.mesh.face_points.to_units, kept.mesh.points[CHIN : CHIN + 1, :2].astype(float))[0, 1])


def _clothes(small: NDArray[np.uint8], gone: NDArray[np.uint8], head: _SeenHead, to_small: Matrix) -> NDArray[np.uint8]:
    """Return where clothes touch a head, 0 or 1: what is behind that is wall and neck, and none of them.

    Args:
        small: the copy of the frame in which the scene is made up, H×W×3 RGB.
        gone: where it shows the head, 0 or 1.
        head: how it is outlined.
        to_small: the map from HEAD's pixels to the copy's.
    """
    size = small.shape[1::-1]
    reach = round(2 * _TOUCHING * _DETAIL * float(np.hypot(*to_small[:, 0]))) | 1
    near = cv2.dilate(gone, np.ones((reach, reach), np.uint8))
    clothes = np.zeros_like(gone)
    for low, wall in head.sides:
        beside, seen = (cv2.warpAffine(where, to_small, size) for where in (low, wall))
        colours = small[(seen > 0) & (gone == 0)]
        wall_colour = np.median(colours, axis=0) if len(colours) else np.full(3, np.inf)
        unlike = np.abs(small - wall_colour).max(-1) > _UNLIKE
        clothes |= (beside & near & unlike).astype(np.uint8)
    return clothes
