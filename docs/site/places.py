"""Where a notebook of the site can be run: a note below its title, with a download, and links to Colab and Binder.

Links need the repository's address. It stands in pyproject.toml alone, as `Repository` among `[project.urls]`; until it
does, there are no such links.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.metadata import metadata
from pathlib import Path
from urllib.parse import quote, urlsplit

TAG = "site-note"
"""Of the cell; it is not the notebook's own."""


def project_urls() -> list[str]:
    """Return the project's addresses as its metadata has them: "Repository, https://…"."""
    return metadata("wan-notebook").get_all("Project-URL") or []


def links(origin: Path, urls: Sequence[str]) -> list[str]:
    """Return links that open a notebook elsewhere, as Markdown; none where the address is unknown or not GitHub's.

    Args:
        origin: the notebook's path in the repository.
        urls: as project_urls() returns them.
    """
    named = dict(url.split(", ", 1) for url in urls)
    address = urlsplit(named.get("Repository", ""))
    repository = address.path.strip("/").removesuffix(".git")
    if address.netloc != "github.com" or repository.count("/") != 1:
        return []
    path = origin.as_posix()
    return [
        f"[open it in Colab](https://colab.research.google.com/github/{repository}/blob/main/{path})",
        f"[in Binder](https://mybinder.org/v2/gh/{repository}/HEAD?labpath={quote(path, safe='')})",
    ]


def with_note(text: str, origin: Path, download: str, urls: Sequence[str]) -> str:
    """Return a notebook with a note below its first cell.

    Args:
        text: of the notebook.
        origin: its path in the repository.
        download: where the notebook itself is, as seen from its page.
        urls: as project_urls() returns them.
    """
    ways = ", or ".join(["open it in JupyterLab", *links(origin, urls)])
    words = f"What its cells show stands here as stills. To run it, {{download}}`download it <{download}>` and {ways}."
    notebook = json.loads(text)
    note = {
        "cell_type": "markdown",
        "id": "site-note",
        "metadata": {"tags": [TAG]},
        "source": f":::{{admonition}} A notebook\n{words}\n:::",
    }
    notebook["cells"].insert(1, note)
    return json.dumps(notebook, ensure_ascii=False)
