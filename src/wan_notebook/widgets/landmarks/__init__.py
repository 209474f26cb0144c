"""The picture on which a person places eyes and mouth."""

from .landmarks import PointsForm

__all__ = ["PointsForm"]
