"""Processes that do tasks side by side."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Literal

import pytest

from wan_notebook.cli import doctor
from wan_notebook.errors import InvalidRequest, WanError
from wan_notebook.runtime import machine, worker_pool
from wan_notebook.runtime.task import Task
from wan_notebook.runtime.worker_pool import WorkerPool, usual_size

from support.workers import is_alive


def task(do: str, *, urgency: Literal[-1, 0, 1] = 0, **values: Any) -> Task:
    return Task("support.subprocess_program:handle", {"do": do, **values}, urgency=urgency)


def pooled(size: int, scenario: Callable[[WorkerPool], Awaitable[Any]], cores: int | None = None) -> Any:
    """What a scenario makes of a pool, which is closed after it."""

    async def whole() -> Any:
        pool = WorkerPool(size, cores)
        try:
            return await scenario(pool)
        finally:
            await pool.close()
            assert pool.pids == []

    return asyncio.run(whole())


async def until(condition: Callable[[], bool]) -> None:
    while True:
        if condition():
            return
        await asyncio.sleep(0)


async def begin(pool: WorkerPool, one: Task) -> "asyncio.Task[Any]":
    """Begin a task, and return it once it has said its first word."""
    said = asyncio.Event()
    running = asyncio.create_task(pool.run(one, lambda message: said.set() if "waiting" in message else None))
    await said.wait()
    return running


def test_tasks_run_side_by_side() -> None:
    """No process runs before the first task; as many tasks as there may be processes run at once, and no more."""

    async def scenario(pool: WorkerPool) -> None:
        assert pool.pids == []
        first, second = await begin(pool, task("wait")), await begin(pool, task("wait"))
        third = asyncio.create_task(pool.run(task("pid")))
        await asyncio.sleep(0)
        assert len(set(pool.pids)) == 2
        assert not third.done()
        first.cancel()
        assert await third in pool.pids
        assert not second.done()

    pooled(2, scenario)


def test_one_process_stays_warm() -> None:
    """One task after another is done by one process, however many there may be."""

    async def scenario(pool: WorkerPool) -> set[int]:
        return {await pool.run(task("pid")) for _ in range(3)}

    assert len(pooled(4, scenario)) == 1


def test_tasks_share_the_processors() -> None:
    """A task that begins alone may use all processors, one that begins beside others its share of them."""

    async def scenario(pool: WorkerPool) -> list[int]:
        alone = await pool.run(task("threads"))
        running = await begin(pool, task("wait"))
        beside = await pool.run(task("threads"))
        running.cancel()
        return [alone, beside]

    assert pooled(2, scenario, cores=4) == [4, 2]


def test_tasks_wait_by_their_kind() -> None:
    """The more urgent of the tasks that wait begin first, and those of one urgency in their order."""
    order: list[str] = []

    async def scenario(pool: WorkerPool) -> None:
        async def one(name: str, urgency: Literal[-1, 0, 1]) -> None:
            await pool.run(task("echo", urgency=urgency, value=name))
            order.append(name)

        running = await begin(pool, task("wait"))
        tasks = one("measure", -1), one("first", 0), one("second", 0), one("prepare", 1)
        waiting = [asyncio.create_task(each) for each in tasks]
        await asyncio.sleep(0)
        running.cancel()
        await asyncio.gather(*waiting)

    pooled(1, scenario)
    assert order == ["prepare", "first", "second", "measure"]


def test_cancelled_wait_never_begins() -> None:
    """A task that is cancelled while it waits never begins, not even when its turn has just come."""
    begun: list[Any] = []

    async def scenario(pool: WorkerPool) -> None:
        running = await begin(pool, task("wait"))
        waiting = asyncio.create_task(pool.run(task("echo", value=1), begun.append))
        await asyncio.sleep(0)
        (turn,) = pool._waiting[1]
        running.cancel()
        await until(turn.done)
        waiting.cancel()
        await asyncio.wait([waiting])
        assert await pool.run(task("echo", value=2)) == 2

    pooled(1, scenario)
    assert begun == []


def test_closed_pool_says_so() -> None:
    """Where a pool is closed, what runs fails and so does what waits, in a sentence, and no process is left."""

    async def scenario(pool: WorkerPool) -> None:
        running = await begin(pool, task("wait"))
        waiting = [asyncio.create_task(pool.run(task("pid", urgency=urgency))) for urgency in (0, -1)]
        await asyncio.sleep(0)
        (pid,) = pool.pids
        await pool.close()
        failed = await asyncio.wait_for(asyncio.gather(running, *waiting, return_exceptions=True), 10)
        before = "The worker was closed before this began."
        assert list(map(str, failed)) == ["The worker was closed.", before, before]
        assert all(isinstance(error, WanError) for error in failed)
        await until(lambda: not is_alive(pid))
        assert pool.pids == []

    pooled(1, scenario)


def test_idle_processes_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process without work ends and gives its memory back, the last one later; the next task gets a fresh one."""
    monkeypatch.setattr(worker_pool, "_IDLE", 0.05)
    monkeypatch.setattr(worker_pool, "_LAST_IDLE", 0.05)

    async def scenario(pool: WorkerPool) -> None:
        pool.prepare(("json",), 2)
        pids = pool.pids
        assert len(pids) == 2
        await until(lambda: pool.pids == [])
        assert not any(map(is_alive, pids))
        assert await pool.run(task("pid")) not in pids

    pooled(2, scenario)


