"""What every test gets: a data directory of its own, and no way out of this machine."""

import concurrent.futures
import os
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from wan_notebook.client import Service
from wan_notebook.faces import weights
from wan_notebook.faces.weights import FOLDER_VARIABLE, find_models
from wan_notebook.runtime.data_dir import data_dir

from support.displays import Displayed, record_displays
from support.media import Drawn, picture, reference
from support.services import preview_on_a_port

# How long an example takes says more of the machine than of the code.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")

# Tests have data directories of their own, and fetch nothing: they read the models that `make test` has fetched.
if not os.environ.get(FOLDER_VARIABLE):
    models = find_models()
    os.environ[FOLDER_VARIABLE] = str(models.mesh.parent if models else data_dir() / "models")


def pytest_report_header() -> list[str]:
    """Say before the tests whether those that read faces can pass."""
    return [] if find_models() else ["The face models are missing. Get them with: wan-notebook models"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what tries a thing that this system has not: forks, pipes with names, signals to a process."""

    def fits(item: pytest.Item) -> bool:
        marks = [mark.args for mark in item.iter_markers("systems")]
        if "interrupt_next_wait" in getattr(item, "fixturenames", ()):
            marks.append(("linux", "darwin"))  # on Windows os.kill ends the process, whatever the signal
        return all(sys.platform in systems for systems in marks)

    config.hook.pytest_deselected(items=[item for item in items if not fits(item)])
    items[:] = filter(fits, items)


@pytest.fixture
def no_models(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Be a machine that has no face models in any place where they are looked for, and knows of none."""
    monkeypatch.delenv(FOLDER_VARIABLE, raising=False)
    monkeypatch.setenv("TMPDIR", str(tmp_path_factory.mktemp("temporary")))
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(weights, "remembered", weights.Remembered())


KEY_VARIABLES = ("AIMLAPI_API_KEY", "AIML_API_KEY", "WAN_NOTEBOOK_BASE_URL")


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAN_NOTEBOOK_HOME", str(tmp_path / "home"))
    for name in KEY_VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else "localhost"
        if host not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test tried to reach {host}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture
def interrupt_next_wait(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Call it, and the interrupt button is pressed as soon as the cell waits for the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in the background ignores it
    wait, armed = concurrent.futures.wait, threading.Event()

    def interrupted_wait(*arguments: Any, **options: Any) -> Any:
        if armed.is_set() and threading.current_thread() is threading.main_thread():
            armed.clear()
            threading.Thread(target=os.kill, args=(os.getpid(), signal.SIGINT)).start()
        return wait(*arguments, **options)

    monkeypatch.setattr(concurrent.futures, "wait", interrupted_wait)
    yield armed.set
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def displayed(monkeypatch: pytest.MonkeyPatch) -> Displayed:
    """What is displayed, or changed where it was displayed: bundles with their display ids."""
    return record_displays(monkeypatch)


@pytest.fixture(scope="session")
def served() -> Iterator[Service]:
    """One service for all tests whose jobs come to an end."""
    with preview_on_a_port() as service:
        yield service


@pytest.fixture
def served_alone() -> Iterator[Service]:
    """A service of a test's own, for jobs that never end."""
    with preview_on_a_port() as service:
        yield service


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Drawn:
    """The samples that the preview is tried with."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WAN_NOTEBOOK_HOME", str(tmp_path_factory.mktemp("samples")))
        return Drawn.make()


@pytest.fixture
def character(tmp_path: Path) -> Path:
    """A small picture."""
    path = tmp_path / "hero.png"
    path.write_bytes(picture())
    return path


@pytest.fixture
def performance(tmp_path: Path) -> Path:
    """A small video."""
    reference(tmp_path)
    return (tmp_path / "small.mp4").rename(tmp_path / "dance.mp4")
