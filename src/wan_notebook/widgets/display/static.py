"""HTML for places where no widget lives: a code-hosting site, a printed notebook, a web page."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path

from ...errors import MediaError
from ...media.thumbnail import shrunk, video_thumbnail

_SIDE = 240
"""Pixels of the longer side of a small picture."""


def pictures_html(pictures: Mapping[str, bytes], lines: Sequence[str]) -> str:
    """Return small pictures in a row, with lines of text below; it needs no style sheet.

    Args:
        pictures: JPEGs by their names.
        lines: of text.
    """
    shown = "\n".join(
        f'<img alt="{escape(name)}" title="{escape(name)}" height="160" src="{data_uri(shrunk(jpeg, _SIDE))}">'
        for name, jpeg in pictures.items()
    )
    return f"<p>{shown}</p>" * bool(pictures) + "".join(f"<p>{escape(line)}</p>" for line in lines)


def table_html(
    rows: Iterable[Sequence[str]], *, headings: Sequence[str] = (), named_rows: bool = False, below: str = ""
) -> str:
    """Return a table in the text colour of the page around it; it reads as well where nothing of its look is left.

    Its look stands on its elements: sites that take out style elements may leave their rules there as words.

    Args:
        rows: their cells as HTML, in which text from files, users or servers is escaped.
        headings: of the columns, as HTML.
        named_rows: whether the first cell of a row is its heading.
        below: more HTML.
    """
    head = _row(["th"] * len(headings), headings) if headings else ""
    body = "".join(_row(["th" if named_rows and not at else "td" for at in range(len(row))], row) for row in rows)
    table = f'<table style="{_TABLE}">{head and f"<thead>{head}</thead>"}<tbody>{body}</tbody></table>'
    # Notebooks take text between two dollar signs for a formula, unless these classes forbid it.
    return f'<div class="tex2jax_ignore mathjax_ignore">{table}{below}</div>'


_TABLE = "border-collapse: collapse; margin: 0; font-size: 13px; line-height: 1.45"
_ROW = "background: none; border-bottom: 1px solid rgba(128, 128, 128, 0.3)"
_CELL = "padding: 6px 24px 6px 0; border: 0; text-align: left; vertical-align: top; max-width: 48ch"


def _row(kinds: Sequence[str], cells: Sequence[str]) -> str:
    shown = "".join(f'<{kind} style="{_CELL}">{cell}</{kind}>' for kind, cell in zip(kinds, cells, strict=True))
    return f'<tr style="{_ROW}">{shown}</tr>'


def quiet(text: str) -> str:
    """Return a text, escaped, in small and pale letters."""
    return f'<small style="font-size: 12px; font-weight: normal; opacity: 0.75">{escape(text)}</small>' if text else ""


def first_frame(clip: Path, side: int) -> str:
    """Return the first frame of a clip as a picture of so many pixels, or a word where it cannot be read."""
    try:
        picture = data_uri(shrunk(video_thumbnail(clip), side))
        # Notebooks let pictures shrink with their column, and columns with their words.
        return f'<img style="min-width: {side // 2}px" src="{picture}" alt="First frame">'
    except (MediaError, OSError):
        return "cannot be read"


def css_uri(rules: str) -> str:
    """Return CSS rules as the address of a style sheet."""
    return f"data:text/css;base64,{base64.b64encode(rules.encode()).decode()}"


def data_uri(jpeg: bytes) -> str:
    """Return a JPEG as the address of an image element."""
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"
