"""A character's head, cut out of its picture: level, with a soft outline in colours of its own."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ...faces.geometry import Matrix, chain, inverse, levelled, smoothstep
from ...faces.mesh import Mesh
from ...faces.topology import OVAL
from .character import find_silhouette, segmented
from .performance import skin_colour
from .raster import part_about

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


HEAD = Area(left=-2.6, right=2.6, top=-2.9, bottom=2.5)
"""How much of a picture is taken along."""
_DETAIL = 40
"""Pixels per eye distance of the copy in which the outline is sought."""
_REACHES = (2.6, 3.0, 3.6, 4.2, 5.0)
"""Eye distances around the eyes that are looked at to tell the person from what is behind."""


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
    # The neck fades into the performer's; hair may hang farther down beside it, and thins out.
    beside, lowest = smoothstep(0.95, 1.4, np.abs(x)), y + 0.4 * np.clip(np.abs(x) - 0.5, 0, 0.5)
    outwards = y + 0.5 * np.clip(np.abs(x) - 1.4, 0, None)
    hanging = (1 - beside) * smoothstep(2.15, 1.7, lowest) + beside * smoothstep(HEAD.bottom, 1.6, outwards)
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
    part, own = HEAD.of(pixels, mesh, _DETAIL), HEAD.mesh(mesh, _DETAIL)
    x, y = HEAD.grid(_DETAIL)
    person = HEAD.of(_person(pixels, mesh), mesh, _DETAIL) > 127
    width = round(0.2 * _DETAIL)
    inner, outer = (change(person.astype(np.uint8), np.ones((width, width))) > 0 for change in (cv2.erode, cv2.dilate))
    # What belongs to the person is the head down to the mouth; below, GrabCut tells hair and skin from clothes.
    neck = (y < 2.2) & (np.abs(x) < 0.75)
    labels = np.where(person & ((y < 1.7) | neck), cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    labels[inner & (y < 1.2)] = cv2.GC_FGD
    shoulders = (y > 1.6) & (np.abs(x) > 0.75) & ~_like_hair(part, own, person)
    labels[~outer | ((y > 2.2) & (np.abs(x) < 1.3)) | shoulders] = cv2.GC_BGD
    cv2.fillPoly(labels, [np.round(own.points[list(OVAL), :2]).astype(np.int32)], cv2.GC_FGD)
    labels = segmented(part, labels, 2)
    head = ((labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD)).astype(np.uint8)
    head = cv2.morphologyEx(head, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    _, parts = cv2.connectedComponents(head)
    x_face, y_face = own.points[list(OVAL), :2].mean(0).astype(int)
    return np.asarray(parts == parts[y_face, x_face], np.float32)


def _like_hair(part: NDArray[np.uint8], face: Mesh, person: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return where HEAD has the colour of what surrounds the face above the eyes rather than that of the skin."""
    lab = cv2.cvtColor(part.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    around = (person & (HEAD.grid(_DETAIL)[1] < 0)).astype(np.uint8)
    cv2.fillPoly(around, [np.round(face.points[list(OVAL), :2]).astype(np.int32)], 0)
    if not around.any():
        return np.zeros(person.shape, bool)
    hair = np.median(lab[around > 0], axis=0)
    return np.asarray(np.linalg.norm(lab - hair, axis=2) < np.linalg.norm(lab - skin_colour(part, face.points), axis=2))


def _person(pixels: NDArray[np.uint8], mesh: Mesh) -> NDArray[np.uint8]:
    """Return which pixels belong to the person, 255 or 0, as most of five looks find that take in more and more.

    What GrabCut makes of a wall in the colours of hair or skin depends on how much of the wall it is shown, and on
    what else there is.
    """
    votes = np.zeros(pixels.shape[:2], np.uint8)
    face = mesh.face_points
    middle = np.add(face.left_eye, face.right_eye) / 2
    for reach in _REACHES:
        found = part_about(middle[None], round(reach * face.eye_distance), pixels.shape[1::-1])
        if found is not None:
            rows, columns = found
            here = mesh.mapped(np.array([[1.0, 0, -columns.start], [0, 1, -rows.start]]))
            votes[found] += find_silhouette(np.ascontiguousarray(pixels[found]), here)
    return np.asarray(np.where(votes > len(_REACHES) // 2, 255, 0), np.uint8)


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
