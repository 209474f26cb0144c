"""What is said where Python ends before a run or a sweep."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

BEGIN = """
import socket
import wan_notebook as wan

inputs = wan.samples.character(), wan.samples.reference(seconds=1, fps=4)
deaf = socket.create_server(("127.0.0.1", 0))
silent = wan.Service.at(f"http://127.0.0.1:{deaf.getsockname()[1]}", "key", paid=False)
"""
ENDS = {
    "run": "wan.submit(*inputs, service=silent)",
    "sweep": "grid = wan.sweep(*inputs, shift=[3, 7], service=silent).run()",
    "waited": "wan.submit(*inputs, service=wan.Service.embedded(), num_inference_steps=2).result()",
    "clips there": """
import asyncio
import threading
from wan_notebook.sweeps import measure_queue

async def endless(*_arguments, **_how):
    await asyncio.Event().wait()

measure_queue.measure_in_background = endless
over = threading.Event()
grid = wan.sweep(*inputs, shift=[3, 7], service=wan.Service.embedded(), num_inference_steps=2).run()
grid.observe(lambda _: over.set() if all(tile.clip for tile in grid) else None)
over.wait()
""",
    "waited for in this moment": """
import threading
from concurrent.futures import Future
from wan_notebook.jobs import unfinished
done = Future()
done.add_done_callback(lambda _: threading.Event().wait())  # the thread that ends it comes no further
unfinished.watch(done)
threading.Thread(target=done.set_result, args=[None], daemon=True).start()
done.result()
""",
}


@pytest.mark.parametrize("end", ENDS)
def test_unfinished_work_is_told(end: str, tmp_path: Path) -> None:
    """A script that ends with a run or a sweep is told that it was not finished; one that waited is told nothing.

    Nor is one that waited for the clips of a sweep, whose numbers are measured when it is run again.
    """
    environment = {**os.environ, "WAN_NOTEBOOK_HOME": str(tmp_path), "TQDM_DISABLE": "1"}
    script = [sys.executable, "-c", f"{BEGIN}{ENDS[end]}"]
    done = subprocess.run(script, env=environment, capture_output=True, text=True, check=True, timeout=60)
    assert ("Python ended while something was being made." in done.stderr) == (end in ("run", "sweep"))
