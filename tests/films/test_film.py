"""A film on its way: its shots are bought once, joined frame by frame, made anew, and never lost."""

import asyncio
import contextlib
import dataclasses
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import wan_notebook as wan
from films.conftest import LENGTHS
from wan_notebook.client import Service
from wan_notebook.errors import DownloadFailed, InvalidRequest, JobFailed, OverBudget, StillRunning, StorageError
from wan_notebook.films import join as joining
from wan_notebook.films.film import Film
from wan_notebook.films.plan import FilmPlan
from wan_notebook.jobs.clip import Clip, open_clip
from wan_notebook.jobs.history import history
from wan_notebook.jobs.progress import RunPhase
from wan_notebook.media import prepare as preparing
from wan_notebook.media.checks.cuts import transitions_in
from wan_notebook.runtime.data_dir import subfolder
from wan_notebook.video.probe import probe
from wan_notebook.video.read import frames
from wan_notebook.widgets.display.clip import ClipWidget, clip_facts
from wan_notebook.widgets.display.film import film_html
from wan_notebook.widgets.finish.finish import finish_options

from support import engines
from support.drives import on_a_full_drive
from support.kills import bought, kill_after, notebook
from support.media import clip as small_clip
from support.media import filmed, meadow, noisy
from support.services import Received, Reply, TimedService

pytestmark = pytest.mark.slow

CUTS = [LENGTHS[0], LENGTHS[0] + LENGTHS[1]]


@pytest.fixture
def plan(character: Path, long: Path) -> Callable[..., FilmPlan]:
    """Plans a film of three shots."""
    return lambda service, **fields: wan.film(character, long, service=service, num_inference_steps=4, **fields)


def cuts(path: Path) -> list[int]:
    return [one.frame for one in transitions_in(path)]


def phases(film: Film) -> list[RunPhase]:
    return [tile.progress.phase for tile in film.tiles]


def test_film_has_each_frame(served: Service, plan: Callable[..., FilmPlan], long: Path) -> None:
    """A film has all frames of its reference and each cut at its frame; it is a clip with its settings beside it."""
    film = plan(served, shift=3).run()

    async def awaited() -> Clip:
        return await film

    clip = asyncio.run(awaited())
    assert probe(clip.path).frames == sum(LENGTHS)
    assert probe(clip.path).fps == probe(long).fps
    assert cuts(clip.path) == CUTS
    assert clip.settings["shift"] == 3
    assert clip.reference == long
    assert clip.title == "hero.png · long.mp4"
    assert clip.film is not None
    assert clip.film["frames"] == sum(LENGTHS)
    assert open_clip(clip.path) == clip
    assert ClipWidget(clip).player.shown.marks == pytest.approx([0, *[cut / 25 for cut in CUTS]])
    assert film.clip == clip
    assert list(film) == list(film.tiles)
    assert "joined as" in repr(film)
    assert film_html(film).count("<img") == 3
    assert all(tile.clip is not None and tile.clip.path.is_file() for tile in film.tiles)


def test_film_without_jobs(plan: Callable[..., FilmPlan], long: Path) -> None:
    """A film of which every shot is left out sends nothing, costs nothing, and shows the reference."""
    fake = TimedService()
    with fake.running() as service:
        left_out = plan(dataclasses.replace(service, paid=True)).leave_out(0, 1, 2)
        assert "plan.run()" in str(left_out)
        film = left_out.run()
        clip = film.result(60)
    assert fake.submits == []
    assert "none to make" in repr(film)
    pairs = zip(frames(clip.path), frames(long), strict=True)
    assert max(float(np.abs(one.pixels.astype(float) - two.pixels).mean()) for one, two in pairs) < 3


def test_short_reference_is_one_shot(served: Service, character: Path, performance: Path) -> None:
    """A reference of a second is a film of one shot, marked as shorter than a service may take."""
    plan = wan.film(character, performance, service=served, num_inference_steps=4)
    assert "a service may refuse it" in str(plan)
    assert probe(plan.run().result(60).path).frames == probe(performance).frames


