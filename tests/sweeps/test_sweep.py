"""What a sweep will do, said before anything is sent."""

import asyncio
import dataclasses
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import wan_notebook as wan
from wan_notebook.client import Service
from wan_notebook.client.prices import remember_price
from wan_notebook.errors import InvalidRequest, MediaError, OverBudget
from wan_notebook.jobs.journal import Journal
from wan_notebook.model.family import MOVE
from wan_notebook.model.job import COMPLETED, Job
from wan_notebook.runtime import event_loop
from wan_notebook.runtime.cluster import Cluster
from wan_notebook.runtime.task import Task
from wan_notebook.sweeps import Plan
from wan_notebook.sweeps.plan import estimate_time

from support.media import drifting, filmed
from support.services import PAID, Reply, ScriptedService, on_a_port
from support.workers import notebook_pool

"""Nobody listens there: what is sent all the same fails."""

Planner = Callable[..., Plan]


@pytest.fixture
def planned(character: Path, performance: Path) -> Planner:
    """Plans a sweep of the small picture and the small video on the paid service."""

    def planned(image: Any = character, video: Any = performance, **how: Any) -> Plan:
        return wan.sweep(image, video, **{"service": PAID, **how})

    return planned


def finished(plan: Plan, number: int, clip: Path, seconds: float = 60) -> None:
    """Write a cell's job into the journal as done."""
    order, journal = plan.jobs[number].order, Journal()
    entry = journal.begin(
        order.request, service=order.service, image=order.image, video=order.video, estimate=order.estimate
    )
    job = Job(id=f"job-{number}", status=COMPLETED, submitted_at=1000, finished_at=1000 + seconds)
    entry = journal.seen(entry, Job(id=f"job-{number}", status="generating", submitted_at=1000))
    journal.saved(journal.seen(entry, job), job, clip)


def test_plan_says_its_cost(planned: Planner, performance: Path) -> None:
    """In one line: cells, what is done already, price and time of the rest."""
    plan = planned(num_inference_steps=[10, 20, 30], shift="3-9 (+3)")
    assert str(plan) == "9 cells, about $0.23, about 4 min"
    for number in (0, 1):
        finished(plan, number, performance)
    later = planned(num_inference_steps=[10, 20, 30], shift="3-9 (+3)")
    assert str(later) == "9 cells, 2 already done, about $0.18, about 3 min"
    assert repr(later) == f"Plan({later})"


def test_a_plan_is_a_table(planned: Planner) -> None:
    """As the last line of a cell it shows axes, price and time with what they rest on, and how to go on."""
    html = planned(num_inference_steps=[10, 20, 30], shift=[3, 5])._repr_mimebundle_()["text/html"]
    for words in ("Steps", "10, 20, 30", "the longest axis", "about $0.15", "10 frames, 480p", "a broad guess"):
        assert words in html
    assert "plan.run(budget=0.15)" in html


def test_plan_escapes_foreign_text(planned: Planner, character: Path) -> None:
    """The name of a file is shown as it is and runs nothing."""
    odd = character.with_name("<b>&.png")
    odd.write_bytes(wan.samples.character().read_bytes())
    html = planned([character, odd])._repr_mimebundle_()["text/html"]
    assert "&lt;b&gt;&amp;.png" in html
    assert "<b>&" not in html


def test_nothing_is_sent_before_run(planned: Planner) -> None:
    """Planning writes nothing into the journal, and asks nobody to make anything."""
    planned(shift=[3, 5])
    assert Journal().entries() == []


def test_each_input_is_read_once(planned: Planner, character: Path) -> None:
    """However many cells there are, a picture is read a single time."""

    class Counted(io.BytesIO):
        reads = 0

        def seek(self, *place: int) -> int:
            type(self).reads += 1
            return super().seek(*place)

    plan = planned(Counted(character.read_bytes()), shift="1-10 (+0.5)", num_inference_steps="2-40")
    assert (len(plan.cells), Counted.reads) == (741, 1)


def test_paid_sweep_needs_a_budget(planned: Planner) -> None:
    """Without one nothing is sent, and the message has the price and the line that says yes."""
    with pytest.raises(OverBudget, match=r"2 jobs would cost about \$0\.05.*plan\.run\(budget=0\.05\)"):
        planned(shift=[3, 5]).run()
    assert Journal().entries() == []


