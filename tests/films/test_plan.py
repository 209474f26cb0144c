"""The plan of a film: its shots with their price, what a person may change, and that nothing is sent before run()."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wan_notebook as wan
from wan_notebook.client import Service
from wan_notebook.errors import InvalidRequest, MediaError, OverBudget, WanError
from wan_notebook.films.plan import FilmPlan, plan_film
from wan_notebook.films.shots import Shot
from wan_notebook.films.summary import ShotLine, listed, shot_lines

from support import films
from support.media import filmed, with_broken_end
from support.services import PAID, TimedService


@pytest.fixture
def plan(character: Path, long: Path) -> Callable[..., FilmPlan]:
    """Plans a film of three shots."""
    return lambda service=PAID, **fields: wan.film(character, long, service=service, **fields)


def begins(plan: FilmPlan) -> list[int]:
    return [one.shot.begin for one in plan.shots]


def test_plan_tells_shots_and_price(plan: Callable[..., FilmPlan]) -> None:
    """A plan prints a line for each shot, the price with its basis, what fewer frames save, and the call to run it."""
    told = str(plan())
    assert told.startswith("3 shots, 7 s, about $0.27, about ")
    assert "0:02.2–0:04.6" in told
    assert "60 → 39 frames  about $0.10" in told
    assert "Price: about $0.27 (109 frames, 480p, upstream's public price)." in told
    assert "At 16 in place of 25 frames per second it costs about $0.27 in place of about $0.42." in told
    assert "fps=12 would cost about $0.20." in told
    assert "3 at once; of it about 5 s to join the shots here)." in told
    assert told.endswith("plan.run(budget=0.30)")


def test_plan_names_flashes(character: Path, tmp_path: Path) -> None:
    """A flash of light divides nothing and is named with its time; a lamp that goes down for good is no flash."""
    scenes = (films.Scene("theo", "hello", 60, lamp=30), films.Scene("noor", "hello", 55, 46, flashes=(20,)))
    plan = wan.film(character, films.film(tmp_path / "party.mp4", scenes, size=(96, 128)), service=PAID)
    assert begins(plan) == [0, *films.cuts(scenes)]
    assert [line.notes for line in shot_lines(plan)] == [(), ("Light flashes at 0:03.2.",)]


def test_plan_tells_of_a_broken_end(character: Path, tmp_path: Path) -> None:
    """Of a reference that ends in the middle of a frame the plan tells how many frames are lost, and plans the rest."""
    noise = np.random.default_rng(1)
    whole = filmed((noise.integers(0, 255, (48, 64, 3), np.uint8) for _ in range(70)), tmp_path / "whole.mp4", fps=25)
    broken = with_broken_end(whole, tmp_path / "broken.mp4")
    plan = wan.film(character, broken, service=wan.Service.embedded())
    lost = 70 - len(plan.footage.times)
    assert lost > 0
    assert f"The reference is damaged at {lost} frame" in str(plan)


def test_long_plan_is_short() -> None:
    """A printed plan of hundreds of shots lists its ends, and in the middle those of which something is to be noted."""
    lines = [ShotLine(number, "0:00.0–0:02.0", "50", "free", ("Short.",) * (number == 77)) for number in range(400)]
    told = list(listed(lines))
    assert len(told) == 43
    assert told[19:21] == [str(lines[19]), "  …  20–76: nothing to note"]
    assert told[21:23] == [str(lines[77]), "  …  78–379: nothing to note"]
    assert list(listed(lines[:60])) == list(map(str, lines[:60]))


def test_plan_shows_each_shot(plan: Callable[..., FilmPlan], character: Path) -> None:
    """As the last line of a cell a plan is a table with a picture for each shot, also of one that is left out."""
    shown = plan().leave_out(1).change(2, image=character, shift=7)._repr_mimebundle_()["text/html"]
    assert shown.count("<img") == 3
    assert "as in the reference" in shown
    assert "With hero.png." in shown
    assert "shift 7" in shown


def test_nothing_is_sent_by_planning(plan: Callable[..., FilmPlan]) -> None:
    """Planning, changing and showing a film submits nothing."""
    fake = TimedService()
    with fake.running() as service:
        str(plan(service).leave_out(0).change(1, shift=3))
    assert fake.submits == []


def test_nothing_is_bought_for_another_reference(served: Service, character: Path, long: Path) -> None:
    """Where the reference was overwritten since it was planned, run() says so before anything is sent."""
    plan = wan.film(character, long, service=served)
    long.write_bytes(long.read_bytes() + b"0")
    with pytest.raises(MediaError, match=r"long\.mp4 has changed since it was chosen"):
        plan.run()
    assert list(wan.history()) == []


def test_budget_tells_what_it_buys(plan: Callable[..., FilmPlan]) -> None:
    """A budget that covers half is refused with the shots it would buy, and that call asks for just those."""
    with pytest.raises(OverBudget) as refused:
        plan().run(budget=0.2)
    assert "$0.20 buys shots 0–1; nothing was sent." in str(refused.value)
    assert "plan.leave_out(2).run(budget=0.2)" in str(refused.value)
    assert plan().leave_out(2).usd == pytest.approx(0.1875)
    with pytest.raises(OverBudget, match=r"buys shot 0; nothing was sent\."):
        plan().run(budget=0.13)
    with pytest.raises(OverBudget, match="buys none of its shots"):
        plan().run(budget=0.01)
    with pytest.raises(InvalidRequest, match=r'budget is -1, .* or float\("inf"\) for no limit'):
        plan().run(budget=-1)
    with pytest.raises(OverBudget, match="Say what may be spent"):
        plan().run()


def test_cuts_are_moved_added_removed(plan: Callable[..., FilmPlan]) -> None:
    """A person moves, adds and removes cuts; each gives a new plan, and what a shot was to be stays with it."""
    first = plan(fps=None).change(1, shift=7)
    assert begins(first) == [0, 55, 115]
    assert begins(first.move_cut(55, 50)) == [0, 50, 115]
    assert begins(first.move_cut(55, 60)) == [0, 60, 115]
    added = first.add_cut(80)
    assert begins(added) == [0, 55, 80, 115]
    assert [one.choices.get("shift") for one in added.shots] == [None, 7, 7, None]
    assert [one.order.request.shift for one in added.shots if one.order] == [5, 7, 7, 5]
    removed = added.remove_cut(115)
    assert begins(removed) == [0, 55, 80]
    assert removed.shots[2].shot == Shot(80, 167, 3.2, removed.footage.stop, "cut", (115,))
    assert begins(first) == [0, 55, 115]
    assert first.move_cut(55, 50).shots[0].order.video.frames == 50  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "change",
    [
        lambda plan: plan.add_cut(55),
        lambda plan: plan.add_cut(1000),
        lambda plan: plan.remove_cut(0),
        lambda plan: plan.remove_cut(56),
        lambda plan: plan.move_cut(55, 130),
        lambda plan: plan.move_cut(55, -1),
        lambda plan: plan.leave_out(3),
        lambda plan: plan.change(0, shift=99),
        lambda plan: plan.change(0, shoft=3),
        lambda plan: plan.run(refused="perhaps"),
    ],
)
def test_wrong_change_is_refused(plan: Callable[..., FilmPlan], change: Callable[[FilmPlan], Any]) -> None:
    """A change that makes no sense is refused in words."""
    with pytest.raises(InvalidRequest):
        change(plan())


def test_wrong_inputs_are_refused(character: Path, long: Path) -> None:
    """An address cannot be cut, and a rate that is none is refused."""
    with pytest.raises(MediaError, match="Download it"):
        wan.film(character, "https://example.com/long.mp4", service=PAID)
    with pytest.raises(InvalidRequest, match="fps"):
        wan.film(character, long, service=PAID, fps=0)
    cut_short = long.with_name("cut.mp4")
    cut_short.write_bytes(long.read_bytes()[:-5000])
    with pytest.raises(MediaError, match=r"cut\.mp4"):
        wan.film(character, cut_short, service=PAID)


def test_wrong_setting_before_reading(character: Path) -> None:
    """A misspelled or impossible setting is told before the reference is looked at."""
    for wrong in ({"shoft": 3}, {"shift": 99}, {"image_url": "x"}, {"overlap": 5}, {"fps": 0}):
        with pytest.raises(InvalidRequest):
            wan.film(character, "nowhere.mp4", service=PAID, **wrong)  # type: ignore[arg-type]


def test_planning_tells_how_far_it_is(character: Path, long: Path) -> None:
    """Planning tells what it does and how far it is, ends where that is refused, and begins anew with nothing lost."""
    told: list[tuple[float, str]] = []

    def report(share: float, what: str) -> None:
        told.append((share, what))
        if len(told) == 100:
            raise WanError("Ended.")

    with pytest.raises(WanError, match="Ended"):
        plan_film(character, long, service=PAID, on_progress=report)
    plan = plan_film(character, long, service=PAID, on_progress=report)
    shares = [share for share, _ in told[100:]]
    assert len(plan.shots) == 3
    assert shares == sorted(shares)
    assert shares[-1] < 1
    assert list(dict.fromkeys(what for _, what in told[100:])) == ["Finding the cuts", "Cutting out the shots"]


def test_one_shot_has_own_settings(plan: Callable[..., FilmPlan], tmp_path: Path) -> None:
    """A shot has another character or mode than the rest of the film."""
    other = tmp_path / "villain.png"
    other.write_bytes((tmp_path / "hero.png").read_bytes() + b"\0")
    changed = plan().change(1, image=other, model="replace")
    assert [one.order.request.model.rpartition("-")[2] for one in changed.shots if one.order] == [
        "move",
        "replace",
        "move",
    ]
    assert [one.order.image.name for one in changed.shots if one.order] == ["hero.png", "villain.png", "hero.png"]


def test_done_shots_cost_nothing(served: Service, plan: Callable[..., FilmPlan]) -> None:
    """Shots that were made before are told as done, and cost nothing more, although the others are new."""
    plan(served, num_inference_steps=4).leave_out(0).run().result(60)
    paid = dataclasses.replace(served, paid=True)
    again = plan(paid, num_inference_steps=4)
    assert "2 already done" in str(again)
    assert again.usd == pytest.approx(again.shots[0].order.estimate.usd)  # type: ignore[union-attr]


def test_notices_name_the_shot(plan: Callable[..., FilmPlan], capsys: pytest.CaptureFixture[str]) -> None:
    """Before a service is paid, what is noticed about shots is told under their numbers; checks=False tells nothing."""
    fake = TimedService()
    with fake.running() as service:
        paid = dataclasses.replace(service, paid=True)
        plan(paid).leave_out(1).run(budget=1).result(60)
        told = " ".join(capsys.readouterr().err.split())
        plan(paid, shift=3).leave_out(1).run(budget=1, checks=False).result(60)
        assert "notices" not in capsys.readouterr().err
    assert "notices about the inputs" in told
    assert "Shots 0, 2: " in told, told


@pytest.mark.slow
def test_four_hundred_cuts(character: Path, tmp_path: Path) -> None:
    """A reference with four hundred cuts is planned: each is found, short shots are joined, and no frame is lost."""
    scenes = [
        films.Scene(person, "hello", 12, start=7 * number % 60)
        for number, person in enumerate(["theo", "ada", "noor", "pip"] * 101)
    ][:401]
    path = films.film(tmp_path / "many.mp4", scenes, fps=25, size=(48, 64))
    plan = wan.film(character, path, service=PAID)
    cuts = [cut for one in plan.shots for cut in one.shot.cuts] + begins(plan)[1:]
    assert sorted(cuts) == films.cuts(scenes)
    assert all(2 <= one.shot.seconds < 4.82 for one in plan.shots)
    assert sum(one.shot.frames for one in plan.shots) == 401 * 12
