"""Films in the history: each in place of the jobs of its shots."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import wan_notebook as wan
from wan_notebook.client import Service
from wan_notebook.errors import InvalidRequest
from wan_notebook.films.plan import FilmPlan
from wan_notebook.jobs.history import history
from wan_notebook.jobs.journal import Entry, Journal
from wan_notebook.jobs.kept_films import KeptFilm, differences_text, fold
from wan_notebook.widgets.panel.panel import Panel
from wan_notebook.widgets.panel.studio import Studio

from support import engines
from support.widgets import send_from_browser, wait_until


@pytest.fixture
def plan(character: Path, long: Path) -> Callable[[Service], FilmPlan]:
    """Plans a film of three shots, the last of which stays as in the reference."""
    return lambda service: wan.film(character, long, service=service, num_inference_steps=4).leave_out(2)


def film_of(*numbers: int | None, name: str = "film-one", **changes: Any) -> KeptFilm:
    shots = (None if number is None else Entry(number=number, phase="saved", usd=0.25, **changes) for number in numbers)
    return KeptFilm(Path(f"/films/{name}.mp4"), 1_000.0, "hero.png · long.mp4", tuple(shots))


@pytest.mark.slow
def test_film_stands_for_its_jobs(served: Service, plan: Callable[[Service], FilmPlan], performance: Path) -> None:
    """The table has one row for a film, and none for the jobs of its shots, which the history has all the same."""
    clip = plan(served).run().result(60)
    other = wan.submit(clip.character, performance, service=served, num_inference_steps=5).result(30)
    shown = history()
    assert [entry.number for entry in shown] == [3, 2, 1]
    (film,) = shown.films
    assert [entry.clip for entry in fold(shown, shown.films) if isinstance(entry, Entry)] == [other.path]
    assert [shot and shot.number for shot in film.shots] == [1, 2, None]
    page = shown._repr_mimebundle_()["text/html"]
    assert page.count("<tr") == 3
    for words in ("hero.png · long.mp4", "3 shots", "jobs 1, 2", "joined", f'play("{film.name}")'):
        assert words in page
    assert page.count("<img") == 2
    assert shown.play(film.name) == clip
    with pytest.raises(InvalidRequest, match=f"There is no film 'dance'; there are {film.name}"):
        shown.play("dance")
    assert history(num_inference_steps=5).films == ()


@pytest.mark.slow
def test_panel_plays_films_and_shots(served: Service, plan: Callable[[Service], FilmPlan]) -> None:
    """The panel's list and the history's have one card for a film; it plays, and so does each of its shots."""
    film = plan(served).change(1, num_inference_steps=engines.REFUSE).run()
    clip = film.result(60)
    for shows in (Panel(Studio(service=served)), history().widget):
        cards = shows.history_list
        (card,) = cards.state["jobs"]
        assert (card["title"], card["state"]) == ("hero.png · long.mp4", "joined")
        assert card["facts"] == "Move, 480p, 4 steps, shift 5, 3 shots, free"
        assert card["poster"]["type"] == "image/jpeg"
        assert card["shots"] == [{"number": 1, "text": "Shot 0: job 1, free"}]
        assert (cards.state["matching"], cards.state["known"]) == (1, 2)
        send_from_browser(cards, {"type": "play", "film": card["film"]})
        wait_until(shows.player, lambda state: state["path"] == str(clip.path))
        send_from_browser(cards, {"type": "play", "number": 1})
        wait_until(shows.player, lambda state: state["path"] == str(film[0].clip.path))  # type: ignore[union-attr]
        send_from_browser(cards, {"type": "filter", "text": "", "state": "refused", "mode": ""})
        assert [(one["number"], one["film"]) for one in cards.state["jobs"]] == [(2, "")]


@pytest.mark.slow
def test_film_card_acts(served: Service, plan: Callable[[Service], FilmPlan], performance: Path) -> None:
    """A film's card plays it beside another clip, sets what made it again, and deletes it, but not its shots."""
    clip = plan(served).change(0, shift=9).run().result(60)
    other = wan.submit(clip.character, performance, service=served, num_inference_steps=5).result(30)
    name = clip.path.stem
    for shows in (Panel(Studio(service=served)), history().widget):
        cards = shows.history_list
        chosen = [{"film": name}, {"number": 3}]
        send_from_browser(cards, {"type": "compare", "chosen": chosen})
        shown = wait_until(shows.player, lambda state: state["beside"] == "job 3")
        assert (shown["path"], shown["called"]) == (str(clip.path), f"film {name.removeprefix('film-')}")
        assert shown["facts"]
    panel = Panel(Studio(service=served))
    send_from_browser(panel.history_list, {"type": "use", "film": name})
    wait_until(panel.video_picker, lambda state: "long.mp4" in str(state["file"]))
    assert panel.studio.num_inference_steps == 4
    panel.studio.num_inference_steps = 8
    send_from_browser(panel.history_list, {"type": "restore", "film": name})
    wait_until(panel.settings_form, lambda state: state["values"]["num_inference_steps"] == 4)
    send_from_browser(panel.history_list, {"type": "delete", "film": name})
    state = wait_until(panel.history_list, lambda state: len(state["jobs"]) == 3)
    assert [job["film"] for job in state["jobs"]] == ["", "", ""]
    assert not clip.path.exists()
    assert other.path.exists()
    assert all(entry.clip is not None and entry.clip.is_file() for entry in history())
    again = plan(served).change(0, shift=9).run().result(60)
    with pytest.raises(InvalidRequest, match="There is no film"):
        history().delete("film-none")
    assert history().delete(again.path.stem).films == ()


