"""Values as the last line of a cell, live and in a saved notebook."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from wan_notebook.client import Service
from wan_notebook.jobs.history import history
from wan_notebook.jobs.journal import Journal
from wan_notebook.jobs.run import submit
from wan_notebook.media.preparation import Preparation
from wan_notebook.model.job import Request
from wan_notebook.widgets.display.run import RunWidget
from wan_notebook.widgets.panel.panel import Panel
from wan_notebook.widgets.panel.studio import Studio

from support import engines
from support.displays import Displayed
from support.widgets import send_from_browser, wait_until


@pytest.fixture
def panel(served: Service) -> Panel:
    return Panel(Studio(service=served))


def make_clip(panel: Panel, character: Path, performance: Path) -> None:
    panel.studio.choose_image(character)
    panel.studio.choose_video(performance)
    panel.studio.shift = 3
    panel.studio.generate().result(30)


def test_run_ends_in_its_clip(served: Service, character: Path, performance: Path) -> None:
    """The bar follows the run, and the clip plays below it once it is saved."""
    run = submit(character, performance, service=served)
    shown = RunWidget(run)
    bar, player = shown.status_bar, shown.player
    clip = run.result(30)
    wait_until(bar, lambda state: state["phase"] == "Done")
    wait_until(player, lambda state: state["path"] == str(clip.path))
    assert player.state["result"]["name"] == "hero_dance_move.mp4"


def test_nothing_plays_without_a_clip(served_alone: Service, character: Path, performance: Path) -> None:
    """A run under way shows its bar only."""
    run = submit(character, performance, service=served_alone, num_inference_steps=engines.HANG)
    shown = RunWidget(run)
    bar, player = shown.status_bar, shown.player
    wait_until(bar, lambda state: bool(state["job_id"]))
    assert (bar.state["tone"], player.state["result"]) == ("busy", None)
    run.cancel()


def test_a_run_shows_one_widget(served: Service, character: Path, performance: Path, displayed: Displayed) -> None:
    """A notebook is given the widget, the same in each cell, and what a saved notebook shows: at the end, the clip."""
    run = submit(character, performance, service=served)
    run._ipython_display_()
    (live, _), (before, name) = displayed.get(timeout=30), displayed.get(timeout=30)
    run.result(30)
    after, same = displayed.get(timeout=30)
    run._ipython_display_()
    again, _ = displayed.get(timeout=30)
    assert again == live
    assert same == name
    assert ("<img" in before["text/html"], "<img" in after["text/html"]) == (False, True)
    assert ["Not finished" in shown["text/plain"] for shown in (before, after)] == [True, False]
    assert "add <code>.result()</code> to wait" in before["text/html"]
    assert "object at 0x" not in str((live, before, after))


def test_saved_panel_tells_choices(panel: Panel, character: Path, performance: Path, displayed: Displayed) -> None:
    """A panel in which nothing was made yet is saved with what was chosen: inputs, settings and preparation."""
    panel._ipython_display_()
    panel.studio.choose_image(character)
    panel.studio.choose_video(performance)
    panel.studio.shift = 7
    panel.studio.prepare_video = Preparation(end=0.5, sound=False)
    bundle: dict[str, Any] = {}
    while "with preparation (reference: 0 to 0.5 s, without sound)" not in bundle.get("text/plain", ""):
        bundle, _ = displayed.get(timeout=30)
    assert "hero.png · dance.mp4 · Move · 480p · 20 steps · shift 7" in bundle["text/plain"]
    assert bundle["text/html"].count("<img") == 2


def test_a_saved_notebook_shows_frames(panel: Panel, character: Path, performance: Path, displayed: Displayed) -> None:
    """Beside the live panel stands what a site without widgets shows; once a clip is made, its first frame too."""
    panel._ipython_display_()
    live, _ = displayed.get(timeout=30)
    before, display_id = displayed.get(timeout=30)
    assert live["text/plain"] == ""
    assert "<img" not in before["text/html"]
    make_clip(panel, character, performance)
    after: dict[str, Any] = {}
    while "Done. Saved as" not in after.get("text/html", ""):
        after, same_id = displayed.get(timeout=30)
        assert same_id == display_id
    assert after["text/html"].count("<img") == 3
    assert "hero.png · dance.mp4 · Move · 480p · 20 steps · shift 3" in after["text/plain"]
    assert len(after["text/html"]) < 60_000


def test_an_unseen_panel_displays_nothing(
    panel: Panel, character: Path, performance: Path, displayed: Displayed
) -> None:
    """A panel that was never shown changes no notebook."""
    make_clip(panel, character, performance)
    panel.render()
    assert displayed.empty()


@pytest.mark.parametrize(
    "modules",
    [
        "wan_notebook.widgets.display.plan, wan_notebook.widgets.display.history",
        "wan_notebook.jobs.clip, wan_notebook.jobs.run, wan_notebook.sweeps.grid, wan_notebook.sweeps.archive",
    ],
    ids=["tables", "values"],
)
def test_plain_values_load_no_widgets(modules: str) -> None:
    """The table of a plan or of the history, and values that nobody shows, import no widget and no widget library."""
    code = f"import sys, {modules}; print([m for m in sys.modules if 'ipywidgets' in m or m.endswith('frontend')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"


def test_history_plays_where_a_kernel_is(
    served: Service, character: Path, performance: Path, displayed: Displayed
) -> None:
    """As the last line of a cell each clip has its first frame and a play button; a saved notebook has the table."""
    first, second = (submit(character, performance, service=served, shift=shift).result(30) for shift in (2, 3))
    refused = Request(image_url="https://a.example", video_url="https://b.example")
    Journal().rejected(Journal().begin(refused, service=served), "A busy service.")
    shown = history()
    shown._ipython_display_()
    (live, _), (saved, _) = displayed.get(timeout=30), displayed.get(timeout=30)
    assert live["application/vnd.jupyter.widget-view+json"]["model_id"]
    assert (saved["text/html"].count("hero.png"), saved["text/html"].count("<img")) == (2, 2)
    widget = shown.widget
    cards = widget.history_list.state["jobs"]
    assert [(card["number"], bool(card["poster"])) for card in cards] == [(2, True), (1, True)]
    assert widget.history_list.state["usable"] is False
    for number, clip in ((1, first), (2, second)):
        send_from_browser(widget.history_list, {"type": "play", "number": number})
        wait_until(widget.player, lambda state, path=str(clip.path): state["path"] == path)  # type: ignore[misc]
    send_from_browser(widget.history_list, {"type": "filter", "text": "", "state": "refused", "mode": ""})
    assert [card["number"] for card in widget.history_list.state["jobs"]] == [3]
    assert [card["number"] for card in history(phase="rejected").widget.history_list.state["jobs"]] == [3]
