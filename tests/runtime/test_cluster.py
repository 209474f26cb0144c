"""Work on the workers of a Dask cluster: two processes of this machine, reached over loopback."""

import asyncio
import contextlib
import importlib.util
import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import psutil
import pytest
from dask.utils import parse_timedelta
from distributed import Client, LocalCluster
from distributed.security import Security

from wan_notebook.errors import ClusterUnavailable, InvalidRequest, MediaError, WanError
from wan_notebook.model.protocol import GENERATIONS
from wan_notebook.runtime.cluster import Cluster
from wan_notebook.runtime.cluster import workers as clusters
from wan_notebook.runtime.cluster.address import check_address
from wan_notebook.runtime.cluster.workers import packed
from wan_notebook.runtime.task import Message, Task

from support import engines
from support.clusters import begin, done, on, task
from support.media import order
from support.services import app_of, begun, client_of, submitted

pytestmark = pytest.mark.slow

CANARY = "sk-canary-of-the-cluster"
GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "cluster.md"


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """The address of a cluster with two workers of one thread each, started with a key in the environment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIMLAPI_API_KEY", CANARY)
        with LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=":0"
        ) as cluster:
            yield cluster.scheduler_address


def on_workers(address: str, function: Callable[[], Any]) -> dict[str, Any]:
    """What a function returns on each Dask worker."""
    with Client(address, set_as_default=False) as client:
        return dict(client.run(function))


def test_files_travel_with_tasks(scheduler: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A task's files go to the worker and come back by their content, to each worker once, whatever their names."""
    originals = [tmp_path / name for name in ("größer.bin", "copy of it.bin", "other.bin")]
    for path, content in zip(originals, (b"a" * 2_000_000, b"a" * 2_000_000, b"b"), strict=True):
        path.write_bytes(content)
    sent: list[str] = []
    send = clusters._Running.send

    def counted(self: Any, digests: list[str], worker: str) -> None:
        sent.extend(f"{digest} to {worker}" for digest in digests)
        send(self, digests, worker)

    monkeypatch.setattr(clusters._Running, "send", counted)

    async def scenario() -> None:
        async with on(scheduler) as workers:
            for path in (*originals, *originals):
                copy = tmp_path / "copy"
                one = Task("support.subprocess_program:handle", {"do": "copy"}, {"original": path}, {"copy": copy})
                assert await workers.run(one) == path.stat().st_size
                assert copy.read_bytes() == path.read_bytes()

    asyncio.run(scenario())
    assert len(sent) == len(set(sent)) <= 4


def test_errors_come_back(scheduler: str) -> None:
    """An error about a file keeps its class and words; of others it is said that they come from a worker there."""
    refused, failed, died = done(scheduler, task("refuse"), task("fail"), task("exit"))
    assert (type(refused), str(refused)) == (MediaError, "The picture shows nobody.")
    assert str(failed).startswith(f"On a worker of the Dask scheduler at {scheduler}: ZeroDivisionError")
    assert str(died).endswith("The helper ended unexpectedly (exit code 7), twice.")


@pytest.mark.parametrize("do", ["hang", "keep the lock"])
def test_cancelling_ends_the_work(scheduler: str, do: str) -> None:
    """A cancelled task ends there too, with its process where it listens to nothing, and the next one is done."""

    async def scenario() -> None:
        async with on(scheduler) as workers:
            running = await begin(workers, task(do))
            working = _processes()
            assert len(working) == 1
            running.cancel()
            await asyncio.wait([running])
            assert running.cancelled()
            assert (await asyncio.to_thread(psutil.wait_procs, working, 30))[1] == []
            assert await workers.run(task("echo", value=1)) == 1

    end_processes()
    asyncio.run(scenario())


def test_work_ends_with_its_notebook(scheduler: str) -> None:
    """Whoever asked for a task and is gone leaves no work behind on the cluster."""

    async def scenario() -> list[psutil.Process]:
        async with on(scheduler) as workers:
            await begin(workers, task("hang"))
            return _processes()

    end_processes()
    working = asyncio.run(scenario())
    assert psutil.wait_procs(working, timeout=30)[1] == []


def test_killed_worker_loses_nothing(scheduler: str, tmp_path: Path) -> None:
    """When a Dask worker is killed in the midst of its task, the task is begun again elsewhere, and says so."""
    messages: list[Message] = []
    free = tmp_path / "free"

    async def scenario() -> None:
        async with on(scheduler) as workers:
            running = [await begin(workers, task("wait", until=str(free)), messages) for _ in range(2)]
            waiting = [asyncio.ensure_future(workers.run(task("echo", value=number))) for number in range(4)]
            _processes()[0].parent().kill()  # type: ignore[union-attr]
            while sum("begun" in message for message in messages) < 3:
                await asyncio.wait(running, timeout=0.05)
            free.touch()
            assert len(await asyncio.gather(*running)) == 2
            assert await asyncio.gather(*waiting) == [0, 1, 2, 3]

    asyncio.run(scenario())


def _processes() -> list[psutil.Process]:
    """The processes beside the Dask workers that do the work."""
    found = []
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.ZombieProcess, psutil.NoSuchProcess):
            found += [child] if "worker_main" in " ".join(child.cmdline()) else []
    return found


def end_processes() -> None:
    working = _processes()
    for process in working:
        process.kill()
    psutil.wait_procs(working)


