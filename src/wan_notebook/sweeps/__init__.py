"""Many jobs side by side: planned, run, watched, compared, saved.

sweep.py          the plan from the axes            axes.py, fields.py, ranges.py   the axes
plan.py           a sweep before it is sent         runner.py, limiter.py           its jobs, side by side
grid.py, tile.py  the handle on it, and one cell    results.py                      tables, the best, plots
archive.py        a sweep as a folder               measure_queue.py, metrics/       numbers measured on clips
"""

from .grid import Grid, load
from .plan import Plan
from .sweep import sweep
from .tile import Tile

__all__ = ["Grid", "Plan", "Tile", "load", "sweep"]
