"""The row that begins a job: its price, its service, its button."""

from .generate import Caution, CommandBar

__all__ = ["Caution", "CommandBar"]
