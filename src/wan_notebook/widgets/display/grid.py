"""A sweep where no widget lives: on a code-hosting site, in a printed notebook, in a notebook without a kernel."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from ...errors import MediaError
from ...jobs.clip import Clip
from ...media.thumbnail import video_thumbnail
from ..frontend import view_of
from ..grid.sweep_view import Showing
from ..grid.tile_text import head_of, shown_of

if TYPE_CHECKING:
    from ...sweeps.axes import Axis
    from ...sweeps.grid import Grid
    from ...sweeps.tile import Tile

MOST = 60
"""Tiles; who wants to see more of them has a kernel, or exports a page."""
_WIDTH = 120


def grid_bundle(grid: Grid) -> dict[str, Any]:
    """Return the mime bundle of a sweep: its tiles where widgets live, and a table of them everywhere else."""
    return {**view_of(grid.widget), "text/html": grid_html(grid), "text/plain": repr(grid)}


def grid_widget(grid: Grid) -> Showing:
    """Return a new widget that shows a sweep."""
    return Showing(grid)


def grid_html(grid: Grid) -> str:
    """Return a table with a row for each tile: its coordinates, where it stands, and the first frame of its clip."""
    tiles = grid.tiles
    head = [*(axis.title for axis in grid.axes), "State", "Clip"]
    more = f"<p>{len(tiles) - MOST:,} more are not shown here.</p>" if len(tiles) > MOST else ""
    return (
        f"<p>{escape(head_of(tiles, over=grid.done).words)}</p><table><thead><tr>"
        f"{''.join(f'<th>{escape(title)}</th>' for title in head)}</tr></thead>"
        f"<tbody>{''.join(_row(grid.axes, tile) for tile in tiles[:MOST])}</tbody></table>{more}"
    )


def _row(axes: Sequence[Axis], tile: Tile) -> str:
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in _cells(axes, tile))}</tr>"


def _cells(axes: Sequence[Axis], tile: Tile) -> Iterator[str]:
    for axis, at in zip(axes, tile.cell.position, strict=True):
        yield escape(axis.labels[at])
    shown = shown_of(tile)
    yield escape(f"{shown.phase}: {shown.message}" if shown.message else shown.phase)
    yield _picture(tile.clip) if tile.clip else ""


def _picture(clip: Clip) -> str:
    from PIL import Image

    try:
        poster = Image.open(io.BytesIO(video_thumbnail(clip.path)))
    except (MediaError, OSError):
        return "cannot be read"
    poster.thumbnail((_WIDTH, 4 * _WIDTH))
    written = io.BytesIO()
    poster.save(written, "JPEG", quality=75)
    content = base64.b64encode(written.getvalue()).decode()
    return f'<img src="data:image/jpeg;base64,{content}" alt="First frame" style="max-width:{_WIDTH}px">'
