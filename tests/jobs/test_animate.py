"""One call that waits."""

import threading
from pathlib import Path

import pytest

from wan_notebook.client import Service
from wan_notebook.errors import InvalidRequest
from wan_notebook.jobs.animate import animate, show_terminal_bar
from wan_notebook.jobs.run import submit
from wan_notebook.video.probe import probe
from wan_notebook.widgets.display.run import show_bar

from support import engines


def test_terminal_shows_a_bar(
    served: Service, character: Path, performance: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """In a terminal a bar is drawn, by the thread that waits."""
    clip = animate(character, performance, service=served)
    assert probe(clip.path).frames == 10
    assert "100%" in capfd.readouterr().err


def test_notebook_shows_a_status_bar(
    served: Service, character: Path, performance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a notebook the status bar of the panel is shown, and tells the end."""
    shown: list[object] = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    run = submit(character, performance, service=served)
    show_bar(run)
    over = threading.Event()
    run.result(30)
    run.observe(lambda progress: over.set() if not progress.phase.active else None)
    assert over.wait(5)
    (bar,) = shown
    assert bar.state["phase"] == "Done"  # type: ignore[attr-defined]


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
