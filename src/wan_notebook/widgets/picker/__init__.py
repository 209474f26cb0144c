"""The picker of a picture or a video."""

from .picker import MediaPicker
from .preview import Preview

__all__ = ["MediaPicker", "Preview"]
