"""A notebook that is opened again, and pages made of it: what stands there when the kernel is gone."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import bleach
import pytest
from playwright.sync_api import Locator, Page, expect

from . import install
from .conftest import SHOTS
from .front_ends import new_page
from .front_ends.jupyter import Jupyter
from .front_ends.lab import RESTART
from .panel_page import CHOOSE, MAKING, SHOW_PANEL, PanelPage

pytestmark = pytest.mark.parametrize("front_end_name", ["lab"], indirect=True)

LARGEST = 200_000
"""Bytes that a notebook with all of these may have: small pictures, and never a clip."""

MAKE_CLIP = """\
import wan_notebook as wan
preview = dict(service=wan.Service.embedded(), num_inference_steps=4)
hero, dance = wan.samples.character(), wan.samples.reference(seconds=1)
clip = wan.animate(hero, dance, **preview)
clip"""
CELLS = [
    MAKE_CLIP,
    "run = wan.submit(hero, dance, shift=3, **preview)\nrun",
    "plan = wan.sweep(hero, dance, shift=[2, 4], **preview)\nplan",
    "grid = plan.run()\ngrid",
    "grid.result(); run.result(); wan.history(num_inference_steps=4)",
    "clip.finish(fps=20)",
]
"""A clip with the bar above it, a run, a plan, its sweep, the history, and a finished clip with the bar above it."""
CONVERT = """\
import sys
from playwright.async_api import BrowserType
launch = BrowserType.launch
BrowserType.launch = lambda self, **how: launch(self, executable_path=sys.argv[1], **how)
from nbconvert.nbconvertapp import main
main(sys.argv[2:])
"""
"""nbconvert with a browser that is there already."""
NO_NETWORK = "--host-resolver-rules=MAP * ~NOTFOUND"
SANITIZED = ["p", "img", "table", "thead", "tbody", "tr", "th", "td", "div", "span", "code", "br"]
"""Elements that sites leave in a notebook that they show."""

BEFORE = "(panel) => getComputedStyle(panel, '::before').content"
TOGGLE_STATE = "() => jupyterapp.commands.execute('@jupyter-widgets/jupyterlab-manager:saveWidgetState')"
"""Says whether JupyterLab saves the state of widgets with a notebook, which it does not unless it is told to."""
GONE = "The kernel was restarted: run the cell again."
GOES_ON = "A job that was begun goes on, and is watched again then."
BEGIN = """
from wan_notebook.jobs.progress import Progress, RunPhase
studio.progress = Progress(RunPhase.GENERATING)
"""
NOTE_ALARMS = """(notice) => {
  window.alarms = [];
  const note = () => notice.hidden || alarms.push(notice.textContent);
  new MutationObserver(note).observe(notice, { attributes: true, attributeFilter: ["hidden"] });
}"""
BLOCK = "import time; time.sleep(8)"
"""It takes longer than an idle kernel may be silent."""

PICTURES = [1, 1, 0, 2, 4, 1]
"""First frames that a saved notebook shows of each cell."""


@dataclass(frozen=True)
class Saved:
    """A notebook that was saved, and whose kernel has ended."""

    path: Path

    @property
    def outputs(self) -> list[list[dict[str, Any]]]:
        cells = json.loads(self.path.read_text(encoding="utf-8"))["cells"]
        return [[output["data"] for output in cell["outputs"] if "data" in output] for cell in cells]


@dataclass(frozen=True)
class ByHand:
    """A notebook that a person ran and saved, without the state of its widgets and with it."""

    plain: Saved
    with_state: Saved


@pytest.fixture(scope="module")
def by_hand(front_end: Jupyter) -> ByHand:
    """The notebook, run and saved by a person, live as long as its kernel was."""
    notebooks = front_end.server.notebooks
    with closing(front_end.open(CELLS)) as opened:
        for number in range(len(CELLS)):
            opened.run_cell(number)
        path = max(notebooks.glob("*.ipynb"), key=lambda path: path.stat().st_mtime)
        kept = [Saved(notebooks / "by-hand.ipynb"), Saved(notebooks / "by-hand-with-state.ipynb")]
        for copy in kept:
            expect(opened.page.locator(".wan-player:visible").first).to_be_visible()
            expect(opened.page.locator(".wan-saved:visible")).to_have_count(0)
            opened.reload()
            shutil.copy(path, copy.path)
            opened.page.evaluate(TOGGLE_STATE)
    return ByHand(*kept)


@pytest.fixture(scope="module")
def executed(front_end: Jupyter) -> Saved:
    """The same notebook, run by a program which saves the state of all widgets."""
    front_end.server.write("executed.ipynb", CELLS)
    path = front_end.server.notebooks / "executed.ipynb"
    command = [str(install.own_bin("jupyter-execute")), "--inplace", str(path)]
    subprocess.run(command, check=True, capture_output=True, env=front_end.server.environment)
    return Saved(path)


def assert_stands(place: Locator) -> None:
    """No error, no repr, each first frame once, and words on how to go on."""
    expect(place.get_by_alt_text("First frame").locator("visible=true")).to_have_count(sum(PICTURES))
    expect(place.get_by_text("Run this cell again").locator("visible=true")).to_have_count(4)
    expect(place.get_by_text("ada.png · hello.mp4 · Move · 480p · 4 steps").locator("visible=true")).to_have_count(3)
    expect(place.get_by_text("Finished", exact=True).locator("visible=true")).to_have_count(1)
    expect(
        place.get_by_text("2 cells").or_(place.get_by_text("plan.run()", exact=True)).locator("visible=true")
    ).not_to_have_count(0)
    expect(place.get_by_text(re.compile(r"^\d+ jobs")).locator("visible=true")).not_to_have_count(0)
    expect(place.get_by_text("object at 0x")).to_have_count(0)
    expect(place.get_by_text("model not found").locator("visible=true")).to_have_count(0)
    expect(place.locator(".wan-player, .wan-status, .wan-grid").locator("visible=true")).to_have_count(0)


def assert_errors_hidden(page: Page, count: int) -> None:
    """The front end has found no kernel for so many widgets, and nobody sees what it writes in their place."""
    errors = page.get_by_text("model not found")
    expect(errors).to_have_count(count)
    expect(errors.locator("visible=true")).to_have_count(0)


def test_saved_panel_shows_clip(front_end: Jupyter) -> None:
    """The inputs, the settings and the clip's first frame stand in the file, unseen while the panel is alive."""
    with closing(front_end.open([f"{SHOW_PANEL}{CHOOSE}"])) as opened:
        opened.run_cell(0)
        panel = PanelPage(opened)
        expect(panel.generate).to_be_enabled(timeout=MAKING)
        panel.generate.click()
        panel.wait_for_clip()
        still = opened.page.locator(".wan-saved")
        expect(still.get_by_alt_text("First frame of the clip")).to_be_attached()
        expect(still).to_be_hidden()
        opened.reload()
        expect(panel.phase).to_have_text("Done")
        expect(still).to_be_hidden()
        front_end.server.end_kernels()
        opened.reload()
        expect(still.get_by_role("img")).to_have_count(3)
        expect(still).to_contain_text("Move · 480p · 20 steps")
        assert_errors_hidden(opened.page, 1)


