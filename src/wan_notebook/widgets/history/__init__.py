"""The list of earlier jobs in the panel."""

from .history import HistoryList, JobCard

__all__ = ["HistoryList", "JobCard"]
