"""The status bar of a run."""

from .status import StatusBar, StatusState

__all__ = ["StatusBar", "StatusState"]
