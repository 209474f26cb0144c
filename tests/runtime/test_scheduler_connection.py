"""The connection to a Dask scheduler: made, lost, silent, refused."""

import asyncio
import socket
import sys
from pathlib import Path
from typing import Any

import pytest
from distributed import Client, LocalCluster
from distributed.security import Security

from wan_notebook.errors import ClusterUnavailable
from wan_notebook.preview.server.serve import cluster_warning
from wan_notebook.runtime.cluster import Cluster, DaskWorkers
from wan_notebook.runtime.cluster import connection as connections
from wan_notebook.runtime.cluster.connection import SchedulerConnection, topic
from wan_notebook.runtime.event_loop import within
from wan_notebook.runtime.task import Message
from wan_notebook.runtime.worker_pool import WorkerPool

from support.clusters import Relay, begin, done, scheduler_that_ends, task
from support.services import refused_port

pytestmark = pytest.mark.slow


def test_gone_scheduler_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scheduler that does not answer is told in a sentence, at once the second time, and nothing is done here."""
    monkeypatch.setattr(connections, "_CONNECT", 0.5)
    address = f"tcp://127.0.0.1:{refused_port()}"
    for error in done(address, task("echo", value=1), task("echo", value=2)):
        assert isinstance(error, ClusterUnavailable)
        assert str(error).startswith(f"The Dask scheduler at {address} does not answer (")
        assert str(error).endswith("or pass local_fallback=True, so that this computer does the work then.")


@pytest.mark.parametrize("fallback", [False, True])
def test_silent_address_is_told(fallback: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """An address that takes a connection and says nothing holds no job up, and no connection is left half made."""
    monkeypatch.setattr(connections, "_CONNECT", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        ends = done(address, task("echo", value=1), task("echo", value=2), fallback=fallback)
    if fallback:
        assert ends == [1, 2]
    else:
        says = f"The Dask scheduler at {address} does not answer (it said nothing for 0.5 seconds)."
        assert all(isinstance(end, ClusterUnavailable) and str(end).startswith(says) for end in ends)
    assert {client.status for client in Client._instances} <= {"closed"}


def test_a_server_names_a_dead_scheduler(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that starts with a scheduler that is gone says so, and what becomes of jobs."""
    monkeypatch.setattr(connections, "_CONNECT", 0.5)
    address = f"tcp://127.0.0.1:{refused_port()}"
    assert cluster_warning(address, local_fallback=False).startswith(f"The Dask scheduler at {address} does not answer")
    assert cluster_warning(address, local_fallback=False).endswith("jobs fail; it is tried again as jobs come.\n")
    assert "this machine makes the clips" in cluster_warning(address, local_fallback=True)
    with LocalCluster(n_workers=1, processes=False, host="127.0.0.1", protocol="tcp", dashboard_address=":0") as there:
        assert cluster_warning(there.scheduler_address, local_fallback=False) == ""


async def taken_over(
    workers: DaskWorkers, pool: WorkerPool, running: asyncio.Task[Any], messages: list[Message]
) -> None:
    """Wait until this computer has begun a task that a cluster ran, end it, and have another one done here."""
    while not pool.pids:
        await asyncio.wait([running], timeout=0.05)
    running.cancel()
    await asyncio.wait([running])
    assert await workers.run(task("echo", value="here"), messages.append) == "here"
    await workers.close()


