"""The picker of a picture or a video."""

from .picker import MediaCard, MediaPicker

__all__ = ["MediaCard", "MediaPicker"]
