"""The connection between a widget and its browser half."""

import sys
import types

import ipywidgets
import pytest

from wan_notebook.widgets.frontend import chunk_size, resend_all
from wan_notebook.widgets.picker import MediaPicker
from wan_notebook.widgets.status import StatusBar


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
