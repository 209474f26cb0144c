"""The private event loop, and a run that is followed, inside real kernels: the oldest of Colab to the newest."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client import BlockingKernelClient, KernelManager
from jupyter_client.kernelspec import KernelSpecManager

from browser import install
from wan_notebook.client import Service

pytestmark = pytest.mark.slow

SOURCE = install.PROJECT / "src"
KERNELS = {
    "colab": (install.colab_bin("python"), ""),
    "newest": (Path(sys.executable), ""),
    **{version: (Path(sys.executable), str(install.old_kernel(version))) for version in install.OLD_KERNELS},
}
"""By name: the Python, and what stands before everything else on its import path."""

PATIENCE = 30
"""Seconds after which a kernel is taken for dead."""

PREPARE = """
import asyncio, os, time
import ipywidgets
from wan_notebook.runtime import event_loop
label = ipywidgets.Label("0")
async def count(last, begin=""):
    while begin and not os.path.exists(begin):
        await asyncio.sleep(0.01)
    for number in range(1, last + 1):
        await asyncio.sleep(0.05)
        label.value = str(number)
    return last
"""

FOLLOW = """
os.environ["WAN_NOTEBOOK_HOME"] = {home!r}
import wan_notebook as wan
run = wan.submit({picture!r}, {video!r}, service=wan.Service.at({url!r}, "token"))
phases = [progress.phase.value async for progress in run]
print(phases[0] != phases[-1], phases[-1], (await run).path.is_file())
"""


@pytest.fixture(scope="module", params=list(KERNELS))
def manager(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KernelManager]:
    """A kernel that runs."""
    if missing := list(install.missing()):
        pytest.fail(f"Not installed: {', '.join(missing)}. Run: python tests/browser/install.py", pytrace=False)
    python, first = KERNELS[request.param]
    folder = tmp_path_factory.mktemp("kernels")
    (folder / "asked").mkdir()
    command = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": command, "display_name": request.param, "language": "python"}
    (folder / "asked" / "kernel.json").write_text(json.dumps(spec))
    specs = KernelSpecManager(kernel_dirs=[str(folder)], ensure_native_kernel=False)
    started = KernelManager(kernel_name="asked", kernel_spec_manager=specs)
    path = os.pathsep.join(filter(None, [first, str(SOURCE)]))
    started.start_kernel(env={**os.environ, "PYTHONPATH": path, "IPYTHONDIR": str(folder)})
    yield started
    started.shutdown_kernel(now=True)


@pytest.fixture(scope="module")
def client(manager: KernelManager) -> Iterator[BlockingKernelClient]:
    talking = manager.blocking_client()
    talking.start_channels()
    talking.wait_for_ready(PATIENCE)
    run(talking, PREPARE)
    yield talking
    talking.stop_channels()


def run(client: BlockingKernelClient, code: str) -> str:
    """Run a cell to its end, and return what it printed.

    Raises:
        AssertionError: it raised.
    """
    printed: list[str] = []

    def hear(message: dict[str, Any]) -> None:
        if message["msg_type"] == "stream":
            printed.append(message["content"]["text"])

    reply = client.execute_interactive(code, timeout=PATIENCE, output_hook=hear, allow_stdin=False)["content"]
    assert reply["status"] == "ok", reply
    return "".join(printed)


def value_of(message: dict[str, Any]) -> str | None:
    """The label's value, in a message that sets it."""
    return (
        message["content"].get("data", {}).get("state", {}).get("value") if message["msg_type"] == "comm_msg" else None
    )


def test_blocked_cell_stops_no_work(client: BlockingKernelClient) -> None:
    """What was begun in the background is done although a cell has kept the kernel busy all the time."""
    assert run(client, "future = event_loop.start(count(5)); time.sleep(1); print(future.done())") == "True\n"


def test_background_traits_reach_front_end(client: BlockingKernelClient, tmp_path: Path) -> None:
    """Traits set from the background reach the front end, with no cell running."""
    ended = tmp_path / "ended"
    run(client, f"label.value = '0'; future = event_loop.start(count(5, {str(ended)!r}))")
    ended.touch()
    heard: list[str | None] = []
    while "5" not in heard:
        heard.append(value_of(client.get_iopub_msg(PATIENCE)))
    assert [value for value in heard if value and value != "0"] == ["1", "2", "3", "4", "5"]


def test_cells_can_wait_and_await(client: BlockingKernelClient) -> None:
    """A cell gets the result of the background, blocking or awaiting, and the next cell runs as well."""
    assert run(client, "print(event_loop.wait(event_loop.start(count(2))))") == "2\n"
    assert run(client, "print(await asyncio.wrap_future(event_loop.start(count(3))))") == "3\n"
    assert run(client, "print('next')") == "next\n"


def test_cell_follows_a_run(
    client: BlockingKernelClient, served: Service, character: Path, performance: Path, tmp_path: Path
) -> None:
    """A cell that says `async for progress in run` hears of the run until its clip is there, in every kernel."""
    inputs = {"picture": str(character), "video": str(performance), "url": served.base_url}
    assert run(client, FOLLOW.format(home=str(tmp_path / "home"), **inputs)) == "True Done True\n"


def test_interrupt_ends_the_waiting(manager: KernelManager, client: BlockingKernelClient) -> None:
    """Interrupting a cell that waits ends the cell; the work is not cancelled, and the kernel serves the next cell."""
    waiting = "future = event_loop.start(count(40)); print('waits'); event_loop.wait(future)"
    asked = client.execute(waiting, stop_on_error=False)
    while client.get_iopub_msg(PATIENCE)["content"].get("text") != "waits\n":
        pass
    manager.interrupt_kernel()
    reply = client.get_shell_msg(PATIENCE)
    assert reply["parent_header"]["msg_id"] == asked
    assert reply["content"]["ename"] == "KeyboardInterrupt"
    assert run(client, "print(future.cancelled(), event_loop.wait(event_loop.start(count(1))))") == "False 1\n"
