"""The picture on which a person places eyes and mouth."""

from .landmarks import LandmarksForm

__all__ = ["LandmarksForm"]
