"""A process that does one task after another, and what becomes of it."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from wan_notebook.errors import MediaError, StorageError, WanError
from wan_notebook.runtime.subprocess_worker import SubprocessWorker, without_secrets
from wan_notebook.runtime.task import Task, TaskLimits

from support.workers import is_alive

WORK = "support.subprocess_program:handle"


class Failed(WanError):
    """The class that a worker's owner chose."""


FREE = TaskLimits()
SAID = {"waiting": True}
Scenario = Callable[[SubprocessWorker], Awaitable[Any]]


def task(do: str, limits: TaskLimits = FREE, **values: Any) -> Task:
    return Task(WORK, {"do": do, **values}, subject="The helper", error=Failed, limits=limits)


def working(folder: Path, scenario: Scenario) -> Any:
    """What a scenario makes of a worker, which is stopped after it."""

    async def whole() -> Any:
        worker = SubprocessWorker(folder, folder / "log")
        try:
            return await scenario(worker)
        finally:
            worker.stop()

    return asyncio.run(whole())


def run_all(folder: Path, *tasks: Task) -> list[tuple[Any, int | None]]:
    """The result or the error of each task, and the process after it."""

    async def end(worker: SubprocessWorker, one: Task) -> Any:
        try:
            return await worker.run(one)
        except WanError as error:
            return error

    async def scenario(worker: SubprocessWorker) -> list[tuple[Any, int | None]]:
        return [(await end(worker, one), worker.pid) for one in tasks]

    return working(folder, scenario)


def test_results_and_messages_come_back(tmp_path: Path) -> None:
    """A task's messages arrive in their order before its result, the first that it has begun."""
    messages: list[Any] = []
    value = {"text": "größer", "numbers": [1, 2.5, None]}

    async def scenario(worker: SubprocessWorker) -> Any:
        return await worker.run(task("echo", value=value), messages.append)

    assert working(tmp_path, scenario) == value
    assert messages == [{"begun": True}, *({"step": number, "message": f"Step {number}"} for number in range(3))]


def test_the_process_stays_warm(tmp_path: Path) -> None:
    """One process does one task after another, and none runs before the first."""

    async def scenario(worker: SubprocessWorker) -> None:
        assert worker.pid is None
        worker.start(["json", "no_such_module"])
        pid = worker.pid
        for number in range(2):
            assert await worker.run(task("echo", value=number)) == number
        assert worker.pid == pid

    working(tmp_path, scenario)


def test_odd_import_paths_do_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths and bytes among the texts of sys.path, and folders relative to the current one, leave the process well."""
    relative = [os.path.relpath(entry) for entry in sys.path if entry]
    monkeypatch.setattr(sys, "path", [tmp_path, b"bytes", "", *relative])
    assert run_all(tmp_path, task("echo", value=1))[0][0] == 1


@pytest.mark.parametrize(
    ("do", "error", "text"),
    [("refuse", MediaError, "The picture shows nobody."), ("fail", Failed, "ZeroDivisionError: a defect")],
)
def test_an_error_ends_no_process(do: str, error: type[WanError], text: str, tmp_path: Path) -> None:
    """Errors about files keep their class, any other becomes the owner's, and the same process goes on."""
    (failed, pid), (after, same) = run_all(tmp_path, task(do), task("echo", value=1))
    assert (type(failed), str(failed)) == (error, text)
    assert (after, same) == (1, pid)


def test_a_defect_is_logged(tmp_path: Path) -> None:
    """The traceback of a defect goes to the log, that of an expected error does not."""
    run_all(tmp_path, task("fail"), task("refuse"))
    assert "ZeroDivisionError: a defect" in (tmp_path / "log").read_text()
    assert "MediaError" not in (tmp_path / "log").read_text()


