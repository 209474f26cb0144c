"""Watching again: the service that is held is used, advice names it, and a job that goes on has not failed."""

from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from weakref import WeakValueDictionary

import pytest

from wan_notebook.client import Service
from wan_notebook.client import service as services
from wan_notebook.errors import InvalidRequest, NotAuthorized, StillRunning, StorageError, WanError
from wan_notebook.jobs.clip import Clip
from wan_notebook.jobs.history import history
from wan_notebook.jobs.journal import Entry, Journal
from wan_notebook.jobs.order import OrderBuilder
from wan_notebook.jobs.progress import Progress, ProgressCallback, RunPhase
from wan_notebook.jobs.run import Run, resume, submit
from wan_notebook.widgets.panel.studio import Studio
from wan_notebook.widgets.status.status import status_state

from support import engines
from support.journals import raw
from support.runners import runners
from support.services import BASE, Reply, ScriptedService, completed, log_reply, queued, refusal

KEYED = Service.at(BASE, "key")


@pytest.fixture
def new_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """No service is held, as after a restart."""
    monkeypatch.setattr(services, "_made", WeakValueDictionary())


@pytest.fixture
def unsaved(served: Service, character: Path, performance: Path) -> Entry:
    """A job on a service that wants a token, whose clip is not fetched yet."""
    clip = submit(character, performance, service=served).result(30)
    clip.path.unlink()
    raw("UPDATE jobs SET phase = 'running', clip = NULL")
    return Journal().entries()[0]


def ended(run: Run) -> Progress:
    """The last progress of a run."""
    last: Future[Progress] = Future()
    run.observe(lambda progress: last.set_result(progress) if progress.finished_at is not None else None)
    return last.result(30)


def test_held_service_watches_again(unsaved: Entry) -> None:
    """resume() by number and by id, and the history, use the service that somebody holds at the job's address."""
    assert resume(unsaved.number).result(30).job.id == unsaved.job_id
    assert unsaved.job_id is not None
    raw("UPDATE jobs SET phase = 'running'")
    assert resume(unsaved.job_id).result(30).job.id == unsaved.job_id
    raw("UPDATE jobs SET phase = 'running'")
    assert history().resume(unsaved.number).result(30).job.id == unsaved.job_id


@pytest.mark.usefixtures("new_kernel")
def test_refused_key_comes_last(unsaved: Entry, served: Service) -> None:
    """Of two services at one address the one whose key was refused is not taken again, though it was made later."""
    right = Service.at(served.base_url, "token")
    wrong = Service.at(served.base_url, "wrong")
    with pytest.raises(NotAuthorized):
        resume(unsaved.number).result(30)
    assert resume(unsaved.number).result(30).job.id == unsaved.job_id
    assert right.key != wrong.key


@pytest.mark.usefixtures("new_kernel")
def test_panel_watches_with_own_service(unsaved: Entry, served: Service) -> None:
    """A studio uses the service that it holds, also while another one is chosen."""
    studio = Studio(service=served)
    assert studio.resume(unsaved.number).result(30).job.id == unsaved.job_id
    raw("UPDATE jobs SET phase = 'running'")
    studio = Studio(service=Service.at(served.base_url, "token"))
    studio.choose_service("embedded")
    assert studio.resume(unsaved.number).result(30).job.id == unsaved.job_id
    assert served.name in studio.services


@pytest.mark.usefixtures("new_kernel")
def test_missing_service_is_named(unsaved: Entry, served: Service) -> None:
    """Where the key went with the kernel, each message has the code that takes it, and nothing is shown as failed."""
    argument = rf"service=wan\.Service\.at\('{served.base_url}', key, paid=False\)"
    run = resume(unsaved.number)
    with pytest.raises(NotAuthorized, match=rf"wants a key.*wan\.resume\(.*{argument}\) watches it again"):
        run.result(30)
    assert ended(run).phase is RunPhase.STOPPED
    assert status_state(run.progress).tone == "open"
    with pytest.raises(InvalidRequest, match=rf"resume\({unsaved.number}, {argument}\)"):
        Journal().delete(unsaved)
    assert f"resume({unsaved.number}, service=wan.Service.at(" in history()._repr_mimebundle_()["text/html"]


