"""A sweep as one HTML page that plays without a kernel, a server or a network."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import partial
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import InvalidRequest, StorageError
from ...model.formatting import file_size
from ...runtime.data_dir import atomic_write
from ...runtime.redaction import public_value
from ..bundle import script, style
from ..delivery import Label
from ..frontend import browser_value
from ..grid.tile_text import MEASURES, axis_states, clip_properties, grid_summary, tile_name, tile_state
from ..grid.tile_updates import TileUpdates
from ..player.player import PlayerState
from .clip import clip_facts

if TYPE_CHECKING:
    from ...sweeps.grid import Grid


@dataclass(frozen=True)
class HtmlPage:
    """An HTML page that was written."""

    path: Path
    clips: int
    """How many clips play in it."""
    bytes: int
    """Size of the file."""

    def __repr__(self) -> str:
        return f"{self.path}: {self.clips} clips, {file_size(self.bytes)}"


def export(grid: Grid, path: Path, *, title: str = "", max_megabytes: float) -> HtmlPage:
    """Write the current tiles of a sweep as one page; see Grid.export_html."""
    tiles = grid.tiles
    positions = {tile.number: tile.cell.position for tile in tiles}
    # A page has no kernel, so no job can be tried again.
    updates = TileUpdates(axis_states(grid), positions, MEASURES, partial(tile_state, resumable=False))
    summary = replace(grid_summary(tiles, over=True, resumable=False), **clip_properties(tiles))
    updates.update(tiles, summary)
    labels: dict[int, Label] = {fields["number"]: fields["clip"] for fields in updates.since(0).tiles}
    offer = updates.delivery.offer  # the inputs that several clips were made from are in the page once
    players = {
        tile.number: PlayerState(
            title=tile_name(grid.axes, tile),
            facts=tuple(clip_facts(clip)),
            closable=True,
            fps=summary.fps,
            sound=summary.sound,
            result=replace(labels[tile.number], name=clip.download_name),
            reference=offer(clip.reference) if clip.reference else None,
            character=offer(clip.character) if clip.character else None,
        )
        for tile, clip in ((tile, tile.clip) for tile in tiles)
        if clip is not None
    }
    named = " ".join(str(title).split()) or " × ".join(axis.title for axis in grid.axes) or "A sweep"
    size = write_page(path, named, updates, players, max_megabytes=max_megabytes)
    return HtmlPage(path, len(players), size)


_TOP = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; \
script-src 'unsafe-inline'; img-src blob:; media-src blob:">
<title>{title}</title>
<style>
{style}
</style>
</head>
<body>
<main class="wan-page">
<h1>{title}</h1>
</main>
"""


def write_page(
    path: Path, title: str, updates: TileUpdates[Any], players: Mapping[int, PlayerState], *, max_megabytes: float
) -> int:
    """Write the page and return its size in bytes.

    Args:
        path: of the page.
        title: of the page.
        updates: all tiles of the grid.
        players: the state of the player for each tile that has a clip, by the tile's number.
        max_megabytes: the size from which on it is refused.

    Raises:
        InvalidRequest: it would be larger.
        MediaError: a clip cannot be read.
        StorageError: the page cannot be written.
    """
    states = {"grid": updates.state(), "players": players, "nothing": PlayerState()}
    ids = sorted({label.id for label in labels_in(states)})
    contents = {content_id: updates.delivery.content(content_id) for content_id in ids}
    size = sum(len(content) for content in contents.values()) * 4 // 3
    if size > max_megabytes * 1e6:
        raise InvalidRequest(
            f"The page would have {file_size(size)}, which is slow to open and to send. "
            f"To write it all the same: export_html(…, max_megabytes={size / 1e6 + 1:.0f})."
        )
    try:
        with atomic_write(path) as partial, partial.open("w", encoding="utf-8") as file:
            for part in _parts(title, states, contents):
                file.write(part)
    except OSError as error:
        raise StorageError(f"{path} cannot be written ({error.strerror}).") from None
    return path.stat().st_size


def _parts(title: str, states: Mapping[str, Any], contents: Mapping[str, bytes]) -> Iterator[str]:
    yield _TOP.format(title=escape(title), style=style("display/html_page.css"))
    # Within a script element nothing is escaped but what could end it; JSON may write the letter otherwise.
    data = json.dumps(public_value(browser_value(states)), ensure_ascii=False).replace("<", "\\u003c")
    yield f'<script type="application/json" id="wan-states">{data}</script>\n'
    for content_id, content in contents.items():
        yield f'<script type="text/plain" id="wan-{content_id}">{base64.b64encode(content).decode()}</script>\n'
    yield f"<script>\n{script('display/html_page.js')}\n</script>\n</body>\n</html>\n"


def labels_in(value: Any) -> set[Label]:
    """Return all labels in some states, however deep they lie there."""
    if isinstance(value, Label):
        return {value}
    if is_dataclass(value):
        value = [getattr(value, field.name) for field in fields(value)]
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ()
    return set().union(*map(labels_in, inner))
