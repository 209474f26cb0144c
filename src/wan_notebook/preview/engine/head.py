"""The head: the part of it that is followed, its depth, and its outline."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ...faces.geometry import FacePoints, levelled, smoothstep
from .character import find_silhouette
from .tracker import Floats, Region, Tracker

HEAD = Region(left=-1.5, right=1.5, top=-1.3, bottom=2.3)


def depth(x: Floats, y: Floats) -> Floats:
    """Return how far a head reaches towards the viewer at a place in face units: an ellipsoid with a nose."""
    dome = np.sqrt(np.clip(1 - (x / 1.25) ** 2 - ((y - 0.35) / 1.9) ** 2, 0, 1))
    nose = 0.35 * np.exp(-((x / 0.22) ** 2) - ((y - 0.6) / 0.28) ** 2)
    return np.asarray(dome + nose, np.float32)


def depth_at(x: float, y: float) -> float:
    """Return the same for a single place, x and y in face units."""
    return float(depth(np.full(1, x, np.float32), np.full(1, y, np.float32))[0])


def head_tracker(pixels: NDArray[np.uint8], face: FacePoints, *, detail: float, rounds: int) -> Tracker:
    """Return a tracker of the head; the mouth, the lids and the brows move by themselves.

    Args:
        pixels: H×W×3 RGB, the frame at rest.
        face: the three points of its face.
        detail: pixels per face unit.
        rounds: how many times each frame is measured.
    """
    x, y = HEAD.grid(detail)
    rigid = ((x / 1.15) ** 2 + ((y - 0.1) / 1.25) ** 2 < 1) & (y < face.mouth_units[1] - 0.32)
    lids = (np.abs(np.abs(x) - 0.5) < 0.3) & (np.abs(y) < 0.16)
    brows = (np.abs(np.abs(x) - 0.5) < 0.4) & (np.abs(y + 0.37) < 0.18)
    trust = np.where(rigid, np.where(lids | brows, 0.05, 1.0), 0.0).astype(np.float32)
    return Tracker(pixels, face, HEAD, trust, depth(x, y), detail=detail, rounds=rounds)


_DETAIL = 40
"""Pixels per face unit of the copy in which the outline is sought."""


def head_matte(pixels: NDArray[np.uint8], face: FacePoints, region: Region, detail: float) -> Floats:
    """Return how much of each place belongs to the head, 0 to 1, on the region's grid.

    Args:
        pixels: H×W×3 RGB.
        face: the three points of its face.
        region: the part of the picture, in face units.
        detail: pixels per face unit.
    """
    x, y = region.grid(detail)
    outline = cv2.resize(head_outline(pixels, face, region), x.shape[::-1], interpolation=cv2.INTER_LINEAR)
    part = levelled(pixels, face, (region.left, region.right, region.top, region.bottom), detail)
    soft = guided_filter(outline, cv2.cvtColor(part, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255, round(0.08 * detail))
    # The neck fades into the performer's; hair may hang farther down beside it.
    beside = smoothstep(0.95, 1.2, np.abs(x))
    hanging = (
        smoothstep(2.15, 1.7, y + 0.4 * np.clip(np.abs(x) - 0.5, 0, 1)) * (1 - beside)
        + smoothstep(region.bottom, region.bottom - 0.5, y) * beside
    )
    return np.asarray(smoothstep(0.25, 0.9, soft) * hanging, np.float32)


def own_colours(part: NDArray[np.uint8], matte: Floats, detail: float) -> NDArray[np.uint8]:
    """Return a cut-out whose edge shows its own colours: what shone through from behind is painted over."""
    inner = (cv2.erode(matte, np.ones((3, 3), np.uint8)) > 0.9).astype(np.float32)
    blur = 0.06 * detail
    weight = cv2.GaussianBlur(inner, (0, 0), blur)[..., None]
    near = cv2.GaussianBlur(part * inner[..., None], (0, 0), blur) / np.maximum(weight, 1e-3)
    foreign = smoothstep(1.0, 0.7, cv2.GaussianBlur(inner, (0, 0), 0.02 * detail))[..., None] * (weight > 0.02)
    return np.asarray(np.clip(part + (near - part) * foreign, 0, 255), np.uint8)


def head_outline(pixels: NDArray[np.uint8], face: FacePoints, region: Region) -> Floats:
    """Return 1 where hair and face seem to be, 0 elsewhere."""
    part = levelled(pixels, face, (region.left, region.right, region.top, region.bottom), _DETAIL)
    x, y = region.grid(_DETAIL)
    person = find_silhouette(part, face.mapped(face.to_units).mapped(region.from_units(_DETAIL)))
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