def test_files_are_read_and_written(tmp_path: Path) -> None:
    """A task finds its files under their names, several of them as a list."""
    original, copy = tmp_path / "größer.txt", tmp_path / "copy"
    original.write_bytes(b"12345")
    one = Task("support.subprocess_program:handle", {"do": "copy"}, {"original": original}, {"copy": copy})
    assert pooled(1, lambda pool: pool.run(one)) == 5
    assert copy.read_bytes() == b"12345"
    assert Task("", {}, {"both": (original, copy)}).message == {"both": [str(original), str(copy)]}


def test_size_follows_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """There are as many workers as processors, four at most, and fewer where a container has less of both."""
    monkeypatch.setattr(worker_pool, "processors", lambda: 16)
    monkeypatch.setattr(worker_pool, "memory", lambda: None)
    assert usual_size() == 4
    monkeypatch.setattr(worker_pool, "memory", lambda: 2_100_000_000)
    assert usual_size() == 2
    monkeypatch.setattr(worker_pool, "memory", lambda: 100_000_000)
    assert usual_size() == 1


@pytest.mark.parametrize("wanted", ["1", " 3 ", "7"])
def test_size_can_be_said(wanted: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """WAN_NOTEBOOK_WORKERS says how many workers there may be, more or fewer than the machine has room for."""
    monkeypatch.setenv("WAN_NOTEBOOK_WORKERS", wanted)
    assert usual_size() == int(wanted)
    assert f"{int(wanted)} at once" in doctor.workers()


@pytest.mark.parametrize("wanted", ["banana", "0", "-1", "1.5", "½", "9999999999"])
def test_odd_sizes_are_refused(wanted: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable that is no number of workers is named, with what it may be."""
    monkeypatch.setenv("WAN_NOTEBOOK_WORKERS", wanted)
    with pytest.raises(InvalidRequest, match=r"WAN_NOTEBOOK_WORKERS is .* whole number from 1 to 256"):
        WorkerPool()


HALF_A_CORE, ANY = (
    {"cpu.max": "50000 100000", "memory.max": "1073741824"},
    {"cpu.max": "max 100000", "memory.max": "max"},
)
"""The limits of a control group: half a processor and a gigabyte, and none."""


@pytest.mark.parametrize(
    ("own", "limits"),
    [
        ("0::/\n", {"": HALF_A_CORE}),
        ("0::/user.slice/hub\n", {"": ANY, "user.slice": HALF_A_CORE, "user.slice/hub": ANY}),
        ("0::/user.slice/hub\n", {"user.slice/hub": HALF_A_CORE}),
        (
            "5:cpu,cpuacct:/slurm/step\n3:memory:/slurm\n1:name=systemd:/\n",
            {
                "cpu/slurm/step": {"cpu.cfs_quota_us": "50000", "cpu.cfs_period_us": "100000"},
                "memory/slurm": {"memory.limit_in_bytes": "1073741824"},
            },
        ),
        (
            "5:cpu,cpuacct:/docker/of-the-host\n3:memory:/docker/of-the-host\n",
            {
                "cpu": {"cpu.cfs_quota_us": "50000", "cpu.cfs_period_us": "100000"},
                "memory": {"memory.limit_in_bytes": "1073741824"},
            },
        ),
    ],
)
def test_limits_of_groups_hold(own: str, limits: dict[str, dict[str, str]], tmp_path: Path) -> None:
    """The least limit holds of a process's control group and of those around it, as of containers, hubs and Slurm."""
    (tmp_path / "own").write_text(own)
    for group, files in limits.items():
        (tmp_path / "groups" / group).mkdir(parents=True, exist_ok=True)
        for name, value in files.items():
            (tmp_path / "groups" / group / name).write_text(f"{value}\n")
    places = tmp_path / "groups", tmp_path / "own"
    assert (machine.processors(*places), machine.memory(*places)) == (1, 1 << 30)


@pytest.mark.systems("linux")
@pytest.mark.parametrize("own", ["", "nonsense", "0::/../elsewhere\n", "0::/not/there\n"])
def test_no_limit_is_none(own: str, tmp_path: Path) -> None:
    """Where nothing is limited, or the system says it in no known way, all of the machine may be used."""
    (tmp_path / "own").write_text(own)
    places = tmp_path / "groups", tmp_path / "own"
    assert machine.processors(*places) == len(os.sched_getaffinity(0))
    assert machine.memory(*places) == os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
