"""What help and completion are told."""

import inspect
from pathlib import Path

import pytest

import wan_notebook as wan
from wan_notebook.model import family
from wan_notebook.signature import lists_settings


@pytest.mark.parametrize("name", ["animate", "submit", "sweep"])
def test_every_setting_stands_in_the_signature(name: str) -> None:
    """Who asks for help, or lets a name be completed, sees all settings with the model's own defaults."""
    told = inspect.signature(getattr(wan, name)).parameters
    assert {one: told[one].default for one in family.SETTINGS} == dict(family.DEFAULTS)
    assert "prepare" in told
    assert told["model"].default == "move"


def test_animate_returns_a_clip_and_takes_what_submit_takes() -> None:
    """Both are told apart by what they return alone."""
    animate, submit = inspect.signature(wan.animate), inspect.signature(wan.submit)
    assert animate.parameters == submit.parameters
    assert (animate.return_annotation, submit.return_annotation) == ("Clip", "Run")


def test_what_is_told_does_not_change_what_is_done(tmp_path: Path) -> None:
    """The function takes and returns what it did before."""

    @lists_settings
    def asked(path: Path, **settings: object) -> tuple[Path, dict[str, object]]:
        return path, settings

    assert asked(tmp_path, shift=3) == (tmp_path, {"shift": 3})
