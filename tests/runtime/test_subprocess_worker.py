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
from wan_notebook.runtime.subprocess_worker import SubprocessWorker, WorkerLimits, without_secrets

PROGRAM = "support.subprocess_program"


class Failed(WanError):
    """The class that a worker's owner chose."""


Scenario = Callable[[SubprocessWorker], Awaitable[Any]]


def working(folder: Path, scenario: Scenario, *arguments: str, **options: Any) -> Any:
    """What a scenario makes of a worker, which is stopped after it."""

    async def whole() -> Any:
        options.setdefault("error", Failed)
        worker = SubprocessWorker("The helper", PROGRAM, *arguments, folder=folder, **options)
        try:
            return await scenario(worker)
        finally:
            worker.stop()

    return asyncio.run(whole())


def run_all(folder: Path, *tasks: dict[str, Any], **options: Any) -> list[tuple[Any, int | None]]:
    """The result or the error of each task, and the process after it."""

    async def end(worker: SubprocessWorker, task: dict[str, Any]) -> Any:
        try:
            return await worker.run(task)
        except WanError as error:
            return error

    async def scenario(worker: SubprocessWorker) -> list[tuple[Any, int | None]]:
        return [(await end(worker, task), worker.pid) for task in tasks]

    return working(folder, scenario, **options)


def is_alive(pid: int | None) -> bool:
    return psutil.pid_exists(pid or 0) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_results_and_messages_come_back(tmp_path: Path) -> None:
    """A task's messages arrive in their order before its result."""
    messages: list[Any] = []
    value = {"text": "größer", "numbers": [1, 2.5, None]}

    async def scenario(worker: SubprocessWorker) -> Any:
        return await worker.run({"do": "echo", "value": value}, messages.append)

    assert working(tmp_path, scenario) == value
    assert messages == [{"step": 0}, {"step": 1}, {"step": 2}]


def test_the_process_stays_warm(tmp_path: Path) -> None:
    """One process does one task after another, and none runs before the first."""

    async def scenario(worker: SubprocessWorker) -> None:
        assert worker.pid is None
        worker.start()
        pid = worker.pid
        for number in range(2):
            assert await worker.run({"do": "echo", "value": number}) == number
        assert worker.pid == pid

    working(tmp_path, scenario)


def test_odd_import_paths_do_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths and bytes among the texts of sys.path, and folders relative to the current one, leave the process well."""
    relative = [os.path.relpath(entry) for entry in sys.path if entry]
    monkeypatch.setattr(sys, "path", [tmp_path, b"bytes", "", *relative])
    assert run_all(tmp_path, {"do": "echo", "value": 1})[0][0] == 1


@pytest.mark.parametrize(
    ("do", "error", "text"),
    [("refuse", MediaError, "The picture shows nobody."), ("fail", Failed, "ZeroDivisionError: a defect")],
)
def test_an_error_ends_no_process(do: str, error: type[WanError], text: str, tmp_path: Path) -> None:
    """Errors about files keep their class, any other becomes the owner's, and the same process goes on."""
    (failed, pid), (after, same) = run_all(tmp_path, {"do": do}, {"do": "echo", "value": 1})
    assert (type(failed), str(failed)) == (error, text)
    assert (after, same) == (1, pid)


def test_a_defect_is_logged(tmp_path: Path) -> None:
    """The traceback of a defect goes to the log, that of an expected error does not."""
    run_all(tmp_path, {"do": "fail"}, {"do": "refuse"}, log=tmp_path / "log")
    assert "ZeroDivisionError: a defect" in (tmp_path / "log").read_text()
    assert "MediaError" not in (tmp_path / "log").read_text()


def test_a_death_is_explained(tmp_path: Path) -> None:
    """A process that dies during a task fails this one alone; the next gets a fresh one."""
    (failed, pid), (after, fresh) = run_all(tmp_path, {"do": "exit"}, {"do": "echo", "value": 1})
    assert (type(failed), str(failed)) == (Failed, "The helper ended unexpectedly (exit code 7).")
    assert after == 1
    assert fresh != pid


def test_early_death_is_repeated_once(tmp_path: Path) -> None:
    """A process that dies before it begins the task was dying already, so another one gets the task."""

    async def scenario(worker: SubprocessWorker) -> Any:
        return await worker.run({"do": "echo", "value": 1})

    assert working(tmp_path, scenario, "die once") == 1


