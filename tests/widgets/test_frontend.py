"""The connection between a widget and its browser half."""

import re
import sys
import types

import ipywidgets
import pytest

from wan_notebook.widgets.frontend import STATIC, chunk_size, resend_all, script
from wan_notebook.widgets.picker import MediaPicker
from wan_notebook.widgets.status import StatusBar

MODULES = sorted(path.name for path in STATIC.glob("*.js"))


@pytest.mark.parametrize("name", MODULES)
def test_a_module_holds_its_imports(name: str) -> None:
    """Nothing is left to be imported from beside it, and nothing is in it twice."""
    text = script(name)
    assert re.findall(r"^import .*", text, re.MULTILINE) == []
    classes = re.findall(r"^(?:export )?(?:class|function|const) (\w+)", text, re.MULTILINE)
    assert sorted(set(classes)) == sorted(classes)


@pytest.mark.parametrize("name", MODULES)
def test_text_never_becomes_markup(name: str) -> None:
    """No module writes HTML, so what a user or a server wrote stays text."""
    written = re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b", script(name))
    assert written == []


@pytest.mark.parametrize("path", sorted(STATIC.iterdir()), ids=lambda path: path.name)
def test_nothing_is_fetched_from_elsewhere(path) -> None:
    """No module and no style names another host."""
    assert re.findall(r"""["'(](?:https?:)?//\w[^"')\s]*\.\w+""", path.read_text(encoding="utf-8")) == []


def test_colab_gets_smaller_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    """A message carries a mebibyte, and half of it where Colab's channel carries no more."""
    assert chunk_size() == 1_048_576
    monkeypatch.setitem(sys.modules, "google.colab", types.ModuleType("google.colab"))
    assert chunk_size() == 524_288


def test_a_box_is_resent() -> None:
    """Widgets of ours are found wherever they lie in a box, and send what they show."""
    picker, bar, sent = MediaPicker("image"), StatusBar(clock=iter([1.0, 2.0]).__next__), []
    picker.send_state = sent.append
    resend_all(ipywidgets.VBox([ipywidgets.HBox([ipywidgets.Label("Files"), picker]), bar]))
    assert (sent, bar.state["now"]) == (["state"], 2.0)
