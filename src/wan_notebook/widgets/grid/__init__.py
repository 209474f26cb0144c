"""The grid of a sweep: a tile for each clip, all of them playing in step."""

from .grid import TileGrid

__all__ = ["TileGrid"]
