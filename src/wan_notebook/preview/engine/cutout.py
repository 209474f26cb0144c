"""A character's head, cut out of its picture: level, with a soft outline in colours of its own."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ...faces.geometry import smoothstep
from ...faces.mesh import Mesh
from ...faces.topology import OVAL
from .area import HEAD, Floats
from .character import segmented
from .outline import head_outline
from .performance import skin_colour

_DETAIL = 40
"""Pixels per eye distance of the copy in which the outline is sought."""
_SKIN_DEEP = 0.1
"""Eye distances within the bare head from which no colour is doubted."""

_SIDE_HAIR, _BESIDE_EYES = 0.12, 0.9
"""Eye distances beyond the bare head, and above and below the eyes, within which an outline has no bite."""


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
    person, beyond = head_outline(pixels, mesh, _DETAIL)
    near = np.ones((round(0.2 * _DETAIL),) * 2, np.uint8)
    inner, outer = (change(person.astype(np.uint8), near) > 0 for change in (cv2.erode, cv2.dilate))
    # A skull's own hair is part of the head also where its colour is the background's.
    inner |= person & (beyond < -_SKIN_DEEP)
    # What belongs to the person is the head down to the mouth; below, GrabCut tells hair and skin from clothes.
    neck = (y < 2.2) & (np.abs(x) < 0.75)
    hair = _like_hair(part, own, person)
    hangs = hair & (np.abs(x) > 0.75)
    labels = np.where(person & ((y < 1.7) | neck | hangs), cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    labels[inner & ((y < 1.2) | hangs)] = cv2.GC_FGD
    shoulders = (y > 1.6) & (np.abs(x) > 0.75) & ~hair
    labels[~outer | ((y > 2.2) & (np.abs(x) < 1.3)) | shoulders] = cv2.GC_BGD
    cv2.fillPoly(labels, [np.round(own.points[list(OVAL), :2]).astype(np.int32)], cv2.GC_FGD)
    labels = segmented(part, labels, 2)
    head = ((labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD)).astype(np.uint8)
    head = cv2.morphologyEx(head, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    # A wall in the colour of hair bites into the temples, and a head that turns draws that out.
    whole = cv2.morphologyEx(head, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_DETAIL + 1,) * 2))
    head |= whole & ((beyond < _SIDE_HAIR) & (np.abs(y) < _BESIDE_EYES)).astype(np.uint8)
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
