"""Telling somebody who looks elsewhere that a run has ended: in the page's title, by a sound, by a notification."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import expect

from .front_ends import FrontEnd, Notebook

pytestmark = pytest.mark.parametrize("front_end_name", ["colab"], indirect=True)

SHOW = """
import time
from wan_notebook.widgets.frontend import Widget
from wan_notebook.widgets.status import StatusBar
from wan_notebook.widgets.status.status import StatusState
class Bar(Widget):
    _script, _style = "display/run.js", "display/run.css"
status = StatusBar()
def begin():
    status.render(StatusState(phase="Generating", tone="busy", started_at=time.time()))
begin()
display(Bar(status_bar=status))
"""
END = """
status.render(StatusState("Done", "good", "The clip is saved.", started_at=1, finished_at=2))
"""
BEGIN = "begin()"

LISTEN = """() => {
  window.noted = { titles: [], tones: [], notifications: [] };
  const title = document.querySelector("title");
  new MutationObserver(() => noted.titles.push(document.title)).observe(title, { childList: true });
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (when) {
    noted.tones.push([this.frequency.value, this.context.state]);
    return start.call(this, when);
  };
  window.Notification = class extends EventTarget {
    static permission = "default";
    static async requestPermission() { return (this.permission = "granted"); }
    constructor(title, { body }) { super(); noted.notifications.push(`${title}: ${body}`); }
  };
}"""
"""Notes what the page does; a notification goes to the desktop, which a browser without a screen has none of."""


@pytest.fixture(scope="module")
def opened(front_end: FrontEnd) -> Iterator[Notebook]:
    """The notebook of all tests."""
    with closing(front_end.open([SHOW, END, BEGIN])) as notebook:
        yield notebook


@pytest.fixture
def notebook(opened: Notebook) -> Notebook:
    """A run which is under way, in a page that knows no choice and notes what it does."""
    opened.page.evaluate("localStorage.clear()")
    opened.reload()
    opened.page.evaluate(LISTEN)
    opened.run_cell(0)
    open_choice(opened)
    return opened


def open_choice(notebook: Notebook) -> None:
    notebook.widget(".wan-status").get_by_text("When it ends").click()


def noted(notebook: Notebook) -> dict[str, list[object]]:
    noted: dict[str, list[object]] = notebook.page.evaluate("noted")
    return noted


def choose(notebook: Notebook, way: str) -> None:
    notebook.widget(".wan-status").get_by_role("checkbox", name=way).check()


def end(notebook: Notebook) -> None:
    notebook.run_cell(1)
    expect(notebook.widget(".wan-status-phase")).to_have_text("Done")


def test_nothing_happens_unasked(notebook: Notebook) -> None:
    """Who chose no way is noted in none."""
    end(notebook)
    assert noted(notebook) == {"titles": [], "tones": [], "notifications": []}


def test_title_changes_and_returns(notebook: Notebook) -> None:
    """The page's title begins with how the run ended, and after a while is what it was."""
    choose(notebook, "page title")
    end(notebook)
    expect(notebook.page).to_have_title("Done – Bare notebook")
    expect(notebook.page).to_have_title("Bare notebook")


def test_sound_plays_at_end(notebook: Notebook) -> None:
    """Two rising notes as a sample, and again at the end, in a context that plays."""
    choose(notebook, "sound")
    notebook.page.wait_for_function("noted.tones.length === 2")
    end(notebook)
    notebook.page.wait_for_function("noted.tones.length === 4")
    assert noted(notebook)["tones"] == 2 * [[660, "running"], [880, "running"]]


def test_notification_says_the_outcome(notebook: Notebook) -> None:
    """Once allowed, a notification has the phase and the sentence of the status bar."""
    choose(notebook, "notification")
    end(notebook)
    notebook.page.wait_for_function("noted.notifications.length")
    assert noted(notebook)["notifications"] == ["Wan: Done: The clip is saved."]


def test_choice_survives_reload(notebook: Notebook) -> None:
    """After a reload the same ways are chosen, and a later run is noted by them."""
    choose(notebook, "page title")
    notebook.reload()
    open_choice(notebook)
    expect(notebook.widget(".wan-status").get_by_role("checkbox", name="page title")).to_be_checked()
    end(notebook)
    expect(notebook.page).to_have_title("Done – Bare notebook")
