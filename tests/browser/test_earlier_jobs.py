"""Jobs that outlive the page which shows them, or the kernel which began them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import expect

from wan_notebook.client import Service

from .front_ends import FrontEnd
from .panel_page import MAKING, PanelPage
from support import engines

pytestmark = pytest.mark.parametrize("front_end_name", ["colab"], indirect=True)

BEGIN = """
import threading
import wan_notebook as wan
from wan_notebook import media
paid = wan.Service.at({url!r}, "token", paid=True)
hero, dance = wan.samples.character(), wan.samples.reference(seconds=1, fps=16)
studio = wan.Studio(image=media.picture(hero), video=media.video(dance), service=paid)
"""
LEAVE = f"""
for shift in (2, 3):
    asked = dict(service=paid, num_inference_steps={engines.HANG}, shift=shift)
    run, taken = wan.submit(hero, dance, **asked), threading.Event()
    run.observe(lambda progress, taken=taken: progress.job and taken.set())
    assert taken.wait(30)
"""
"""Two jobs that never end by themselves."""
SHOW = "display(wan.Panel(studio))"
FILM = """
import numpy as np
free = wan.Service.at({url!r}, "token", paid=False)
brighter = np.tile(np.arange(64, 192, 4, np.uint8)[:, None, None, None], (1, 48, 64, 3))
wan.film(hero, media.video(brighter, fps=8), service=free, num_inference_steps=4).add_cut(16).run().result()
display(wan.history())
"""


@pytest.fixture
def begin(served_alone: Service) -> str:
    """A cell which knows the service and what is asked of it."""
    return BEGIN.format(url=served_alone.base_url)


@pytest.fixture
def later(front_end: FrontEnd, begin: str) -> Iterator[PanelPage]:
    """A panel in a new kernel, after the one before ended while two of its jobs ran."""
    with closing(front_end.open([begin, LEAVE])) as before:
        before.run_cell(0)
        before.run_cell(1)
    with closing(front_end.open([begin, SHOW])) as opened:
        opened.run_cell(0)
        opened.run_cell(1)
        yield PanelPage(opened)


def test_earlier_jobs_are_offered(later: PanelPage) -> None:
    """A new kernel offers to watch what the one before left running; while one is watched, no other is offered."""
    before = later.root.get_by_role("group", name="Earlier jobs still to come")
    expect(before).to_contain_text("2 earlier jobs are still to come")
    before.get_by_role("button", name="Watch").first.click()
    expect(later.phase).to_have_text(re.compile("Queued|Generating"), timeout=MAKING)
    expect(before.get_by_role("button")).to_have_count(0)
    expect(before).to_contain_text("A job begun on")
    expect(before).not_to_contain_text("2 earlier")
    expect(later.generate).to_be_disabled()
    later.root.get_by_role("button", name="Stop watching").click()
    expect(later.phase).to_have_text("Stopped")
    expect(before.get_by_role("button", name="Watch")).to_have_count(2)


def test_reload_goes_on_watching(front_end: FrontEnd, begin: str) -> None:
    """A reload while a job runs shows the same job, and nothing is sent a second time."""
    with closing(front_end.open([begin, SHOW, f"studio.num_inference_steps = {engines.HANG}"])) as opened:
        for cell in (0, 2, 1):
            opened.run_cell(cell)
        panel = PanelPage(opened)
        panel.generate.click()
        expect(panel.phase).to_have_text("Generating", timeout=MAKING)
        job, known = panel.status.locator("code").inner_text(), panel.history.get_by_role("listitem").count()
        opened.reload()
        expect(panel.phase).to_have_text("Generating", timeout=MAKING)
        expect(panel.status.locator("code")).to_have_text(job)
        expect(panel.generate).to_be_disabled()
        expect(panel.history.get_by_role("listitem")).to_have_count(known)


def test_film_is_one_card(front_end: FrontEnd, begin: str, served_alone: Service) -> None:
    """A film is one card with its shots folded away; a press plays the film, or one of them."""
    with closing(front_end.open([begin, FILM.format(url=served_alone.base_url)])) as opened:
        opened.run_cell(0)
        opened.run_cell(1)
        shown = opened.widget(".wan-history-view")
        film = shown.get_by_role("listitem").filter(has_text="Film: joined")
        expect(film).to_contain_text("2 shots, free", timeout=MAKING)
        expect(shown).to_contain_text(re.compile("earlier (film|jobs and films)"))
        player = shown.locator(".wan-player")
        film.get_by_role("button", name="Play film ada.png").click()
        expect(player).to_contain_text("ada.png")
        shot = film.get_by_role("button", name="Play Shot 1: job ")
        expect(shot).to_be_hidden()
        film.get_by_text("Shots", exact=True).click()
        shot.click()
        expect(player).to_contain_text("reference: from 2 s on")