def test_small_budget_is_refused(planned: Planner) -> None:
    """Price and budget stand in the message, and nothing was sent."""
    with pytest.raises(OverBudget, match=r"\$0\.05.*\$0\.04"):
        planned(shift=[3, 5]).run(budget=0.04)
    assert Journal().entries() == []


def test_unknown_price_accepted_explicitly(planned: Planner) -> None:
    """A reference that is an address has no price, so that no finite budget can be kept."""
    plan = planned(video="https://example.org/dance.mp4")
    assert "price unknown" in str(plan)
    with pytest.raises(OverBudget, match="float"):
        plan.run()
    with pytest.raises(OverBudget, match="not known"):
        plan.run(budget=5)


def test_what_is_done_costs_nothing(planned: Planner, performance: Path) -> None:
    """A sweep whose cells are all done runs without a budget."""
    clip = wan.submit(performance.parent / "hero.png", performance, service=Service.embedded()).result(60)
    plan = planned(shift=[3, 5])
    for number in (0, 1):
        finished(plan, number, clip.path)
    assert str(planned(shift=[3, 5])) == "2 cells, 2 already done"
    grid = planned(shift=[3, 5]).run().result(30)
    assert [tile.progress.made_before for tile in grid.tiles] == [True, True]


def test_time_estimated_from_similar_jobs(planned: Planner, performance: Path) -> None:
    """Elsewhere several run at once, also behind a paid gateway here; the previews of this machine share it."""
    plan = planned(shift=[3, 5, 7, 9])
    for number in range(3):
        finished(plan, number, performance, seconds=40)
    orders, journal = [one.order for one in plan.jobs], Journal()
    gateway = estimate_time(orders, PAID, journal, 4)
    assert (round(gateway.seconds), gateway.basis) == (40, "from your own jobs like these, 4 at once")
    here = estimate_time(orders, dataclasses.replace(PAID, paid=False), journal, 4)
    assert (round(here.seconds), here.basis) == (160, "from your own jobs like these, sharing this machine")
    cluster = dataclasses.replace(PAID, paid=False, cluster=Cluster("tcp://scheduler:8786"))
    assert round(estimate_time(orders, cluster, journal, 4).seconds) == 40
    elsewhere = dataclasses.replace(PAID, base_url="https://api.example")
    unknown = estimate_time(orders, elsewhere, journal, 2)
    assert (round(unknown.seconds), unknown.basis) == (240, "a broad guess, 2 at once")


def test_short_previews_take_less(planned: Planner) -> None:
    """Of previews like none before, the guess follows from their frames: four of ten take less than one of 77."""
    orders, elsewhere = [one.order for one in planned(shift=[3, 5, 7, 9]).jobs], Service.embedded()
    guess = estimate_time(orders, elsewhere, Journal(), 4)
    assert (round(guess.seconds, 1), guess.basis) == (round(4 * 6 * 10 / 77, 1), "a broad guess, sharing this machine")


def test_very_many_jobs_need_consent(planned: Planner) -> None:
    """More than a thousand jobs are sent only when that is said to be meant."""
    plan = planned(shift=[1 + number / 200 for number in range(1001)])
    with pytest.raises(InvalidRequest, match=r"1,001 jobs.*many=True"):
        plan.run(budget=1000)


def test_invalid_concurrency_is_refused(planned: Planner) -> None:
    """At least one job runs at once, and not thousands."""
    for concurrency in (0, 1000, 2.5, True):
        with pytest.raises(InvalidRequest, match="concurrency"):
            planned().run(budget=1, concurrency=concurrency)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"shift": []}, "shift is an axis without values"),
        ({"shfit": [1, 2]}, "Did you mean shift"),
        ({"num_inference_steps": "10-90 (+10)"}, "num_inference_steps is 50"),
        ({"resolution": "480p, 4k"}, "resolution is '4k'"),
        ({"shift": "3-"}, "'3-' cannot be read"),
        ({"zip": True, "shift": [3, 5], "num_inference_steps": [4, 5, 6]}, "equally many"),
        ({"image": None}, "picture is missing"),
    ],
)
def test_bad_input_is_named(planned: Planner, fields: dict[str, Any], message: str) -> None:
    """The message names the axis and the value; nothing was sent."""
    with pytest.raises(InvalidRequest, match=message):
        planned(**fields)


