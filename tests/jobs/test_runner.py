"""The way of one job, told apart from handles and panels: what is sent, what is not sent again, what is found again."""

import asyncio
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from wan_notebook.client import Client, Service
from wan_notebook.client.prices import remember_price
from wan_notebook.errors import AskedBefore, DownloadFailed, StillRunning, SubmitUnknown
from wan_notebook.jobs.clip import Clip, clip_path
from wan_notebook.jobs.journal import Journal
from wan_notebook.jobs.order import Order, OrderBuilder
from wan_notebook.jobs.progress import Progress, ProgressCallback, RunPhase
from wan_notebook.jobs.run import Run
from wan_notebook.model.job import COMPLETED, Job
from wan_notebook.model.protocol import MODELS_MISSING

from support.journals import journal_of
from support.media import clip, noisy
from support.runners import runners, silent
from support.services import BASE, MODEL, Reply, ScriptedService, completed, generating, queued, refusal

PAID = Service.at(BASE, "key")
LATELY, HOURS_AGO, DAYS_AGO = 5, 2 * 3600, 3 * 24 * 3600


@pytest.fixture
def order(character: Path, performance: Path) -> Order:
    """A job on a service that takes money."""
    remember_price(PAID, MODEL, None)
    return OrderBuilder(PAID).order(character, performance)


def go(
    app: ScriptedService, order: Order, journal: Journal, *, again: bool = False, report: ProgressCallback = silent
) -> Clip:
    """Take the order the whole way, on a clock of its own."""

    async def way() -> Clip:
        async with runners(app, PAID, journal=journal, report=report) as new:
            return await new().run(order, again=again)

    return asyncio.run(way())


def lost(app: ScriptedService, order: Order, ago: float) -> None:
    """Submit so many seconds ago, and lose the answer."""
    with pytest.raises(SubmitUnknown):
        go(app, order, journal_of(ago))


def log(*rows: str) -> list[Reply]:
    """The service's log, which lists every submit of these jobs under the id of the first."""
    own_id = Journal().entries()[-1].client_request_id
    listed = [{"client_request_id": own_id, "inference_id": row, "status": "succeeded"} for row in rows]
    return [Reply(body={"data": listed, "pagination": {"has_more": False}})]


def test_lost_job_is_watched(order: Order) -> None:
    """The service had taken the job before it failed: the log tells its id, and no second one is bought."""
    lost(ScriptedService(posts=[refusal(500)]), order, LATELY)
    app = ScriptedService(others={"/v2/logs": log("job-1")})
    clip = go(app, order, Journal())
    assert (clip.job.id, app.posts) == ("job-1", [])
    (entry,) = Journal().entries()
    assert (entry.phase, entry.job_id) == ("saved", "job-1")


def test_missing_models_are_told_at_the_end(order: Order) -> None:
    """The last word of a run, also where nothing but that is shown, says that the preview was made without models."""
    notice = {"about": "picture", "topic": MODELS_MISSING, "text": "Faces could not be looked for. Get the models."}
    reply = completed()
    assert isinstance(reply.body, dict)
    reply.body["meta"] = {"preflight": {"notices": [notice]}}
    said: list[str] = []

    def report(_phase: RunPhase, *, note: str = "", **changes: Any) -> None:  # noqa: ARG001 - as a run takes it
        said.append(changes.get("message", ""))

    go(ScriptedService(fetches=[reply]), order, Journal(), report=report)
    assert said[-1].startswith("Saved as ")
    assert said[-1].endswith(". Faces could not be looked for. Get the models.")


def test_id_on_disk_before_news(order: Order) -> None:
    """Whoever hears that the service has taken a job finds its id in the journal."""
    found: list[bool] = []

    def report(_phase: RunPhase, **changes: Any) -> None:
        if "job" in changes:
            found.append(Journal().find(changes["job"].id) is not None)

    go(ScriptedService(), order, Journal(), report=report)
    assert found
    assert all(found)


def test_foreign_cost_counts_once_known() -> None:
    """Of a job that was bought elsewhere nobody knows the price: that is said, and its cost counts when it is told."""
    told: list[str] = []
    spent: list[float] = []

    def report(_phase: RunPhase, *, note: str = "", **_changes: Any) -> None:
        told.append(note)
        spent.append(Journal().spent_today())

    async def way(app: ScriptedService) -> None:
        async with runners(app, PAID, report=report) as new:
            await new().adopt("job-1")

    last = completed()
    last.body["meta"] = {"usage": {"usd_spent": 0.4, "credits_used": 800_000}}
    asyncio.run(way(ScriptedService(fetches=[generating(), last])))
    assert any("once the service tells it" in note for note in told)
    assert (spent[1], Journal().spent_today()) == (0.0, 0.4)


