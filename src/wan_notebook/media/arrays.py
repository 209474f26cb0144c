"""What is wrong with an array that should be a picture or a video, and what makes it one."""

from __future__ import annotations

from typing import Any

from ..errors import MediaError


def check_pixels(pixels: Any, wanted: str, dimensions: int) -> None:
    """Refuse an array that does not hold RGB pixels.

    Args:
        pixels: a NumPy array.
        wanted: what it should be, as "a picture is H×W×3 uint8 in RGB".
        dimensions: how many it should have.

    Raises:
        MediaError: it is of another kind or shape; says what came, and what would make it right.
    """
    shape = pixels.shape
    if str(pixels.dtype) != "uint8" or len(shape) != dimensions or shape[-1] != 3 or 0 in shape:
        raise MediaError(f"An array of {pixels.dtype} and shape {shape} came; {wanted}.{_remedy(pixels, dimensions)}")


def _remedy(pixels: Any, dimensions: int) -> str:
    if pixels.dtype.kind == "f" and pixels.size:
        darkest, brightest = pixels.min(), pixels.max()
        if not 0 <= darkest <= brightest <= 255:
            return f" Its values go from {darkest:g} to {brightest:g}: bring them to 0–255 and use .astype('uint8')."
        return " Multiply by 255 and use .astype('uint8')." if brightest <= 1 else " Use .round().astype('uint8')."
    if pixels.ndim == dimensions - 1 and pixels.dtype.kind == "u":
        return " numpy.stack([grey] * 3, axis=-1) makes grey pixels RGB."
    return ""
