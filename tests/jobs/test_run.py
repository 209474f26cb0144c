"""A job under way, against a real service on a port."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from wan_notebook.client import Service
from wan_notebook.client.prices import remember_price
from wan_notebook.errors import (
    InvalidRequest,
    JobFailed,
    JobNotFound,
    MediaError,
    NotAuthorized,
    StillRunning,
    Unreachable,
)
from wan_notebook.jobs import journal as journals
from wan_notebook.jobs.clip import Clip
from wan_notebook.jobs.order import OrderBuilder
from wan_notebook.jobs.progress import Progress, ProgressCallback, RunPhase
from wan_notebook.jobs.run import Run, resume, submit
from wan_notebook.model.family import MOVE
from wan_notebook.video.probe import probe

from support import engines
from support.journals import raw


def phases_of(run: Run) -> list[RunPhase]:
    """All phases from now on, in order, until the run is over."""
    seen: list[RunPhase] = []
    over = threading.Event()

    def note(progress: Progress) -> None:
        if not seen or seen[-1] is not progress.phase:
            seen.append(progress.phase)
        if not progress.phase.active:
            over.set()

    run.observe(note)
    assert over.wait(30)
    return seen


def test_two_files_become_a_clip(served: Service, character: Path, performance: Path) -> None:
    """A submit ends in a playable file, with the settings beside it and its row in the journal complete."""
    clip = submit(character, performance, service=served, shift=7).result(30)
    assert probe(clip.path).frames == 10
    assert clip.settings["shift"] == 7
    entry = journals.Journal().find(clip.job.id)
    assert entry is not None
    assert (entry.phase, entry.clip) == ("saved", clip.path)


def test_phases_come_in_order(served: Service, character: Path, performance: Path) -> None:
    """An observer sees the phases in the order in which a person expects them, the last one last."""
    seen = phases_of(submit(character, performance, service=served))
    order = [RunPhase.PREPARING, RunPhase.SENDING, RunPhase.QUEUED, RunPhase.GENERATING, RunPhase.SAVING, RunPhase.DONE]
    assert seen == [phase for phase in order if phase in seen]
    assert {RunPhase.SENDING, RunPhase.SAVING, RunPhase.DONE} <= set(seen)


def test_a_run_can_be_awaited(served: Service, character: Path, performance: Path) -> None:
    """`await run` gives the same clip as run.result()."""
    run = submit(character, performance, service=served)

    async def cell() -> Path:
        return (await run).path

    assert asyncio.run(cell()) == run.result().path


def test_cancelled_await_leaves_the_run(served: Service, character: Path, performance: Path) -> None:
    """When the cell that awaits is cancelled, the run goes on."""
    run = submit(character, performance, service=served)

    async def cell() -> None:
        await asyncio.wait_for(run, timeout=0.001)

    with pytest.raises((TimeoutError, asyncio.TimeoutError)):
        asyncio.run(cell())
    assert run.result(30).path.exists()


def test_same_job_not_bought_twice(served: Service, character: Path, performance: Path) -> None:
    """The same inputs and settings give the earlier clip at once; again=True makes a new one."""
    first = submit(character, performance, service=served).result(30)
    offered = submit(character, performance, service=served)
    assert offered.result(30).job.id == first.job.id
    assert offered.progress.made_before
    assert submit(character, performance, service=served, again=True).result(30).job.id != first.job.id


def test_clip_without_settings_is_reused(served: Service, character: Path, performance: Path) -> None:
    """Where the file beside the clip is gone, the journal still knows what was asked, and the clip is offered."""
    first = submit(character, performance, service=served, shift=7).result(30)
    first.path.with_suffix(".json").unlink()
    offered = submit(character, performance, service=served, shift=7).result(30)
    assert (offered.path, offered.job.id, offered.settings) == (first.path, first.job.id, first.settings)
    assert len(journals.Journal().entries()) == 1


def test_failed_job_gives_its_reason(served: Service, character: Path, performance: Path) -> None:
    """The service's reason reaches the person, with the job on the error."""
    run = submit(character, performance, service=served, num_inference_steps=engines.REFUSE)
    with pytest.raises(JobFailed, match="shows nobody") as caught:
        run.result(30)
    assert caught.value.job.status == "error"
    assert run.progress.phase is RunPhase.FAILED


def test_wrong_key_buys_nothing(served: Service, character: Path, performance: Path) -> None:
    """A refused submit ends the run, and the journal says that nothing was bought."""
    with pytest.raises(NotAuthorized):
        submit(character, performance, service=Service.at(served.base_url, "wrong")).result(30)
    assert [entry.phase for entry in journals.Journal().entries()] == ["rejected"]


