"""The studio on screen."""

from .panel import Panel

__all__ = ["Panel"]
