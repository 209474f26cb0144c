"""Replace: the character's head in the performer's place, pose, size and light."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from ...faces.geometry import Matrix, apply, chain, inverse, smoothstep
from ...faces.mesh import Mesh, head_centre
from ...faces.topology import CHIN, OVAL
from .area import HEAD, Floats
from .character import Character, frame_size
from .cutout import head_matte, own_colours
from .head import AnimatedHead
from .performance import Performance, orthonormal, skin_colour
from .pose import euler
from .reference import Footage
from .smoothing import steadied
from .surroundings import Surroundings
from .transfer import Transfer
from .watermark import preview_mark

_SCENE_DETAIL = 24
"""Pixels per eye distance of the copy in which the performer's head is outlined."""
_INPAINTED = 80
"""Long side of the copy in which the scene behind the performer's head is made up."""
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
_BITS = 4
"""Of the fraction of a pixel, in an outline that is filled."""
_MARGIN = 0.4
"""Eye distances by which a head that turns may leave its own outline."""
_STEADY_SECONDS = 0.08
"""Over which the head's course is taken for smooth."""
_LIGHT, _HUE = 0.7, 0.35
"""How much of the performer's light, and of the difference in hue, the character takes on."""


def render_replace(
    character: Character, footage: Footage, performance: Performance, resolution: str
) -> Iterator[NDArray[np.uint8]]:
    """Stream the frames of the reference with the character's head on the performer's shoulders, H×W×3 RGB.

    Args:
        character: one whose face is known.
        footage: the performer.
        performance: the performer's motion.
        resolution: the short side, as "480p".
    """
    width, height = frame_size(footage.info.width, footage.info.height, resolution)
    factor = height / performance.height
    performance = _steady(performance, _STEADY_SECONDS * footage.fps)
    head = PlacedHead(character, performance, factor)
    scene = HeadlessScene(performance)
    watermark = preview_mark(width, height)
    for number, reference in enumerate(footage.frames(height, accurate=True)):
        # The stored sides need not be multiples of 16: what lies over is cut off at the right and the bottom.
        pixels = cv2.resize(reference, (width, height)) if reference.shape[1] != width else reference.copy()
        if performance.present[number]:
            pixels = head.paste(number, scene.without_head(number, pixels, factor))
        watermark.draw(pixels)
        yield pixels


