"""The form of what is done to a reference before it is sent."""

from .preparation import PrepareForm

__all__ = ["PrepareForm"]
