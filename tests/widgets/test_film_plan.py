"""The plan of a film in the panel: it is what stands on screen, at its price, or it is not made."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest

import wan_notebook as wan
from wan_notebook.client import Service
from wan_notebook.client.prices import remember_price
from wan_notebook.jobs.journal import Journal
from wan_notebook.media import samples
from wan_notebook.media.preparation import Preparation
from wan_notebook.model.cost import Price
from wan_notebook.runtime.keys import Key
from wan_notebook.widgets.panel.film import FilmInputs

from support.media import filmed, meadow
from support.services import MODEL, PAID
from support.widgets import send_from_browser, until

pytestmark = pytest.mark.slow

CHANGED = "Something was changed since this price was shown: look at it, and click again."


def panel_with(character: Path, video: Path, **chosen: Any) -> wan.Panel:
    """A panel in which both inputs are chosen."""
    studio = wan.Studio(**chosen)
    studio.choose_image(character)
    studio.choose_video(video)
    return wan.Panel(studio)


def planned(panel: wan.Panel) -> Any:
    """Wait until the film that is planned can be made, and return the strip's state."""
    return until(panel.film_strip, lambda state: bool(state.shots) and not state.planning)


def plan_film(panel: wan.Panel) -> Any:
    """Click on the offer of a film, and return the strip's state with its plan."""
    send_from_browser(panel.generate_bar, {"type": "film"})
    return planned(panel)


def make(panel: wan.Panel, plan: Any) -> None:
    """Click on the button of a plan as it was on screen."""
    send_from_browser(panel.film_strip, {"type": "make", "plan": plan.plan})


def test_panel_offers_a_film(served: Service, character: Path, long: Path) -> None:
    """Where a reference has cuts, the panel offers to make it shot by shot, shows the plan, and plays the film."""
    panel = panel_with(character, long, service=served, num_inference_steps=4)
    bar = until(panel.generate_bar, lambda state: any(caution.film for caution in state.warnings))
    assert [caution.topic for caution in bar.warnings if caution.film] == ["cuts"]
    assert not panel.film_strip.shown.shots
    plan = plan_film(panel)
    assert plan.offer == "Make the film"
    assert [shot.phase for shot in plan.shots] == ["free", "free"]
    assert plan.words.startswith("2 shots")
    make(panel, plan)
    made = until(panel.film_strip, lambda state: state.joined)
    assert made.offer == ""
    assert panel.player.shown.marks == pytest.approx([0, 2.2])
    assert made.closable
    until(panel.history_list, lambda state: [card.state for card in state.jobs] == ["joined"])
    send_from_browser(panel.film_strip, {"type": "close"})
    assert panel.film_strip.shown.shots == ()


def test_plan_names_its_price(character: Path, long: Path) -> None:
    """On a paid service the price stands on the button, and that is what may be spent."""
    panel = panel_with(character, long, service=PAID)
    assert plan_film(panel).offer == "Make the film for about $0.19"


def test_overlap_is_chosen_in_a_plan(character: Path, take: Path) -> None:
    """A plan with seams inside takes offers to hide them, with the price; chosen, the film is planned so."""
    panel = panel_with(character, take, service=PAID)
    plain = plan_film(panel)
    assert plain.overlap == "Hide 2 seams inside takes by an overlap of 0.5 s, about $0.04 more"
    assert not plain.overlapping
    send_from_browser(panel.film_strip, {"type": "overlap", "on": True})
    chosen = until(panel.film_strip, lambda state: state.overlapping)
    assert chosen.offer > plain.offer
    send_from_browser(panel.film_strip, {"type": "overlap", "on": False})
    again = planned(panel)
    assert (again.overlapping, again.offer) == (False, plain.offer)


def test_planning_is_shown_and_ended(character: Path, take: Path) -> None:
    """While a film is planned the strip says how far that is; it can be ended, and then nothing is left of it."""
    panel = panel_with(character, take, service=PAID)
    seen: list[str] = []

    def stop_halfway(_change: Any) -> None:
        state = panel.film_strip.shown
        if state.planning:
            seen.append(state.words)
            if state.fraction > 0.3:
                send_from_browser(panel.film_strip, {"type": "stop"})

    panel.film_strip.observe(stop_halfway, "state")
    send_from_browser(panel.generate_bar, {"type": "film"})
    until(panel.film_strip, lambda state: bool(seen) and not state.planning)
    assert panel.film_strip.shown.shots == ()
    assert "Planning the film: finding the cuts" in seen
    assert panel.studio.error == ""


CHANGES: dict[str, Any] = {
    "service": PAID,
    "a key": dataclasses.replace(PAID, key=Key("sk-1")),
    "model": "replace",
    "resolution": "580p",
    "num_inference_steps": 7,
    "shift": 9,
    "video_quality": "low",
    "video_write_mode": "small",
    "enable_safety_checker": False,
    "image": samples.character,
    "video": samples.reference,
    "prepare_image": Preparation(aspect=1.0),
    "trim": Preparation(end=3.0),
    "crop": Preparation(aspect=1.0),
    "sound": Preparation(sound=False),
    "points": ((10, 10), (20, 10), (15, 20)),
}
"""Another value for each input of a plan."""
TRAITS = {"a key": "service", **dict.fromkeys(("trim", "crop", "sound"), "prepare_video")}


