"""The types that the browser's modules name in their comments."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import wan_notebook.lessons
from wan_notebook.widgets.bundle import WIDGETS

from .install import TYPESCRIPT

RULES = (
    *("--ignoreConfig", "--noEmit", "--allowJs", "--checkJs", "--target", "esnext"),
    *("--strict", "--noImplicitReturns", "--noUnusedLocals"),
)


def complaints(folder: Path) -> str:
    """Return what TypeScript finds wrong in the modules of a folder and of those in it."""
    assert TYPESCRIPT.exists(), "TypeScript is not installed. Run: python tests/browser/install.py"
    modules = sorted(str(path.relative_to(folder)) for path in folder.rglob("*.js"))
    command = ["node", str(TYPESCRIPT), *RULES, *modules]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    return done.stdout + done.stderr


def test_values_have_their_types() -> None:
    """TypeScript, at its strictest, finds nothing wrong in any module."""
    assert complaints(WIDGETS) == ""
    assert complaints(Path(wan_notebook.lessons.__file__).parent) == ""


def test_wrong_type_is_found(tmp_path: Path) -> None:
    """A number where a module of ours wants a text is told with its file and its line."""
    shutil.copytree(WIDGETS, tmp_path, dirs_exist_ok=True)
    (tmp_path / "wrong.js").write_text('import { makeButton } from "./shared/elements.js";\nmakeButton(5, () => {});\n')
    assert "wrong.js(2,12): error TS2345" in complaints(tmp_path)
