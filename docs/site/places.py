"""Where a notebook can be run without installing anything: badges for Colab and Binder, and links on the site.

    python -m docs.site.places    writes the badges into README and notebooks, or takes them out

Both need the repository's address. It stands in pyproject.toml alone, as `Repository` among `[project.urls]`; until it
does, there are neither. Badges are pictures from other hosts, so that the site, which loads nothing from elsewhere, has
links in their place: on its start page, and in a note below each notebook's title.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

PROJECT = Path(__file__).parents[2]
FIRST = Path("notebooks/1_first_clip.ipynb")
"""The notebook that README and start page offer."""
TAG = "site-note"
"""Of the note's cell; it is not the notebook's own."""
_REPOSITORY = re.compile(
    r'^\[project\.urls\]\n(?:[^\[\n].*\n|\n)*?Repository = "https://github\.com/([^/"]+/[^/"]+?)(?:\.git)?/?"',
    re.MULTILINE,
)
_BADGES = re.compile(r"^\[!\[Open in Colab\].*\n\n", re.MULTILINE)
_PICTURES = {
    "Colab": "https://colab.research.google.com/assets/colab-badge.svg",
    "Binder": "https://mybinder.org/badge_logo.svg",
}


def repository(project: Path = PROJECT) -> str | None:
    """Return the repository as "owner/name"; None where the address is unknown, or not GitHub's."""
    found = _REPOSITORY.search((project / "pyproject.toml").read_text(encoding="utf-8"))
    return found[1] if found else None


def addresses(origin: Path, repository: str | None) -> dict[str, str]:
    """Return where a notebook opens, by the name of the place; nothing where the repository is unknown.

    Args:
        origin: the notebook's path in the repository.
        repository: as repository() returns it.
    """
    if repository is None:
        return {}
    path = origin.as_posix()
    return {
        "Colab": f"https://colab.research.google.com/github/{repository}/blob/main/{quote(path)}",
        "Binder": f"https://mybinder.org/v2/gh/{repository}/HEAD?labpath={quote(path, safe='')}",
    }


def with_badges(text: str, origin: Path, repository: str | None) -> str:
    """Return a page of Markdown with its badges below the title, in place of those that it has.

    Args:
        text: of the page.
        origin: the notebook that they open.
        repository: as repository() returns it; without one the page has none.
    """
    plain = _BADGES.sub("", text)
    found = addresses(origin, repository)
    line = " ".join(f"[![Open in {name}]({_PICTURES[name]})]({url})" for name, url in found.items())
    title, _, rest = plain.partition("\n\n")
    return f"{title}\n\n{line}\n\n{rest}" if line else plain


def notebook_with_badges(text: str, origin: Path, repository: str | None) -> str:
    """Return a notebook, as JSON, with its badges in the first cell; arguments as for with_badges()."""
    notebook = json.loads(text)
    first = notebook["cells"][0]
    first["source"] = with_badges("".join(first["source"]), origin, repository).splitlines(keepends=True)
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def pages(project: Path = PROJECT) -> Iterator[tuple[Path, str]]:
    """Yield each page that has badges, and its text as it should be."""
    found, readme = repository(project), project / "README.md"
    yield readme, with_badges(readme.read_text(encoding="utf-8"), FIRST, found)
    for page in sorted((project / "notebooks").rglob("*.ipynb")):
        if "checkpoints" not in str(page):
            text = page.read_text(encoding="utf-8")
            yield page, notebook_with_badges(text, page.relative_to(project), found)


def invitation(repository: str | None) -> str:
    """Return a sentence for the start page; empty where there is no place to go to."""
    found = addresses(FIRST, repository)
    links = " or ".join(f"[in {name}]({url})" for name, url in found.items())
    return f"Without installing anything, open the first notebook {links}." if links else ""


def with_note(text: str, origin: Path, download: str, repository: str | None) -> str:
    """Return a notebook with a note below its first cell, which has no badges.

    Args:
        text: of the notebook.
        origin: its path in the repository.
        download: where the notebook itself is, as seen from its page.
        repository: as repository() returns it.
    """
    links = [f"[in {name}]({url})" for name, url in addresses(origin, repository).items()]
    ways = ", or ".join(["open it in JupyterLab", *links])
    words = f"What its cells show stands here as stills. To run it, {{download}}`download it <{download}>` and {ways}."
    notebook = json.loads(notebook_with_badges(text, origin, None))
    note = {
        "cell_type": "markdown",
        "id": "site-note",
        "metadata": {"tags": [TAG]},
        "source": f":::{{admonition}} A notebook\n{words}\n:::",
    }
    notebook["cells"].insert(1, note)
    return json.dumps(notebook, ensure_ascii=False)


def main() -> None:
    """Write the badges, and say where."""
    for page, text in pages():
        if page.read_text(encoding="utf-8") != text:
            page.write_text(text, encoding="utf-8")
            sys.stderr.write(f"{page.relative_to(PROJECT)}\n")


if __name__ == "__main__":
    main()
