"""In JupyterLab: when a panel is seen and what is sent for it, and a file on its way from the page to the kernel."""

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


CONTROLS = "css=button, input, select, textarea"
PREPARE = """
import ipywidgets, json
import wan_notebook as wan
session, sent, wan.Panel = get_ipython().kernel.session, [0], wan.Panel
def counted(stream, kind, content=None, *more, send=session.send, **named):
    sent[0] += len(session.pack(content)) if content else 0
    return send(stream, kind, content, *more, **named)
session.send = counted
studio = wan.Studio(service=wan.Service.embedded())
ipywidgets.HTML("<b class=bench-ready>ready</b>")  # the page has loaded what widgets need
"""
STOCK = """
kinds = ipywidgets.Button, ipywidgets.Text, ipywidgets.IntSlider, ipywidgets.Dropdown
ipywidgets.VBox([*(kinds[number % 4](description="stock") for number in range({count} - 1)), {mark}])
"""
PANEL = "display(wan.Panel(studio))"
COUNT = 'ipywidgets.HTML(f"<b class=bench-sent>{sent[0]}</b>")'


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


def seen(notebook: JupyterNotebook, cell: int, selector: str) -> float:
    """Run a cell, and return the milliseconds until what it shows is seen."""
    began = time.perf_counter()
    notebook.run_cell_nowait(cell)
    notebook.widget(selector).wait_for(state="visible", timeout=ALLOWED)
    return 1000 * (time.perf_counter() - began)


def first_sight(lab: Lab, repeats: int) -> Iterator[Row]:
    """Yield when the first and the second panel of a page are seen, beside as many widgets of ipywidgets."""
    mark = "ipywidgets.HTML('<b class=bench-stock>end</b>')"
    runs, count = [], 40
    for _ in range(repeats):
        with closing(lab.open([PREPARE, STOCK.format(count=count, mark=mark), PANEL, COUNT, PANEL, COUNT])) as notebook:
            seen(notebook, 0, ".bench-ready")
            stock = seen(notebook, 1, ".bench-stock")
            first = seen(notebook, 2, ".wan-panel >> nth=0")
            seen(notebook, 3, ".bench-sent >> nth=0")
            second = seen(notebook, 4, ".wan-panel >> nth=1")
            seen(notebook, 5, ".bench-sent >> nth=1")
            sums = [int(text) for text in notebook.widget(".bench-sent").all_inner_texts()]
            count = notebook.widget(".wan-panel >> nth=0").locator(f"{CONTROLS} >> visible=true").count()
            runs.append((stock, first, second, sums[1] - sums[0]))
    stock, first, second, sent = map(min, zip(*runs, strict=True))
    note = f"{count} controls"
    most = at_most(1.5, of_ratio=True, loosely=20)
    yield Row("first panel is seen", first, "ms", "a VBox of as many widgets", stock, most, note)
    yield Row("second panel is seen", second, "ms", "the first", first, at_most(0.5, of_ratio=True, loosely=20))
    yield Row("second panel: sent to the page", sent / 1000, "kB")


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
            yield from first_sight(lab, 1 if small else 4)
            yield from uploads(lab, file)
        browser.close()
