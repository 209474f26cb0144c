"""A docstring of the package as Markdown."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from typing import Any

SECTIONS = ("Args", "Returns", "Raises", "Yields")
TITLES = {"Args": "Arguments", "Returns": "Returns", "Raises": "Errors", "Yields": "Yields"}
WIDTH = 72
"""Characters from which on a signature has a line for each parameter."""


def signature(value: Any, name: str) -> str:
    """Return the signature of a callable as code, with its types."""
    try:
        found = inspect.signature(value)
    except (TypeError, ValueError):
        return name
    named = [one for one in found.parameters.values() if one.name not in ("self", "cls")]
    parts: list[str] = []
    stars = False
    for one in named:
        if one.kind is one.KEYWORD_ONLY and not stars:
            stars = True
            parts.append("*")
        parts.append(_parameter(one))
        stars = stars or one.kind is one.VAR_POSITIONAL
    returned = found.return_annotation
    arrow = "" if returned in (found.empty, None, "None") else f" -> {_annotation(returned)}"
    line = f"{name}({', '.join(parts)}){arrow}"
    if len(line) <= WIDTH:
        return line
    return "\n".join([f"{name}(", *(f"    {part}," for part in parts), f"){arrow}"])


def _parameter(one: inspect.Parameter) -> str:
    star = {one.VAR_POSITIONAL: "*", one.VAR_KEYWORD: "**"}.get(one.kind, "")
    typed = "" if one.annotation is one.empty else f": {_annotation(one.annotation)}"
    if one.default is one.empty:
        return f"{star}{one.name}{typed}"
    default = getattr(one.default, "__name__", None) or repr(one.default)
    return f"{star}{one.name}{typed} = {default}"


def _annotation(annotation: Any) -> str:
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    return re.sub(r"\b(?:typing|collections\.abc)\.", "", text)


def markdown(text: str, *, level: int = 3) -> str:
    """Return a docstring in Google's style as Markdown: its words, then a list for each section.

    Args:
        text: the docstring, as inspect.getdoc() cleans it.
        level: of the headings of its sections.
    """
    parts = re.split(rf"^({'|'.join(SECTIONS)}):\n", text, flags=re.MULTILINE)
    written = [prose(parts[0])]
    for name, body in zip(parts[1::2], parts[2::2], strict=True):
        inner, rest = _indented(body)
        written.append(f"{'#' * level} {TITLES[name]}")
        written.append(prose(inner) if name in ("Returns", "Yields") else "\n".join(_items(inner)))
        if rest:
            written.append(prose(rest))
    return "\n\n".join(filter(None, written))


def _indented(body: str) -> tuple[str, str]:
    """Return the indented lines that a section begins with, and the rest."""
    found = re.match(r"(?:(?:[ ]{4}.*)?\n)*(?:[ ]{4}.*)?", body + "\n")
    end = found.end() if found else 0
    return textwrap.dedent(body[:end]).strip("\n"), body[end:].strip("\n")


def _items(body: str) -> Iterator[str]:
    """Yield the entries of a section as lines of a list."""
    for entry in re.split(r"\n(?=\S)", body):
        name, colon, told = entry.partition(":")
        words = " ".join(told.split())
        yield f"- `{name}` – {prose(words)}" if colon else f"- {prose(' '.join(entry.split()))}"


def prose(text: str) -> str:
    """Return a text in which nothing is Markdown but code, which stands in backticks or is indented."""
    lines = [line if line.startswith("    ") else _escaped(line) for line in text.strip("\n").splitlines()]
    return "\n".join(lines)


def _escaped(line: str) -> str:
    outside = re.split(r"(`[^`]*`)", line)
    return "".join(part if part.startswith("`") else re.sub(r"([*<\[\]])", r"\\\1", part) for part in outside)


def fields(kind: type) -> dict[str, tuple[str, str]]:
    """Return the documented attributes of a class: name to type and what the string below it says."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(kind))).body[0]
    assert isinstance(tree, ast.ClassDef)
    found: dict[str, tuple[str, str]] = {}
    for node, after in zip(tree.body, [*tree.body[1:], None], strict=True):
        if not (isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)):
            continue
        told = after.value.value if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) else ""
        if not node.target.id.startswith("_"):
            found[node.target.id] = ast.unparse(node.annotation), " ".join(str(told).split())
    return found
