"""The strip of earlier jobs."""

from .history import Card, HistoryStrip

__all__ = ["Card", "HistoryStrip"]
