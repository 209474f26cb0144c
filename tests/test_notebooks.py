"""The notebooks, run from the first cell to the last."""

from pathlib import Path

import nbformat
import pytest
from IPython.core.interactiveshell import InteractiveShell
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
LESSONS = sorted(FOLDER.glob("lessons/*.ipynb"))
"""They are run by lessons/test_lessons.py, with their solutions."""


@pytest.mark.slow
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


@pytest.mark.parametrize("path", [*NOTEBOOKS, *LESSONS], ids=lambda path: path.name)
def test_first_cell_installs(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first cell of each notebook installs the package, out of a clone where the notebook lies in one, and nothing
    where it is installed already.
    """
    cell = next(cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code")
    shell, asked = InteractiveShell(), list[str]()
    shell.register_magic_function(asked.append, magic_name="pip")
    shell.run_cell(cell.source).raise_error()
    assert asked == []
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    for folder in (path.parent, tmp_path):
        monkeypatch.chdir(folder)
        shell.run_cell(cell.source).raise_error()
    clone, released = asked
    assert f'"{FOLDER.parent}[preview,sweeps]"' in clone
    assert '"wan-notebook[preview,sweeps]"' in released