def test_duplicate_cell_is_noted(planned: Planner) -> None:
    """A value that comes twice makes one cell."""
    plan = planned(shift=[3, 5, 3.0])
    assert len(plan.cells) == 2
    assert plan.notes == ("shift: 3 came 2 times and is kept once.",)


def test_unreadable_picture_is_named(planned: Planner, character: Path) -> None:
    """One broken picture among several fails in planning, by axis and name."""
    broken = character.with_name("broken.png")
    broken.write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(MediaError, match=r"picture broken\.png: broken\.png"):
        planned([character, broken])


def test_references_prepared_side_by_side(planned: Planner, performance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Several references of a sweep are prepared at the same time, each once."""
    other = filmed(drifting(), performance.with_name("other.mp4"), fps=10)
    tasks: list[Task] = []
    both = asyncio.Event()

    class Pool:
        async def run(self, task: Task) -> Any:
            tasks.append(task)
            if len(tasks) == 2:
                both.set()
            await event_loop.within(60, both.wait())
            return await notebook_pool().run(task)

    monkeypatch.setattr("wan_notebook.media.prepare.shared_pool", Pool)
    plan = planned(video=[performance, other], shift=[3, 5], prepare_video={"fps": 5})
    assert [job.order.video.fps for job in plan.jobs] == [5] * 4
    assert len(tasks) == 2


def test_unpreparable_reference_is_named(planned: Planner, performance: Path) -> None:
    """Of several references, the one that cannot be prepared is named by its axis and label."""
    short = filmed(drifting(4), performance.with_name("short.mp4"), fps=10)
    with pytest.raises(MediaError, match=r"^reference short\.mp4: short\.mp4 ends at 0\.4 s"):
        planned(video=[performance, short], prepare_video={"start": 0.5})


def test_same_picture_made_once(planned: Planner, character: Path) -> None:
    """Two cells which ask for the same are one job, and the plan says so."""
    copy = character.with_name("copy.png")
    copy.write_bytes(character.read_bytes())
    plan = planned([character, copy])
    assert (len(plan.cells), len(plan.jobs)) == (2, 1)
    assert "Cells 0, 1 ask for the same" in plan.notes[0]


def test_cells_can_be_written_down(planned: Planner) -> None:
    """A DataFrame makes exactly its rows."""
    rows = pd.DataFrame({"shift": [3, 7], "num_inference_steps": [10, 20]})
    plan = planned(cells=rows)
    made = [(one.order.request.shift, one.order.request.num_inference_steps) for one in plan.jobs]
    assert made == [(3, 10), (7, 20)]


def test_points_belong_to_one_picture(planned: Planner, character: Path) -> None:
    """Eyes and mouth of one character say nothing of another."""
    other = character.with_name("other.png")
    other.write_bytes(wan.samples.character().read_bytes())
    with pytest.raises(InvalidRequest, match="points"):
        planned([character, other], points=[(1, 1), (2, 1), (1, 2)])


@pytest.mark.slow
def test_ten_thousand_cells_planned(planned: Planner) -> None:
    """They are one question to the journal, and one look at each input."""
    plan = planned(num_inference_steps=range(2, 27), shift=[1 + number / 50 for number in range(400)])
    assert len(plan.jobs) == 10_000


def test_page_is_no_picture(planned: Planner) -> None:
    """A sweep whose picture is an address that leads to a page sends nothing, and says so."""
    app = ScriptedService(files=[Reply(200, b"<!doctype html><title>hero.png - Share</title>")])
    with on_a_port(app) as url:
        paid = dataclasses.replace(PAID, base_url=url)
        remember_price(paid, MOVE.id, None)
        with pytest.raises(MediaError, match=r"hero\.png is a web page"):
            planned(f"{url}/hero.png", service=paid, shift=[3, 5]).run(budget=100)
    assert app.posts == []
