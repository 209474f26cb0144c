"""The way to the first panel: importing the package beside the libraries that every notebook of it needs."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from support.bench_rows import Row, at_most

LIBRARIES = "import ipywidgets, anywidget, httpx"
OURS = "import wan_notebook; wan_notebook.Panel"
PANELS = """
import json, time
import wan_notebook as wan
wan.Panel
took = []
for _ in range(3):
    began = time.perf_counter()
    panel = wan.Panel()
    took.append(1000 * (time.perf_counter() - began))
print(json.dumps(took))
"""


def milliseconds(code: str) -> float:
    """The time of a fresh interpreter that runs the code."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return 1000 * (time.perf_counter() - began)


def panels() -> list[float]:
    """Milliseconds in which the first three panels of a process are built."""
    return list(json.loads(subprocess.run([sys.executable, "-c", PANELS], check=True, stdout=subprocess.PIPE).stdout))


def rows(_folder: Path, *, small: bool) -> Iterator[Row]:
    # In turn, so that other work of the machine meets all alike; the fastest of each is the one that it met least.
    runs = [[milliseconds(code) for code in ("pass", LIBRARIES, OURS)] for _ in range(1 if small else 9)]
    empty, libraries, ours = map(min, zip(*runs, strict=True))
    yield Row(OURS, ours - empty, "ms", LIBRARIES, libraries - empty, at_most(1.5, of_ratio=True))
    first, second, _third = map(min, zip(*(panels() for _ in range(1 if small else 5)), strict=True))
    yield Row("first wan.Panel() built", first, "ms", promised=at_most(60, loosely=100))
    yield Row("second wan.Panel() built", second, "ms", "the first", first, at_most(0.5, of_ratio=True))