def test_cancelled_run_can_be_resumed(served_alone: Service, character: Path, performance: Path) -> None:
    """A cancelled run says how to go on; resume() watches the job again and submits nothing."""
    paid = replace(served_alone, paid=True)
    run = submit(character, performance, service=paid, num_inference_steps=engines.HANG)
    engines.wait_until_taken(run)
    run.cancel()
    with pytest.raises(StillRunning, match=r"wan\.resume\(") as caught:
        run.result(30)
    assert caught.value.job is not None
    again = resume(caught.value.job.id, service=paid)
    assert len(journals.Journal().entries()) == 1
    again.cancel()


def test_cancelled_while_being_sent() -> None:
    """A run that is cancelled after its submit was begun does not say that nothing was sent."""
    sent = threading.Event()

    async def work(report: ProgressCallback) -> Clip:
        report(RunPhase.SENDING)
        report(RunPhase.QUEUED, message="The answer was lost; it is looked up.")
        sent.set()
        await asyncio.Event().wait()
        raise AssertionError

    run = Run.start(work)
    assert sent.wait(30)
    run.cancel()
    with pytest.raises(StillRunning, match="It was being sent and may be charged"):
        run.result(30)


def test_running_job_is_watched(served_alone: Service, character: Path, performance: Path) -> None:
    """A cell that is run again while its first job still runs finds that job."""
    first = submit(character, performance, service=served_alone, num_inference_steps=engines.HANG)
    engines.wait_until_taken(first)
    second = submit(character, performance, service=served_alone, num_inference_steps=engines.HANG)
    engines.wait_until_taken(second)
    assert second.job is not None
    assert first.job is not None
    assert second.job.id == first.job.id
    assert len(journals.Journal().entries()) == 1
    first.cancel()
    second.cancel()


def test_job_being_sent_is_awaited(served: Service, character: Path, performance: Path) -> None:
    """As long as the first submit is on its way, the same one waits for it, and is sent when that one was refused."""
    order, journal = OrderBuilder(served).order(character, performance), journals.Journal()
    first = journal.begin(order.request, service=served, image=order.image, video=order.video)
    with pytest.raises(InvalidRequest, match="being sent just now"):
        resume(first.number)
    run, waits = submit(character, performance, service=served), threading.Event()
    run.observe(lambda progress: waits.set() if "being sent just now" in progress.message else None)
    assert waits.wait(30)
    assert len(journal.entries()) == 1
    journal.rejected(first, "refused")
    assert run.result(30).path.exists()
    assert [entry.phase for entry in journal.entries()] == ["saved", "rejected"]


def test_timeout_ends_only_the_waiting(served: Service, character: Path, performance: Path) -> None:
    """result(timeout=…) raises StillRunning, and the run goes on."""
    run = submit(character, performance, service=served)
    with pytest.raises(StillRunning):
        run.result(timeout=0.0)
    assert run.result(30).path.exists()


def test_saved_job_resumes_from_file(served: Service, character: Path, performance: Path) -> None:
    """Resuming what is saved already gives its clip without asking the service."""
    clip = submit(character, performance, service=served).result(30)
    assert resume(1, service=Service.at("http://127.0.0.1:9")).result(30).path == clip.path


def test_lost_submit_found_in_log(served: Service, character: Path, performance: Path) -> None:
    """An unknown submit is looked up by its client request id, and its clip comes home without another submit."""
    clip = submit(character, performance, service=served).result(30)
    journal = journals.Journal()
    (bought,) = journal.entries()
    journal.delete(bought)
    order = OrderBuilder(served).order(character, performance)
    lost = journal.begin(
        order.request,
        service=served,
        image=order.image,
        video=order.video,
        client_request_id=bought.client_request_id,
    )
    journal.unknown(lost, "the answer was lost")
    clip.path.unlink()
    assert resume(lost.number, service=served).result(30).job.id == clip.job.id
    assert [entry.phase for entry in journal.entries()] == ["saved"]


def test_unlisted_submit_was_not_bought(served: Service, character: Path, performance: Path) -> None:
    """What the service never saw is told as such."""
    journal, order = journals.Journal(), OrderBuilder(served).order(character, performance)
    lost = journal.unknown(journal.begin(order.request, service=served), "the answer was lost")
    with pytest.raises(JobNotFound, match="nothing was bought"):
        resume(lost.number, service=served).result(30)


def test_unknown_id_is_not_resumed() -> None:
    """An unknown id gives an error which says where the known ones are listed; a preview is of this journal alone."""
    for key in ("no such job", 7):
        with pytest.raises(InvalidRequest, match="history"):
            resume(key)