@pytest.mark.parametrize("changed", CHANGES)
def test_plan_follows_each_choice(served: Service, character: Path, long: Path, changed: str) -> None:
    """Whatever is chosen otherwise, the plan before is no longer there to be made, and another one is made at once."""
    panel = panel_with(character, long, service=PAID if changed == "a key" else served)
    before, value = plan_film(panel), CHANGES[changed]
    waiting: list[bool] = []
    panel.film_strip.observe(lambda _change: waiting.append(panel.film_strip.shown.planning), "state")
    setattr(panel.studio, TRAITS.get(changed, changed), value() if callable(value) else value)
    assert waiting[:1] == [True]
    make(panel, before)
    assert panel.film_strip.shown.trouble == CHANGED
    assert planned(panel).plan > before.plan
    make(panel, before)
    assert panel.film_strip.shown.trouble == CHANGED
    assert Journal().entries() == []


def test_same_choice_keeps_plan(served: Service, character: Path, long: Path) -> None:
    """What a film chooses itself, and whatever else happens in the panel, leaves its plan as it is."""
    panel = panel_with(character, long, service=served)
    before = plan_film(panel)
    panel.studio.prepare_video = Preparation(fps=16, short_side=480)
    panel.studio.shift = panel.studio.shift
    panel.studio.error = "Some other thing went wrong."
    panel.render()
    assert panel.film_strip.shown is before


def test_film_is_made_as_shown(served: Service, character: Path, long: Path) -> None:
    """A film that was planned at a price, and then for a free service with other settings, is made there with those."""
    panel = panel_with(character, long, service=PAID, num_inference_steps=4)
    assert "$" in plan_film(panel).offer
    panel.studio.service = served
    panel.studio.resolution, panel.studio.shift = "580p", 9
    plan = planned(panel)
    assert plan.offer == "Make the film"
    make(panel, plan)
    make(panel, plan)
    until(panel.film_strip, lambda state: state.joined)
    made = Journal().entries()
    assert [(entry.settings["resolution"], entry.settings["shift"]) for entry in made] == [("580p", 9)] * 2
    assert all(entry.is_of(served.base_url) for entry in made)


def test_crop_is_part_of_the_film(served: Service, character: Path, long: Path) -> None:
    """A reference that is cropped on screen is cropped in the film, which chooses its rate and its size itself."""
    studio = panel_with(character, long, service=served).studio
    studio.prepare_video = Preparation(aspect=1.0, fps=16, short_side=64)
    inputs = FilmInputs.of(studio)
    assert inputs is not None
    reference = inputs.plan(0.0, lambda _share, _what: None).video
    assert (reference.width, reference.height, reference.fps) == (48, 48, 25)


def test_film_stays_as_it_was_bought(served: Service, character: Path, long: Path) -> None:
    """A film that is being made, or is made, stays on screen whatever is chosen then."""
    panel = panel_with(character, long, service=served, num_inference_steps=4)
    make(panel, plan_film(panel))
    panel.studio.shift = 7
    state = until(panel.film_strip, lambda state: state.joined)
    panel.studio.shift = 8
    assert panel.film_strip.shown is state
    assert [entry.settings["shift"] for entry in Journal().entries()] == [5, 5]


def test_overlap_outlives_a_setting(character: Path, take: Path) -> None:
    """What was chosen in the plan itself stays chosen where the plan follows another setting."""
    panel = panel_with(character, take, service=PAID)
    plan_film(panel)
    send_from_browser(panel.film_strip, {"type": "overlap", "on": True})
    before = until(panel.film_strip, lambda state: state.overlapping)
    panel.studio.resolution = "720p"
    after = planned(panel)
    assert after.overlapping
    assert after.offer > before.offer


def test_plan_waits_for_inputs(served: Service, character: Path, long: Path) -> None:
    """Without a picture there is nothing to make; with one again there is, and closed, nothing comes back."""
    panel = panel_with(character, long, service=served)
    before = plan_film(panel)
    panel.studio.image = None
    state = panel.film_strip.shown
    assert state.words == "Choose a picture and a video, and the film is planned anew."
    assert state.planning
    make(panel, before)
    assert panel.film_strip.shown.trouble == CHANGED
    panel.studio.image = character
    planned(panel)
    send_from_browser(panel.film_strip, {"type": "close"})
    panel.studio.shift = 7
    assert panel.film_strip.shown.words == ""


def test_plan_follows_the_price(character: Path, long: Path) -> None:
    """Where the service's own price comes to be known after a plan, the plan has that."""
    service = dataclasses.replace(PAID, base_url="http://127.0.0.1:10")
    remember_price(service, MODEL, None)
    panel = panel_with(character, long, service=service)
    before = plan_film(panel)
    remember_price(service, MODEL, Price({"480p": 1.0, "580p": 1.0, "720p": 1.0}, "a new price"))
    make(panel, before)
    assert panel.film_strip.shown.trouble == CHANGED
    panel.render()
    assert planned(panel).offer != before.offer


def test_limit_of_a_job_holds(character: Path, long: Path) -> None:
    """A film whose shots cost more than a job may cost is not made, and its plan stays."""
    panel = panel_with(character, long, service=PAID)
    panel.studio.budget = 0.01
    plan = plan_film(panel)
    make(panel, plan)
    assert "the budget is $0.01" in panel.film_strip.shown.trouble
    assert Journal().entries() == []
    assert planned(panel).plan == plan.plan


def test_film_is_offered_once(served: Service, character: Path, tmp_path: Path) -> None:
    """Where cuts and length both speak for a film, one button begins it."""
    pictures = (meadow((64, 48), seed=seed) for seed in (1, 2) for _ in range(200))
    panel = panel_with(character, filmed(pictures, tmp_path / "both.mp4", fps=25), service=served)
    topics = {"cuts", "length"}
    state = until(panel.generate_bar, lambda state: topics <= {caution.topic for caution in state.warnings})
    assert [caution.film for caution in state.warnings if caution.topic in topics] == [True, False]
