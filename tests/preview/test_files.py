"""The service's temporary files: the room they take, and what is left of a service that was killed."""

import errno
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from wan_notebook.preview.server.files import QuotaExceeded, ServiceFiles

SERVICE = """
from wan_notebook.preview.server.files import ServiceFiles
files = ServiceFiles()
(files.new_folder(10) / "half a video").write_bytes(b"half")
print(files.folder, flush=True)
input()
"""


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)


def test_dead_services_leave_nothing() -> None:
    """The next service removes what one that was killed has left, and nothing of one that lives."""
    services = [subprocess.Popen([sys.executable, "-c", SERVICE], stdin=-1, stdout=-1, text=True) for _ in range(2)]
    dead, alive = (Path((service.stdout.readline() if service.stdout else "").strip()) for service in services)
    services[0].kill()
    services[0].wait()
    assert (dead.exists(), alive.exists()) == (True, True)
    ServiceFiles().close()
    assert (dead.exists(), alive.exists()) == (False, True)
    services[1].communicate("\n")
    assert not alive.exists()


@pytest.mark.systems("linux", "darwin")
def test_foreign_folders_are_kept(tmp_path: Path) -> None:
    """A folder of that name which no service has locked is somebody else's, and so is what a link leads to."""
    foreign, linked = tmp_path / "wan-notebook-mine", tmp_path / "elsewhere"
    for folder in (foreign, linked):
        folder.mkdir()
    (linked / "lock").touch()
    (tmp_path / "wan-notebook-link").symlink_to(linked)
    ServiceFiles().close()
    assert foreign.exists()
    assert (linked / "lock").exists()


def test_reserved_room_is_given_back() -> None:
    """What is reserved is gone for others until it is removed or becomes less; an empty file always has room."""
    files = ServiceFiles(100, set_aside=20)
    first = files.new_folder(60)
    with pytest.raises(QuotaExceeded):
        files.new_folder(30)
    files.reserve(first, 50)
    second = files.new_folder(30)
    with pytest.raises(QuotaExceeded):
        files.reserve(second, 31)
    files.new_folder(0)
    files.remove(second)
    assert not second.exists()
    files.new_folder(30)
    files.close()


def test_failed_folder_takes_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full for a while takes no room away from the requests that come after it."""
    files = ServiceFiles(100)
    with monkeypatch.context() as full:
        full.setattr(Path, "mkdir", raise_full)
        with pytest.raises(OSError, match="No space"):
            files.new_folder(100)
    files.new_folder(100)
    files.close()


def raise_full(*_arguments: object, **_options: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