def test_joining_waits_for_no_measures(served: Service, character: Path, performance: Path) -> None:
    """A film is joined as soon as its shots are made: their clips are not measured, as those of a sweep are."""
    film = wan.film(character, performance, service=served, num_inference_steps=4).run()
    film.result(60)
    assert (film[0].metrics, film[0].measuring, film[0].measure_error) == (None, "", "")


def test_same_film_buys_nothing(served: Service, plan: Callable[..., FilmPlan]) -> None:
    """The same film a second time sends nothing, and is the file that was joined before."""
    first = plan(served).run().result(60)
    state, jobs = first.path.stat().st_mtime_ns, len(history())
    assert jobs == 3
    again = plan(dataclasses.replace(served, paid=True)).run().result(60)
    assert (again.path, again.path.stat().st_mtime_ns, len(history())) == (first.path, state, jobs)


def test_pieces_of_other_bytes_buy_nothing(
    served: Service, plan: Callable[..., FilmPlan], character: Path, long: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the pieces are cut out anew and encoded otherwise, also of a copy of the reference, no shot is new."""
    made = plan(served).run().result(60)
    pieces = sorted(subfolder("inputs").glob("*.mp4"))
    before = [path.read_bytes() for path in pieces]
    for path in (*pieces, *subfolder("films").glob("*.json")):
        path.unlink()
    monkeypatch.setattr(preparing, "_CRF", 30)
    copy = long.with_name("copy.mp4")
    copy.write_bytes(long.read_bytes())
    again = wan.film(character, copy, service=served, num_inference_steps=4)
    assert (again.jobs.done, again.jobs.missing) == (3, ())
    assert all(path.read_bytes() != content for path, content in zip(pieces, before, strict=True))
    assert again.run().result(60).film["shots"] == made.film["shots"]
    assert len(history()) == 3


def test_missing_library_is_told(
    served: Service, plan: Callable[..., FilmPlan], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without OpenCV a film has all its frames, some of them twice, and says so; with it the film is joined anew."""
    planned = plan(served)
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "cv2", None)
        film = planned.run()
        plain = film.result(60)
        assert film.notes[0].endswith("OpenCV is not installed; pip install 'wan-notebook[preview]' adds it.")
        assert probe(plain.path).frames == sum(LENGTHS)
    smooth = planned.run()
    assert smooth.result(60).path != plain.path
    assert not any("OpenCV" in note for note in smooth.notes)


def test_refused_shot_as_asked(
    served: Service, plan: Callable[..., FilmPlan], capsys: pytest.CaptureFixture[str]
) -> None:
    """A shot that the service refuses is as in the reference or black, which is said; or the film waits for it."""
    refusing = plan(served).change(1, num_inference_steps=engines.REFUSE)
    film = refusing.run()
    clip = film.result(60)
    assert film.result() == clip
    assert capsys.readouterr().err.count("Shot 1 is as in the reference: The service could not make the clip") == 1
    assert clip.film
    assert [bool(shot["refused"]) for shot in clip.film["shots"]] == [False, True, False]
    assert clip_facts(clip)[-1] == "shot 1 not made by the service"
    assert phases(film) == [RunPhase.DONE, RunPhase.FAILED, RunPhase.DONE]
    assert film.notes[0].startswith("Shot 1 is as in the reference: The service could not make the clip")
    assert cuts(clip.path) == CUTS
    black = refusing.run(refused="black").result(60)
    assert black.path != clip.path
    middle = list(frames(black.path))[sum(LENGTHS[:2]) - 30]
    assert middle.pixels.max() < 8

    waiting = refusing.run(refused="wait")
    with pytest.raises(JobFailed, match=r"waits for shot 1: .*film\.remake\(1"):
        waiting.result(60)
    waiting.remake(1, num_inference_steps=6)
    assert waiting.notes == ()
    assert probe(waiting.result(60).path).frames == sum(LENGTHS)
    assert phases(waiting) == [RunPhase.DONE] * 3


