"""The types of the settings, for help, completion and type checkers."""

import inspect
import os
import subprocess
import sys
from pathlib import Path
from typing import get_args, get_origin, get_type_hints

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
from typing_extensions import Unpack

import wan_notebook as wan
from wan_notebook.model import family
from wan_notebook.model.job import Settings
from wan_notebook.sweeps.sweep import SweepSettings

SOURCES = Path(wan.__file__).parents[1]
NAMES = {"model", *family.SETTINGS, "extra"}


def settings_of(function: object) -> type:
    """The TypedDict of a function's **settings."""
    hint = get_type_hints(function, localns={"Unpack": Unpack})["settings"]
    assert get_origin(hint) is Unpack
    return get_args(hint)[0]  # type: ignore[no-any-return]


@pytest.mark.parametrize(("name", "expected"), [("animate", Settings), ("submit", Settings), ("sweep", SweepSettings)])
def test_the_types_name_every_setting(name: str, expected: type) -> None:
    """What inspect sees of **settings is a TypedDict with all settings of the family, and nothing else."""
    settings = settings_of(getattr(wan, name))
    assert settings is expected
    assert set(settings.__annotations__) == NAMES


@pytest.mark.parametrize("name", ["animate", "submit", "sweep"])
def test_help_names_every_setting(name: str) -> None:
    """The signature that help() shows has each setting by name, with its default."""
    parameters = inspect.signature(getattr(wan, name)).parameters
    assert set(parameters) >= NAMES
    assert parameters["num_inference_steps"].default == family.NUM_INFERENCE_STEPS.default
    assert not any(p.kind is p.VAR_KEYWORD for p in parameters.values())


@pytest.mark.parametrize("use_jedi", [True, False])
@pytest.mark.parametrize("name", ["animate", "submit", "sweep"])
def test_tab_offers_the_settings(name: str, use_jedi: bool) -> None:
    """Tab inside the brackets of a cell's call offers the settings, whichever completer the notebook uses."""
    shell = InteractiveShell()
    shell.user_ns["wan"] = wan
    shell.Completer.use_jedi = use_jedi
    cell = f'wan.{name}("a.png", "b.mp4", num'
    with provisionalcompleter():
        offered = [found.text for found in shell.Completer.completions(cell, len(cell))]
    assert "num_inference_steps=" in offered


def test_types_have_the_familys_choices() -> None:
    """A choice of the family is a Literal of the same words, so that a type checker knows them."""
    hints = get_type_hints(Settings)
    choices = {name: setting.choices for name, setting in family.SETTINGS.items() if setting.kind == "choice"}
    assert {name: get_args(hints[name]) for name in choices} == choices


def test_animate_takes_what_submit_takes() -> None:
    """Both have the same parameters; only what they return differs."""
    animate, submit = inspect.signature(wan.animate), inspect.signature(wan.submit)
    assert animate.parameters == submit.parameters
    assert (animate.return_annotation, submit.return_annotation) == ("Clip", "Run")


@pytest.mark.slow
def test_type_checker_knows_the_settings(tmp_path: Path) -> None:
    """Mypy accepts a right setting, and refuses a misspelt one and a wrong choice."""
    program = tmp_path / "program.py"
    program.write_text(
        "import wan_notebook as wan\n"
        'wan.submit("a.png", "b.mp4", num_inference_steps=10, resolution="720p")\n'
        'wan.animate("a.png", "b.mp4", num_inference_step=10)\n'
        'wan.submit("a.png", "b.mp4", resolution="1080p")\n'
        'wan.sweep("a.png", "b.mp4", shift="3-9 (+3)", resolution=["480p", "720p"])\n'
    )
    # The types of the settings come from no other library, whose own types take most of the time.
    options = ["--no-error-summary", "--follow-imports=silent", "--no-site-packages", "--ignore-missing-imports"]
    command = [sys.executable, "-m", "mypy", *options, str(program)]
    environment = {**os.environ, "MYPYPATH": str(SOURCES)}
    found = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment, check=False)
    lines = [line.split(":")[1] for line in found.stdout.splitlines() if "error" in line]
    assert lines == ["3", "4"], found.stdout