def test_no_key_travels(scheduler: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither a key of the notebook nor one of the worker reaches the process that does the work."""
    monkeypatch.setenv("AIMLAPI_API_KEY", "sk-canary-of-the-notebook")
    assert CANARY in on_workers(scheduler, lambda: os.environ.get("AIMLAPI_API_KEY")).values()
    (environment,) = done(scheduler, task("environment"))
    assert environment["PATH"]
    assert "canary" not in str(environment)
    file = tmp_path / "file"
    file.touch()
    assert "canary" not in json.dumps(packed(Task("a:b", {"model": "move"}, {"image": file}))[0])


def test_previews_are_made_there(scheduler: str, tmp_path: Path) -> None:
    """The preview's service has its jobs done on the cluster: progress, findings, clip, and an end when cancelled."""

    async def scenario() -> None:
        async with on(scheduler) as workers, client_of(app_of("support.engines:moody", workers=workers)) as client:
            answer = await submitted(client, order(tmp_path))
            assert (answer["status"], answer["meta"]["progress"]) == ("completed", 1.0)
            assert answer["meta"]["preflight"]["notices"] == [engines.NOTICE]
            assert (await client.get(answer["video"]["url"])).content[4:8] == b"ftyp"
            job_id = await begun(client, order(tmp_path, num_inference_steps=engines.OBEY))
            ended = (await client.delete(GENERATIONS, params={"generation_id": job_id})).json()
            assert ended["error"]["name"] == "Cancelled"

    asyncio.run(scenario())


def test_other_version_is_refused(scheduler: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the worker has another version of this package, both are named, and the command that helps."""
    monkeypatch.setattr(clusters, "_version", lambda: "9.9")
    (error,) = done(scheduler, task("echo", value=1))
    assert isinstance(error, ClusterUnavailable)
    assert "and this notebook 9.9" in str(error)
    assert "pip install 'wan-notebook[preview,cluster]==9.9'" in str(error)
    assert done(scheduler, task("echo", value=1), fallback=True) == [1]


def test_missing_package_is_named(scheduler: str) -> None:
    """Where the workers cannot import this package, that is said, with the command that helps."""

    def hide() -> None:
        sys.modules["wan_notebook.runtime.cluster.execute"] = None  # type: ignore[assignment]

    def show() -> None:
        sys.modules.pop("wan_notebook.runtime.cluster.execute", None)

    on_workers(scheduler, hide)
    try:
        (error,) = done(scheduler, task("echo", value=1))
    finally:
        on_workers(scheduler, show)
    assert isinstance(error, ClusterUnavailable)
    assert "it has no wan-notebook, or an older one" in str(error)
    assert "pip install 'wan-notebook[preview,cluster]==" in str(error)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("tpc://scheduler:8786", "did you mean tcp://?"),
        ("scheduler:8786", "it should read as tcp://scheduler:8786"),
        ("tcp://scheduler", "lacks the scheduler's port, usually 8786"),
        ("tcp://scheduler:99999", "lacks the scheduler's port"),
        ("http://scheduler:8787/status", "perhaps the dashboard"),
        ("tcp://user:secret@scheduler:8786", "is no address of a Dask scheduler"),
        ("", "is no address"),
        (None, "is no address"),
        (8786, "is no address"),
    ],
)
def test_wrong_address_is_explained(text: object, says: str) -> None:
    """An address that cannot be one is refused before anything is sent, with what it should be."""
    with pytest.raises(InvalidRequest, match=says.replace("?", r"\?")):
        check_address(text)


def test_usual_addresses_are_taken() -> None:
    """Addresses are taken with the protocols that Dask has, and IPv6; a gateway's only with its keys."""
    for text in ("tcp://127.0.0.1:8786", " tls://host.example:8786\n", "tcp://[::1]:8786", "wss://host:443"):
        assert Cluster.of(text).address == text.strip()
    with pytest.raises(InvalidRequest, match="pass the GatewayCluster itself"):
        Cluster.of("gateway://proxy.example:80/hub.1")


def test_guide_names_what_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """The guide's ways to a queue and to a hub run against objects with the attributes that Dask's own have."""
    patience: list[float] = []

    class Given(SimpleNamespace):
        def adapt(self, minimum: int, maximum: int, interval: str = "1s", wait_count: int = 3) -> None:
            assert 0 <= minimum < maximum
            patience.append(parse_timedelta(interval) * wait_count)

    def slurm_cluster(**options: Any) -> Given:
        assert set(options) == {"cores", "processes", "memory", "walltime", "worker_extra_args"}
        assert options["processes"] == 1  # Dask asks for workers one by one
        return queue

    slurm, gateway = ModuleType("dask_jobqueue"), ModuleType("dask_gateway")
    queue = Given(scheduler_address="tcp://10.0.0.1:45678", security=None)
    hub = Given(scheduler_address="gateway://hub.example:80/jovyan.1", security=Security())
    slurm.SLURMCluster = slurm_cluster  # type: ignore[attr-defined]
    gateway.Gateway = lambda: SimpleNamespace(new_cluster=lambda: hub)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "dask_jobqueue", slurm)
    monkeypatch.setitem(sys.modules, "dask_gateway", gateway)
    snippets = re.findall(r"```py\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    services = []
    for snippet in snippets:
        names: dict[str, Any] = {}
        exec(snippet, names)
        services.append(names["service"])
    assert [service.cluster.address for service in services] == [queue.scheduler_address, hub.scheduler_address]
    assert services[1].cluster.security is hub.security
    assert patience[0] >= 60  # seconds in a queue, before a job is taken back
    assert services[1].code() == "wan.Service.embedded(cluster)"


def test_missing_dask_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Dask is not installed, the command is told before anything is sent."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(ClusterUnavailable, match=r"pip install 'wan-notebook\[cluster\]'"):
        Cluster.of("tcp://scheduler:8786")


def test_worker_errors_are_ours(scheduler: str) -> None:
    """No exception of Dask's gets through."""
    outcomes = done(scheduler, Task("no_such_module:work", {}), task("fail"))
    assert all(isinstance(error, WanError) for error in outcomes)
