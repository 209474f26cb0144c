"""The player of a finished clip."""

from .player import Player

__all__ = ["Player"]