@pytest.mark.parametrize(("before", "words"), [("", GONE), (BEGIN, f"{GONE} {GOES_ON}")])
def test_restarted_under_open_page(front_end: Jupyter, before: str, words: str) -> None:
    """A blocked kernel raises no alarm; when it restarts under an open page, the panel says so and takes no clicks.

    That a job goes on is said where one was under way.
    """
    with closing(front_end.open([f"{SHOW_PANEL}{before}", BLOCK])) as opened:
        opened.run_cell(0)
        panel = PanelPage(opened)
        notice = panel.root.locator(".wan-gone")
        notice.evaluate(NOTE_ALARMS)
        box = panel.settings.bounding_box()
        opened.run_cell_nowait(1)
        panel.slide("Steps", 6)
        expect(panel.settings.get_by_label("Preset", exact=True)).to_have_value("")  # the kernel has answered
        assert opened.page.evaluate("alarms") == []
        opened.page.evaluate(RESTART)
        expect(notice).to_have_text(words)
        assert opened.page.evaluate("alarms") == [words]
        expect(panel.settings).to_have_js_property("inert", True)
        assert (panel.settings.bounding_box() or {}).get("width") == (box or {}).get("width")
        assert opened.widget(".wan-widget").evaluate(BEFORE) == "none"


def test_saved_notebook_is_small(by_hand: ByHand) -> None:
    """The file holds small pictures and no clip, and every output has a text that means something."""
    saved = by_hand.plain
    assert saved.path.stat().st_size < LARGEST
    assert [str(outputs).count("<img") for outputs in saved.outputs] == PICTURES
    assert all("text/plain" in output for outputs in saved.outputs for output in outputs)
    assert "object at 0x" not in str(saved.outputs)


