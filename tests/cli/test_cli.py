"""The command line."""

import re
from pathlib import Path

import pytest

import wan_notebook as wan
from wan_notebook.cli import doctor, main
from wan_notebook.faces.weights import find_models
from wan_notebook.jobs.journal import Journal
from wan_notebook.runtime.worker_pool import usual_size
from wan_notebook.video.probe import probe


@pytest.mark.slow
def test_the_demo_writes_two_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The whole path on two drawn inputs, without a key; the last lines name both files."""
    assert main.main(["demo", "--folder", str(tmp_path / "demo")]) == 0
    clip, sheet = tmp_path / "demo" / "first_clip.mp4", tmp_path / "demo" / "first_clip.png"
    assert probe(clip).frames >= 50
    said = capsys.readouterr().out
    assert str(clip) in said
    assert str(sheet) in said
    assert sheet.stat().st_size > 10_000


def test_an_error_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No traceback reaches the person who typed a command."""
    (tmp_path / "file").write_text("")
    assert main.main(["serve", "--host", "0.0.0.0"]) == 1
    assert capsys.readouterr().err.startswith("wan-notebook: ")


NOWHERE = pytest.param("/proc/nowhere", marks=pytest.mark.systems("linux", "darwin"))


@pytest.mark.parametrize("folder", ["file", "file/inside", NOWHERE, "null\0byte"])
def test_demo_refuses_wrong_folders(
    folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder that cannot be made is told in a sentence, before anything is drawn or made."""
    (tmp_path / "file").write_text("")
    monkeypatch.chdir(tmp_path)
    assert main.main(["demo", "--folder", folder]) == 1
    told = capsys.readouterr()
    assert told.err.startswith("wan-notebook: ")
    assert "Name another folder with --folder." in told.err
    assert told.out == ""


def test_the_doctor_lists_everything(capsys: pytest.CaptureFixture[str]) -> None:
    """Versions, the preview, the service and the data directory are told."""
    assert main.main(["doctor"]) == 0
    said = capsys.readouterr().out
    assert "Free preview     ready" in said
    assert "Face models      ready, in " in said
    assert f"Workers          {usual_size()} at once on " in said
    assert "each takes up to 500 MB while it works" in said
    assert "Preview, free" in said
    assert "Key              none, and the preview needs none" in said
    assert "Journal          no jobs yet" in said


def test_the_doctor_names_each_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that cannot be one, a damaged journal and widgets that do not fit are each told with what helps."""
    Journal().path.write_bytes(b"no database at all, but long enough to be taken for one" * 40)
    monkeypatch.setenv("AIMLAPI_API_KEY", "two words")
    versions = {"ipywidgets": "7.7.1", "jupyterlab_widgets": "3.0.16"}
    said = doctor.report(lambda package: versions.get(package, "1.0"))
    assert "pip install 'ipywidgets>=8'" in said
    assert "holds a character which no key has" in said
    assert "is damaged" in said


def test_the_doctor_tells_of_the_cluster() -> None:
    """Dask's version, which has to be the workers', is told where it is installed; for a report also that it is not."""
    reports = (doctor.report, doctor.public_report)
    here, there = ([report({"distributed": version}.get) for report in reports] for version in ("2026.8.0", None))
    assert all(re.search(r"^distributed +2026\.8\.0$", said, re.MULTILINE) for said in here)
    assert "distributed" not in there[0]
    assert re.search(r"^distributed +missing$", there[1], re.MULTILINE)


def test_the_doctor_tries_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A data directory that nothing can be written to is told as such, whatever its permissions say."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("WAN_NOTEBOOK_HOME", str(tmp_path / "file" / "home"))
    assert doctor.writable_folder() is None
    monkeypatch.setenv("WAN_NOTEBOOK_HOME", str(tmp_path / "not" / "yet"))
    assert doctor.writable_folder() == tmp_path / "not" / "yet"
    assert not (tmp_path / "not").exists()


def test_the_doctor_shows_no_key(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A key is found, and not told."""
    monkeypatch.setenv("AIMLAPI_API_KEY", "sk-canary")
    main.main(["doctor"])
    assert "canary" not in capsys.readouterr().out


@pytest.mark.parametrize("state", ["working", "damaged", "unwritable", "elsewhere"])
def test_report_names_nobody(
    state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is sent to others tells versions and states, also of what is broken, and no key, folder, file, address or
    name.
    """
    home = tmp_path / "canary-home"
    monkeypatch.setenv("WAN_NOTEBOOK_HOME", str(home))
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USER", "canary-user")
    monkeypatch.setenv("AIMLAPI_API_KEY", "sk-canary")
    monkeypatch.setattr("platform.node", lambda: "canary-host")
    monkeypatch.setattr("socket.gethostname", lambda: "canary-host")
    if state == "damaged":
        Journal().path.write_bytes(b"no database at all, but long enough to be taken for one" * 40)
        monkeypatch.setenv("WAN_NOTEBOOK_MODELS", str(tmp_path / "canary-models"))
        monkeypatch.setenv("AIMLAPI_API_KEY", "two canaries")
    if state == "unwritable":
        home.write_text("")
    if state == "elsewhere":
        monkeypatch.setenv("WAN_NOTEBOOK_BASE_URL", "https://canary.example/canary")
    assert main.main(["doctor", "--report"]) == 0
    told = capsys.readouterr().out
    private = ("canar", "secret", str(tmp_path), str(Path.home()))
    assert [word for word in private if word in told] == []
    assert f"wan-notebook             {wan.__version__}" in told
    assert {"damaged": "JournalDamaged", "elsewhere": "another"}.get(state, "found") in told


def test_models_are_got_by_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Models that are here are told with their folder; where they cannot be had, why, what to do, and what goes on."""
    assert main.main(["models"]) == 0
    assert capsys.readouterr().out == f"The face models are in {find_models().mesh.parent}.\n"
    monkeypatch.setenv("WAN_NOTEBOOK_MODELS", str(tmp_path / "nowhere"))
    assert "Face models      not here. WAN_NOTEBOOK_MODELS is" in doctor.report()
    assert main.main(["models"]) == 1
    told = capsys.readouterr().err
    assert told.startswith("wan-notebook: WAN_NOTEBOOK_MODELS is ")
    assert told.endswith("Until then, a preview moves the picture as a whole.\n")


def test_no_command_prints_help(capsys: pytest.CaptureFixture[str]) -> None:
    """Who types the bare name sees what there is."""
    assert main.main([]) == 2
    assert "demo" in capsys.readouterr().out
