"""Turning a decoded frame into an upright picture: rotation, pixel aspect, colour, size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from av.video.frame import VideoFrame
    from numpy import uint8
    from numpy.typing import NDArray

_UNSPECIFIED = 2
_HD_HEIGHT = 720


def quarter_turns(frame: VideoFrame) -> int:
    """Return how many quarter turns, counter-clockwise, set the frame upright."""
    return round(frame.rotation / 90) % 4


def upright_size(frame: VideoFrame, pixel_aspect: float = 1.0) -> tuple[int, int]:
    """Return the width and height in which the frame is to be seen, with square pixels."""
    width, height = max(1, round(frame.width * pixel_aspect)), frame.height
    return (height, width) if quarter_turns(frame) % 2 else (width, height)


class Upright:
    """Converts the frames of one stream to RGB; keeps its tables between frames.

    Args:
        pixel_aspect: width over height of one stored pixel.
        width: columns of the result; the aspect is kept when None.
        height: rows of the result, likewise.
    """

    def __init__(self, *, pixel_aspect: float = 1.0, width: int | None = None, height: int | None = None) -> None:
        from av.video.reformatter import VideoReformatter

        self._scaler, self._converter = VideoReformatter(), VideoReformatter()
        self._pixel_aspect = pixel_aspect
        self._width, self._height = width, height

    def __call__(self, frame: VideoFrame) -> NDArray[uint8]:
        """Return the frame as H×W×3 uint8 RGB, upright."""
        import numpy as np

        turns = quarter_turns(frame)
        width, height = self._size(frame)
        stored = (height, width) if turns % 2 else (width, height)
        # Scaled before they are converted, frames take half the time.
        scaled = self._scaler.reformat(frame, *stored)
        rgb: Any = self._converter.reformat(scaled, format="rgb24", src_colorspace=assumed_colorspace(frame))
        return np.ascontiguousarray(np.rot90(rgb.to_ndarray(), turns))

    def _size(self, frame: VideoFrame) -> tuple[int, int]:
        own_width, own_height = upright_size(frame, self._pixel_aspect)
        width = self._width or max(1, round(own_width * (self._height or own_height) / own_height))
        return width, self._height or max(1, round(own_height * width / own_width))


def assumed_colorspace(frame: VideoFrame) -> int | None:
    """Return the colour space that players assume for an untagged frame; None where the frame has a tag."""
    from av.video.reformatter import Colorspace

    # Players take an untagged video of high definition for BT.709 and a smaller one for BT.601.
    if frame.colorspace != _UNSPECIFIED:
        return None
    return Colorspace.ITU709 if min(frame.width, frame.height) >= _HD_HEIGHT else Colorspace.ITU601