def test_unrunnable_program_fails(tmp_path: Path) -> None:
    """Two early deaths in a row are the program's own, and a folder that is gone is said."""

    async def scenario(worker: SubprocessWorker) -> Any:
        return await worker.run({"do": "echo"})

    async def unknown() -> None:
        await SubprocessWorker("The helper", "no_such_module", folder=tmp_path, error=StorageError).run({})

    with pytest.raises(Failed, match="The helper cannot be started"):
        working(tmp_path / "gone", scenario)
    with pytest.raises(StorageError, match=r"The helper ended unexpectedly \(exit code 1\)\."):
        asyncio.run(unknown())


def test_silence_ends_the_process(tmp_path: Path) -> None:
    """A task without any message for too long fails, and its process is gone."""
    ((failed, pid),) = run_all(tmp_path, {"do": "hang"}, patience=0.5)
    assert str(failed) == "The helper gave no sign of life for 0.5 seconds and was ended."
    assert not is_alive(pid)


def test_a_long_task_is_ended(tmp_path: Path) -> None:
    """A task that goes on beyond its time fails, however often it gives a sign of life, and its process is gone."""
    (failed, pid), (after, _) = run_all(
        tmp_path, {"do": "chatter"}, {"do": "echo", "value": 1}, patience=60, limits=WorkerLimits(seconds=1.0)
    )
    assert str(failed) == "The helper took longer than 1 seconds and was ended."
    assert not is_alive(pid)
    assert after == 1


@pytest.mark.skipif(sys.platform != "linux", reason="other systems enforce no such limit")
def test_memory_has_a_limit(tmp_path: Path) -> None:
    """A task that takes more memory than it may fails, and the same process does the next one."""
    limits = WorkerLimits(memory=500_000_000)
    (failed, pid), (after, same) = run_all(tmp_path, {"do": "grow"}, {"do": "echo", "value": 1}, limits=limits)
    assert (type(failed), str(failed)) == (Failed, "MemoryError: ")
    assert (after, same) == (1, pid)


@pytest.mark.parametrize(("do", "survives"), [("wait", True), ("hang", False)])
def test_cancelling_ends_the_work(do: str, survives: bool, tmp_path: Path) -> None:
    """A task that listens ends by itself and its process stays; one that does not is killed with its process."""

    async def scenario(worker: SubprocessWorker) -> None:
        begun = asyncio.Event()
        task = asyncio.create_task(worker.run({"do": do}, lambda _message: begun.set()))
        await begun.wait()
        pid = worker.pid
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert is_alive(pid) == survives
        assert await worker.run({"do": "echo", "value": 1}) == 1
        assert (worker.pid == pid) == survives

    working(tmp_path, scenario)


def test_printing_breaks_nothing(tmp_path: Path) -> None:
    """Standard output goes nowhere and standard input is empty for whatever runs in the process."""
    assert [end for end, _ in run_all(tmp_path, {"do": "print"})] == [""]


def test_the_environment_is_this_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process gets the environment of this one without its secrets, its import path, and nothing else."""
    monkeypatch.setenv("WAN_NOTEBOOK_TEST", "inherited")
    ((environment, _),) = run_all(tmp_path, {"do": "environment"})
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
    ((environment, _),) = run_all(tmp_path, {"do": "environment"})
    assert "canary" not in str(environment)
    assert environment["PATH"] == os.environ["PATH"]


def test_an_interrupt_is_ignored(tmp_path: Path) -> None:
    """The interrupt button of a notebook stops the cell, and no task."""

    async def scenario(worker: SubprocessWorker) -> Any:
        await worker.run({"do": "echo", "value": 0})
        psutil.Process(worker.pid).send_signal(signal.SIGINT)
        return await worker.run({"do": "echo", "value": 1})

    assert working(tmp_path, scenario) == 1


PARENT = """
import asyncio, sys
sys.path[:0] = {path!r}
from pathlib import Path
from wan_notebook.runtime.subprocess_worker import SubprocessWorker

async def main():
    worker = SubprocessWorker("The helper", {program!r}, folder=Path({folder!r}))
    await worker.run({{"do": "hang"}}, lambda _message: print(worker.pid, flush=True))

asyncio.run(main())
"""


def test_process_dies_with_its_parent(tmp_path: Path) -> None:
    """When the parent is killed, a process in the midst of a task cleans up and is gone."""
    code = PARENT.format(path=sys.path, program=PROGRAM, folder=str(tmp_path))
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    worker = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.communicate()
    assert psutil.wait_procs([worker], timeout=30)[1] == []
    assert (tmp_path / "parent gone").exists()
