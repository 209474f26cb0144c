"""Changes of a paid job that cannot be written at once: the disk is full, or another notebook does not let go."""

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from wan_notebook.client import Service
from wan_notebook.client.prices import remember_price
from wan_notebook.errors import AskedBefore, JournalBusy, OverBudget
from wan_notebook.jobs.clip import Clip
from wan_notebook.jobs.journal import Entry, Journal, changes, database
from wan_notebook.jobs.journal.writer import writer_of
from wan_notebook.jobs.order import Order, OrderBuilder
from wan_notebook.jobs.progress import RunPhase
from wan_notebook.jobs.run import resume
from wan_notebook.runtime import daemon_threads, event_loop

from support.journals import answer, begin, journal_of, notebook
from support.runners import runners
from support.services import BASE, MODEL, Reply, ScriptedService

PAID = Service.at(BASE, "key")
AN_HOUR = 3600


@pytest.fixture
def order(character: Path, performance: Path) -> Order:
    """A job on a service that takes money."""
    remember_price(PAID, MODEL, None)
    return OrderBuilder(PAID).order(character, performance)


@contextlib.contextmanager
def being_written() -> Iterator[sqlite3.Connection]:
    """Hold the journal as another notebook does that is writing it."""
    with contextlib.closing(sqlite3.connect(Journal().path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield other


def on_disk() -> tuple[str, str | None]:
    """The phase and the id of the newest job as another notebook reads them."""
    with contextlib.closing(sqlite3.connect(Journal().path)) as other:
        phase, job_id = other.execute("SELECT phase, job_id FROM jobs ORDER BY number DESC").fetchone()
    return phase, job_id


def lose_change() -> Entry:
    """Begin a job, whose acceptance then cannot be written."""
    entry = begin(Journal())
    with being_written(), pytest.raises(JournalBusy):
        Journal(patience=0).submitted(entry, answer("queued", 1.0))
    return entry


async def take(
    app: ScriptedService, order: Order, report: list[str], *on_sending: Callable[[], object], patience: float = 10.0
) -> Clip:
    """Take the order the whole way, and note what is told besides; the callback is called before it is sent."""
    callbacks = list(on_sending)

    def noting(phase: RunPhase, *, note: str = "", **_changes: object) -> None:
        report.extend([note] if note else [])
        if phase is RunPhase.SENDING and callbacks:
            callbacks.pop()()

    async with runners(app, PAID, journal=Journal(patience=patience), report=noting) as new:
        return await new().run(order)


def test_unwritten_change_counts_here() -> None:
    """What could not be written holds in this notebook: the job is found by its id, runs, and is not bought again."""
    entry = lose_change()
    assert on_disk() == ("submitting", None)
    with being_written():
        found = Journal().find("job:1")
        assert found is not None
        assert (found.number, found.phase) == (entry.number, "running")
        assert Journal().running() == [found]
        assert Journal().entries(phase="submitting") == []
        assert Journal().reusable([entry.fingerprint])[entry.fingerprint] == found


def test_next_change_writes_earlier() -> None:
    """The first change that can be written takes along what was left, and undoes nothing that came later."""
    entry = lose_change()
    Journal().saved(entry, answer("completed", 2.0), "/clips/1.mp4")
    assert on_disk() == ("saved", "job:1")
    assert changes.unwritten(Journal().path) == ()


def test_poll_is_written_with_the_next_change() -> None:
    """What a poll tells counts at once in this notebook, and is on the disk with the next change of any job."""
    journal = Journal()
    entry = journal.submitted(begin(journal), answer("queued", 1.0))
    seen = journal.seen_in_passing(entry, answer("completed", 2.0))
    assert on_disk() == ("running", "job:1")
    assert (seen.phase, journal.entries()[0].phase) == ("completed", "completed")
    assert [one.number for one in journal.running()] == [entry.number]
    journal.delete(begin(journal), running=True)
    assert on_disk() == ("completed", "job:1")


def test_calls_together_are_one_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls that come together are written at once; one that is refused undoes nothing but itself."""
    journal, opened = Journal(), 0
    entries = [begin(journal, client_request_id=f"submit-{number}") for number in range(20)]
    writing = database.writing

    def counted(*arguments: object, **options: object) -> object:
        nonlocal opened
        opened += 1
        return writing(*arguments, **options)  # type: ignore[arg-type]

    def refused(inside: Journal) -> None:
        inside.rejected(entries[0], "undone")
        raise OverBudget("Too dear.")

    async def together() -> list[object]:
        calls = [journal.without_blocking(Journal.rejected, entry, "refused") for entry in entries[1:]]
        return await asyncio.gather(journal.without_blocking(refused), *calls, return_exceptions=True)

    monkeypatch.setattr(database, "writing", counted)
    outcomes = asyncio.run(together())
    assert isinstance(outcomes[0], OverBudget)
    assert [entry.phase for entry in Journal().entries()] == ["rejected"] * 19 + ["submitting"]
    assert opened < 10


def test_one_thread_writes_a_journal() -> None:
    """All calls of a journal are made in one thread, however many are free: each that SQLite ran in keeps memory."""
    together = threading.Barrier(4)

    def meet() -> None:
        together.wait(30)

    for _ in range(3):
        daemon_threads.run(meet)
    meet()
    writer = writer_of(Journal().path)
    threads = {writer.submit(Journal(), lambda _: threading.get_ident()).result(30) for _ in range(100)}
    assert len(threads) == 1


def test_unwritten_change_is_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is written as soon as that works, although nothing else happens."""
    monkeypatch.setattr(changes, "_PAUSE", 0.01)
    lose_change()

    async def written() -> None:
        while changes.unwritten(Journal().path):  # noqa: ASYNC110 - the end of the lock is no event here
            await asyncio.sleep(0)

    event_loop.wait(event_loop.start(written()), timeout=30)
    assert on_disk() == ("running", "job:1")


def test_withdrawn_job_is_no_obstacle() -> None:
    """A job that was not bought stands in nobody's way, although its row could not be removed."""
    entry = begin(Journal())
    with being_written(), pytest.raises(JournalBusy):
        Journal(patience=0).withdraw(entry)
    assert Journal().reusable([entry.fingerprint]) == {}
    assert begin(Journal(), reuse=True).number == entry.number + 1


@pytest.mark.systems("linux", "darwin")
def test_full_disk_keeps_the_clip() -> None:
    """A clip that was saved while the disk took no change is in the journal, with its id, once there is room."""
    script = """
import resource
from wan_notebook.errors import StorageError
entry = journal.begin(REQUEST, service=HOSTED)
before = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (1, before[1]))
queued = parse_job({"id": "job:1", "status": "queued"}, at=1.0)
completed = parse_job({"id": "job:1", "status": "completed"}, at=2.0, before=queued)
for change in (lambda: journal.submitted(entry, queued), lambda: journal.saved(entry, completed, "/clips/1.mp4")):
    try:
        change()
    except StorageError:
        print(journal.find("job:1").phase)
resource.setrlimit(resource.RLIMIT_FSIZE, before)
"""
    with notebook(script) as other:
        said = other.communicate()[0]
    assert said.split() == ["running", "saved"]
    assert on_disk() == ("saved", "job:1")


def test_locked_journal_stops_no_job(order: Order) -> None:
    """A lock from the submit to the saved clip is told, and costs neither the clip nor the job's id."""
    told: list[str] = []
    with contextlib.ExitStack() as stack:
        lock = partial(stack.enter_context, being_written())
        clip = asyncio.run(take(ScriptedService(), order, told, lock, patience=0.0))
        assert on_disk() == ("submitting", None)
        assert Journal().reusable([order.fingerprint])[order.fingerprint].clip == clip.path
    assert "another notebook" in told[0]
    begin(Journal())
    saved = Journal().find("job-1")
    assert saved is not None
    assert (saved.phase, saved.clip) == ("saved", clip.path)


def test_defect_stops_no_writer(monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody foresaw while the file is opened is told to whoever waits, and the next call is made."""
    with monkeypatch.context() as patch:
        patch.setattr(Journal, "transaction", lambda _journal: 1 / 0)
        asked = [writer_of(Journal().path).submit(Journal(), begin) for _ in range(2)]
        assert {type(one.exception(30)) for one in asked} == {ZeroDivisionError}
    assert writer_of(Journal().path).submit(Journal(), begin).result(30).number == 1


def test_locked_journal_stops_no_loop(order: Order) -> None:
    """While a change waits for another notebook, the event loop goes on: it is what ends this lock."""
    told: list[str] = []

    async def way() -> Clip:
        with contextlib.ExitStack() as stack:

            def lock() -> None:
                stack.enter_context(being_written())
                asyncio.get_running_loop().call_later(0.2, stack.close)

            return await take(ScriptedService(), order, told, lock)

    clip = asyncio.run(way())
    assert told == []
    assert (*on_disk(), clip.job.id) == ("saved", "job-1", "job-1")


def hang(order: Order) -> None:
    """Record a job an hour ago in a notebook that lives, and neither sends it nor gives it up."""
    earlier = journal_of(AN_HOUR)
    earlier.begin(order.request, service=PAID, image=order.image, video=order.video, prepare=order.prepared)


def log(*ids: str) -> list[Reply]:
    own_id = Journal().entries()[0].client_request_id
    rows = [{"client_request_id": own_id, "inference_id": one, "status": "succeeded"} for one in ids]
    return [Reply(body={"data": rows, "pagination": {"has_more": False}})]


def test_hanging_submit_buys_nothing(order: Order) -> None:
    """A submit that takes longer than any can is not waited for for ever, and nothing is bought in its place."""
    hang(order)
    app = ScriptedService(others={"/v2/logs": log()})
    with pytest.raises(AskedBefore):
        asyncio.run(take(app, order, []))
    assert app.posts == []
    assert on_disk() == ("submitting", None)


def test_hanging_submit_is_looked_up(order: Order) -> None:
    """Where the service's log lists it, the job is watched, and bought no second time."""
    hang(order)
    app = ScriptedService(others={"/v2/logs": log("job-1")})
    assert asyncio.run(take(app, order, [])).job.id == "job-1"
    assert app.posts == []
    assert on_disk() == ("saved", "job-1")


def test_hanging_submit_is_resumable(order: Order) -> None:
    """It is not refused as one that is being sent just now: the log is asked."""
    hang(order)
    run = resume(Journal().entries()[0])
    run.cancel()
    assert run.done
