"""A sweep where no widget lives: on a code-hosting site, in a printed notebook, in a notebook without a kernel."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING

from ..errors import MediaError
from ..jobs.clip import Clip
from ..widgets.preview import poster_of
from .grid_words import head_of, shown_of

if TYPE_CHECKING:
    from .axes import Axis
    from .grid import Grid
    from .tile import Tile

MOST = 60
"""Tiles; who wants to see more of them has a kernel, or exports a page."""
_WIDTH = 120


def still_of(grid: Grid) -> str:
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
    for axis, at in zip(axes, tile.cell.place, strict=True):
        yield escape(axis.labels[at])
    shown = shown_of(tile)
    yield escape(f"{shown.phase}: {shown.message}" if shown.message else shown.phase)
    yield _picture(tile.clip) if tile.clip else ""


def _picture(clip: Clip) -> str:
    from PIL import Image

    try:
        poster = Image.open(io.BytesIO(poster_of(clip.path)))
    except (MediaError, OSError):
        return "cannot be read"
    poster.thumbnail((_WIDTH, 4 * _WIDTH))
    written = io.BytesIO()
    poster.save(written, "JPEG", quality=75)
    content = base64.b64encode(written.getvalue()).decode()
    return f'<img src="data:image/jpeg;base64,{content}" alt="First frame" style="max-width:{_WIDTH}px">'