class PlacedHead:
    """A character's head that is laid on the performer's shoulders.

    Args:
        character: one whose face is known.
        performance: the performer's motion.
        factor: pixels of the frames over those of the performance.
    """

    def __init__(self, character: Character, performance: Performance, factor: float) -> None:
        assert character.mesh is not None
        assert character.eyes is not None
        self._performance, self._factor = performance, factor
        points = character.mesh.face_points
        largest = float(np.percentile(performance.units, 90)) * factor * points.eye_distance / character.mesh.unit
        detail = float(np.clip(largest, 12, 160))
        whole = head_matte(character.pixels, character.mesh, detail)
        rows, columns = _taken(whole, round(_MARGIN * detail))
        part = own_colours(HEAD.of(character.pixels, character.mesh, detail), whole, detail)[rows, columns]
        to_area = inverse(HEAD.to_pixels(character.mesh, detail))
        to_part = chain(to_area, np.array([[1.0, 0, -columns.start], [0, 1, -rows.start]]))
        mesh, eyes = character.mesh.mapped(to_part), character.eyes.mapped(to_part)
        self._skin = skin_colour(part, mesh.points)
        self._transfer = Transfer(mesh, performance, replacing=True)
        self._centre = self._transfer.centre[:2]
        cut_out = dataclasses.replace(character, pixels=np.ascontiguousarray(part), mesh=mesh, eyes=eyes)
        matte = np.round(255 * whole[rows, columns]).astype(np.uint8)
        self._head = AnimatedHead(cut_out, performance, Surroundings(mesh, part.shape[1::-1]), matte)
        self._scale = _size(performance.rest) / performance.rest.unit / _size(mesh)
        self._tilt = euler(mesh.axes)[2]

    def paste(self, number: int, scene: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Lay the head on a frame, in place, and return the frame.

        Args:
            number: of the frame.
            scene: the frame, H×W×3 RGB.
        """
        over, matte = self._head.render(number, self._transfer.frame(number))
        over = cv2.multiply(over, (*self._colour_factors(number).tolist(), 1.0))
        to_frame = self._to_frame(number)
        spots = apply(to_frame, np.array([[0.0, 0], [1, 0], [0, 1], [1, 1]]) * over.shape[1::-1])
        left, top = np.maximum(np.floor(spots.min(0)), 0).astype(int)
        right, bottom = np.minimum(np.ceil(spots.max(0)), scene.shape[1::-1]).astype(int)
        if right <= left or bottom <= top:
            return scene
        to_part, size = to_frame - np.array([[0, 0, left], [0, 0, top]]), (int(right - left), int(bottom - top))
        over = cv2.warpAffine(over, to_part, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        alpha = cv2.warpAffine(matte, to_part, size, flags=cv2.INTER_LINEAR).astype(np.float32) / np.float32(255)
        part = scene[top:bottom, left:right]
        part[:] = cv2.blendLinear(over, part, alpha, 1 - alpha)
        return scene

    def _to_frame(self, number: int) -> Matrix:
        """Return the map from the cutout's pixels to the frame's."""
        performance = self._performance
        turn = euler(performance.axes[number])[2] - self._tilt
        scale = self._scale * float(performance.units[number]) * self._factor
        c, s = scale * np.cos(turn), scale * np.sin(turn)
        linear = np.array([[c, -s], [s, c]])
        centre = performance.centres[number] * self._factor
        return np.column_stack([linear, centre - linear @ self._centre])

    def _colour_factors(self, number: int) -> Floats:
        """Return factors of red, green and blue that bring the skin near the performer's in this frame."""
        own, theirs = (
            cv2.cvtColor(np.array(lab, np.float32).reshape(1, 1, 3), cv2.COLOR_LAB2RGB)[0, 0]
            for lab in (self._skin, self._performance.skins[number])
        )
        light = np.clip(theirs.mean() / max(own.mean(), 0.01), 0.4, 2.2) ** _LIGHT
        hue = np.clip((theirs / max(theirs.mean(), 0.01)) / np.maximum(own / max(own.mean(), 0.01), 0.1), 0.6, 1.6)
        return np.asarray(light * hue**_HUE, np.float32)


class HeadlessScene:
    """The reference's frames without the performer's head, as far as the character's will not cover it."""

    def __init__(self, performance: Performance) -> None:
        still = performance.still
        x, y = HEAD.grid(_SCENE_DETAIL)
        small, large = np.hypot(x / 1.1, (y - 0.1) / 1.7), np.hypot(x / 1.45, (y - 0.1) / 2.6)
        # Every head is at least as large as the one, and few are larger than the other.
        matte = head_matte(still.picture.pixels, still.own_mesh(), _SCENE_DETAIL)
        seen = np.maximum(matte * (large < 1), (small < 1).astype(np.float32))
        far, near = (cv2.dilate(seen, np.ones((size, size), np.uint8)) for size in (11, 5))
        chin = apply(still.mesh.face_points.to_units, still.mesh.points[CHIN : CHIN + 1, :2].astype(float))[0, 1]
        # Beside the jaw are collar and shoulders, which stay: only the face itself goes farther down than here.
        collar = y - chin + np.clip(np.abs(x) - 0.4, 0, 0.5)
        beside = smoothstep(0.9, 1.3, y)
        self._head = np.asarray((far + (near - far) * beside) * smoothstep(0.0, -0.4, collar), np.float32)
        low, wall = y > chin - _COLLAR, (np.abs(x) > 1.1) & (np.abs(x) < 2.2) & (y > 0)
        # What lies beside the neck, and what beside the face, on either side.
        self._sides = [
            ((low & (side * x > _NECK)).astype(np.uint8), (wall & ~low & (side * x > 0)).astype(np.uint8))
            for side in (-1, 1)
        ]
        self._to_still = HEAD.to_pixels(still.mesh, _SCENE_DETAIL)
        self._performance = performance
        rest = performance.rest
        self._level = (rest.points - head_centre(rest.points)) @ rest.axes / rest.unit

    def without_head(self, number: int, pixels: NDArray[np.uint8], factor: float) -> NDArray[np.uint8]:
        """Return a frame in which the head's surroundings have closed over it."""
        height, width = pixels.shape[:2]
        to_frame = factor * chain(self._to_still, self._from_still(number))
        face = np.zeros(self._head.shape, np.uint8)
        outline = apply(inverse(to_frame), factor * self._outline(number))
        cv2.fillPoly(face, [np.round(2**_BITS * outline).astype(np.int32)], 1, shift=_BITS)
        head = np.maximum(self._head, cv2.dilate(face, np.ones((5, 5), np.uint8)).astype(np.float32))
        hidden = cv2.warpAffine(cv2.GaussianBlur(head, (0, 0), 1.5), to_frame, (width, height))
        left, top, wide, high = cv2.boundingRect((hidden > 0.02).astype(np.uint8))
        if not wide or not high:
            return pixels
        margin = max(4, max(wide, high) // 6)
        part = (slice(max(0, top - margin), top + high + margin), slice(max(0, left - margin), left + wide + margin))
        near, hole = pixels[part], hidden[part]
        shrunk = min(1.0, _INPAINTED / max(near.shape[:2]))
        small = cv2.resize(near, None, fx=shrunk, fy=shrunk, interpolation=cv2.INTER_AREA)
        gone = (cv2.resize(hole, small.shape[1::-1]) > 0.15).astype(np.uint8)
        to_small = shrunk * (to_frame - np.array([[0, 0, part[1].start], [0, 0, part[0].start]]))
        gone |= self._clothes(small, gone, to_small)
        filled = cv2.resize(cv2.inpaint(small, gone, 2, cv2.INPAINT_TELEA), near.shape[1::-1])
        share = np.minimum(1.6 * hole, 1)
        emptied = pixels.copy()
        emptied[part] = cv2.blendLinear(filled, near, share, 1 - share)
        return emptied

    def _clothes(self, small: NDArray[np.uint8], gone: NDArray[np.uint8], to_small: Matrix) -> NDArray[np.uint8]:
        """Return where clothes touch a head, 0 or 1: what is behind that is wall and neck, and none of them.

        Args:
            small: the copy of the frame in which the scene is made up, H×W×3 RGB.
            gone: where it shows the head, 0 or 1.
            to_small: the map from HEAD's pixels to the copy's.
        """
        size = small.shape[1::-1]
        reach = round(2 * _TOUCHING * _SCENE_DETAIL * float(np.hypot(*to_small[:, 0]))) | 1
        near = cv2.dilate(gone, np.ones((reach, reach), np.uint8))
        clothes = np.zeros_like(gone)
        for low, wall in self._sides:
            beside, seen = (cv2.warpAffine(where, to_small, size) for where in (low, wall))
            colours = small[(seen > 0) & (gone == 0)]
            wall_colour = np.median(colours, axis=0) if len(colours) else np.full(3, np.inf)
            unlike = np.abs(small - wall_colour).max(-1) > _UNLIKE
            clothes |= (beside & near & unlike).astype(np.uint8)
        return clothes

    def _outline(self, number: int) -> NDArray[np.float64]:
        """Return the outline of the performer's face in a frame, N×2 in the performance's pixels."""
        performance = self._performance
        points = self._level + performance.shapes[number].astype(float)
        opened = performance.mouth[number] - performance.mouth[performance.still.number]
        hangs = _HANGS * max(0.0, opened + performance.narrower(number))
        points[:, 1] += hangs * smoothstep(0.7, 1.15, self._level[:, 1])
        points = points[list(OVAL)] @ performance.axes[number].T
        return np.asarray(performance.centres[number] + performance.units[number] * points[:, :2], np.float64)

    def _from_still(self, number: int) -> Matrix:
        """Return the similarity that carries the performer's head from where it was kept to where a frame has it."""
        performance, still = self._performance, self._performance.still.number
        turn = euler(performance.axes[number])[2] - euler(performance.axes[still])[2]
        scale = float(performance.units[number] / performance.units[still])
        c, s = scale * np.cos(turn), scale * np.sin(turn)
        linear = np.array([[c, -s], [s, c]])
        return np.column_stack([linear, performance.centres[number] - linear @ performance.centres[still]])


def _steady(performance: Performance, sigma: float) -> Performance:
    """Return a performance whose head does not tremble: on another's still shoulders each pixel would be seen.

    Args:
        performance: the motion.
        sigma: frames of the Gaussian that makes its course.
    """
    axes = performance.axes.reshape(-1, 9)
    return dataclasses.replace(
        performance,
        axes=orthonormal(steadied(axes, sigma).reshape(-1, 3, 3)),
        centres=steadied(performance.centres, sigma),
        units=steadied(performance.units[:, None], sigma)[:, 0],
    )


def _taken(matte: Floats, margin: int) -> tuple[slice, slice]:
    """Return the rows and columns of a matte that hold something, and a margin of so many pixels."""
    left, top, wide, high = cv2.boundingRect((matte > 0.01).astype(np.uint8))
    return slice(max(0, top - margin), top + high + margin), slice(max(0, left - margin), left + wide + margin)


def _size(mesh: Mesh) -> float:
    """Return how large a face is, in pixels: how far its points lie from their middle."""
    return float(np.sqrt(((mesh.points - mesh.points.mean(0)) ** 2).sum(1).mean()))
