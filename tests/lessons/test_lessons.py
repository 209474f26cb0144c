"""The lessons, run as they are and with the solutions of the teacher's page."""

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

pytestmark = pytest.mark.slow

FOLDER = Path(__file__).parents[2] / "notebooks" / "lessons"
LESSONS = sorted(FOLDER.glob("*.ipynb"))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One data directory for all lessons, so that samples are drawn once."""
    return tmp_path_factory.mktemp("home")


def solutions(lesson: str) -> dict[str, str]:
    """The cells of a lesson's section in the teacher's page, by their first lines."""
    _, _, rest = (FOLDER / "for_teachers.md").read_text(encoding="utf-8").partition(f"\n## {lesson}\n")
    cells = re.findall(r"```python\n(# Exercise .*?)```", rest.partition("\n## ")[0], re.DOTALL)
    return {cell.partition("\n")[0]: cell for cell in cells}


def said(cell: nbformat.NotebookNode) -> str:
    return "".join(output.get("data", {}).get("text/plain", "") for output in cell.outputs)


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.name)
def test_lesson_runs_and_is_solved(path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every cell works as it stands; an untouched exercise says that it is not answered, a solved one it is right."""
    monkeypatch.setenv("WAN_NOTEBOOK_HOME", str(home))
    notebook = nbformat.read(path, as_version=4)
    title = notebook.cells[0].source.partition("\n")[0].removeprefix("# ")
    known, asked, solved = solutions(title), [], []
    for cell in list(notebook.cells):
        if (name := cell.source.partition("\n")[0]).startswith("# Exercise"):
            asked.append(cell)
            solved.append(nbformat.v4.new_code_cell(known.pop(name)))
            notebook.cells.insert(notebook.cells.index(cell) + 1, solved[-1])
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": FOLDER}}).execute()
    assert [said(cell) for cell in asked if "Not answered yet" not in said(cell)] == []
    assert [said(cell) for cell in solved if not said(cell).startswith("✓ Right.")] == []
    assert asked
    assert known == {}


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.name)
def test_lesson_spends_nothing(path: Path) -> None:
    """Whoever has a key pays for no lesson: what makes clips names the preview."""
    cells = (cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code")
    making = [cell for cell in cells if re.search(r"wan\.(animate|submit)\(|\.run\(", cell)]
    assert [cell for cell in making if "service=preview" not in cell] == []
