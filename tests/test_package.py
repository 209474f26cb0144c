"""What the package says of itself: its version, its names, and the help of its calls."""

import importlib.metadata
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import wan_notebook as wan
from wan_notebook.cli import main
from wan_notebook.model import family


def test_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """The package, its metadata and its command line agree on the version."""
    with pytest.raises(SystemExit) as ended:
        main.main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"wan-notebook {wan.__version__}\n"
    assert wan.__version__ == importlib.metadata.version("wan-notebook")


def test_few_names_at_the_top() -> None:
    """There are sixteen public names at most, each can be had, and the samples complete to their four functions."""
    assert len(wan.__all__) <= 16
    assert all(getattr(wan, name) is not None for name in wan.__all__)
    assert dir(wan.samples) == ["character", "curves", "draw", "reference"]
    assert all(callable(getattr(wan.samples, name)) for name in dir(wan.samples))


@pytest.mark.parametrize(
    "call", [wan.animate, wan.submit, wan.estimate, wan.sweep, wan.film], ids=lambda call: call.__name__
)
def test_help_tells_all_arguments(call: object) -> None:
    """The help of a call describes each of its arguments once, with limits and effect of each setting."""
    told = inspect.getdoc(call) or ""
    for name in inspect.signature(call).parameters:  # type: ignore[arg-type]
        assert told.count(f"\n    {name}: ") == 1, name
    for setting in family.SETTINGS.values():
        assert setting.help in told
    assert "as for submit(); so for all" not in told


def test_near_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, performance: Path) -> None:
    """A name that is almost a file's is told which file there is, also in another folder and for a sweep."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "poses"
    folder.mkdir()
    (folder / "Wave.MP4").write_bytes(b"")
    (tmp_path / "Hero.PNG").write_bytes(b"")
    expected = {
        "hero.png": "There is Hero.PNG in this folder.",
        "hero.jpg": "There is Hero.PNG in this folder.",
        "hreo.png": "There is Hero.PNG in this folder.",
        "poses/wave.mp4": "There is Wave.MP4 in poses.",
        "pose/wave.mp4": "There is poses in this folder.",
        "else.gif": "",
    }
    for name, sentence in expected.items():
        with pytest.raises(wan.errors.MediaError) as refused:
            wan.animate(name, performance)
        assert str(refused.value).endswith(sentence or f"{tmp_path}.")
        with pytest.raises(wan.errors.MediaError) as refused:
            wan.sweep([name, name + "x"], performance)
        assert sentence in str(refused.value)


def test_panel_loads_what_it_shows() -> None:
    """A panel is built without the libraries that read, draw, preview or tabulate, and without sweeps and films.

    Neither does it load what speaks HTTP, submits jobs and finishes clips.
    """
    code = "import sys, wan_notebook as wan; wan.Panel(); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    waiting = {"numpy", "PIL", "av", "cv2", "pandas", "matplotlib", "starlette", "uvicorn", "tqdm", "nest_asyncio"}
    assert waiting.isdisjoint(loaded)
    rooms = {name.split(".")[1] for name in loaded if name.startswith("wan_notebook.")}
    assert rooms.isdisjoint({"preview", "sweeps", "films", "finishing", "lessons", "cli"})
    assert {"wan_notebook.client.client", "wan_notebook.jobs.run"}.isdisjoint(loaded)


def test_import_leaves_the_collector() -> None:
    """A name that loads its module leaves Python's garbage collector as it was: running, or as somebody stopped it."""
    code = """
import gc, wan_notebook as wan
wan.submit
found = [gc.isenabled()]
gc.disable()
wan.Panel
print(*found, gc.isenabled())
"""
    printed = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert printed.split() == ["True", "False"]