def test_advice_names_own_service(served_alone: Service, character: Path, performance: Path) -> None:
    """Whoever stops watching a job of a service with a key of its own is told to pass it; the key is in no message."""
    paid = replace(served_alone, paid=True)
    run = submit(character, performance, service=paid, num_inference_steps=engines.HANG)
    engines.wait_until_taken(run)
    with pytest.raises(StillRunning) as timed_out:
        run.result(timeout=0.0)
    run.cancel()
    with pytest.raises(StillRunning) as stopped:
        run.result()
    for message in (str(timed_out.value), str(stopped.value), ended(run).message):
        assert f"service=wan.Service.at('{served_alone.base_url}', key, paid=True)" in message
        assert "'token'" not in message


def runs(app: ScriptedService, entry: Entry) -> Run:
    """Watch a journal's job at a scripted service."""

    async def work(report: ProgressCallback) -> Clip:
        async with runners(app, KEYED, report=report) as new:
            return await new().resume(entry)

    return Run.start(work, KEYED)


@pytest.mark.parametrize(
    ("fetches", "files"),
    [
        ([refusal(401)], []),
        ([refusal(403)], []),
        ([refusal(404)], []),
        ([queued(), refusal(401)], []),
        ([refusal(418)], []),
        ([completed()], [refusal(404)]),
        ([completed(url=None)], []),
        ([completed()], [Reply(body=b"no clip")]),
    ],
    ids=["key", "scope", "gone", "key later", "odd", "no file", "no address", "damaged"],
)
def test_going_job_never_failed(
    character: Path, performance: Path, fetches: Iterable[Reply], files: Iterable[Reply]
) -> None:
    """Whatever keeps us from a job that a service took, its run ends as stopped and says how to go on."""
    order = OrderBuilder(Service.at(BASE, "key", paid=False)).order(character, performance)
    entry = Journal().begin(order.request, service=KEYED, image=order.image, video=order.video)
    job = replace(entry, job_id="job-1", status="queued").job()
    assert job is not None
    run = runs(ScriptedService(fetches=fetches, files=files), Journal().submitted(entry, job))
    with pytest.raises(WanError):
        run.result(30)
    last = ended(run)
    assert (last.phase, last.error is not None) == (RunPhase.STOPPED, True)
    assert f"service=wan.Service.at('{BASE}', key)" in last.message


def test_full_disk_is_no_failure(served: Service, character: Path, performance: Path) -> None:
    """Where the clips' folder cannot be made, the run stops, and the job can be fetched later."""
    home = Journal().path.parent.parent
    (home / "clips").write_text("in the way")
    run = submit(character, performance, service=served)
    with pytest.raises(StorageError):
        run.result(30)
    assert (ended(run).phase, "wan.resume(" in ended(run).message) == (RunPhase.STOPPED, True)


@pytest.mark.parametrize("log", [refusal(401), refusal(404), Reply(body=b"<html>"), log_reply([])])
def test_lost_submit_stays_unknown(character: Path, performance: Path, log: Reply) -> None:
    """A submit whose answer was lost is unknown, not failed, as long as the service's log does not show it."""
    order = OrderBuilder(Service.at(BASE, "key", paid=False)).order(character, performance)
    entry = Journal().begin(order.request, service=KEYED, image=order.image, video=order.video)
    lost = Journal().unknown(entry, "The answer was lost.")
    run = runs(ScriptedService(others={"/v2/logs": [log]}), lost)
    with pytest.raises(WanError):
        run.result(30)
    assert ended(run).phase is RunPhase.UNKNOWN
    assert status_state(run.progress).tone != "bad"


def test_defect_while_sending_is_unknown() -> None:
    """A defect of ours between the submit and its answer leaves the job unknown; one with the job in hand, stopped."""

    async def broken(report: ProgressCallback) -> Clip:
        report(RunPhase.SENDING)
        raise ZeroDivisionError

    run = Run.start(broken)
    with pytest.raises(ZeroDivisionError):
        run.result(30)
    assert ended(run).phase is RunPhase.UNKNOWN
