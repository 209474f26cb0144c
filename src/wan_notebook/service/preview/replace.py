"""Mode "replace": the character's head takes the place of the performer's, in the reference's own scene."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from .character import Character, frame_size
from .expressive import Expressive
from .footage import Footage
from .geometry import FacePoints, Matrix, chain, levelled, smoothstep
from .head import depth
from .head_matte import head_matte, own_colours
from .mark import Mark
from .track import Track
from .tracking import Floats, Region

_CUTOUT = Region(left=-2.3, right=2.3, top=-2.9, bottom=2.5)
_INPAINTED = 96
"""Long side of the copy in which the scene behind the performer's head is made up."""


def replaced(character: Character, footage: Footage, track: Track, resolution: str) -> Iterator[NDArray[np.uint8]]:
    """Stream the frames of the reference with the character's head on the performer's shoulders, H×W×3 RGB.

    Args:
        character: one whose face is known.
        footage: the performer.
        track: the performer's motion.
        resolution: the short side, as "480p".
    """
    rest = footage.neutral
    assert character.face is not None
    assert rest is not None
    assert rest.face is not None
    width, height = frame_size(footage.info.width, footage.info.height, resolution)
    factor = height / track.height
    unit = rest.face.eye_distance * factor * float(np.exp(np.percentile(track.heads[:, 3], 90)))
    head = _Cutout(character, track, detail=float(np.clip(unit, 12, 160)))
    head.match(levelled(rest.pixels, rest.face, (-0.8, 0.8, -0.2, 1.0), 24))
    scene = _Scene(rest.pixels, rest.face)
    mark = Mark(width, height)
    for number, reference in enumerate(footage.frames(height)):
        # The stored sides need not be multiples of 16: what lies over is cut off at the right and the bottom.
        pixels = cv2.resize(reference, (width, height)) if reference.shape[1] != width else reference.copy()
        if number >= track.first:
            place = track.place(number) * factor
            pixels = head.placed(scene.without_head(pixels, place), pixels, track, number, place)
        mark.write(pixels)
        yield pixels


