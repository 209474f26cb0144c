"""The form of the changes that are made to a reference before it is sent."""

from .preparation import PreparationForm

__all__ = ["PreparationForm"]