def test_one_cell_run_again(front_end: Jupyter, by_hand: ByHand) -> None:
    """After one cell is run again, it is live, and the others still show what was saved."""
    shutil.copy(by_hand.plain.path, by_hand.plain.path.with_name("again.ipynb"))
    with closing(front_end.open_saved("again.ipynb")) as opened:
        opened.run_cell(0)
        expect(opened.page.locator(".wan-player:visible")).to_have_count(1)
        expect(opened.page.get_by_alt_text("First frame").locator("visible=true")).to_have_count(sum(PICTURES[1:]))


def opened_tomorrow(front_end: Jupyter, saved: Saved) -> Page:
    """Run and saved by a person without the state of widgets, for which the front end then shows errors, all hidden."""
    page = front_end.open_saved(saved.path.name).page
    assert_errors_hidden(page, 7)
    return page


def opened_with_state(front_end: Jupyter, saved: Saved) -> Page:
    """Run and saved by a person with the state of widgets, which are restored without a kernel."""
    states = json.loads(saved.path.read_text(encoding="utf-8"))["metadata"]["widgets"]
    assert states["application/vnd.jupyter.widget-state+json"]["state"]
    return restored(front_end, saved)


def restored(front_end: Jupyter, saved: Saved) -> Page:
    """Open a notebook and wait for the widgets that JupyterLab makes of the state in the file.

    JupyterLab asks the new kernel for them, too. Where that says that it has none before the file is read, "model not
    found" stays, as in a notebook without state: then the page is loaded again.
    """
    page = front_end.open_saved(saved.path.name).page
    widget = page.locator(".jp-OutputArea-output .wan-widget").first
    not_found = page.get_by_text("model not found").first
    for _ in range(3):
        expect(widget.or_(not_found).first).to_be_attached()
        if widget.count():
            break
        page.reload()
    expect(widget).to_be_attached()
    return page


def trusted(front_end: Jupyter, saved: Saved) -> Page:
    """Run by a program, and opened by the person who ran it: its widgets are restored without a kernel."""
    sign = [str(install.own_bin("jupyter-trust")), str(saved.path)]
    subprocess.run(sign, check=True, capture_output=True, env=front_end.server.environment)
    page = restored(front_end, saved)
    expect(page.locator(".jp-OutputArea .jp-mod-trusted")).not_to_have_count(0)
    return page


