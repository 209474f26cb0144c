"""The data directory."""

import subprocess
import sys
from pathlib import Path

import pytest

from wan_notebook.errors import MediaError, StorageError
from wan_notebook.runtime import data_dir as module
from wan_notebook.runtime.data_dir import PartialFile, atomic_write, data_dir, expanded, subfolder


def test_data_directory_is_configurable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """WAN_NOTEBOOK_HOME names the directory."""
    monkeypatch.setenv("WAN_NOTEBOOK_HOME", str(tmp_path / "mine"))
    assert data_dir() == tmp_path / "mine"


def test_relative_directory_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cell that changes the current directory, as %cd does, changes neither the journal nor where clips are kept."""
    monkeypatch.setenv("WAN_NOTEBOOK_HOME", f"mine-{tmp_path.name}")
    monkeypatch.chdir(tmp_path)
    before = data_dir()
    monkeypatch.chdir(tmp_path.parent)
    assert before == data_dir() == tmp_path / f"mine-{tmp_path.name}"


def test_platform_directory_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a choice the platform's own place for data is taken."""
    monkeypatch.delenv("WAN_NOTEBOOK_HOME")
    assert data_dir().name == "wan-notebook"


def test_quotes_around_directory_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line of %env keeps quotes and blanks around its value, which are none of the directory's."""
    monkeypatch.setenv("WAN_NOTEBOOK_HOME", f" '{tmp_path / 'mine'}'\n")
    assert data_dir() == tmp_path / "mine"
    monkeypatch.setenv("WAN_NOTEBOOK_HOME", "  ")
    assert data_dir().name == "wan-notebook"


def test_unknown_home_names_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The home of nobody is told, with the variable that names it."""
    monkeypatch.setenv("WAN_NOTEBOOK_HOME", "~nobody-of-this-name/mine")
    with pytest.raises(StorageError, match=r"WAN_NOTEBOOK_HOME is ~nobody.*Set WAN_NOTEBOOK_HOME to"):
        subfolder("clips")


def test_subfolder_made_on_first_use() -> None:
    """A room exists once it was asked for."""
    assert subfolder("clips").is_dir()


def test_unwritable_subfolder_names_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A data directory that is a file gives an error which names it and the remedy."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("WAN_NOTEBOOK_HOME", str(tmp_path / "file"))
    with pytest.raises(StorageError, match=r"file.*WAN_NOTEBOOK_HOME"):
        subfolder("clips")


def test_failed_write_replaces_nothing(tmp_path: Path) -> None:
    """When writing fails half-way the old file stands as it was, and nothing else is left."""
    target = tmp_path / "kept.txt"
    target.write_text("old")

    def write_and_fail() -> None:
        with atomic_write(target) as partial:
            partial.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_fail()
    assert target.read_text() == "old"
    assert list(tmp_path.glob(".kept*")) == []


def test_errors_name_the_file_that_was_asked_for(tmp_path: Path) -> None:
    """An error of whoever writes half a file names the file that was to become of it, and no other."""
    target = tmp_path / "clip.mp4"

    def fail(partial: Path) -> None:
        raise MediaError(f"{partial} cannot be encoded.", f"{partial.name}: use another one.")

    with pytest.raises(MediaError) as caught, atomic_write(target) as partial:
        fail(partial)
    assert str(caught.value) == f"{target} cannot be encoded. clip.mp4: use another one."
    assert (caught.value.message, caught.value.in_code) == (
        f"{target} cannot be encoded.",
        "clip.mp4: use another one.",
    )


def test_successful_write_replaces_the_file(tmp_path: Path) -> None:
    """The new file takes the old one's place."""
    target = tmp_path / "kept.txt"
    with atomic_write(target) as partial:
        partial.write_text("new")
    assert target.read_text() == "new"


def test_written_file_has_usual_permissions(tmp_path: Path) -> None:
    """A replaced file has the permissions of any other file made here, so that a clip saved for others opens there."""
    target, plain = tmp_path / "kept.txt", tmp_path / "plain.txt"
    plain.write_text("")
    with atomic_write(target) as partial:
        partial.write_text("new")
    assert target.stat().st_mode == plain.stat().st_mode


@pytest.fixture
def no_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """An account without a name and without a home directory, as a container may have."""

    def no_name(uid: int) -> None:
        raise KeyError(f"getpwuid(): uid not found: {uid}")

    for variable in ("HOME", "XDG_DATA_HOME", "WAN_NOTEBOOK_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr("pwd.getpwuid", no_name)


@pytest.mark.usefixtures("no_home")
def test_missing_home_names_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without a home directory no folder called "~" is made in the current one: the remedy is named, and it works."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StorageError, match="Set WAN_NOTEBOOK_HOME"):
        subfolder("clips")
    with pytest.raises(StorageError, match="Write the whole path"):
        expanded("~/clip.mp4")
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setenv("WAN_NOTEBOOK_HOME", str(tmp_path / "mine"))
    assert subfolder("clips") == tmp_path / "mine" / "clips"


WRITER = """
import sys
from wan_notebook.jobs.journal.liveness import register
from wan_notebook.runtime.data_dir import PartialFile, data_dir, subfolder
register(subfolder("journal") / "alive")
PartialFile(subfolder("clips"), ".mp4").path.write_text("half a clip")
print("written", flush=True)
sys.stdin.read()
"""


def leftovers() -> list[str]:
    """What is in the data directory, by folder."""
    module.remove_leftovers.cache_clear()  # what a process does once, at its start
    subfolder("clips")
    return sorted(path.parent.name for path in data_dir().rglob("*") if path.is_file())


@pytest.mark.slow
def test_leftovers_of_dead_removed() -> None:
    """The next start removes what a dead process left half-written and its sign of life; those of a living one stay."""
    command = [sys.executable, "-c", WRITER]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "written\n"
        alive = leftovers()
        other.kill()
    assert alive == ["alive", "clips"]
    assert leftovers() == []


def test_own_partial_files_stay() -> None:
    """A process removes nothing that it is itself writing."""
    partial = PartialFile(subfolder("clips"))
    assert leftovers() == ["clips"]
    partial.discard()
    assert leftovers() == []
