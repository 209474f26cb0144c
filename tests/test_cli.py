"""The command line."""

from pathlib import Path

import pytest

from wan_notebook import cli
from wan_notebook.video import probe


def test_the_demo_writes_a_clip_and_its_contact_sheet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The whole path on two drawn inputs, without a key; the last lines name both files."""
    assert cli.main(["demo", "--folder", str(tmp_path / "demo")]) == 0
    clip, sheet = tmp_path / "demo" / "first_clip.mp4", tmp_path / "demo" / "first_clip.png"
    assert probe(clip).frames >= 50
    said = capsys.readouterr().out
    assert str(clip) in said
    assert str(sheet) in said
    assert sheet.stat().st_size > 10_000


def test_an_error_is_one_plain_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No traceback reaches the person who typed a command."""
    (tmp_path / "file").write_text("")
    assert cli.main(["serve", "--host", "0.0.0.0"]) == 1
    assert capsys.readouterr().err.startswith("wan-notebook: ")


def test_the_doctor_tells_what_is_here(capsys: pytest.CaptureFixture[str]) -> None:
    """Versions, the preview, the service and the data directory are told."""
    assert cli.main(["doctor"]) == 0
    said = capsys.readouterr().out
    assert "Free preview     ready" in said
    assert "Preview, free" in said


def test_the_doctor_never_shows_a_key(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A key is found, and not told."""
    monkeypatch.setenv("AIMLAPI_API_KEY", "sk-canary")
    cli.main(["doctor"])
    assert "canary" not in capsys.readouterr().out
