"""What the cells of the notebooks show, as stills on their pages.

In the repository notebooks have no outputs. Here each is executed in a data directory of its own, and keeps its charts,
tables and first frames; its widgets are left out, since behind a page there is no kernel. What was executed is kept
between builds until the notebook or the package changes.
"""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import wan_notebook
from wan_notebook.media import samples

SHOWN_HOME = "/home/you/.local/share/wan-notebook"
"""Stands on the pages in place of the build's own data directory, which is gone when they are read."""
_WIDGET = "application/vnd.jupyter.widget-view+json"
_SECONDS = 120
"""That a cell may take."""
_AT_ONCE = 2


def draw(pages: Path, kept: Path) -> None:
    """Write into each staged notebook what its cells show.

    Args:
        pages: the staged pages.
        kept: a folder for what was executed, to be used by the next build.

    Raises:
        nbclient.exceptions.CellExecutionError: a cell failed.
    """
    kept.mkdir(parents=True, exist_ok=True)
    package = _package_digest()
    with tempfile.TemporaryDirectory() as folder:
        drawn = Path(folder, "drawn")
        _draw_samples(drawn)

        def still(page: Path) -> None:
            copy = kept / f"{page.stem}-{_digest(package, page.read_bytes())}.ipynb"
            if not copy.exists():
                sys.stderr.write(f"Executing {page.name}\n")
                text = executed(page, _home(Path(folder, page.stem), drawn))
                for older in kept.glob(f"{page.stem}-*.ipynb"):
                    older.unlink()
                copy.write_text(text, encoding="utf-8")
            page.write_text(copy.read_text(encoding="utf-8"), encoding="utf-8")

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(still, sorted(pages.rglob("*.ipynb"))))


def executed(page: Path, home: Path) -> str:
    """Return a notebook with its outputs as stills.

    Args:
        page: the notebook.
        home: the data directory in which its cells run.

    Raises:
        nbclient.exceptions.CellExecutionError: a cell failed.
    """
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(page, as_version=4)
    client = NotebookClient(notebook, timeout=_SECONDS, kernel_name="python3", store_widget_state=False)
    with tempfile.TemporaryDirectory() as folder:
        client.resources = {"metadata": {"path": folder}}
        environment = {**os.environ, "WAN_NOTEBOOK_HOME": str(home), "TMPDIR": folder}
        client.execute(env=environment, stderr=subprocess.DEVNULL)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = list(stills(cell.outputs))
    return nbformat.writes(notebook).replace(str(home), SHOWN_HOME).replace(folder, "/tmp")


def stills(outputs: list[Any]) -> Iterator[Any]:
    """Yield the outputs of a cell that show something without a kernel.

    Args:
        outputs: as nbformat has them.
    """
    for output in outputs:
        if output.output_type not in ("display_data", "execute_result"):
            yield output
            continue
        output.data.pop(_WIDGET, None)
        if any(output.data.values()):
            yield output


def _draw_samples(home: Path) -> None:
    before = os.environ.get("WAN_NOTEBOOK_HOME")
    os.environ["WAN_NOTEBOOK_HOME"] = str(home)
    try:
        samples.character()
        samples.reference()
    finally:
        os.environ.pop("WAN_NOTEBOOK_HOME") if before is None else os.environ.update(WAN_NOTEBOOK_HOME=before)


def _home(home: Path, drawn: Path) -> Path:
    """Make a data directory with nothing in it but samples, which are drawn once for all."""
    home.mkdir()
    (home / "samples").symlink_to(drawn / "samples", target_is_directory=True)
    return home


def _package_digest() -> str:
    folder = Path(wan_notebook.__file__).parent
    files = sorted(path for path in folder.rglob("*") if path.suffix in (".py", ".js", ".css"))
    return _digest(platform.python_version(), *(path.read_bytes() for path in files))


def _digest(*parts: str | bytes) -> str:
    whole = hashlib.sha256()
    for part in parts:
        whole.update(part.encode() if isinstance(part, str) else part)
        whole.update(b"\0")
    return whole.hexdigest()[:16]
