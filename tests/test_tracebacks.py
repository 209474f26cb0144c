"""Errors as their reader wants them: the own line and the sentence; all of it on demand, and for every debugger."""

import pickle
import re
import subprocess
import sys
from pathlib import Path

import pytest

from wan_notebook import errors

PACKAGE = str(Path(errors.__file__).parent)
SHELL = """
import sys, os
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance(colors="NoColor")
for cell in sys.stdin.read().split("#%%"):
    print("=====")
    shell.run_cell(cell.strip(), store_history=True)
"""


def run_cells(folder: Path, *cells: str) -> list[str]:
    """What each cell of a notebook puts out."""
    done = subprocess.run(
        [sys.executable, "-c", SHELL],
        input="#%%".join(cells),
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
        env={**_environment(folder), "IPYTHONDIR": str(folder)},
    )
    return [re.sub(r"\x1b\[[\d;]*m", "", one) for one in done.stdout.split("=====\n")[1:]]


def run_script(folder: Path, script: str, *options: str) -> str:
    """What a script puts out as its error."""
    path = folder / "script.py"
    path.write_text(script)
    command = [sys.executable, *options, str(path)]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=folder, env=_environment(folder)
    ).stderr


def _environment(folder: Path) -> dict[str, str]:
    import os

    return {**os.environ, "WAN_NOTEBOOK_HOME": str(folder / "home"), "HOME": str(folder)}


def test_cell_shows_own_line(tmp_path: Path) -> None:
    """A cell shows the reader's line and the sentence, few lines in all and no path of ours; %tb shows all."""
    short, whole, again = run_cells(
        tmp_path,
        'import wan_notebook as wan\nwan.animate("hero.png", "dance.mp4")',
        "%tb",
        'wan.animate("hero.png", "dance.mp4")',
    )
    assert '2 wan.animate("hero.png", "dance.mp4")' in short
    assert "MediaError: " in short
    assert "%tb" in short
    assert PACKAGE not in short
    assert len(short.strip().splitlines()) <= 8
    assert "media/resolve.py" in whole
    assert PACKAGE not in again


def test_full_shows_the_rest(tmp_path: Path) -> None:
    """wan.errors.full() prints what the cell left out, of the last error or of one that was caught."""
    script = (
        "import wan_notebook as wan\n"
        "try:\n    wan.animate('hero.png', 'dance.mp4')\n"
        "except wan.errors.WanError as error:\n    wan.errors.full(error)\n"
    )
    assert "resolve.py" in run_script(tmp_path, script)
    assert "No error was shown yet." in run_script(tmp_path, "import wan_notebook as wan\nwan.errors.full()")


FUNCTIONS = """
import wan_notebook as wan
def outer(name):
    return inner(name)
def inner(name):
    return wan.animate(name, "dance.mp4")
outer("hero.png")
"""
AWAITED = """
import wan_notebook as wan
from wan_notebook.jobs.run import Run
async def work(report):
    raise wan.errors.OverBudget("Too dear.")
await Run.start(work)
"""
CHAINED = """
import wan_notebook as wan
def lookup():
    return {}["clip"]
try:
    lookup()
except KeyError as error:
    raise wan.errors.InvalidRequest("No clip.") from error
"""


def test_functions_of_the_reader_show(tmp_path: Path) -> None:
    """Each line of the reader's own functions that led to the error is there, in a cell and in a script."""
    (cell,) = run_cells(tmp_path, FUNCTIONS)
    script = run_script(tmp_path, FUNCTIONS)
    for shown in (cell, script):
        for line in ('outer("hero.png")', "return inner(name)", 'return wan.animate(name, "dance.mp4")'):
            assert line in shown
        assert PACKAGE not in shown
    assert script.startswith("Traceback (most recent call last):\n  File ")


def test_awaited_error_is_short(tmp_path: Path) -> None:
    """An error of a run that is awaited shows the line that awaits it, and not the event loop's."""
    (shown,) = run_cells(tmp_path, AWAITED)
    assert "await Run.start(work)" in shown
    assert "OverBudget: Too dear." in shown
    assert "asyncio" not in shown
    assert PACKAGE not in shown


def test_causes_are_shown(tmp_path: Path) -> None:
    """What the reader's own code met before comes first, with its line."""
    for shown in (*run_cells(tmp_path, CHAINED), run_script(tmp_path, CHAINED)):
        assert shown.index("KeyError: 'clip'") < shown.index("direct cause") < shown.index("InvalidRequest: No clip.")
        assert 'return {}["clip"]' in shown


def test_key_in_own_line_is_hidden(tmp_path: Path) -> None:
    """A key that stands in the reader's own line is not repeated below it."""
    line = 'wan.animate("hero.png", "dance.mp4", service=wan.Service.hosted("canary0123456789abcdef0123"))'
    cell = f"import wan_notebook as wan\n{line}"
    for shown in (*run_cells(tmp_path, cell), run_script(tmp_path, cell)):
        assert "canary" not in shown
        assert 'wan.animate("hero.png"' in shown


def test_other_hooks_stay(tmp_path: Path) -> None:
    """Somebody's own sys.excepthook stays, and gets the whole traceback; Python's way of other errors stays too."""
    hook = (
        "import sys, traceback\n"
        "def hook(kind, error, trace):\n    print('mine', len(traceback.extract_tb(trace)), file=sys.stderr)\n"
        "sys.excepthook = hook\n"
    )
    call = "import wan_notebook as wan\nwan.animate('hero.png', 'dance.mp4')\n"
    mine = run_script(tmp_path, hook + call)
    assert mine.startswith("mine ")
    assert int(mine.split()[1]) > 3
    unchanged = "import sys, wan_notebook as wan\nwan.errors\nassert sys.excepthook is sys.__excepthook__\n"
    assert run_script(tmp_path, unchanged) == ""
    other = run_script(tmp_path, call.replace("wan.animate", "try:\n    wan.animate") + "except Exception: pass\n1 / 0")
    assert "ZeroDivisionError" in other
    assert "resolve.py" in run_script(tmp_path, call, "-X", "dev")


def test_debuggers_have_it_whole() -> None:
    """The traceback itself is never cut, and an error that was shown can still be pickled."""
    import wan_notebook as wan

    with pytest.raises(errors.MediaError) as caught:
        wan.animate("hero.png", "dance.mp4")
    error = caught.value
    assert any(PACKAGE in str(entry.path) for entry in caught.traceback)
    error._render_traceback_()
    assert any(PACKAGE in str(entry.path) for entry in caught.traceback)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