@dataclass
class DamagingService(TimedService):
    """Gives the clip of its second job damaged, however often it is asked."""

    def _reply(self, request: Received) -> Reply:
        return Reply(200, noisy(small_clip())) if request.path == "/job-1.mp4" else super()._reply(request)


def test_damaged_clip_is_no_end(plan: Callable[..., FilmPlan]) -> None:
    """A shot whose clip always comes damaged stands as a refused one does, or the film says the ways out."""
    fake = DamagingService()
    with fake.running() as service:
        film = plan(service).run(refused="black", concurrency=1)
        clip = film.result(60)
        assert clip.film
        assert [shot["shown"] == "black" for shot in clip.film["shots"]] == [False, True, False]
        assert film.notes[0].startswith("Shot 1 is black: The clip of job job-1 could not be saved")
        film.resume()
        assert film.result(60) == clip
        waiting = plan(service).run(refused="wait")
        with pytest.raises(DownloadFailed, match=r"waits for shot 1: .*film\.remake\(1, .*film\.plan\.leave_out\(1\)"):
            waiting.result(60)
        left_out = waiting.plan.leave_out(1).run().result(60)
        assert left_out.film
        assert left_out.film["shots"][1]["shown"] == "reference"
    assert len(fake.submits) == 3


def test_no_shot_is_no_film(served: Service, plan: Callable[..., FilmPlan]) -> None:
    """A film of which the service made no shot is an error with the reason, and not the reference once more."""
    every = plan(served).leave_out(1)
    for number in (0, 2):
        every = every.change(number, num_inference_steps=engines.REFUSE)
    film = every.run()
    with pytest.raises(JobFailed, match=r"waits for shots 0, 2: The service could .* film\.resume\(\) .*remake\(0"):
        film.result(60)
    assert film.clip is None
    film.remake(0, num_inference_steps=6)
    clip = film.result(60)
    assert clip.film
    assert [shot["shown"] == "reference" for shot in clip.film["shots"]] == [False, True, True]


def test_one_shot_made_anew(served: Service, plan: Callable[..., FilmPlan]) -> None:
    """One shot is made anew, with another setting or once more as it was; the others stay, and so do all clips."""
    film = plan(served).run()
    first, before = film.result(60), [tile.clip for tile in film.tiles]
    film.remake(2, shift=7)
    second = film.result(60)
    assert second.path != first.path
    assert first.path.is_file()
    assert [tile.clip for tile in film.tiles][:2] == before[:2]
    assert film[2].clip.settings["shift"] == 7
    assert film.plan.shots[2].choices == {"shift": 7}
    film.remake(2)
    assert film.result(60).path not in (first.path, second.path)
    assert len(history()) == 5
    assert all(clip is not None and clip.path.is_file() for clip in before)


def test_failed_remake_keeps_the_earlier_clip(
    served: Service, plan: Callable[..., FilmPlan], capsys: pytest.CaptureFixture[str]
) -> None:
    """A shot that cannot be made anew keeps the clip it had, and so does the film; that is said, and the next works."""
    film = plan(served).run()
    first, before = film.result(60), film[2]
    film.remake(2, num_inference_steps=engines.REFUSE)
    assert film.result(60) == first
    assert film[2] == before
    assert film.plan.shots[2].choices == {}
    assert film.unmade[0].startswith("Shot 2 could not be made anew, and stays as it was: The service could not")
    assert film.notes[: len(film.unmade)] == film.unmade
    assert film.unmade[0] in capsys.readouterr().err
    film.remake(2, shift=7)
    assert film.result(60).path != first.path
    assert film.unmade == ()
    assert not any("made anew" in note for note in film.notes)


def test_lost_remake_keeps_the_earlier_clip(plan: Callable[..., FilmPlan]) -> None:
    """Where the answer to a shot made anew is lost, the film keeps the earlier clip until retry() finds the new one."""
    fake = TimedService(lost=frozenset({4}))
    with fake.running() as service:
        film = plan(dataclasses.replace(service, paid=True)).run(budget=1, concurrency=1)
        first = film.result(60)
        film.remake(2, shift=7, budget=1)
        assert film.result(60) == first
        assert "film.retry(2) goes on with it" in film.unmade[0]
        film.retry(2)
        assert film.result(60).path != first.path
        assert film.unmade == ()
    assert len(fake.bodies) == len(set(fake.bodies)) == 4


