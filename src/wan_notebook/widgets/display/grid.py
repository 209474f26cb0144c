"""A sweep as the last line of a cell: its tiles where widgets live, and a table of them everywhere else."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from ..grid.sweep_view import SweepView
from ..grid.tile_text import grid_summary, tile_state
from .static import first_frame, table_html

if TYPE_CHECKING:
    from ...sweeps.axes import Axis
    from ...sweeps.grid import Grid
    from ...sweeps.tile import Tile

MOST = 60
"""Tiles in the table; to see more of them needs a kernel, or an exported page."""
_SIDE = 160
"""Pixels of a first frame's longer side."""


def grid_widget(grid: Grid) -> SweepView:
    """Return a new widget that shows a sweep; a saved notebook shows a table of it."""
    return SweepView(grid, lambda: (grid_html(grid), repr(grid)))


def grid_html(grid: Grid) -> str:
    """Return a table with a row for each tile: its coordinates, its state, and the first frame of its clip."""
    tiles = grid.tiles
    headings = [*(escape(axis.title) for axis in grid.axes), "State", "Clip"]
    more = f"<p>{len(tiles) - MOST:,} more are not shown here.</p>" if len(tiles) > MOST else ""
    words = f"<p>{escape(grid_summary(tiles, over=grid.done).words)}</p>"
    rows = (tile_cells(grid.axes, tile) for tile in tiles[:MOST])
    return words + table_html(rows, headings=headings, below=f"{more}<p>Run this cell again to play the clips.</p>")


def tile_cells(axes: Sequence[Axis], tile: Tile) -> list[str]:
    """Return the cells of a tile's row: its coordinates, its state, and the first frame of its clip."""
    state = tile_state(tile)
    cells = [escape(axis.labels[at]) for axis, at in zip(axes, tile.cell.position, strict=True)]
    cells.append(escape(f"{state.phase}: {state.message}" if state.message else state.phase))
    cells.append(first_frame(tile.clip.path, _SIDE) if tile.clip else "")
    return cells
