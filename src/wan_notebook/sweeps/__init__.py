"""Many jobs at once: planned, run, watched, compared, kept.

planning.py   from what varies to a plan
plan.py       what a sweep will do, said before anything is sent
plan_page.py  the plan as HTML
words.py      a plan in plain words
outlook.py    how long a sweep will take
grid.py       the handle on a sweep, with its tiles
tile.py       one cell on its way
running.py    requests carried out side by side
errand.py     the way of one request
gate.py       who may send a job now
earlier.py    what became of the same request before
results.py    tables, the best tile, plots
keeping.py    a sweep as a folder
"""

from .grid import Grid, load
from .plan import Plan
from .planning import sweep
from .tile import Tile

__all__ = ["Grid", "Plan", "Tile", "load", "sweep"]
