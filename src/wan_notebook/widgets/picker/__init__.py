"""The picker of a picture or a video."""

from .media_card import MediaCard
from .picker import MediaPicker

__all__ = ["MediaCard", "MediaPicker"]
