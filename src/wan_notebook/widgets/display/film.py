"""A film and its plan as the last line of a cell: its shots with a first frame each, their price or state."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING, Any

from ...errors import MediaError
from ...films.summary import ShotLine, command, sentences, shot_lines, summary
from ...media.thumbnail import frames_at, shrunk, video_thumbnail
from ..film.film_view import FilmView
from ..film.shot_states import film_words
from .static import data_uri, first_frame, quiet

if TYPE_CHECKING:
    from ...films.film import Film
    from ...films.orders import PlannedShot
    from ...films.plan import FilmPlan
    from ...sweeps.tile import Tile

_SIDE = 96
"""Pixels of the longer side of a shot's picture."""
_PICTURES = 100
"""Shots that are shown with a picture: each takes a moment, and some kilobytes of the notebook."""
_STRIP = "font-size: 13px; line-height: 1.4"
_CARD = "display: inline-block; vertical-align: top; width: 120px; margin: 0 14px 14px 0"


def plan_bundle(plan: FilmPlan) -> dict[str, Any]:
    """Return the mime bundle of a film's plan."""
    cards = (_card(line, _picture(plan, line.number), line.state, line.notes) for line in shot_lines(plan))
    *told, _ = sentences(plan)
    below = [*map(_paragraph, told), f"<p><code>{escape(command(plan))}</code></p>"]
    return {"text/html": _strip(summary(plan), cards, below), "text/plain": str(plan)}


def film_widget(film: Film) -> FilmView:
    """Return a new widget that shows a film; a saved notebook shows its shots as they were last."""
    return FilmView(film, lambda: (film_html(film), repr(film)))


def film_html(film: Film) -> str:
    """Return the shots of a film as they are right now, all at the same moment."""
    tiles = film.tiles
    words = film_words(film, tiles)
    cards = (
        _card(
            line,
            _made(film, tiles[line.number]),
            _progress(film, tiles[line.number], line),
            [tiles[line.number].reason],
        )
        for line in shot_lines(film.plan)
    )
    play = ["Run this cell again to play it."] if film.clip else []
    return _strip(words, cards, map(_paragraph, [*film.notes, *play]))


def _strip(head: str, cards: Iterable[str], below: Iterable[str]) -> str:
    """Return the shots of a film side by side, in the text colour of the page around them."""
    inner = f"{_paragraph(head)}<div>{''.join(cards)}</div>{''.join(below)}"
    # Notebooks take text between two dollar signs for a formula, unless these classes forbid it.
    return f'<div class="tex2jax_ignore mathjax_ignore" style="{_STRIP}">{inner}</div>'


def _card(line: ShotLine, picture: str, state: str, notes: Iterable[str]) -> str:
    words = f"{escape(line.span)}<br>{escape(line.frames)} frames<br>{escape(state)}"
    noted = "".join(f"<br>{quiet(note)}" for note in notes if note)
    return f'<div style="{_CARD}">{picture and f"{picture}<br>"}<b>{line.number}</b>&ensp;{words}{noted}</div>'


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def _progress(film: Film, tile: Tile, line: ShotLine) -> str:
    has_job = film.plan.shots[line.number].order is not None
    return tile.progress.phase.value if has_job else line.state


def _made(film: Film, tile: Tile) -> str:
    """Return the first frame of a shot's clip, or of its piece of the reference where there is none yet."""
    in_sight = tile.number < _PICTURES
    return first_frame(tile.clip.path, _SIDE) if tile.clip and in_sight else _picture(film.plan, tile.number)


def _picture(plan: FilmPlan, number: int) -> str:
    """Return the first frame of a shot in the reference as a picture; empty of those beyond _PICTURES."""
    if number >= _PICTURES:
        return ""
    try:
        return f'<img src="{data_uri(shrunk(_first_frame(plan, plan.shots[number]), _SIDE))}" alt="First frame">'
    except (MediaError, OSError):
        return ""


def _first_frame(plan: FilmPlan, planned: PlannedShot) -> bytes:
    if planned.order is not None and planned.order.video.path is not None:
        return video_thumbnail(planned.order.video.path)
    assert plan.video.path is not None
    return frames_at(plan.video.path, [planned.shot.start])
