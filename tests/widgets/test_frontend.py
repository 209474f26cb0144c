"""The connection between a widget and its browser half."""

import itertools
from typing import Any

import pytest

from wan_notebook.errors import Unreachable
from wan_notebook.widgets.frontend import CHUNK_SIZE, Widget
from wan_notebook.widgets.picker import MediaPicker
from wan_notebook.widgets.status import StatusBar

from support.widgets import send_from_browser


class Parts(Widget):
    """Parts that are shown together as the panel shows them."""

    _script, _style = "panel/panel.js", "panel/panel.css"


@pytest.fixture
def widget() -> Widget:
    """A status bar whose clock goes on at each look, and a picker."""
    clock = itertools.count(1.0)
    return Parts(status=StatusBar(clock=clock.__next__), picker=MediaPicker("image"))


def test_messages_fit_everywhere() -> None:
    """A message stays below 512 kB, also where its bytes travel as text."""
    assert CHUNK_SIZE * 4 / 3 < 512_000


def test_class_reads_no_script() -> None:
    """A widget's script is joined when the first one is made: an import of its class reads none."""

    class Unread(Widget):
        _script, _style = "nowhere.js", "nowhere.css"

    with pytest.raises(ValueError, match=r"nowhere\.js"):
        Unread(status=StatusBar())


def test_parts_have_own_states(widget: Widget) -> None:
    """Each part's state is a trait of the widget, and changes without the others."""
    changed: list[str] = []
    widget.observe(lambda change: changed.append(change.name), ["status_state", "picker_state"])
    send_from_browser(widget, {"part": "picker", "type": "refuse", "reason": "kind", "name": "notes.txt"})
    assert changed == ["picker_state"]
    assert "notes.txt" in widget.picker_state["trouble"]


def test_beat_resends_all_parts(widget: Widget, monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser that asks is sent every part once more in one message, the time with it: so a loss is made good."""
    sent: list[str | list[str]] = []
    monkeypatch.setattr(widget, "send_state", lambda key: sent.append(key))
    before = widget.status_state["now"]
    send_from_browser(widget, {"type": "beat"})
    assert (sent[-1], widget.status_state["now"] > before) == (["status_state", "picker_state"], True)


def test_change_while_made_is_shown() -> None:
    """A part that changes while its widget is being made is shown as it is then."""

    class Hasty(StatusBar):
        def connect(self, *to: Any) -> None:
            self.update(phase="Generating")
            super().connect(*to)

    assert Parts(status=Hasty()).status_state["phase"] == "Generating"


def test_failing_answer_is_shown() -> None:
    """An error while a browser's question is answered is shown in the first part, since front ends swallow it."""

    class Failing(Parts):
        def answer_beat(self) -> None:
            raise Unreachable("No answer came. Look at the network.")

    widget = Failing(status=StatusBar())
    send_from_browser(widget, {"type": "beat"})
    assert widget.status_state["trouble"] == "No answer came. Look at the network."


def test_kernel_answers_a_ping(widget: Widget, monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser that wants to know whether there is a kernel is told."""
    sent: list[Any] = []
    monkeypatch.setattr(widget, "send", sent.append)
    send_from_browser(widget, {"type": "ping"})
    assert sent == [{"type": "pong"}]


def test_unknown_messages_change_nothing(widget: Widget) -> None:
    """Messages of another type, of no type, or for no part, are ignored."""
    before = widget.get_state()
    for message in ({"part": "nobody", "type": "refuse"}, {"type": "render"}, {"part": "picker"}, {}, "beat", None):
        send_from_browser(widget, message)
    assert widget.get_state() == before
