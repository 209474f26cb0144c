"""The types that the browser's modules name in their comments."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from wan_notebook.widgets.frontend import STATIC

from .install import TYPESCRIPT

RULES = (
    *("--ignoreConfig", "--noEmit", "--allowJs", "--checkJs", "--target", "esnext"),
    *("--strict", "--noImplicitReturns", "--noUnusedLocals"),
)


def complaints(folder: Path) -> str:
    """Return what TypeScript finds wrong in the modules of a folder."""
    assert TYPESCRIPT.exists(), "TypeScript is not installed. Run: python tests/browser/install.py"
    modules = sorted(path.name for path in folder.glob("*.js"))
    command = ["node", str(TYPESCRIPT), *RULES, *modules]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    return done.stdout + done.stderr


def test_every_value_is_of_the_type_that_is_named() -> None:
    """TypeScript, at its strictest, finds nothing wrong in any module."""
    assert complaints(STATIC) == ""


def test_a_value_of_another_type_is_found(tmp_path: Path) -> None:
    """A number where a module of ours wants a text is told with its file and its line."""
    shutil.copytree(STATIC, tmp_path, dirs_exist_ok=True)
    (tmp_path / "wrong.js").write_text('import { makeButton } from "./elements.js";\nmakeButton(5, () => {});\n')
    assert "wrong.js(2,12): error TS2345" in complaints(tmp_path)