@pytest.mark.slow
def test_remade_film_tells_what_is_new(served: Service, plan: Callable[[Service], FilmPlan]) -> None:
    """Of two films that differ in a shot the later one says in which, and with what: so do its card and its row."""
    film = plan(served).run()
    film.result(60)
    film.remake(1, shift=7)
    film.result(60)
    shown = history()
    assert [film.differences for film in shown.films] == ["other than before: shot 1 (shift 7)", ""]
    cards = shown.widget.history_list.state["jobs"]
    assert [card["differences"] for card in cards] == ["other than before: shot 1 (shift 7)", ""]
    assert "3 shots, other than before: shot 1 (shift 7)" in shown._repr_mimebundle_()["text/html"]


def test_only_kin_of_a_film_is_compared() -> None:
    """Shots that were made once more with the same, or not at all, are others; without a shot in common nothing is."""
    before = film_of(1, 2, None, name="before")
    assert differences_text(film_of(1, 3, None), [before]) == "other than before: shot 1"
    assert differences_text(film_of(1, 3, 4), [before]) == "other than before: shot 1, shot 2"
    assert differences_text(film_of(1, None, None), [before]) == "other than before: shot 1 (not made)"
    assert differences_text(film_of(3, 4, None), [before]) == ""
    assert differences_text(film_of(1, 3), [before]) == ""


@pytest.mark.slow
def test_reference_is_offered_whole(served: Service, plan: Callable[[Service], FilmPlan], long: Path) -> None:
    """After a film the panel offers its reference and its picture once each, and no piece of it or clip of a shot."""
    film = plan(served).run()
    clip = film.result(60)
    film.remake(1, shift=7)
    film.result(60)
    panel = Panel(Studio(service=served))
    assert panel.video_picker.state["earlier"] == [{"key": str(long), "label": "long.mp4"}]
    assert panel.image_picker.state["earlier"] == [{"key": str(clip.character), "label": "hero.png"}]


@pytest.mark.slow
def test_damaged_film_hides_no_job(served: Service, plan: Callable[[Service], FilmPlan]) -> None:
    """Where what stands beside a film cannot be read, or it is deleted, its jobs stand for themselves."""
    clip = plan(served).run().result(60)
    sidecar = clip.path.with_suffix(".json")
    whole = sidecar.read_text()
    for broken in ("{", "[]", whole.replace('"shots"', '"spots"')):
        sidecar.write_text(broken)
        assert history().films == ()
        assert "jobs 1, 2" not in history()._repr_mimebundle_()["text/html"]
    sidecar.write_text(whole)
    assert len(history().films) == 1
    clip.path.unlink()
    assert history().films == ()
    assert len(Journal().entries()) == 2


def test_films_stand_where_their_newest_job_did() -> None:
    """Two films that share jobs stand one after the other, and other jobs keep their places."""
    jobs = [Entry(number=number) for number in (9, 4, 3, 2, 1)]
    remade, first = film_of(1, 4, name="film-two"), film_of(1, 3)
    assert fold(jobs, [remade, first]) == [jobs[0], remade, first, jobs[3]]
    assert fold(jobs, []) == jobs


def test_a_film_costs_what_its_jobs_did() -> None:
    """A job that two shots share is paid once; shots without a job cost nothing."""
    assert (film_of(1, 2, 1, None).shots_text, film_of(1, 2, 1, None).price_text) == ("4 shots", "$0.50")
    assert film_of(1, paid=False).price_text == "free"
