"""The way to the first panel: importing the package beside the libraries that every notebook of it needs."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from support.bench_rows import Row, at_most
from support.measuring import taken

LIBRARIES = "import ipywidgets, anywidget, httpx"
OURS = "import wan_notebook; wan_notebook.Panel"
PANEL = """
import sys, time
import wan_notebook as wan
sys.modules["keyring"] = None  # as for most: it is an extra, and loads a backend for each desktop
wan.Panel
began = time.perf_counter()
wan.Panel()
print(1000 * (time.perf_counter() - began))
"""


def output(code: str, folder: Path) -> bytes:
    """Run the code in a fresh interpreter, with the compiled modules that every installation has."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    compiled = {"PYTHONPYCACHEPREFIX": str(folder)}
    return subprocess.run([sys.executable, "-c", code], check=True, stdout=-1, env=environment | compiled).stdout


def milliseconds(code: str, folder: Path) -> float:
    """The time of a fresh interpreter that runs the code."""
    return 1000 * taken(output, code, folder).seconds


def rows(folder: Path, *, small: bool) -> Iterator[Row]:
    output(PANEL, folder)  # compiles
    # In turn, so that other work of the machine meets all alike; the fastest of each is the one that it met least.
    runs = [[milliseconds(code, folder) for code in ("pass", LIBRARIES, OURS)] for _ in range(1 if small else 9)]
    empty, libraries, ours = map(min, zip(*runs, strict=True))
    yield Row(OURS, ours - empty, "ms", LIBRARIES, libraries - empty, at_most(1.5, of_ratio=True))
    built = min(float(output(PANEL, folder)) for _ in range(1 if small else 5))
    yield Row("first wan.Panel() built", built, "ms", promised=at_most(60, loosely=10))