def untrusted(front_end: Jupyter, saved: Saved, *, with_state: bool = True) -> Page:
    """Run elsewhere, and opened by somebody who does not trust it."""
    notebook = json.loads(saved.path.read_text(encoding="utf-8"))
    notebook["metadata"]["elsewhere"] = with_state  # any change is one that nobody here has signed
    if not with_state:
        del notebook["metadata"]["widgets"]
    saved.path.with_name("elsewhere.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    page = front_end.open_saved("elsewhere.ipynb").page
    expect(page.locator(".jp-OutputArea-output img").first).to_be_visible()
    expect(page.locator(".jp-OutputArea .jp-mod-trusted")).to_have_count(0)
    return page


def exported(front_end: Jupyter, saved: Saved, *, media: Literal["print"] | None = None) -> Page:
    """Made into a page by nbconvert, and opened without a network."""
    made = saved.path.with_suffix(".html")
    if not made.exists():
        convert(saved, "html")
    page = new_page(front_end.browser)
    page.emulate_media(media=media)
    page.goto(made.as_uri(), wait_until="domcontentloaded")
    return page


def printed(front_end: Jupyter, saved: Saved) -> Page:
    """Printed by nbconvert with a browser of this machine that reaches no network."""
    convert(saved, "webpdf", "--disable-chromium-sandbox", f"--WebPDFExporter.browser_args={NO_NETWORK}")
    pdf = saved.path.with_suffix(".pdf").read_bytes()
    assert pdf.startswith(b"%PDF")
    assert pdf.count(b"/Subtype /Image") >= sum(PICTURES) - 1  # two frames that are the same are in it once
    return exported(front_end, saved, media="print")


def convert(saved: Saved, kind: str, *options: str) -> None:
    """Run nbconvert, whose own way to a browser is a download; what it makes lies beside the notebook."""
    command = [sys.executable, "-c", CONVERT, install.browser(), "--to", kind, *options, str(saved.path)]
    subprocess.run(command, check=True, capture_output=True)


def on_a_site(front_end: Jupyter, saved: Saved) -> Page:
    """Shown by GitHub or nbviewer: no scripts, styles or classes, of each output the HTML or else the text."""
    shown = [sanitized(output) for outputs in saved.outputs for output in outputs]
    assert not any("{" in html or "display:" in html for html in shown)
    page = new_page(front_end.browser)
    page.set_content("".join(f"<div>{html}</div>" for html in shown))
    return page


def sanitized(output: Mapping[str, Any]) -> str:
    """Return an output as a site shows it."""
    if "text/html" not in output:
        return f"<pre>{html.escape(''.join(output['text/plain']))}</pre>"
    allowed = {"tags": SANITIZED, "attributes": {"img": ["src", "alt"]}, "protocols": ["data"]}
    return bleach.clean("".join(output["text/html"]), strip=True, **allowed)


STATES: dict[str, tuple[str, Callable[[Jupyter, Saved], Page]]] = {
    "by-hand": ("plain", opened_tomorrow),
    "by-hand-with-state": ("with_state", opened_with_state),
    "by-hand-untrusted": ("with_state", untrusted),
    "by-program-trusted": ("executed", trusted),
    "by-program-untrusted": ("executed", untrusted),
    "by-program-untrusted-without-state": ("executed", partial(untrusted, with_state=False)),
    "page-without-network": ("executed", exported),
    "printed": ("executed", printed),
    "on-a-site": ("plain", on_a_site),
}
"""The states of a saved notebook: how it was saved, and how it is opened. A picture of each is among the shots."""


@pytest.mark.parametrize("state", STATES)
def test_each_state_shows_the_same(front_end: Jupyter, by_hand: ByHand, executed: Saved, state: str) -> None:
    """However a notebook was saved and is opened, it shows the same as on the day it ran, and no error."""
    saved, show = STATES[state]
    page = show(front_end, executed if saved == "executed" else getattr(by_hand, saved))
    page.set_viewport_size({"width": 1000, "height": 2600})
    assert_stands(page.locator(".jp-Notebook" if state.startswith("by-") else "body"))
    page.screenshot(path=SHOTS / f"saved-{state}.png", full_page=True)
    page.context.close()
    front_end.server.end_kernels()


def test_every_output_has_a_text(executed: Saved) -> None:
    """A front end that takes the first form it knows finds one: a widget alone, then HTML with the same in a text."""
    kinds = [list(output) for outputs in executed.outputs for output in outputs]
    view = ["application/vnd.jupyter.widget-view+json", "text/plain"]
    assert all(sorted(kind) in (view, ["text/html", "text/plain"]) for kind in kinds)
    widgets = [at for at, kind in enumerate(kinds) if view[0] in kind]
    assert len(widgets) == 7
    assert all("text/html" in kinds[at + 1] for at in widgets)
    assert all(
        "".join(output["text/plain"]) for outputs in executed.outputs for output in outputs if "text/html" in output
    )
    assert "<script" not in str(executed.outputs)