def test_a_death_costs_one_retry(tmp_path: Path) -> None:
    """A task whose process dies is begun once more by a fresh one, and its messages say so."""
    messages: list[Any] = []

    async def scenario(worker: SubprocessWorker) -> Any:
        return await worker.run(task("exit once", mark=str(tmp_path / "mark")), messages.append)

    assert working(tmp_path, scenario) == "the second time"
    assert messages == [{"begun": True}, {"begun": True}]


def test_a_second_death_is_explained(tmp_path: Path) -> None:
    """A process that dies at each attempt fails this task alone; the next gets a fresh one."""
    (failed, pid), (after, fresh) = run_all(tmp_path, task("exit"), task("echo", value=1))
    assert (type(failed), str(failed)) == (Failed, "The helper ended unexpectedly (exit code 7), twice.")
    assert after == 1
    assert fresh != pid


def test_unrunnable_program_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that is gone is said, a Python that does not run, and work that cannot be found."""
    unknown = Task("no_such_module:work", {}, error=StorageError)
    ((failed, _),) = run_all(tmp_path, unknown)
    assert (type(failed), str(failed)) == (StorageError, "ModuleNotFoundError: No module named 'no_such_module'")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no python"))
    ((failed, _),) = run_all(tmp_path, task("echo"))
    assert str(failed).startswith("The helper cannot be started")


def test_silence_ends_the_process(tmp_path: Path) -> None:
    """A task without any message for too long fails, and its process is gone."""
    ((failed, pid),) = run_all(tmp_path, task("hang", TaskLimits(silence=0.5)))
    assert str(failed) == "The helper gave no sign of life for 0.5 seconds and was ended."
    assert not is_alive(pid)


def test_a_long_task_is_ended(tmp_path: Path) -> None:
    """A task that goes on beyond its time fails, however often it gives a sign of life, and its process is gone."""
    (failed, pid), (after, _) = run_all(
        tmp_path, task("chatter", TaskLimits(seconds=1.0, silence=60)), task("echo", value=1)
    )
    assert str(failed) == "The helper took longer than 1 seconds and was ended."
    assert not is_alive(pid)
    assert after == 1


@pytest.mark.systems("linux")  # others enforce no such limit
def test_memory_has_a_limit(tmp_path: Path) -> None:
    """A task that takes more memory than it may fails, and the same process does the next one, within its own limit."""
    limits = TaskLimits(memory=500_000_000)
    (failed, pid), (after, same) = run_all(tmp_path, task("grow", limits), task("grow"))
    assert (type(failed), str(failed)) == (Failed, "MemoryError: ")
    assert (after, same) == (600_000_000, pid)


@pytest.mark.parametrize(("do", "survives"), [("wait", True), ("hang", False), ("keep the lock", False)])
def test_cancelling_ends_the_work(do: str, survives: bool, tmp_path: Path) -> None:
    """A task that listens ends by itself and its process stays; one that does not is killed with its process.

    So is one within a call of a library that lets nothing else in the process run.
    """

    async def scenario(worker: SubprocessWorker) -> None:
        begun = asyncio.Event()
        running = asyncio.create_task(worker.run(task(do), lambda message: begun.set() if message == SAID else None))
        await begun.wait()
        pid = worker.pid
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert is_alive(pid) == survives
        assert await worker.run(task("echo", value=1)) == 1
        assert (worker.pid == pid) == survives

    working(tmp_path, scenario)


def test_closing_amid_cancelling(tmp_path: Path) -> None:
    """A worker that is closed at the moment its task is cancelled ends it as cancelled, and as nothing else."""

    async def scenario(worker: SubprocessWorker) -> None:
        begun = asyncio.Event()
        running = asyncio.create_task(
            worker.run(task("hang"), lambda message: begun.set() if message == SAID else None)
        )
        await begun.wait()
        worker.close()
        running.cancel()
        await asyncio.wait([running])
        assert running.cancelled()

    working(tmp_path, scenario)


def test_printing_breaks_nothing(tmp_path: Path) -> None:
    """Standard output goes nowhere and standard input is empty for whatever runs in the process."""
    assert [end for end, _ in run_all(tmp_path, task("print"))] == [""]


def test_the_environment_is_this_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process gets the environment of this one without its secrets, its import path, and nothing else."""
    monkeypatch.setenv("WAN_NOTEBOOK_TEST", "inherited")
    ((environment, _),) = run_all(tmp_path, task("environment"))
    assert environment["PYTHONPATH"].split(os.pathsep) == [entry for entry in sys.path if entry]
    ignored = {"PYTHONPATH", "LC_CTYPE"}  # Python itself may set the latter
    assert {n: v for n, v in environment.items() if n not in ignored} == {
        n: v for n, v in without_secrets(os.environ).items() if n not in ignored
    }


