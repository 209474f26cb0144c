"""How soft a picture is about a face: as one that was enlarged, or is out of focus."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ...faces.mesh import Mesh

_AGAIN = 1.0
"""Pixels of the Gaussian by which the picture is made softer, to see how much its edges lose thereby."""
_EDGES = 95
"""Percent of the pixels in which less changes than in its edges."""
_FAINTEST = 16.0
"""How much changes in an edge at least: two levels from pixel to pixel, as the Sobel filter has it. In a clean drawing
less than a twentieth is line, and the rest is flat or softly shaded."""
_MOST = 8.0
"""Pixels beyond which nothing is told: such a blur takes no more from an edge than noise does."""


def softness(pixels: NDArray[np.uint8], mesh: Mesh) -> float:
    """Return the Gaussian, in pixels, by which the edges of a face are soft: some 1 in a sharp picture, 0 without any.

    Source: Zhuo and Sim (2011), defocus map estimation from a single image.

    Args:
        pixels: H×W×3 RGB.
        mesh: the face.
    """
    (left, top), (right, bottom) = (
        np.clip(corner, 0, pixels.shape[1::-1]).round().astype(int)
        for corner in (mesh.points[:, :2].min(0), mesh.points[:, :2].max(0))
    )
    if min(right - left, bottom - top) < 8:
        return 0.0
    grey = cv2.cvtColor(pixels[top:bottom, left:right], cv2.COLOR_RGB2GRAY).astype(np.float32)
    own, softer = _changes(grey), _changes(cv2.GaussianBlur(grey, (0, 0), _AGAIN))
    changing = own[own >= _FAINTEST]
    if not changing.size:
        return 0.0
    # Of few lines by themselves the clearer half, since each fades out to its sides.
    edges = own >= max(float(np.median(changing)), float(np.percentile(own, _EDGES)))
    loss = float(np.median(own[edges] / np.maximum(softer[edges], 1e-3)))
    return min(_MOST, _AGAIN / float(np.sqrt(max(loss**2 - 1, 1e-6))))


def _changes(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)), np.float32)
