"""The notebooks, run from the first cell to the last."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

pytestmark = pytest.mark.slow

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
LESSONS = sorted(FOLDER.glob("lessons/*.ipynb"))
"""They are run by lessons/test_lessons.py, with their solutions."""


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_notebook_runs_without_key(path: Path) -> None:
    """Every cell of every notebook works as it stands."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": path.parent}}
    ).execute()
    assert all(cell.execution_count for cell in notebook.cells if cell.cell_type == "code")


@pytest.mark.parametrize("path", [*NOTEBOOKS, *LESSONS], ids=lambda path: path.name)
def test_notebook_is_kept_without_outputs(path: Path) -> None:
    """What a notebook shows is made when it is run, so the repository holds no outputs of it."""
    notebook = nbformat.read(path, as_version=4)
    assert [cell.outputs for cell in notebook.cells if cell.cell_type == "code" and cell.outputs] == []
