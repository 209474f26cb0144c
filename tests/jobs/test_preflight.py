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
    print_notices(make_order(character, long_take, service=PAID, prepare_video={"start": 1}))
    told = capfd.readouterr().err
    assert "The video lasts 30 s" in told
    assert "prepare_video" not in told


def test_checks_fetch_no_models(
    character: Path,
    performance: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Without the face models a paid job waits for no download: one sentence says how they come."""
    monkeypatch.delenv("WAN_NOTEBOOK_MODELS")
    monkeypatch.setattr("wan_notebook.faces.weights.get_models", lambda *_, **__: pytest.fail("fetched"))
    print_notices(make_order(character, performance, service=PAID))
    assert capfd.readouterr().err.count("`wan-notebook models`") == 1