def test_foreign_job_fetched_by_id(served: Service, character: Path, performance: Path) -> None:
    """A person with an id from the vendor's dashboard gets the clip, and nothing is submitted."""
    clip = submit(character, performance, service=served).result(30)
    journal = journals.Journal()
    journal.delete(journal.entries()[0], clip=True)
    run = resume(clip.job.id, service=served)
    fetched = run.result(30)
    assert probe(fetched.path).frames == 10
    assert (fetched.job.id, fetched.request, fetched.settings) == (clip.job.id, None, {})
    assert "Nothing is submitted" in " ".join(text for _, text in run.progress.log)
    (entry,) = journal.entries()
    assert (entry.phase, entry.clip) == ("saved", fetched.path)
    assert resume(entry.number).result(30).path == fetched.path


def test_id_is_of_its_service(served: Service, character: Path, performance: Path) -> None:
    """An id that two services gave is looked for at the one that is named, and never at the other."""
    clip = submit(character, performance, service=served).result(30)
    journals.Journal().adopt(clip.job, service=Service.at("http://127.0.0.1:9", paid=False))
    assert resume(clip.job.id, service=served).result(30).path == clip.path
    with pytest.raises(InvalidRequest, match="knows no job"):
        resume(clip.job.id, service=Service.embedded())


def test_key_found_by_any_spelling(
    served: Service, character: Path, performance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job that was sent to 127.0.0.1 is resumed with the key that the environment has for localhost."""
    assert served.key is not None
    clip = submit(character, performance, service=served).result(30)
    clip.path.unlink()
    raw("UPDATE jobs SET phase = 'running', clip = NULL")
    monkeypatch.setenv("WAN_NOTEBOOK_BASE_URL", served.base_url.replace("127.0.0.1", "localhost"))
    monkeypatch.setenv("AIMLAPI_API_KEY", served.key.reveal())
    assert resume(1).result(30).path == clip.path


def test_unknown_id_is_not_adopted(served: Service) -> None:
    """A mistyped id is told, and leaves no row behind."""
    with pytest.raises(JobNotFound, match="knows no job mistyped"):
        resume("mistyped", service=served).result(30)
    assert journals.Journal().entries() == []


def test_failed_job_is_not_resumed(served: Service, character: Path, performance: Path) -> None:
    """Its reason is told at once."""
    with pytest.raises(JobFailed):
        submit(character, performance, service=served, num_inference_steps=engines.REFUSE).result(30)
    with pytest.raises(InvalidRequest, match=r"Job 1 failed: .*shows nobody"):
        resume(1)


def test_unusable_input_sends_nothing(served: Service, performance: Path) -> None:
    """A missing file is refused before the journal has a row."""
    with pytest.raises(MediaError):
        submit("missing.png", performance, service=served)
    assert journals.Journal().entries() == []


def test_unreachable_service_is_named(character: Path, performance: Path) -> None:
    """Without a server at the address the run ends with a sentence, and nothing was bought."""
    with pytest.raises(Unreachable):
        submit(character, performance, service=Service.at("http://127.0.0.1:9")).result(60)
    assert [entry.phase for entry in journals.Journal().entries()] == ["rejected"]


def test_failing_observer_stops_nothing(served: Service, character: Path, performance: Path) -> None:
    """An observer's error is logged, and the run comes to its end."""

    def fail(_progress: Progress) -> None:
        raise ValueError("an observer's own defect")

    run = submit(character, performance, service=served)
    run.observe(fail)
    assert run.result(30).path.exists()


def test_missing_key_records_nothing(character: Path, performance: Path) -> None:
    """The hosted service without a key refuses in the cell itself, and the journal gets no row of it."""
    remember_price(Service.hosted(), MOVE.id, None)
    with pytest.raises(NotAuthorized, match=r"wan\.login\(\)"):
        submit(character, performance, service=Service.hosted())
    assert journals.Journal().entries() == []


def test_interrupt_leaves_the_job(
    served_alone: Service, character: Path, performance: Path, interrupt_next_wait: Callable[[], None]
) -> None:
    """An interrupted wait ends as every interrupt does, and tells how the job is found again."""
    run = submit(character, performance, service=served_alone, num_inference_steps=engines.OBEY)
    begun = threading.Event()
    run.observe(lambda progress: begun.set() if progress.phase is RunPhase.GENERATING else None)
    assert begun.wait(30)
    interrupt_next_wait()
    with pytest.raises(KeyboardInterrupt, match=r"goes on.*wan\.resume"):
        run.result()
    assert not run.done
    run.cancel()
