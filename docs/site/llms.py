"""The site for language models: llms.txt has a sentence of each page, llms-full.txt its whole text."""

from __future__ import annotations

import json
import re
from pathlib import Path

from . import places
from .stage import in_order

SUMMARY = (
    "A Python notebook toolkit for Wan 2.2 Animate: a picture of a character and a reference video go in, a clip comes "
    "out in which the character performs. Without a key, a free preview is made on the user's own computer."
)
_PROGRAM = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_EMPHASIS = re.compile(r"\*+")
_DIRECTIVES = re.compile(r"^```\{toctree\}\n(?:.*\n)*?```\n?|^:::+.*\n?|^<.*>\n", re.MULTILINE)


def write(pages: Path, site: Path) -> None:
    """Write both files.

    Args:
        pages: the staged pages.
        site: the folder of the built site.
    """
    listed, whole = [f"# wan-notebook\n\n> {SUMMARY}\n\n## Pages\n"], []
    for page in in_order(pages):
        text = words(pages / page)
        title = re.search(r"^# (.+)$", text, re.MULTILINE)
        listed.append(f"- [{title[1] if title else page}]({page}.html): {sentence(text)}\n")
        whole.append(f"<!-- {page}.html -->\n\n{text.strip()}\n")
    (site / "llms.txt").write_text("".join(listed), encoding="utf-8")
    (site / "llms-full.txt").write_text("\n".join(whole), encoding="utf-8")


def sentence(text: str) -> str:
    """Return the first sentence of a page, without links and emphasis; questions before it are kept.

    Args:
        text: of the page, as words() returns it.

    Raises:
        ValueError: it has none.
    """
    for paragraph in _PROGRAM.sub("", text).split("\n\n"):
        line = _EMPHASIS.sub("", _LINK.sub(r"\1", " ".join(paragraph.split())))
        found = re.match(r"(?![#|!\-<>])(.+?[.!])(?=\s|$)", line)
        if found:
            return found[1].replace("\\", "")
    raise ValueError(f"No sentence says what is on the page {text[:60]!r}.")


def words(page: Path) -> str:
    """Return a page as plain Markdown; of a notebook its texts and its code.

    Args:
        page: its path without an ending.
    """
    notebook = page.with_name(f"{page.name}.ipynb")
    if notebook.exists():
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        own = (cell for cell in cells if places.TAG not in cell["metadata"].get("tags", ()))
        texts = (("".join(cell["source"]), cell["cell_type"]) for cell in own)
        return "\n\n".join(f"```python\n{text}\n```" if kind == "code" else text for text, kind in texts)
    return _DIRECTIVES.sub("", page.with_name(f"{page.name}.md").read_text(encoding="utf-8"))
