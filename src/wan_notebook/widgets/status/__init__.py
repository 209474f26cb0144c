"""The status bar."""

from .status import StatusBar

__all__ = ["StatusBar"]
