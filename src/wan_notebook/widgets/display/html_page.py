"""A grid as one page that plays without a kernel, a server or a network."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import InvalidRequest, StorageError
from ...jobs.clip import Clip
from ...model.formatting import file_size, settings_text
from ...runtime.data_dir import atomic_write
from ..bundle import script, style
from ..grid.tile_text import MEASURES, clips_are, direction_of, head_of, name_of, shown_of
from ..grid.tile_updates import GridNews
from ..player.player import NOTHING, state_of

if TYPE_CHECKING:
    from ...sweeps.grid import Grid

PlayerState = Mapping[str, Any]


@dataclass(frozen=True)
class HtmlPage:
    """A page that was written."""

    path: Path
    clips: int
    bytes: int

    def __repr__(self) -> str:
        return f"{self.path}: {self.clips} clips, {file_size(self.bytes)}"


def export(grid: Grid, path: Path, *, max_megabytes: float) -> HtmlPage:
    """Write a sweep, as it stands, as a page; see Grid.export_html."""
    tiles = grid.tiles
    news = GridNews(map(direction_of, grid.axes), {tile.number: tile.cell.place for tile in tiles}, MEASURES)
    common = clips_are(tiles)
    # Nothing goes on in a page, so nothing can be tried again.
    news.take(
        [replace(shown_of(tile), can_retry=False) for tile in tiles], replace(head_of(tiles, over=True), **common)
    )
    labels = {told["number"]: told["clip"] for told in news.since(0)["tiles"]}
    players = {
        tile.number: _player(tile.clip, name_of(grid.axes, tile), labels[tile.number], news, common)
        for tile in tiles
        if tile.clip
    }
    size = write_page(path, _title(grid), news, players, max_megabytes=max_megabytes)
    return HtmlPage(path, len(players), size)


def _title(grid: Grid) -> str:
    return " × ".join(axis.title for axis in grid.axes) or "A sweep"


def _player(
    clip: Clip, title: str, result: Mapping[str, Any], news: GridNews, common: Mapping[str, Any]
) -> PlayerState:
    """What the player shows of a clip; what several clips were made from is in the page once."""
    offer = news.delivery.offer
    return state_of(
        title,
        {**result, "name": clip.path.name},
        fps=common["fps"],
        sound=common["sound"],
        reference=offer(clip.reference) if clip.reference else None,
        character=offer(clip.character) if clip.character else None,
        facts=settings_text(clip.settings),
        closable=True,
    )


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
<div class="wan-sweep"></div>
</main>
"""


def write_page(
    path: Path, title: str, news: GridNews, players: Mapping[int, PlayerState], *, max_megabytes: float
) -> int:
    """Write the page and return how many bytes it has.

    Args:
        path: of the page.
        title: of the page.
        news: what the grid shows.
        players: by the number of each tile that has a clip, what the player shows of it.
        max_megabytes: the size from which on it is refused.

    Raises:
        InvalidRequest: it would be larger.
        MediaError: a clip cannot be read.
        StorageError: the page cannot be written.
    """
    grid = news.state()
    wanted = _ids(grid) | _ids(players)
    contents = {wanted_id: news.delivery.content(wanted_id) for wanted_id in sorted(wanted)}
    size = sum(len(content) for content in contents.values()) * 4 // 3
    if size > max_megabytes * 1e6:
        raise InvalidRequest(
            f"The page would have {file_size(size)}, which is slow to open and to send. "
            f"To write it all the same: export_html(…, max_megabytes={size / 1e6 + 1:.0f})."
        )
    try:
        with atomic_write(path) as partial, partial.open("w", encoding="utf-8") as file:
            for part in _parts(title, {"grid": grid, "players": players, "nothing": NOTHING}, contents):
                file.write(part)
    except OSError as error:
        raise StorageError(f"{path} cannot be written ({error.strerror}).") from None
    return path.stat().st_size


def _parts(title: str, states: Mapping[str, Any], contents: Mapping[str, bytes]) -> Iterator[str]:
    yield _TOP.format(title=escape(title), style=style("display/html_page.css"))
    # Within a script element nothing is escaped but what could end it; JSON may write the letter otherwise.
    told = json.dumps(states, ensure_ascii=False).replace("<", "\\u003c")
    yield f'<script type="application/json" id="wan-states">{told}</script>\n'
    for wanted_id, content in contents.items():
        yield f'<script type="text/plain" id="wan-{wanted_id}">{base64.b64encode(content).decode()}</script>\n'
    yield f"<script>\n{script('display/html_page.js')}\n</script>\n</body>\n</html>\n"


def _ids(states: Any) -> set[str]:
    """The ids of all labels in a state."""
    if isinstance(states, Mapping) and "chunk" in states:
        return {states["id"]}
    inner = states.values() if isinstance(states, Mapping) else states if isinstance(states, list | tuple) else ()
    return set().union(*map(_ids, inner))
