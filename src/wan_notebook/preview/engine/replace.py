"""Replace: the character's head in the performer's place, pose, size and light."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from ...faces.geometry import Matrix, apply, chain, inverse
from ...faces.mesh import Mesh
from .area import HEAD, Floats
from .character import Character, frame_size
from .cutout import head_matte, own_colours
from .head import AnimatedHead
from .headless import HeadlessScene
from .performance import Performance, orthonormal, skin_colour
from .pose import euler
from .reference import Footage
from .smoothing import steadied
from .surroundings import Surroundings
from .transfer import Transfer
from .watermark import preview_mark

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
        self._transfer = Transfer(mesh, performance, replacing=True, flat=character.flat)
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
