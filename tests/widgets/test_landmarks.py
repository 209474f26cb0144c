"""The Python half of the form of eyes and mouth."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from wan_notebook.media import picture
from wan_notebook.widgets.landmarks import LandmarksForm
from wan_notebook.widgets.picker import MediaCard

PLACED = [[30.0, 20.0], [50.0, 20.0], [40.0, 35.0]]


class Asked:
    """What a form asked for."""

    def __init__(self) -> None:
        self.calls: list[Any] = []
        self.form = LandmarksForm(on_place=self.calls.append, on_clear=lambda: self.calls.append("clear"))

    def show(self, path: Path) -> None:
        self.form.show(MediaCard.of(picture(path)), (80, 60))

    def say(self, type_: str, **message: Any) -> None:
        self.form._handle_custom_msg({"type": type_, **message}, [])

    @property
    def shown(self) -> str:
        return str(self.form.state["poster"]["id"])


@pytest.fixture
def hero(tmp_path: Path) -> Path:
    path = tmp_path / "hero.png"
    Image.new("RGB", (80, 60), "teal").save(path)
    return path


@pytest.fixture
def asked(hero: Path) -> Asked:
    asked = Asked()
    asked.show(hero)
    return asked


def test_moved_markers_become_pixels(asked: Asked) -> None:
    """A marker that was moved hands over all three points as they came."""
    asked.say("place", id=asked.shown, points=PLACED)
    assert asked.calls == [((30.0, 20.0), (50.0, 20.0), (40.0, 35.0))]


def test_outside_points_reach_the_edge(asked: Asked) -> None:
    """No point lies where there is no picture."""
    asked.say("place", id=asked.shown, points=[[-5, 20], [90, 20], [40, 61.5]])
    assert asked.calls == [((0.0, 20.0), (80.0, 20.0), (40.0, 60.0))]


def test_points_of_others_are_ignored(asked: Asked, tmp_path: Path) -> None:
    """What was dragged while another picture came is not taken for points of the new one."""
    before = asked.shown
    Image.new("RGB", (80, 60), "navy").save(tmp_path / "other.png")
    asked.show(tmp_path / "other.png")
    asked.say("place", id=before, points=PLACED)
    assert asked.calls == []


def test_points_can_be_cleared(asked: Asked) -> None:
    """One click leaves it to the preview to find them."""
    asked.say("clear")
    assert asked.calls == ["clear"]


def test_only_shown_pictures_are_sent(asked: Asked) -> None:
    """A browser gets the picture on which the markers stand, and nothing once the form is hidden."""
    sent: list[str] = []
    asked.form.send = lambda content, _buffers=None: sent.append(content["type"])
    label = asked.shown
    asked.say("want", id=label, offset=0)
    asked.form.show(None)
    asked.say("want", id=label, offset=0)
    assert sent == ["piece", "gone"]
    assert asked.form.state["poster"] is None


def test_malformed_points_are_refused(asked: Asked) -> None:
    """Two points in place of three are a trouble told in the form."""
    asked.say("place", id=asked.shown, points=PLACED[:2])
    assert asked.form.state["trouble"]
    assert asked.calls == []
