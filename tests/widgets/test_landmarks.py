"""The Python half of the form of eyes and mouth."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from wan_notebook.media import picture
from wan_notebook.widgets.landmarks import LandmarksForm
from wan_notebook.widgets.landmarks.landmarks import LandmarksState
from wan_notebook.widgets.picker import MediaCard

from support.widgets import send_from_browser

PLACED = [[30.0, 20.0], [50.0, 20.0], [40.0, 35.0]]


class RecordedForm:
    """A form that records its callbacks."""

    def __init__(self) -> None:
        self.calls: list[Any] = []
        self.form = LandmarksForm(on_place=self.calls.append, on_clear=lambda: self.calls.append("clear"))

    def show(self, path: Path) -> None:
        self.form.show(MediaCard.of(picture(path)), LandmarksState(size=(80, 60)))

    def receive(self, type_: str, **message: Any) -> None:
        send_from_browser(self.form, {"type": type_, **message})

    @property
    def shown(self) -> str:
        return str(self.form.state["poster"]["id"])


@pytest.fixture
def hero(tmp_path: Path) -> Path:
    path = tmp_path / "hero.png"
    Image.new("RGB", (80, 60), "teal").save(path)
    return path


@pytest.fixture
def recorded(hero: Path) -> RecordedForm:
    recorded = RecordedForm()
    recorded.show(hero)
    return recorded


def test_moved_markers_become_pixels(recorded: RecordedForm) -> None:
    """A marker that was moved hands over all three points as they came."""
    recorded.receive("place", id=recorded.shown, points=PLACED)
    assert recorded.calls == [((30.0, 20.0), (50.0, 20.0), (40.0, 35.0))]


def test_outside_points_reach_the_edge(recorded: RecordedForm) -> None:
    """No point lies where there is no picture."""
    recorded.receive("place", id=recorded.shown, points=[[-5, 20], [90, 20], [40, 61.5]])
    assert recorded.calls == [((0.0, 20.0), (80.0, 20.0), (40.0, 60.0))]


def test_points_of_others_are_ignored(recorded: RecordedForm, tmp_path: Path) -> None:
    """What was dragged while another picture came is not taken for points of the new one."""
    before = recorded.shown
    Image.new("RGB", (80, 60), "navy").save(tmp_path / "other.png")
    recorded.show(tmp_path / "other.png")
    recorded.receive("place", id=before, points=PLACED)
    assert recorded.calls == []


def test_points_can_be_cleared(recorded: RecordedForm) -> None:
    """One click leaves it to the preview to find them."""
    recorded.receive("clear")
    assert recorded.calls == ["clear"]


def test_only_shown_pictures_are_sent(recorded: RecordedForm) -> None:
    """A browser gets the picture on which the markers stand, and nothing once the form is hidden."""
    sent: list[str] = []
    recorded.form.send = lambda content, _buffers=None: sent.append(content["type"])
    label = recorded.shown
    recorded.receive("want", id=label, offset=0)
    recorded.form.show(None)
    recorded.receive("want", id=label, offset=0)
    assert sent == ["piece", "gone"]
    assert recorded.form.state["poster"] is None


def test_malformed_points_are_refused(recorded: RecordedForm) -> None:
    """Two points in place of three are an error that the form shows."""
    recorded.receive("place", id=recorded.shown, points=PLACED[:2])
    assert recorded.form.state["trouble"]
    assert recorded.calls == []