def test_joining_can_be_stopped(served: Service, plan: Callable[..., FilmPlan]) -> None:
    """The joining tells how far it is, ends when the film is stopped, leaves nothing half-written, and can go on."""
    film = plan(served).run()
    told: list[float] = []

    def stop_halfway(_numbers: frozenset[int]) -> None:
        if film.joining is not None:
            told.append(film.joining)
            if film.joining > 0.4:
                film.stop()

    forget = film.observe(stop_halfway)
    with pytest.raises(StillRunning, match=r"stopped while it was joined\. film\.resume\(\) joins it"):
        film.result(60)
    forget()
    assert told == sorted(told)
    assert len(told) > 20
    assert [path.suffix for path in subfolder("films").iterdir() if path.name.startswith("film-")] == []
    film.resume()
    assert probe(film.result(60).path).frames == sum(LENGTHS)
    assert len(history()) == 3


def test_film_is_steadied_already(served: Service, plan: Callable[..., FilmPlan]) -> None:
    """A film's colours are those of its shots, which were steadied as it was joined; they are not offered once more."""
    clip = plan(served).run().result(60)
    assert [one.name for one in finish_options(clip)] == []
    assert clip.finish(colours="steady") is clip


def test_anew_wants_a_budget(plan: Callable[..., FilmPlan]) -> None:
    """On a paid service a shot is made anew within a budget only, and what makes no sense is refused."""
    fake = TimedService()
    with fake.running() as service:
        film = plan(dataclasses.replace(service, paid=True)).leave_out(0).run(budget=1)
        made = film.result(60)
        with pytest.raises(OverBudget, match=r"film\.remake\(1, …, budget=0\.10\)"):
            film.remake(1, shift=7)
        with pytest.raises(OverBudget, match=r"Shot 1 would cost about \$0\.10, and the budget is \$0\.0001; nothing"):
            film.remake(1, shift=7, budget=0.0001)
        with pytest.raises(InvalidRequest, match="amount in dollars"):
            film.remake(1, shift=7, budget=-1)
        with pytest.raises(
            InvalidRequest, match=r"Shot 0 was left out: it is as in the reference\. film\.plan\.take_in\(0"
        ):
            film.remake(0, shift=7)
        with pytest.raises(InvalidRequest, match="no shot 3"):
            film.remake(3, shift=7)
        with pytest.raises(InvalidRequest, match=r"Shot 1 is made already\. film\.remake\(1, …\) makes it anew\."):
            film.retry(1)
        with pytest.raises(InvalidRequest, match="no shot 7"):
            film[7]
        assert film.result(60) == made
        assert len(fake.submits) == 2
        film.remake(1, shift=7, budget=0.1)
        film.result(60)
        assert len(fake.submits) == 3


def test_stopped_film_goes_on(plan: Callable[..., FilmPlan]) -> None:
    """A film that was stopped says which shots it waits for; resume() sends those, and each is bought once."""
    fake = TimedService(seconds=lambda _body: 1e9)
    with fake.running() as service:
        film = plan(service).run(concurrency=1)
        sent = threading.Event()
        film.observe(lambda _numbers: sent.set() if fake.submits else None)
        assert sent.wait(30)
        film.stop()
        fake.finish()
        with pytest.raises(StillRunning, match=r"waits for shots 1–2: .* film\.resume\(\)"):
            film.result(60)
        fake.seconds = lambda _body: 0.05
        film.resume()
        clip = film.result(60)
    assert len(fake.bodies) == len(set(fake.bodies)) == 3
    assert probe(clip.path).frames == sum(LENGTHS)
    assert any("frames came for" in note or "frames at" in note for note in film.notes)


