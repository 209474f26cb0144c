"""The state of a session."""

import threading
from dataclasses import replace
from pathlib import Path

import PIL.Image
import pytest

import wan_notebook as wan
from wan_notebook.client import Service
from wan_notebook.errors import InvalidRequest, MediaError
from wan_notebook.jobs.journal import Journal
from wan_notebook.jobs.progress import RunPhase
from wan_notebook.media import Preparation
from wan_notebook.model import family
from wan_notebook.widgets.panel.studio import Studio

from support import engines
from support.media import reference


@pytest.fixture
def studio(served: Service, character: Path, performance: Path) -> Studio:
    """A session in which everything is chosen."""
    chosen = Studio(service=served)
    chosen.choose_image(character)
    chosen.choose_video(performance)
    return chosen


@pytest.fixture
def stuck(studio: Studio, served_alone: Service) -> Studio:
    """The same, on a service whose job never ends, and costs money."""
    studio.set({"num_inference_steps": engines.HANG})
    studio.service = replace(served_alone, paid=True)
    return studio


def wait_for(studio: Studio, phase: RunPhase) -> None:
    reached = threading.Event()
    studio.observe(lambda change: reached.set() if change.new.phase is phase else None, "progress")
    if studio.progress.phase is not phase:
        assert reached.wait(30)


def test_every_setting_is_a_trait() -> None:
    """What the model family describes can be read and linked by its wire name."""
    assert Studio().settings == {"model": family.MOVE.id} | {n: s.default for n, s in family.SETTINGS.items()}


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("shift", 11, "shift is 11, but must be a number from 1 to 10"),
        ("num_inference_steps", "many", "must be a whole number from 2 to 40"),
        ("resolution", "1080p", "must be 480p or 580p or 720p"),
        ("model", "dance", "must be move"),
        ("service", "hosted", "service"),
        ("budget", -1, "budget"),
        ("image", "nobody.png", "There is no file nobody.png"),
        ("video", b"text", "bytes"),
    ],
)
def test_other_values_are_refused(name: str, value: object, told: str) -> None:
    """What cannot be used is refused where it is set, in words of ours: at first, and later."""
    with pytest.raises((InvalidRequest, MediaError), match=told):
        Studio(**{name: value})
    with pytest.raises((InvalidRequest, MediaError), match=told):
        setattr(Studio(), name, value)


def test_unknown_names_are_refused() -> None:
    """A setting that is misspelled is not left out in silence."""
    with pytest.raises(InvalidRequest, match=r"no setting shfit\. Did you mean shift\?"):
        wan.Panel(shfit=3)


def test_panel_takes_what_a_job_takes(character: Path, performance: Path) -> None:
    """A panel is given its inputs and settings as wan.submit() is: paths, and a mode by its name."""
    studio = wan.Panel(image=str(character), video=performance, model="replace", shift=7).studio
    assert (studio.image.name, studio.video.path) == (character.name, performance)
    assert (studio.model, studio.shift) == (family.REPLACE.id, 7)


def test_settings_change_together() -> None:
    """When one of several settings is refused, none is taken."""
    studio = Studio()
    with pytest.raises(InvalidRequest):
        studio.set({"resolution": "720p", "shift": 99})
    assert studio.resolution == "480p"


def test_reset_restores_the_defaults() -> None:
    """After a reset every setting is the model's own."""
    studio = Studio(resolution="720p", shift=2)
    studio.reset()
    assert studio.settings == Studio().settings


def test_a_failed_choice_clears(character: Path) -> None:
    """After a failed choice nothing is chosen, so that the earlier file is not sent by mistake."""
    studio = Studio()
    studio.choose_image(character)
    with pytest.raises(MediaError):
        studio.choose_image("missing.png")
    assert studio.image is None


def test_missing_inputs_are_named(character: Path) -> None:
    """The message names what is still to be chosen."""
    studio = Studio()
    with pytest.raises(InvalidRequest, match="picture"):
        studio.generate()
    studio.choose_image(character)
    with pytest.raises(InvalidRequest, match="video"):
        studio.generate()


