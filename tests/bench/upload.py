"""A file on its way from a browser's page to the kernel, beside what ipywidgets has for it: seconds, and memory."""

from __future__ import annotations

import os
import re
import tempfile
import time
from contextlib import closing
from pathlib import Path

from playwright.sync_api import expect, sync_playwright
from tests.browser import install
from tests.browser.conftest import LAUNCH
from tests.browser.front_ends.jupyter import JupyterNotebook
from tests.browser.front_ends.lab import Lab

SIZE = 60_000_000
ALLOWED = 240_000
"""Milliseconds."""

BEGIN = """
import ipywidgets
from pathlib import Path
def peak():  # of this process alone, which ru_maxrss is not: that one is inherited
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024
done = ipywidgets.Label("waits")
done.add_class("bench-done")
def arrived(size):
    done.value = f"{size} {peak() - before}"
"""
OURS = f"""{BEGIN}
import wan_notebook as wan
from wan_notebook.widgets.frontend import Widget
from wan_notebook.widgets.picker import MediaPicker
class Alone(Widget):
    _esm, _css = wan.Panel._esm, wan.Panel._css
chooser = MediaPicker("video", on_file=lambda path, _name: arrived(path.stat().st_size))
display(Alone(video_picker=chooser), done)
before = peak()
"""
THEIRS = f"""{BEGIN}
chooser = ipywidgets.FileUpload()
chooser.observe(lambda change: arrived(len(change.new[0].content)), "value")
display(chooser, done)
before = peak()
"""


class RoomyLab(Lab):
    """A server which takes messages of any size: the usual one drops a FileUpload of more than 10 MiB."""

    options = (*Lab.options, "--ServerApp.tornado_settings={'websocket_max_message_size': 200000000}")


def measured(notebook: JupyterNotebook, file: Path) -> tuple[float, float]:
    """Return the seconds until the kernel has the whole file, and by how many bytes its memory grew at the peak."""
    notebook.run_cell(0)
    done = notebook.widget(".bench-done")
    expect(done).to_have_text("waits")
    with notebook.page.expect_file_chooser() as chooser:
        notebook.widget("button").filter(has_text=re.compile("Choose a file|Upload")).click()
    began = time.perf_counter()
    chooser.value.set_files(file)
    expect(done).to_contain_text(str(SIZE), timeout=ALLOWED)
    return time.perf_counter() - began, float(done.inner_text().split()[1])


def tell(name: str, lab: Lab, cell: str, file: Path) -> None:
    with closing(lab.open([cell])) as notebook:
        seconds, peak = measured(notebook, file)
    print(f"{name:24} {seconds:8.2f} {peak / 1e6:10.1f} {peak / SIZE:12.2f}", flush=True)


def main() -> None:
    """Measure both in JupyterLab."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder) / "dance.mp4"
        file.write_bytes(os.urandom(SIZE))
        browser = playwright.chromium.launch(executable_path=install.browser(), args=LAUNCH)
        print(f"{'':24} {'seconds':>8} {'memory MB':>10} {'memory ÷ file':>12}   ({SIZE / 1e6:.0f} MB, JupyterLab)")
        with closing(RoomyLab(browser, Path(folder) / "lab")) as lab:
            tell("picker", lab, OURS, file)
            tell("ipywidgets.FileUpload", lab, THEIRS, file)


if __name__ == "__main__":
    main()
