"""In JupyterLab: when a panel is seen and what is sent for it, and a file on its way from the page to the kernel."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import astuple, dataclass
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
    _script, _style = wan.Panel._script, wan.Panel._style
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
MARK = "ipywidgets.HTML('<b class=bench-stock>end</b>')"
BOX = STOCK.format(count=40, mark=MARK)
SIGHT = [PREPARE, BOX, PANEL, BOX, COUNT, PANEL, COUNT]
"""Cells that show 40 widgets of ipywidgets and a panel with about as many controls, both twice, and labels."""


@dataclass(frozen=True)
class Sight:
    """How soon things are seen in one page, in milliseconds, and what goes with it.

    Args:
        box: 40 widgets of ipywidgets, the first of them in this page.
        panel: the first panel.
        second_box: as many widgets once more.
        second_panel: a panel once more.
        label: one small widget; what is done for it is done for anything.
        sent: bytes for the second panel.
        controls: that the first panel shows.
    """

    box: float
    panel: float
    second_box: float
    second_panel: float
    label: float
    sent: int
    controls: int


class RoomyLab(Lab):
    """A server which takes messages of any size: the usual one drops a FileUpload of more than 10 MiB."""

    options = (*Lab.options, "--ServerApp.tornado_settings={'websocket_max_message_size': 200000000}")


def uploaded(notebook: JupyterNotebook, cell: int, nth: int, button: str, file: Path) -> tuple[float, float]:
    """Return the seconds until the kernel has the whole file, and by how many bytes its memory grew at the peak.

    Args:
        notebook: in the browser.
        cell: shows the button.
        nth: upload of this notebook, from 0.
        button: its label.
        file: to be chosen.
    """
    notebook.run_cell(cell)
    done = notebook.widget(".bench-done").nth(nth)
    expect(done).to_have_text("waits")
    with notebook.page.expect_file_chooser() as chooser:
        notebook.widget("button").filter(has_text=button).last.click()
    began = time.perf_counter()
    chooser.value.set_files(file)
    expect(done).to_contain_text(str(file.stat().st_size), timeout=ALLOWED)
    return time.perf_counter() - began, float(done.inner_text().split()[1])


def seen(notebook: JupyterNotebook, cell: int, selector: str) -> float:
    """Run a cell, and return the milliseconds from its keys to the sight of what it shows."""
    notebook.select_cell(cell)
    began = time.perf_counter()
    notebook.press_run()
    notebook.widget(selector).wait_for(state="visible", timeout=ALLOWED)
    return 1000 * (time.perf_counter() - began)


def sight(notebook: JupyterNotebook) -> Sight:
    """Run the cells of SIGHT."""
    seen(notebook, 0, ".bench-ready")
    box = seen(notebook, 1, ".bench-stock >> nth=0")
    panel = seen(notebook, 2, ".wan-panel >> nth=0")
    second_box = seen(notebook, 3, ".bench-stock >> nth=1")
    seen(notebook, 4, ".bench-sent >> nth=0")
    second_panel = seen(notebook, 5, ".wan-panel >> nth=1")
    label = seen(notebook, 6, ".bench-sent >> nth=1")
    before, after = (int(text) for text in notebook.widget(".bench-sent").all_inner_texts())
    controls = notebook.widget(".wan-panel >> nth=0").locator(f"{CONTROLS} >> visible=true").count()
    return Sight(box, panel, second_box, second_panel, label, after - before, controls)


def sight_rows(runs: Sequence[Sight]) -> Iterator[Row]:
    least = Sight(*map(min, zip(*map(astuple, runs), strict=True)))
    note = f"{least.controls} controls"
    most = at_most(1.5, of_ratio=True, loosely=20)
    yield Row("first panel is seen", least.panel, "ms", "a VBox of as many widgets", least.box, most, note)
    half, floor = at_most(0.5, of_ratio=True, loosely=20), f"a label alone: {least.label:.0f} ms"
    yield Row("second panel is seen", least.second_panel, "ms", "the first", least.panel, half, floor)
    less = at_most(0.8, of_ratio=True, loosely=20)
    yield Row("second panel is seen", least.second_panel, "ms", "a second VBox", least.second_box, less)
    yield Row("second panel: sent to the page", least.sent / 1000, "kB")


def uploads(notebook: JupyterNotebook, cell: int, file: Path) -> Iterator[Row]:
    """Run OURS, which is this cell, and THEIRS after it."""
    seconds, memory = uploaded(notebook, cell, 0, "Choose a file", file)
    their_seconds, their_memory = uploaded(notebook, cell + 1, 1, "Upload", file)
    note = f"{file.stat().st_size / 1e6:.0f} MB"
    most = at_most(32)
    yield Row("upload: memory of the kernel", memory / 1e6, "MB", "FileUpload", their_memory / 1e6, most, note)
    yield Row("upload: time", seconds, "s", "FileUpload", their_seconds, note=note)


def measured(lab: Lab, file: Path, repeats: int) -> Iterator[Row]:
    runs = []
    for _ in range(repeats):
        with closing(lab.open(SIGHT)) as notebook:
            runs.append(sight(notebook))
    yield from sight_rows(runs)
    with closing(lab.open([OURS, THEIRS])) as notebook:
        yield from uploads(notebook, 0, file)


def measured_at_once(lab: Lab, file: Path) -> Iterator[Row]:
    """Measure everything in one notebook, which is begun in half the time."""
    with closing(lab.open([*SIGHT, OURS, THEIRS])) as notebook:
        yield from sight_rows([sight(notebook)])
        yield from uploads(notebook, len(SIGHT), file)


def rows(folder: Path, *, small: bool) -> Iterator[Row]:
    file = folder / "dance.mp4"
    file.write_bytes(os.urandom(2_000_000 if small else 60_000_000))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=install.browser(), args=LAUNCH)
        with closing(RoomyLab(browser, folder / "lab")) as lab:
            yield from measured_at_once(lab, file) if small else measured(lab, file, 4)
        browser.close()
