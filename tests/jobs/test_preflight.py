"""The checks of a job's inputs in code, before a service is paid."""

from pathlib import Path

import numpy as np
import PIL.Image
import pytest

import wan_notebook as wan
from wan_notebook.client import Service
from wan_notebook.errors import WanError
from wan_notebook.jobs.preflight import find_notices, print_notices
from wan_notebook.jobs.run import submit
from wan_notebook.media import samples
from wan_notebook.media.checks import analysis
from wan_notebook.widgets.panel.studio import Studio

from .test_order import make_order
from support.media import filmed
from support.services import PAID


@pytest.fixture
def couple() -> PIL.Image.Image:
    """A picture of two people."""
    both = PIL.Image.new("RGB", (832, 544))
    for left, person in ((0, "ada"), (416, "theo")):
        both.paste(PIL.Image.open(samples.character(person)).resize((416, 544)), (left, 0))
    return both


@pytest.fixture
def long_take(tmp_path: Path) -> Path:
    """A video of one still frame that is longer than services take."""
    return filmed([np.full((240, 320, 3), 90, np.uint8)] * 31, tmp_path / "long.mp4", fps=1)


def test_paid_jobs_are_checked(couple: PIL.Image.Image, long_take: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Before a paid job its notices are printed once, as one block, with what helps as code to paste."""
    with pytest.raises(WanError):
        submit(couple, long_take, service=PAID).result(30)  # nothing answers there
    told = capfd.readouterr()
    assert told.out == ""
    assert told.err.count("Before Hosted (paid) is paid: notices about the inputs") == 1
    assert "•   2 faces were found in the picture: one at the left and one at the right." in told.err
    assert "prepare_video=dict(start=0.0, end=10.0)" in told.err


def test_the_block_agrees_with_the_panel(couple: PIL.Image.Image, long_take: Path) -> None:
    """Code, estimate and panel say the same of the same inputs."""
    found = find_notices(make_order(couple, long_take, service=PAID))
    assert wan.estimate(couple, long_take, service=PAID).notices == found
    studio = Studio(service=PAID, resolution="480p")
    studio.choose_image(couple)
    studio.choose_video(long_take)
    assert {notice.text for notice in studio.notices} <= {notice.text for notice in found}
    assert "faces" in {notice.topic for notice in found}


def test_checks_can_be_left_out(
    served: Service, couple: PIL.Image.Image, performance: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """checks=False prints nothing, and so does a free preview, which has notices of its own."""
    with pytest.raises(WanError):
        submit(couple, performance, service=PAID, checks=False).result(30)
    submit(couple, performance, service=served).result(60)
    assert "notices about the inputs" not in capfd.readouterr().err


def test_remedies_fit_what_is_given(long_take: Path, character: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Where an input is prepared already, no other preparation is offered in its place."""
    print_notices([make_order(character, long_take, service=PAID, prepare_video={"start": 1})])
    told = capfd.readouterr().err
    assert "The video lasts 30 s" in told
    assert "prepare_video" not in told


@pytest.mark.usefixtures("no_models")
def test_checks_fetch_no_models(
    character: Path,
    performance: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Without the face models a paid job waits for no download: one sentence says how they come."""
    monkeypatch.setattr("wan_notebook.faces.weights.get_models", lambda *_, **__: pytest.fail("fetched"))
    print_notices([make_order(character, performance, service=PAID)])
    assert " ".join(capfd.readouterr().err.split()).count("run wan-notebook models") == 1


def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the inputs that are analysed from now on."""
    names: list[str] = []
    for kind in ("picture", "video"):
        analyze = getattr(analysis, f"analyze_{kind}")
        monkeypatch.setattr(
            analysis, f"analyze_{kind}", lambda medium, analyze=analyze: [names.append(medium.name), analyze(medium)][1]
        )
    return names


def test_paid_sweeps_are_checked(
    couple: PIL.Image.Image,
    character: Path,
    long_take: Path,
    performance: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """A paid sweep prints one block: each notice once, under its input's name, after one look at each input."""
    couple.save(tmp_path / "couple.png")
    plan = wan.sweep([character, tmp_path / "couple.png"], [long_take, performance], shift=[3, 5], service=PAID)
    names = looked_at(monkeypatch)
    with pytest.raises(WanError):
        plan.run(budget=100).result(60)  # nothing answers there
    told = " ".join(capfd.readouterr().err.split())
    assert told.count("notices about the inputs") == 1
    assert told.count("couple.png: 2 faces were found in the picture") == 1
    assert told.count("long.mp4: The video lasts 31 s") == 1
    assert sorted(names) == sorted([character.name, "couple.png", "long.mp4", performance.name])


def test_sweeps_without_checks(
    served: Service, couple: PIL.Image.Image, performance: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """checks=False prints nothing of a paid sweep, and nothing is printed of a free one."""
    with pytest.raises(WanError):
        wan.sweep(couple, performance, service=PAID).run(budget=100, checks=False).result(30)
    wan.sweep(couple, performance, service=served).run().result(60)
    assert "notices about the inputs" not in capfd.readouterr().err


def test_a_broken_input_of_a_sweep(
    character: Path, long_take: Path, performance: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A video that is gone is named, and the others are checked all the same."""
    orders = [make_order(character, video, service=PAID) for video in (performance, long_take)]
    performance.unlink()
    print_notices(orders)
    told = capfd.readouterr().err
    assert f"{performance.name} could not be checked: " in told
    assert "long.mp4: The video lasts 31 s" in told
