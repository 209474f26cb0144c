"""The mark that every frame of a preview bears."""

from __future__ import annotations

from ...media.watermark import Watermark


def preview_mark(width: int, height: int) -> Watermark:
    """Return the mark for frames of this size in pixels."""
    return Watermark("motion preview", width, height, corner="right", share=1 / 40, plate=90, light=215)
