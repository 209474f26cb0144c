"""Bringing HDR frames to the range of an ordinary screen, so that white is white and colours are not washed out."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from .upright import HLG

if TYPE_CHECKING:
    from numpy import float32, uint8, uint16
    from numpy.typing import NDArray

_WHITE = 203
"""Nits of diffuse white in HDR (ITU-R BT.2408)."""
_PEAK = 1000
"""Nits of the display for which HLG is shown."""
_KNEE = 0.8
"""Share of SDR white up to which light stays as it is; diffuse white comes out at 0.93, and highlights lie between."""
_GAMMA = 2.4
"""Of an ordinary display (ITU-R BT.1886)."""
_LUMA = (0.2627, 0.678, 0.0593)
"""Luminance of red, green and blue in BT.2020."""
_TO_BT709 = ((1.6605, -0.5876, -0.0728), (-0.1246, 1.1329, -0.0083), (-0.0182, -0.1006, 1.1187))
"""From linear BT.2020 to linear BT.709 (ITU-R BT.2087)."""


def tone_mapped(pixels: NDArray[uint16], transfer: int) -> NDArray[uint8]:
    """Return HDR pixels as BT.709 for an ordinary screen.

    Args:
        pixels: H×W×3 RGB of 16 bits in BT.2020, full range.
        transfer: FFmpeg's number of PQ or HLG.
    """
    import numpy as np

    light = linear_light(transfer)[pixels >> 4]
    if transfer == HLG:
        # The display's gamma of 1.2 applies to luminance, so that colours keep their hue (ITU-R BT.2100).
        luminance = light @ np.array(_LUMA, np.float32)
        light *= (_PEAK / _WHITE) * np.maximum(luminance, 1e-6)[..., None] ** np.float32(0.2)
    light = np.maximum(light @ np.array(_TO_BT709, np.float32).T, 0)
    brightest = np.maximum(light.max(axis=-1), 1e-6)
    rolled_off = 1 - (1 - _KNEE) * np.exp(-(brightest - _KNEE) / (1 - _KNEE))
    light *= (np.where(brightest <= _KNEE, brightest, rolled_off) / brightest)[..., None]
    levels: NDArray[uint8] = screen_levels()[(light * 65535).astype(np.uint16)]
    return levels


@lru_cache(maxsize=2)
def linear_light(transfer: int) -> NDArray[float32]:
    """Return the linear light of each 12-bit signal: in SDR white under PQ, as a share of the scene's under HLG."""
    import numpy as np

    signal = np.linspace(0, 1, 4096)
    if transfer == HLG:
        a, b, c = 0.17883277, 0.28466892, 0.55991073
        scene = np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - c) / a) + b) / 12)
        return scene.astype(np.float32)
    root = signal ** (32 / 2523)
    nits = 10_000 * (np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)) ** (8192 / 1305)
    return (nits / _WHITE).astype(np.float32)


@lru_cache(maxsize=1)
def screen_levels() -> NDArray[uint8]:
    """Return the level, 0 to 255, of each 16-bit share of linear light."""
    import numpy as np

    return (255 * np.linspace(0, 1, 65536) ** (1 / _GAMMA)).round().astype(np.uint8)
