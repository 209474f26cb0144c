"""HTML for places where no widget lives: a code-hosting site, a printed notebook, a web page."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from pathlib import Path

from ...media.thumbnail import shrunk

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


def table_html(inner: str, *, name: str, css: Path) -> str:
    """Return a table, and the notes below it, in the text colour of the notebook around it.

    Args:
        inner: both as HTML, in which text from files, users or servers is escaped.
        name: the CSS class that the rules of `css` are for.
        css: a file of rules, in addition to those that all such tables share.
    """
    rules = _rules(Path(__file__).with_name("static.css")) + _rules(css)
    # Notebooks take text between two dollar signs for a formula, unless these classes forbid it.
    return f'<style>{rules}</style><div class="wan-table {name} tex2jax_ignore mathjax_ignore">{inner}</div>'


@cache
def _rules(css: Path) -> str:
    return css.read_text(encoding="utf-8")


def css_uri(rules: str) -> str:
    """Return CSS rules as the address of a style sheet."""
    return f"data:text/css;base64,{base64.b64encode(rules.encode()).decode()}"


def data_uri(jpeg: bytes) -> str:
    """Return a JPEG as the address of an image element."""
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"
