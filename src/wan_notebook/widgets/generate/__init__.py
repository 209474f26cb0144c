"""The row that begins a job: its price, its service, its button."""

from .generate import GenerateBar

__all__ = ["GenerateBar"]
