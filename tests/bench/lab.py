"""In JupyterLab: a file on its way from the page to the kernel, beside what ipywidgets has for it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from browser import install
from browser.conftest import LAUNCH
from browser.front_ends.jupyter import JupyterNotebook
from browser.front_ends.lab import Lab

from support.bench_rows import Row, at_most

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


def uploaded(notebook: JupyterNotebook, cell: int, button: str, file: Path) -> tuple[float, float]:
    """Return the seconds until the kernel has the whole file, and by how many bytes its memory grew at the peak."""
    notebook.run_cell(cell)
    done = notebook.widget(".bench-done").nth(cell)
    expect(done).to_have_text("waits")
    with notebook.page.expect_file_chooser() as chooser:
        notebook.widget("button").filter(has_text=button).click()
    began = time.perf_counter()
    chooser.value.set_files(file)
    expect(done).to_contain_text(str(file.stat().st_size), timeout=ALLOWED)
    return time.perf_counter() - began, float(done.inner_text().split()[1])


def uploads(lab: Lab, file: Path) -> Iterator[Row]:
    with closing(lab.open([OURS, THEIRS])) as notebook:
        seconds, memory = uploaded(notebook, 0, "Choose a file", file)
        their_seconds, their_memory = uploaded(notebook, 1, "Upload", file)
    note = f"{file.stat().st_size / 1e6:.0f} MB"
    most = at_most(32)
    yield Row("upload: memory of the kernel", memory / 1e6, "MB", "FileUpload", their_memory / 1e6, most, note)
    yield Row("upload: time", seconds, "s", "FileUpload", their_seconds, note=note)


def rows(folder: Path, *, small: bool) -> Iterator[Row]:
    file = folder / "dance.mp4"
    file.write_bytes(os.urandom(2_000_000 if small else 60_000_000))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=install.browser(), args=LAUNCH)
        with closing(RoomyLab(browser, folder / "lab")) as lab:
            yield from uploads(lab, file)
        browser.close()