def test_local_pool_takes_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where that is allowed, a scheduler that ends in the midst of a task leaves it to this computer, which says so."""
    monkeypatch.setattr(connections, "_CONNECT", 0.5)
    messages: list[Message] = []

    async def scenario(cluster: LocalCluster, named: Cluster) -> Any:
        pool = WorkerPool(1)
        workers = DaskWorkers(named, pool)
        running = await begin(workers, task("wait"), messages)
        await cluster.close()
        await taken_over(workers, pool, running, messages)

    scheduler_that_ends(scenario, protocol="tcp")
    assert any(
        message.get("message", "").startswith("Step 2, on this computer, since: The Dask scheduler at tcp")
        for message in messages
    )


def test_silence_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scheduler that falls silent in the midst of a task, its connection open, leaves the task to this computer."""
    monkeypatch.setattr(connections, "_CONNECT", 0.5)
    messages: list[Message] = []

    async def scenario(cluster: LocalCluster, _named: Cluster) -> Any:
        async with Relay(cluster.scheduler.port) as relay:
            pool = WorkerPool(1)
            workers = DaskWorkers(Cluster.of(relay.address), pool)
            running = await begin(workers, task("wait"), messages)
            monkeypatch.setattr(connections, "_SILENCE", 0.5)
            relay.silence()
            await taken_over(workers, pool, running, messages)

    monkeypatch.setattr(connections, "_PULSE", 0.1)
    scheduler_that_ends(scenario, protocol="tcp")
    assert "does not answer (it said nothing for 0.5 seconds)" in messages[-1]["message"]
    assert {client.status for client in Client._instances} <= {"closed"}


def test_broken_connection_is_made_again(tmp_path: Path) -> None:
    """When the connection breaks in the midst of a task, the task is sent again, and its messages come."""
    free = tmp_path / "free"
    messages: list[Message] = []

    async def scenario(cluster: LocalCluster, _named: Cluster) -> Any:
        async with Relay(cluster.scheduler.port) as relay:
            workers = DaskWorkers(Cluster.of(relay.address))
            running = await begin(workers, task("wait", until=str(free)), messages)
            relay.cut()
            while sum("waiting" in message for message in messages) < 2:
                await asyncio.wait([running], timeout=0.05)
            free.touch()
            assert await running
            await workers.close()

    scheduler_that_ends(scenario, protocol="tcp")


def test_connection_broken_between_tasks() -> None:
    """Where Dask itself has connected a client again, whose topic is lost, the next task has one that hears events."""

    async def scenario(cluster: LocalCluster, _named: Cluster) -> Any:
        heard = asyncio.Event()
        async with Relay(cluster.scheduler.port) as relay:
            connection = SchedulerConnection(Cluster.of(relay.address), lambda _event: heard.set())
            client = await connection.client()
            first = client.scheduler_comm
            relay.cut()
            while client.scheduler_comm in (None, first):
                await cluster.scheduler_comm.identity()
            again = await connection.client()
            for _ in range(200):  # the first ones may overtake the wish to hear them
                await again.log_event(topic(again), {})
            await within(5, heard.wait())
            await connection.close()

    scheduler_that_ends(scenario, protocol="tcp")


def test_certificates_come_with_the_cluster() -> None:
    """A cluster that speaks TLS is used by way of Dask's own object; its address alone names what it wants."""

    async def scenario(_cluster: LocalCluster, named: Cluster) -> Any:
        assert named.address.startswith("tls://")
        workers = DaskWorkers(named)
        assert await workers.run(task("echo", value=1)) == 1
        await workers.close()
        bare = DaskWorkers(Cluster.of(named.address))
        with pytest.raises(ClusterUnavailable, match=r"wants certificates: set distributed\.comm\.tls\.ca-file"):
            await bare.run(task("echo", value=1))

    scheduler_that_ends(scenario, protocol="tls", security=Security.temporary())


def test_other_python_is_refused() -> None:
    """A cluster with another Python is refused, and both are named."""
    connection = SchedulerConnection(Cluster("tcp://scheduler:8786"), lambda _event: None)
    mine = {"packages": {"python": sys.version.partition(" ")[0]}}
    other = {"packages": {"python": "3.9.1.final.0"}}
    connection.check_pythons({"scheduler": mine, "workers": {"tcp://a:1": mine}})
    with pytest.raises(ClusterUnavailable, match=r"tcp://b:1 has Python 3\.9 and this notebook"):
        connection.check_pythons({"scheduler": mine, "workers": {"tcp://a:1": mine, "tcp://b:1": other}})


def test_nothing_is_connected_before_use() -> None:
    """Workers that are never asked open no connection."""

    async def scenario() -> None:
        workers = DaskWorkers(Cluster("tcp://no-such-host.invalid:1"))
        workers.prepare((), 3)
        await workers.close()

    asyncio.run(scenario())