def test_generating_ends_in_a_clip(studio: Studio) -> None:
    """The clip and the last progress are there when the job is done."""
    clip = studio.generate().result(30)
    wait_for(studio, RunPhase.DONE)
    assert studio.clip == clip


def test_many_calls_begin_one_job(stuck: Studio) -> None:
    """Many calls at once begin one job."""
    threads = [threading.Thread(target=stuck.generate) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engines.wait_until_taken(stuck.run)
    assert len(Journal().entries()) == 1
    stuck.cancel()


def test_a_stopped_job_is_pending(stuck: Studio) -> None:
    """A new session finds the job that an earlier one left running."""
    run = stuck.generate()
    engines.wait_until_taken(run)
    assert run.job is not None
    stuck.cancel()
    wait_for(stuck, RunPhase.STOPPED)
    assert [entry.job_id for entry in Studio().pending_jobs] == [run.job.id]


def test_one_job_is_watched(stuck: Studio) -> None:
    """While a job is watched another one is refused in words, and nothing is lost."""
    run = stuck.generate()
    engines.wait_until_taken(run)
    with pytest.raises(InvalidRequest, match="Stop watching"):
        stuck.resume(1)
    assert stuck.run is run
    stuck.cancel()


def test_changed_choices_are_known(studio: Studio) -> None:
    """The names of all choices that differ from those of the current run; none before and none right after."""
    assert studio.changed == ()
    studio.generate().result(30)
    assert studio.changed == ()
    studio.shift = 9
    studio.image = None
    assert set(studio.changed) == {"image", "shift"}


def test_the_estimate_follows_the_choices(studio: Studio) -> None:
    """A price is known once both inputs are chosen; on a free service it is nothing."""
    assert Studio().estimate is None
    assert studio.estimate is not None
    assert studio.estimate.usd == 0
    studio.service = Service.hosted("a key")
    assert studio.estimate.usd == pytest.approx(10 / 16 * 0.04)


def test_a_new_choice_clears_errors(studio: Studio) -> None:
    """Once something else is chosen, an earlier error is gone."""
    studio.error = "The hosted service wants a key."
    studio.service = Service.embedded()
    assert studio.error == ""


def test_preparation_belongs_to_its_file(studio: Studio, character: Path, tmp_path: Path) -> None:
    """Another video or picture is sent as it is, and why is told; the same one chosen again keeps its preparation."""
    trimmed, cropped = Preparation(start=0.2, end=0.8), Preparation(short_side=64)
    studio.prepare_video, studio.prepare_image = trimmed, cropped
    studio.choose_image(character)
    studio.choose_video(tmp_path / "dance.mp4")
    assert (studio.prepare_video, studio.prepare_image) == (trimmed, cropped)
    reference(tmp_path, frames=20)
    PIL.Image.new("RGB", (64, 64)).save(tmp_path / "square.png")
    studio.choose_image(tmp_path / "square.png")
    studio.choose_video(tmp_path / "small.mp4")
    assert (studio.prepare_video, studio.prepare_image) == (Preparation(), Preparation())
    assert "that of dance.mp4" in studio.preparation_note
    studio.prepare_video = trimmed
    assert studio.preparation_note == ""


def test_crop_follows_the_picture(studio: Studio, tmp_path: Path) -> None:
    """A reference that is cropped to the picture's shape is cropped to that of the next picture, and no other is."""
    PIL.Image.new("RGB", (64, 64)).save(tmp_path / "square.png")
    studio.prepare_video = Preparation(end=0.8, aspect=4 / 3)
    studio.choose_image(tmp_path / "square.png")
    assert studio.prepare_video == Preparation(end=0.8, aspect=1.0)
    studio.prepare_video = Preparation(aspect=2.0)
    studio.choose_image(tmp_path / "hero.png")
    assert studio.prepare_video.aspect == 2.0
