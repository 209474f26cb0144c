"""The pages of the site in one folder, each where the site has it, for Sphinx to read."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from . import places, reference

PROJECT = Path(__file__).parents[2]
DOCS = PROJECT / "docs"
_LINK = re.compile(r"(?P<text>!?\[[^\]]*\])\((?P<target>[^)\s#]+)(?P<anchor>#[^)\s]*)?\)")
_TOCTREE = re.compile(r"^```\{toctree\}\n(.*?)^```", re.MULTILINE | re.DOTALL)


def placed() -> dict[Path, Path]:
    """Return each file of the repository that the site shows: its path there, and its path in the site."""
    found = {path.relative_to(PROJECT): path.relative_to(DOCS) for path in sorted(DOCS.rglob("*.md"))}
    found |= {path.relative_to(PROJECT): path.relative_to(DOCS) for path in sorted((DOCS / "images").iterdir())}
    notebooks = (path.relative_to(PROJECT) for path in sorted((PROJECT / "notebooks").rglob("*.*")))
    found |= {path: path for path in notebooks if path.suffix in (".ipynb", ".md") and "checkpoints" not in str(path)}
    found |= {Path(name): Path(name.lower()) for name in ("CHANGELOG.md", "CONTRIBUTING.md")}
    return found


def stage(folder: Path) -> None:
    """Write all pages into a folder, which is made anew.

    Args:
        folder: where Sphinx will read them.
    """
    shutil.rmtree(folder, ignore_errors=True)
    files, repository = placed(), places.repository()
    for origin, target in files.items():
        written = folder / target
        written.parent.mkdir(parents=True, exist_ok=True)
        if origin.suffix in (".md", ".ipynb"):
            text = (PROJECT / origin).read_text(encoding="utf-8")
            text = relinked(text, origin, files)
            if origin.suffix == ".ipynb":
                itself = os.path.relpath(PROJECT / origin, written.parent)
                text = places.with_note(text, origin, Path(itself).as_posix(), repository)
            text = text.replace("<!-- places -->", places.invitation(repository))
            written.write_text(text, encoding="utf-8")
        else:
            shutil.copyfile(PROJECT / origin, written)
    for name, text in reference.pages():
        (folder / f"{name}.md").write_text(f"{text}\n", encoding="utf-8")
    add_entries(folder / "lessons.md", [f"notebooks/lessons/{path.stem}" for path in by_name(folder, "lessons")])
    reached = in_order(folder)
    others = sorted(path.stem for path in folder.glob("*.md") if path.stem not in reached)
    add_entries(folder / "chapters.md", others)


def relinked(text: str, origin: Path, files: Mapping[Path, Path]) -> str:
    """Return a page whose links lead where the site has the other pages.

    A link to a file of the repository that the site does not show becomes its words alone.

    Args:
        text: of the page.
        origin: its path in the repository.
        files: as placed() returns them.
    """

    def moved(link: re.Match[str]) -> str:
        if "://" in link["target"] or link["target"].startswith("mailto:"):
            return link[0]
        if origin.parts[0] == "docs" and not link["target"].startswith("../../") and not _is_outside(origin, link):
            return link[0]
        aim = Path(os.path.normpath(origin.parent / link["target"]))
        if aim not in files:
            return link["text"].strip("![]")
        return f"{link['text']}({os.path.relpath(files[aim], files[origin].parent)}{link['anchor'] or ''})"

    return _LINK.sub(moved, text)


def _is_outside(origin: Path, link: re.Match[str]) -> bool:
    return not os.path.normpath(origin.parent / link["target"]).startswith("docs")


def by_name(folder: Path, name: str) -> list[Path]:
    """Return the notebooks of a folder in their order, and its pages after them."""
    found = [path for path in (folder / "notebooks" / name).glob("*.*") if path.suffix in (".ipynb", ".md")]
    return sorted(found, key=lambda path: (path.suffix == ".md", path.name))


def add_entries(page: Path, entries: list[str]) -> None:
    """Write entries into a page's table of contents, in place of its line `<!-- more -->`."""
    table = f"```{{toctree}}\n:maxdepth: 1\n\n{chr(10).join(entries)}\n```" if entries else ""
    page.write_text(page.read_text(encoding="utf-8").replace("<!-- more -->", table), encoding="utf-8")


def in_order(folder: Path, page: str = "index") -> list[str]:
    """Return the pages of the site in the order in which its tables of contents lead through them."""
    path = folder / f"{page}.md"
    if not path.exists():
        return [page]
    found = [page]
    for body in _TOCTREE.findall(path.read_text(encoding="utf-8")):
        for line in body.splitlines():
            entry = re.sub(r".*<(.+)>$", r"\1", line.strip())
            if entry and not entry.startswith(":"):
                found += in_order(folder, os.path.normpath(path.parent.relative_to(folder) / entry))
    return found