class _Cutout:
    """The character's head, cut out, of the size in which it is seen."""

    def __init__(self, character: Character, track: Track, detail: float) -> None:
        face = character.face
        assert face is not None
        part = (_CUTOUT.left, _CUTOUT.right, _CUTOUT.top, _CUTOUT.bottom)
        matte = head_matte(character.pixels, face, _CUTOUT, detail)
        self._pixels = own_colours(levelled(character.pixels, face, part, detail), matte, detail)
        self._x, self._y = _CUTOUT.grid(detail)
        self._alpha = np.asarray(matte * _frame(self._x, self._y), np.float32)
        self._detail, self._near = detail, depth(self._x, self._y)
        self._points = face.mapped(face.to_units).mapped(_CUTOUT.from_units(detail))
        self._actor = Expressive(self._pixels, self._points, track.lips)
        self._fit = self._fitted(track)

    def _fitted(self, track: Track) -> Matrix:
        """The map from the cutout's pixels to the performer's face units: eyes upon eyes, mouth near mouth."""
        own, other = self._actor.lips.height, track.lips.height
        scale = float(np.clip(np.sqrt(other / own), 0.8, 1.3))
        to_units = np.array([[1 / self._detail, 0, _CUTOUT.left], [0, 1 / self._detail, _CUTOUT.top]])
        return chain(to_units, np.array([[scale, 0, 0], [0, scale, (other - scale * own) / 2]]))

    def match(self, performer: NDArray[np.uint8]) -> None:
        """Take on some of the light that falls on the performer.

        Args:
            performer: the middle of the performer's face at rest, RGB.
        """
        own = (np.abs(self._x) < 0.8) & (self._y > -0.2) & (self._y < 1.0)
        here = np.median(self._pixels[own], axis=0)
        there = np.median(performer.reshape(-1, 3), axis=0)
        light = np.clip(there.mean() / max(here.mean(), 1), 0.4, 2.2) ** 0.7
        hue = np.clip((there / max(there.mean(), 1)) / np.maximum(here / max(here.mean(), 1), 0.1), 0.6, 1.6) ** 0.35
        self._tint = (light * hue).astype(np.float32)

    def placed(
        self, emptied: NDArray[np.uint8], reference: NDArray[np.uint8], track: Track, number: int, place: Matrix
    ) -> NDArray[np.uint8]:
        """Return a frame with the head in its place."""
        pose = track.head(number)
        mouth = track.mouth_place(number) * (reference.shape[0] / track.height)
        face = self._actor.playing(track.face(number), reference, mouth)
        rows, columns = np.mgrid[0 : face.shape[0], 0 : face.shape[1]].astype(np.float32)
        turn = self._near * np.float32(self._detail)
        turned = cv2.remap(
            face, columns - pose.yaw * turn, rows - pose.pitch * turn, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        lit = np.clip(turned * self._tint, 0, 255)
        to_frame, size = chain(self._fit, place), emptied.shape[1::-1]
        over = cv2.warpAffine(lit, to_frame, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        alpha = cv2.warpAffine(self._alpha, to_frame, size, flags=cv2.INTER_LINEAR)[..., None]
        mixed: NDArray[np.uint8] = (emptied + (over - emptied) * alpha + 0.5).astype(np.uint8)
        return mixed


class _Scene:
    """The reference's frames without the performer's head, as far as the character's will not cover it."""

    def __init__(self, rest: NDArray[np.uint8], face: FacePoints) -> None:
        x, y = _CUTOUT.grid(24)
        small, large = np.hypot(x / 1.1, (y - 0.1) / 1.7), np.hypot(x / 1.45, (y - 0.1) / 2.6)
        # Every head is at least as large as the one, and few are larger than the other.
        seen = np.maximum(head_matte(rest, face, _CUTOUT, 24) * (large < 1), (small < 1).astype(np.float32))
        head = cv2.dilate(seen, np.ones((7, 7), np.uint8)) * smoothstep(1.9, 1.5, y + 0.2 * np.abs(x))
        self._head = np.asarray(cv2.GaussianBlur(head, (0, 0), 1.5), np.float32)
        self._from_grid = np.array([[1 / 24, 0, _CUTOUT.left], [0, 1 / 24, _CUTOUT.top]])

    def without_head(self, pixels: NDArray[np.uint8], place: Matrix) -> NDArray[np.uint8]:
        """Return a frame in which the head's surroundings have closed over it."""
        height, width = pixels.shape[:2]
        hidden = cv2.warpAffine(self._head, chain(self._from_grid, place), (width, height))
        left, top, wide, high = cv2.boundingRect((hidden > 0.02).astype(np.uint8))
        if not wide or not high:
            return pixels
        margin = max(4, max(wide, high) // 6)
        part = (slice(max(0, top - margin), top + high + margin), slice(max(0, left - margin), left + wide + margin))
        near, hole = pixels[part], hidden[part]
        factor = min(1.0, _INPAINTED / max(near.shape[:2]))
        small = cv2.resize(near, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        gone = (cv2.resize(hole, small.shape[1::-1]) > 0.15).astype(np.uint8)
        filled = cv2.resize(cv2.inpaint(small, gone, 3, cv2.INPAINT_TELEA), near.shape[1::-1])
        emptied = pixels.copy()
        share = np.clip(1.6 * hole, 0, 1)[..., None]
        emptied[part] = (near + (filled.astype(np.float32) - near) * share + 0.5).astype(np.uint8)
        return emptied


def _frame(x: Floats, y: Floats) -> Floats:
    """Fade out towards the cutout's own edges."""
    across = smoothstep(_CUTOUT.left, _CUTOUT.left + 0.2, x) * smoothstep(_CUTOUT.right, _CUTOUT.right - 0.2, x)
    return np.asarray(across * smoothstep(_CUTOUT.top, _CUTOUT.top + 0.15, y), np.float32)