def test_lost_answer_is_looked_up(plan: Callable[..., FilmPlan]) -> None:
    """A shot whose submit got no answer is not bought again: the film waits, and retry() finds it."""
    fake = TimedService(lost=frozenset({2}))
    with fake.running() as service:
        film = plan(dataclasses.replace(service, paid=True)).run(budget=1, concurrency=1)
        with pytest.raises(StillRunning, match="waits for shot 1"):
            film.result(60)
        film.retry(1)
        assert probe(film.result(60).path).frames == sum(LENGTHS)
    assert len(fake.bodies) == len(set(fake.bodies)) == 3


def test_no_room_keeps_the_shots(
    served: Service, plan: Callable[..., FilmPlan], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is no room for the film, that is told, its shots are kept, and resume() joins it."""
    with monkeypatch.context() as patch:
        patch.setattr(joining, "_BYTES_PER_PIXEL", 1e7)
        film = plan(served).run()
        with pytest.raises(StorageError, match="Make room"):
            film.result(60)
    film.resume()
    assert probe(film.result(60).path).frames == sum(LENGTHS)
    assert len(history()) == 3


@pytest.mark.systems("linux")  # others have no drive that is always full
def test_full_drive_while_joining(
    served: Service, plan: Callable[..., FilmPlan], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the drive is full in the middle of the joining, the message says where to make room, and how to go on."""
    with monkeypatch.context() as patch:
        patch.setattr(joining, "atomic_write", on_a_full_drive)
        film = plan(served).leave_out(0, 1, 2).run()
        with pytest.raises(StorageError, match=r"No space left on device.*Make room in .*films, .*film\.resume\(\)"):
            film.result(60)
    film.resume()
    assert probe(film.result(60).path).frames == sum(LENGTHS)


NOTEBOOK = """
import dataclasses, sys
import wan_notebook as wan
from wan_notebook.client import Service
image, video, url = sys.argv[1:]
paid = dataclasses.replace(Service.at(url, "token"), paid=True)
plan = wan.film(image, video, service=paid, num_inference_steps=4, overlap=0.5, shift=SHIFT)
tell("ready")
plan.run(concurrency=2, budget=10).result()
"""
KILLS = 12
TAKES = 52, 122


@pytest.fixture
def long_take(tmp_path: Path) -> Path:
    """A shot of two seconds, and after a cut a take that is too long for one job."""

    def panned() -> Iterator[NDArray[np.uint8]]:
        for seed, length in enumerate(TAKES, 1):
            wide = meadow((64 + max(TAKES), 48), seed=seed)
            for number in range(length):
                yield np.ascontiguousarray(wide[:, number : number + 64])

    return filmed(panned(), tmp_path / "take.mp4", fps=25)


def test_killed_film_buys_once(served_alone: Service, character: Path, long_take: Path) -> None:
    """A film that dies at any instant goes on: nothing is bought twice, overlaps included, no shot or frame is lost."""
    paid = dataclasses.replace(served_alone, paid=True)
    with notebook(served_alone, character, long_take, NOTEBOOK.replace("SHIFT", "9")) as undisturbed:
        began = time.monotonic()
        assert undisturbed.wait(60) == 0
        whole = time.monotonic() - began
    chance = random.Random(13)
    for _ in range(KILLS):
        kill_after(chance.uniform(0.0, whole), served_alone, character, long_take, NOTEBOOK.replace("SHIFT", "5"))
    before = bought(served_alone)
    plan = wan.film(character, long_take, service=paid, num_inference_steps=4, overlap=0.5, shift=5)
    assert [one.lead for one in plan.shots] == [0, 0, 12]
    film = plan.run(budget=10)
    for again in (False, True):
        with contextlib.suppress(StillRunning):
            film.result(60)
        for tile in film.tiles:
            if tile.progress.phase is not RunPhase.DONE:
                film.retry(tile.number, again=again)
    clip = film.result(60)
    assert before.items() <= bought(served_alone).items()
    assert {len(ids) for ids in bought(served_alone).values()} == {1}
    assert len(bought(served_alone)) == 6
    assert probe(clip.path).frames == sum(TAKES)
    assert cuts(clip.path) == [TAKES[0]]
