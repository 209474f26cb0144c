"""A sweep as the last line of a cell: its tiles where widgets live, and a table of them everywhere else."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from ...errors import MediaError
from ...jobs.clip import Clip
from ...media.thumbnail import shrunk, video_thumbnail
from ..grid.sweep_view import SweepView
from ..grid.tile_text import grid_summary, tile_state
from .static import data_uri

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
    head = [*(axis.title for axis in grid.axes), "State", "Clip"]
    more = f"<p>{len(tiles) - MOST:,} more are not shown here.</p>" if len(tiles) > MOST else ""
    return (
        f"<p>{escape(grid_summary(tiles, over=grid.done).words)}</p><table><thead><tr>"
        f"{''.join(f'<th>{escape(title)}</th>' for title in head)}</tr></thead>"
        f"<tbody>{''.join(f'<tr>{tile_cells(grid.axes, tile)}</tr>' for tile in tiles[:MOST])}</tbody></table>{more}"
        "<p>Run this cell again to play the clips.</p>"
    )


def tile_cells(axes: Sequence[Axis], tile: Tile) -> str:
    """Return the cells of a tile's row: its coordinates, its state, and the first frame of its clip."""
    state = tile_state(tile)
    cells = [escape(axis.labels[at]) for axis, at in zip(axes, tile.cell.position, strict=True)]
    cells.append(escape(f"{state.phase}: {state.message}" if state.message else state.phase))
    cells.append(first_frame(tile.clip) if tile.clip else "")
    return "".join(f"<td>{cell}</td>" for cell in cells)


def first_frame(clip: Clip) -> str:
    """Return the first frame of a clip as a small picture, or a word where it cannot be read."""
    try:
        poster = shrunk(video_thumbnail(clip.path), _SIDE)
    except (MediaError, OSError):
        return "cannot be read"
    return f'<img src="{data_uri(poster)}" alt="First frame">'
