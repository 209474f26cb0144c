"""Where the character ends and its background begins."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ...faces.geometry import FacePoints, apply

Mask = NDArray[np.bool_]

_SIDE = 200
"""Long side of the copy in which the outline is sought; it need not be finer, since motion fades out about it."""


def find_silhouette(pixels: NDArray[np.uint8], face: FacePoints) -> Mask:
    """Return which pixels belong to the person around a face, H×W.

    GrabCut starts from where a head and shoulders lie below and around three points; what it makes of the rest is
    believed as far as it hangs together with the face.

    Args:
        pixels: H×W×3 RGB.
        face: the three points of the face.
    """
    factor = _SIDE / max(pixels.shape[:2])
    small = cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    labels, core = _guess(small.shape[:2], face.scaled(factor))
    if (labels == cv2.GC_BGD).any() or (labels == cv2.GC_PR_BGD).any():
        cv2.setRNGSeed(1)
        cv2.grabCut(small, labels, None, np.zeros((1, 65)), np.zeros((1, 65)), 4, cv2.GC_INIT_WITH_MASK)
    person = ((labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD) | core).astype(np.uint8)
    person = cv2.morphologyEx(person, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    _, parts = cv2.connectedComponents(person)
    whole = (parts == np.bincount(parts[core], minlength=2).argmax()).astype(np.uint8)
    return np.asarray(cv2.resize(whole, pixels.shape[1::-1], interpolation=cv2.INTER_LINEAR) > 0)


def _guess(shape: tuple[int, ...], face: FacePoints) -> tuple[NDArray[np.uint8], Mask]:
    """Return GrabCut's first labels, and what belongs to the head for certain."""
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]].astype(float)
    x, y = apply(face.to_units, np.stack([columns.ravel(), rows.ravel()], -1)).T.reshape(2, *shape)
    core = np.hypot(x / 0.85, (y - 0.2) / 1.5) < 1
    if not core.any():
        core[shape[0] // 2, shape[1] // 2] = True
    # Both colour models start from whatever may be of their side: what is called background beside a head would
    # teach GrabCut that hair is none of the person's.
    labels = np.full(shape, cv2.GC_PR_BGD, np.uint8)
    shoulders = (y > 1.6) & (np.abs(x) < 1.6 + 1.2 * np.clip(y - 1.6, 0, 2.2))
    labels[(np.hypot(x / 2.15, (y - 0.1) / 2.6) < 1) | shoulders] = cv2.GC_PR_FGD
    labels[(y < -2.9) | ((y < 1.6) & (np.abs(x) > 2.6))] = cv2.GC_BGD
    rim = np.minimum.reduce([rows, columns, shape[1] - 1 - columns]) < 0.02 * min(shape)
    labels[rim & (y < 1.2)] = cv2.GC_BGD
    labels[core | ((y > 2.4) & (y < 5) & (np.abs(x) < 0.7))] = cv2.GC_FGD
    return labels, core
