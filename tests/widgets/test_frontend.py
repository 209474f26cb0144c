"""The connection between a widget and its browser half."""

import ipywidgets

from wan_notebook.widgets.frontend import CHUNK_SIZE, resend_all
from wan_notebook.widgets.picker import MediaPicker
from wan_notebook.widgets.status import StatusBar


def test_messages_fit_everywhere() -> None:
    """A message stays below 512 kB, also where its bytes travel as text."""
    assert CHUNK_SIZE * 4 / 3 < 512_000


def test_a_box_is_resent() -> None:
    """Widgets of ours are found wherever they lie in a box, and send what they show."""
    picker, bar, sent = MediaPicker("image"), StatusBar(clock=iter([1.0, 2.0]).__next__), []
    picker.send_state = sent.append
    resend_all(ipywidgets.VBox([ipywidgets.HBox([ipywidgets.Label("Files"), picker]), bar]))
    assert (sent, bar.state["now"]) == (["state"], 2.0)