def test_damaged_clip_is_not_rebought(order: Order) -> None:
    """A clip that the service gives damaged stays a job to fetch: the same cell asks for it again, and buys nothing."""
    damaged = ScriptedService(files=[Reply(200, noisy(clip()))])
    for _ in range(2):
        with pytest.raises(DownloadFailed, match="not bought again"):
            go(damaged, order, Journal())
    assert len(damaged.posts) == 1
    (entry,) = Journal().entries()
    assert (entry.phase, entry.clip) == ("completed", None)
    mended = ScriptedService()
    assert go(mended, order, Journal()).path.read_bytes().startswith(clip())
    assert mended.posts == []


@pytest.mark.parametrize("ago", [LATELY, DAYS_AGO], ids=["just now", "days ago"])
def test_silent_log_sends_nothing(order: Order, ago: float) -> None:
    """A log may list a submit a little later, and forgets it after a day: its silence then proves nothing."""
    lost(ScriptedService(posts=[refusal(500)]), order, ago)
    app = ScriptedService(others={"/v2/logs": log()})
    with pytest.raises(AskedBefore, match=r"nothing was sent now.*again=True"):
        go(app, order, journal_of())
    assert app.posts == []
    go(app, order, journal_of(), again=True)
    assert len(app.posts) == 1


def test_unreadable_log_sends_nothing(order: Order) -> None:
    """As long as nobody can tell, nothing is risked."""
    lost(ScriptedService(posts=[refusal(500)]), order, HOURS_AGO)
    app = ScriptedService(others={"/v2/logs": [refusal(403)]})
    with pytest.raises(AskedBefore, match="did not settle that"):
        go(app, order, Journal())
    assert app.posts == []


def test_id_in_failure_is_kept(order: Order) -> None:
    """Where a failed answer names the job, it is resumed by that id, without the log."""
    lost(ScriptedService(posts=[Reply(502, b"", {"x-inference-id": "job-1"})]), order, LATELY)
    (entry,) = Journal().unknown_submits()
    assert entry.job_id == "job-1"
    app = ScriptedService()

    async def way() -> Clip:
        async with runners(app, PAID) as new:
            return await new().resume(entry)

    assert asyncio.run(way()).job.id == "job-1"
    assert {one.path for one in app.requests} == {"/v2/video/generations", "/clip.mp4"}
    assert app.posts == []


def test_simultaneous_jobs_bought_once(order: Order) -> None:
    """Of two that come at the same moment one sends, the other waits and watches; both get the clip."""
    app = ScriptedService(posts=[queued()], fetches=[completed()])

    async def both() -> list[Clip]:
        async with runners(app, PAID) as new:
            return await asyncio.gather(new().run(order), new().run(order))

    first, second = asyncio.run(both())
    assert len(app.posts) == 1
    assert first.job.id == second.job.id


def test_defect_leaves_job_unknown(order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever breaks between sending and writing down, the journal does not say that nothing happened."""

    async def broken(*_args: object, **_kwargs: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Client, "submit", broken)
    with pytest.raises(ZeroDivisionError):
        go(ScriptedService(), order, Journal())
    assert [entry.phase for entry in Journal().entries()] == ["unknown"]


def test_stopped_submit_names_its_job(order: Order) -> None:
    """A submit under way is finished although nobody waits any more, and its job is named to whoever asks later."""
    app = ScriptedService()

    async def way(report: ProgressCallback) -> Clip:
        async with runners(app, PAID, report=report) as new:
            return await new().run(order)

    stopped = Future[Progress]()

    def stop(progress: Progress) -> None:
        if progress.phase is RunPhase.SENDING:
            run.cancel()
        if progress.phase is RunPhase.STOPPED:
            stopped.set_result(progress)

    run = Run.start(way)
    run.observe(stop)
    with pytest.raises(StillRunning, match="may be charged"):
        run.result()
    assert 'wan.resume("job-1")' in stopped.result(timeout=10).message
    assert [entry.job_id for entry in Journal().entries()] == ["job-1"]


def test_sidecar_is_no_condition(order: Order) -> None:
    """A clip beside which nothing can be written is saved all the same; the journal knows its settings."""
    app = ScriptedService()
    beside = clip_path(Job(id="job-1", status=COMPLETED), order.service.base_url).with_suffix(".json")
    beside.mkdir()
    clip = go(app, order, Journal())
    assert clip.path.is_file()
    (saved,) = Journal().entries(phase="saved")
    assert saved.open_clip().request == clip.request
