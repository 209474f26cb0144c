"""A film on screen: its shots as they are made, the film once it is joined, and what a person does with a shot."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import wan_notebook as wan
from wan_notebook.client import Service
from wan_notebook.films import join as joining
from wan_notebook.films.film import Film
from wan_notebook.widgets.display.film import film_html
from wan_notebook.widgets.film.film_view import FilmView

from support import engines
from support.services import TimedService
from support.widgets import send_from_browser, until

pytestmark = pytest.mark.slow

BEGINS = [0, 2.2]


@pytest.fixture
def run(character: Path, long: Path) -> Callable[..., Film]:
    """Makes a film of two shots; settings of the second one by name."""

    def running(service: Service, refused: Any = "reference", **second: Any) -> Film:
        plan = wan.film(character, long, service=service, num_inference_steps=4)
        return (plan.change(1, **second) if second else plan).run(refused=refused, budget=float("inf"))

    return running


def joined(view: FilmView) -> Any:
    return until(view.strip, lambda state: state.joined)


def test_joined_film_plays(served: Service, run: Callable[..., Film]) -> None:
    """Each shot stands in the strip with its time and state; the joined film plays, with its shots marked."""
    film = run(served)
    view = film.widget
    state = joined(view)
    assert state.words.startswith("All 2 done")
    assert state.words.endswith("joined")
    assert [(shot.phase, shot.tone, shot.has_clip) for shot in state.shots] == [("Done", "good", True)] * 2
    assert [shot.begin for shot in state.shots] == pytest.approx(BEGINS)
    assert [shot.frames for shot in state.shots] == ["55 → 36", "60 → 39"]
    player = view.player.shown
    assert player.path == str(film.result(60).path)
    assert player.marks == pytest.approx(BEGINS)
    assert player.reference is not None
    assert not player.closable
    assert view is film.widget


def test_first_frames_come_when_asked_for(served: Service, run: Callable[..., Film]) -> None:
    """The picture of a shot is made when a browser asks; one of a shot that is made is its clip's."""
    view = run(served).widget
    (label, other), empty = (shot.picture for shot in joined(view).shots), b""
    pictures = [view.strip.delivery.content(one.id) for one in (label, other)]
    assert [picture[:2] for picture in pictures] == [b"\xff\xd8"] * 2
    assert empty not in pictures
    assert pictures[0] != pictures[1]


def test_shot_is_played_alone(served: Service, run: Callable[..., Film]) -> None:
    """A shot's own clip plays when it is asked for; closed, the film is there again."""
    film = run(served)
    view = film.widget
    joined(view)
    send_from_browser(view.strip, {"type": "play", "number": 1})
    assert view.strip.shown.playing == 1
    assert view.player.shown.path == str(film[1].clip.path)
    assert view.player.shown.title == "Shot 1"
    assert view.player.shown.closable
    send_from_browser(view.player, {"type": "close"})
    assert view.strip.shown.playing is None
    send_from_browser(view.strip, {"type": "play", "number": 0})
    send_from_browser(view.strip, {"type": "film"})
    assert view.player.shown.path == str(film.result(60).path)


def test_shot_is_made_anew(served: Service, run: Callable[..., Film]) -> None:
    """A shot that is made anew with another setting is part of a film of its own, which then plays."""
    film = run(served)
    view = film.widget
    joined(view)
    before = view.player.shown.path
    send_from_browser(view.strip, {"type": "remake", "number": 1, "settings": {"num_inference_steps": 4, "shift": 7}})
    until(view.player, lambda state: state.path not in ("", before))
    assert [tile.clip.settings["shift"] for tile in film.tiles] == [5, 7]
    assert view.player.shown.path == str(film.result(60).path)
    assert view.strip.shown.shots[1].shift == 7


def test_refused_shot_is_told(served: Service, run: Callable[..., Film]) -> None:
    """Where a film waits for a shot that was refused, the strip says so and offers to try again."""
    view = run(served, refused="wait", num_inference_steps=engines.REFUSE).widget
    state = until(view.strip, lambda state: bool(state.trouble))
    assert state.trouble.startswith("The film waits for shot 1: ")
    first, second = state.shots
    assert (first.phase, second.phase, second.tone) == ("Done", "Failed", "bad")
    assert second.can_retry
    assert not first.can_retry
    assert not state.joined


def test_click_buys_at_its_price(served: Service, run: Callable[..., Film]) -> None:
    """On a paid service the price stands beside the button, and a click buys that; a free one says nothing of money."""
    assert joined(run(served).widget).shots[1].price == ""
    fake = TimedService()
    with fake.running() as service:
        view = run(dataclasses.replace(service, paid=True)).widget
        assert joined(view).shots[1].price == "about $0.10"
        before = view.player.shown.path
        anew = {"num_inference_steps": 4, "shift": 2}
        send_from_browser(view.strip, {"type": "remake", "number": 1, "settings": anew})
        until(view.player, lambda state: state.path not in ("", before))
        assert len(fake.submits) == 3


def test_failed_action_is_told(served: Service, run: Callable[..., Film]) -> None:
    """Why an action failed stays on screen, whatever else changes, until the next action."""
    view = run(served).widget
    shown = joined(view)
    send_from_browser(view.strip, {"type": "retry", "number": 0})
    view.strip.render(shown)
    assert view.strip.shown.trouble == "Shot 0 is made already. film.remake(0, …) makes it anew."
    send_from_browser(view.strip, {"type": "play", "number": 0})
    assert view.strip.shown.trouble == ""


def test_joining_goes_on(served: Service, run: Callable[..., Film], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a film cannot be joined, the strip says why, and has a button that joins it."""
    with monkeypatch.context() as patch:
        patch.setattr(joining, "_BYTES_PER_PIXEL", 1e7)
        view = run(served).widget
        state = until(view.strip, lambda state: bool(state.trouble))
    assert "Make room" in state.trouble
    assert state.resume == "Join the film"
    assert 0 < state.fraction < 1
    send_from_browser(view.strip, {"type": "resume"})
    assert joined(view).resume == ""


def test_failed_remake_is_told(served: Service, run: Callable[..., Film]) -> None:
    """Where a shot cannot be made anew, that is said above the shots, and its card and the film are as before."""
    film = run(served)
    view = film.widget
    before = joined(view)
    anew = {"num_inference_steps": engines.REFUSE, "shift": 5}
    send_from_browser(view.strip, {"type": "remake", "number": 1, "settings": anew})
    state = until(view.strip, lambda state: bool(state.trouble))
    assert state.trouble.startswith("Shot 1 could not be made anew, and stays as it was: ")
    assert until(view.strip, lambda state: state.joined).shots == before.shots


def test_saved_film_shows_its_shots(served: Service, run: Callable[..., Film]) -> None:
    """Where no kernel is, a film is the strip's own words, its shots with a first frame each, and how to play it."""
    film = run(served)
    joined(film.widget)
    html = film_html(film)
    assert html.count(film.widget.strip.shown.words) == 1
    assert html.count("<img") == 2
    assert "Run this cell again to play it." in html
