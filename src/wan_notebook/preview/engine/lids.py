"""Where a character's lids truly are: drawn eyes may be half as large again as any that the models have seen."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]

_ACROSS = np.linspace(1.0, 1.4, 5)
_UP, _DOWN = np.linspace(1.0, 2.2, 13), np.linspace(1.0, 1.9, 10)
"""How much larger the eye may be than it was read: in width, above the line of its corners, and below."""
_CLEARER = 1.35
"""How much clearer an edge farther out must be than the one where the models see the lid."""
_SAMPLES = 25


def fitted(light: NDArray[np.float32], upper: Points, lower: Points) -> tuple[Points, Points]:
    """Return an eye's lids moved outwards to where the picture has its edges.

    Args:
        light: the picture's brightness, H×W.
        upper: the upper lid's rim from corner to corner, N×2 in pixels.
        lower: the lower lid's.
    """
    middle = (upper[0] + upper[-1]) / 2
    width = float(np.linalg.norm(upper[-1] - upper[0])) + 1e-6
    along = (upper[-1] - upper[0]) / width
    axes = np.array([along, [-along[1], along[0]]])
    level = [(lid - middle) @ axes.T for lid in (upper, lower)]
    step = max(1.0, 0.04 * width)

    def edge(lid: Points, wide: float, high: float) -> float:
        at = np.linspace(lid[0, 0], lid[-1, 0], _SAMPLES)[3:-3]
        rim = np.column_stack([wide * at, high * np.interp(at, lid[:, 0], lid[:, 1])])
        out = np.array([0.0, np.sign(np.mean(lid[:, 1])) * step])
        inside, outside = (_sampled(light, (rim + way) @ axes + middle) for way in (-out, out))
        darker = float(np.mean(inside - outside))
        # Above the eye lies its lashes' line: its inner edge is the lid, its outer one is not.
        return max(0.0, darker) if out[1] < 0 else abs(darker)

    found = []
    for lid, heights in zip(level, (_UP, _DOWN), strict=True):
        scores = {(wide, high): edge(lid, wide, high) * (1.15 - 0.15 * high) for wide in _ACROSS for high in heights}
        best = max(scores, key=lambda sizes: scores[sizes])
        found.append(best if scores[best] > _CLEARER * scores[1.0, 1.0] + 2 else (1.0, 1.0))
    wide = max(found[0][0], found[1][0])
    larger = [lid * np.array([wide, high]) @ axes + middle for lid, (_, high) in zip(level, found, strict=True)]
    return larger[0], larger[1]


def _sampled(light: NDArray[np.float32], places: Points) -> NDArray[np.float32]:
    at = places.astype(np.float32)[:, None]
    return np.asarray(cv2.remap(light, at, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)[:, 0])