def test_no_secret_is_inherited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a key nor a token or password reaches the process, under whatever name it stands in the environment."""
    for name in ("AIMLAPI_API_KEY", "WAN_NOTEBOOK_TOKEN", "JUPYTERHUB_API_TOKEN", "DB_PASSWORD", "https_proxy"):
        monkeypatch.setenv(name, f"canary {name}")
    monkeypatch.setenv("HARMLESS", "x canary AIMLAPI_API_KEY y")
    monkeypatch.setenv("INDEX", "https://me:canary@packages.test/")
    ((environment, _),) = run_all(tmp_path, task("environment"))
    assert "canary" not in str(environment)
    assert environment["PATH"] == os.environ["PATH"]


def session_niceness(pid: int) -> int | None:
    """The niceness of a process's session; None where this system weighs none."""
    session = Path(f"/proc/{pid}/autogroup")
    return int(session.read_text().split()[-1]) if session.exists() else None


def test_notebook_comes_before_workers(tmp_path: Path) -> None:
    """A worker comes after this process, and so does its session where Linux weighs sessions against one another."""

    async def scenario(worker: SubprocessWorker) -> None:
        await worker.run(task("echo", value=1))
        assert worker.pid is not None
        niceness = psutil.Process(worker.pid).nice()
        if sys.platform == "win32":
            assert niceness == psutil.BELOW_NORMAL_PRIORITY_CLASS
            return
        assert niceness == min(19, psutil.Process().nice() + 5)
        # Linux takes ten changes of sessions a second, and other tests start workers too.
        for number in range(300):
            if session_niceness(worker.pid) in (None, niceness):
                return
            await worker.run(task("echo", value=number))
        raise AssertionError("its session is weighed like any other")

    working(tmp_path, scenario)


@pytest.mark.systems("linux", "darwin")
def test_an_interrupt_is_ignored(tmp_path: Path) -> None:
    """The interrupt button of a notebook stops the cell, and no task."""

    async def scenario(worker: SubprocessWorker) -> Any:
        await worker.run(task("echo", value=0))
        psutil.Process(worker.pid).send_signal(signal.SIGINT)
        return await worker.run(task("echo", value=1))

    assert working(tmp_path, scenario) == 1


PARENT = """
import asyncio, sys
sys.path[:0] = {path!r}
from pathlib import Path
from wan_notebook.runtime.task import Task
from wan_notebook.runtime.worker_pool import WorkerPool

async def main():
    pool = WorkerPool(2)
    said = lambda message: message.get("waiting") and print(*pool.pids, flush=True)
    await asyncio.gather(*(pool.run(Task({work!r}, {{"do": "hang"}}), said) for _ in range(2)))

asyncio.run(main())
"""


def test_workers_die_with_their_parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the notebook's kernel is killed, its workers in the midst of tasks are gone, and so is their folder."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    code = PARENT.format(path=sys.path, work=WORK)
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    lines = [parent.stdout.readline() for _ in range(2)]
    workers = [psutil.Process(int(pid)) for pid in lines[-1].split()]
    assert len(workers) == 2
    assert len(list(tmp_path.iterdir())) == 1
    parent.kill()
    parent.communicate()
    assert psutil.wait_procs(workers, timeout=30)[1] == []
    assert list(tmp_path.iterdir()) == []
