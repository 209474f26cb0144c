"""A character's head, cut out of its picture: level, with a soft outline in colours of its own."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ...faces.geometry import Matrix, chain, inverse, levelled, smoothstep
from ...faces.mesh import Mesh
from .character import find_silhouette

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Area:
    """A part of a picture about a level face, in eye distances from the point between the eyes."""

    left: float
    right: float
    top: float
    bottom: float

    def grid(self, detail: float) -> tuple[Floats, Floats]:
        """Return x and y of every pixel, at `detail` pixels per eye distance."""
        width, height = round((self.right - self.left) * detail), round((self.bottom - self.top) * detail)
        y, x = np.mgrid[0:height, 0:width].astype(np.float32) / np.float32(detail)
        return x + np.float32(self.left), y + np.float32(self.top)

    def to_pixels(self, mesh: Mesh, detail: float) -> Matrix:
        """Return the map from the area's pixels to those of the picture."""
        return chain(np.array([[1 / detail, 0, self.left], [0, 1 / detail, self.top]]), mesh.face_points.to_pixels)

    def of(self, pixels: NDArray[np.uint8], mesh: Mesh, detail: float) -> NDArray[np.uint8]:
        """Return the area of a picture, H×W×3 RGB."""
        return levelled(pixels, mesh.face_points, (self.left, self.right, self.top, self.bottom), detail)

    def mesh(self, mesh: Mesh, detail: float) -> Mesh:
        """Return a face in the area's pixels."""
        return mesh.mapped(inverse(self.to_pixels(mesh, detail)))


HEAD = Area(left=-2.3, right=2.3, top=-2.9, bottom=2.5)
"""How much of a picture is taken along."""
_DETAIL = 40
"""Pixels per eye distance of the copy in which the outline is sought."""


def head_matte(pixels: NDArray[np.uint8], mesh: Mesh, detail: float) -> Floats:
    """Return how much of each place of HEAD belongs to the head, 0 to 1.

    Args:
        pixels: H×W×3 RGB.
        mesh: the face.
        detail: pixels per eye distance.
    """
    x, y = HEAD.grid(detail)
    outline = cv2.resize(_outline(pixels, mesh), x.shape[::-1], interpolation=cv2.INTER_LINEAR)
    light = cv2.cvtColor(HEAD.of(pixels, mesh, detail), cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    soft = guided_filter(outline, light, round(0.08 * detail))
    # The neck fades into the performer's; hair may hang farther down beside it.
    beside = smoothstep(0.95, 1.2, np.abs(x))
    hanging = (
        smoothstep(2.15, 1.7, y + 0.4 * np.clip(np.abs(x) - 0.5, 0, 1)) * (1 - beside)
        + smoothstep(HEAD.bottom, HEAD.bottom - 0.5, y) * beside
    )
    return np.asarray(smoothstep(0.25, 0.9, soft) * hanging * _edge_fade(x, y), np.float32)


def own_colours(part: NDArray[np.uint8], matte: Floats, detail: float) -> NDArray[np.uint8]:
    """Return a cut-out whose edge shows its own colours: what shone through from behind is painted over."""
    inner = (cv2.erode(matte, np.ones((3, 3), np.uint8)) > 0.9).astype(np.float32)
    blur = 0.06 * detail
    weight = cv2.GaussianBlur(inner, (0, 0), blur)[..., None]
    near = cv2.GaussianBlur(part * inner[..., None], (0, 0), blur) / np.maximum(weight, 1e-3)
    foreign = smoothstep(1.0, 0.7, cv2.GaussianBlur(inner, (0, 0), 0.02 * detail))[..., None] * (weight > 0.02)
    return np.asarray(np.clip(part + (near - part) * foreign, 0, 255), np.uint8)


def _outline(pixels: NDArray[np.uint8], mesh: Mesh) -> Floats:
    """Return 1 where hair and face seem to be, 0 elsewhere."""
    part = HEAD.of(pixels, mesh, _DETAIL)
    x, y = HEAD.grid(_DETAIL)
    person = find_silhouette(part, HEAD.mesh(mesh, _DETAIL))
    # What belongs to the person is the head down to the mouth; below, GrabCut tells hair and skin from clothes.
    neck = (y < 2.2) & (np.abs(x) < 0.75)
    labels = np.where((y < 1.7) | neck, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    labels[(y > 2.2) & (np.abs(x) < 1.3)] = cv2.GC_BGD
    labels[y < 1.2] = cv2.GC_FGD
    labels[~person] = cv2.GC_BGD
    cv2.setRNGSeed(1)
    cv2.grabCut(part, labels, None, np.zeros((1, 65)), np.zeros((1, 65)), 2, cv2.GC_INIT_WITH_MASK)
    head = ((labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD)).astype(np.uint8)
    return np.asarray(cv2.morphologyEx(head, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8)), np.float32)


def guided_filter(outline: Floats, light: Floats, reach: int) -> Floats:
    """Return the outline drawn towards the edges of the picture nearby (He et al., Guided Image Filtering, 2010)."""
    size = (2 * reach + 1, 2 * reach + 1)
    mean_light, mean_outline = cv2.blur(light, size), cv2.blur(outline, size)
    spread = cv2.blur(light * light, size) - mean_light**2
    slope = (cv2.blur(light * outline, size) - mean_light * mean_outline) / (spread + 1e-3)
    base = mean_outline - slope * mean_light
    return np.asarray(np.clip(cv2.blur(slope, size) * light + cv2.blur(base, size), 0, 1), np.float32)


def _edge_fade(x: Floats, y: Floats) -> Floats:
    """Fade out towards the area's own edges."""
    across = smoothstep(HEAD.left, HEAD.left + 0.2, x) * smoothstep(HEAD.right, HEAD.right - 0.2, x)
    return np.asarray(across * smoothstep(HEAD.top, HEAD.top + 0.15, y), np.float32)
