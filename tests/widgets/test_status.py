"""The status bar's Python half."""

import itertools

import pytest

from wan_notebook.errors import Unreachable
from wan_notebook.widgets import StatusBar


def test_it_shows_what_it_is_told_and_nothing_of_before() -> None:
    """A state replaces the one before it whole."""
    bar = StatusBar(clock=lambda: 100.0)
    bar.render({"phase": "Queued", "tone": "busy", "trouble": "no answer"})
    bar.render({"phase": "Generating", "tone": "busy", "fraction": 0.5})
    assert bar.state == {"phase": "Generating", "tone": "busy", "fraction": 0.5, "now": 100.0}


def test_a_misspelt_key_is_refused() -> None:
    """What the bar cannot show is an error, and names what it can show."""
    with pytest.raises(ValueError, match=r"no fase; it shows .*phase"):
        StatusBar().render({"fase": "Queued"})


def test_a_beat_is_answered_by_the_state_with_a_new_time() -> None:
    """Each heartbeat of a browser brings the state again, so that a lost update is made good."""
    ticks = itertools.count(10.0)
    bar = StatusBar(clock=lambda: next(ticks))
    bar.render({"phase": "Generating", "tone": "busy"})
    before = bar.state["now"]
    bar._handle_custom_msg({"type": "beat"}, [])
    assert bar.state == {"phase": "Generating", "tone": "busy", "now": before + 1}


def test_a_beat_asks_first_for_what_is_new() -> None:
    """The callback of the beat may render, and its state is the one that is sent."""
    bar = StatusBar(on_beat=lambda: bar.render({"phase": "Done", "tone": "good"}))
    bar._handle_custom_msg({"type": "beat"}, [])
    assert bar.state["phase"] == "Done"


def test_a_callback_that_fails_is_seen() -> None:
    """What goes wrong in a callback is said in the bar, since front ends swallow it."""

    def fail() -> None:
        raise Unreachable("No answer came. Look at the network.")

    bar = StatusBar(on_beat=fail)
    bar._handle_custom_msg({"type": "beat"}, [])
    assert bar.state["trouble"] == "No answer came. Look at the network."


def test_what_is_not_known_is_not_answered() -> None:
    """Messages of another kind, or of no kind, change nothing."""
    bar = StatusBar(clock=lambda: 100.0)
    for message in ({"type": "render"}, {}, "beat", None):
        bar._handle_custom_msg(message, [])
    assert bar.state == {"phase": "Ready", "tone": "calm", "now": 100.0}
