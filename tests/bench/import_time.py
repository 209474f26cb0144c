"""Import time of the package beside that of the libraries which every notebook of it needs."""

import statistics
import subprocess
import sys
import time

REPEATS = 7


def seconds(code: str) -> float:
    """The median time of a fresh interpreter that runs the code."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> None:
    empty = seconds("pass")
    libraries = seconds("import ipywidgets, anywidget, httpx") - empty
    ours = seconds("import wan_notebook") - empty
    used = seconds("import wan_notebook as wan; wan.Panel, wan.animate, wan.Service") - empty
    print(f"ipywidgets + anywidget + httpx   {libraries:6.3f} s   1.00")
    print(f"import wan_notebook              {ours:6.3f} s   {ours / libraries:.2f}   (promised: at most 1.25)")
    print(f"… and its names resolved         {used:6.3f} s   {used / libraries:.2f}")
