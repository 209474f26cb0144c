"""Files in and clips out, on the kernel's side: how long, and how much memory at the peak."""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

from wan_notebook.widgets.delivery import Delivery
from wan_notebook.widgets.picker import MediaPicker

SIZE = 60_000_000
PIECE = 1 << 20


def take_in(source: Path) -> None:
    """Hand a file to a picker, piece by piece, as a browser does."""
    picker = MediaPicker("video")
    digest = hashlib.sha256()
    send = picker.receive
    send({"type": "begin", "upload": "t", "name": source.name, "size": SIZE}, [])
    with source.open("rb") as file:
        for offset in range(0, SIZE, PIECE):
            piece = file.read(PIECE)
            digest.update(piece)
            send({"type": "piece", "upload": "t", "offset": offset}, [memoryview(piece)])
    send({"type": "end", "upload": "t", "sha256": digest.hexdigest()}, [])
    assert not picker.state["trouble"], picker.state["trouble"]


def hand_out(source: Path) -> None:
    """Fetch a file from a delivery, piece by piece, as a browser does."""
    delivery = Delivery()
    label = delivery.offer(source)
    total = 0
    for offset in range(0, SIZE, label.chunk):
        total += len(delivery.answer({"id": label.id, "offset": offset})[1][0])
    assert total == SIZE


def measured(work: Callable[[Path], None], source: Path) -> tuple[float, float]:
    """Return the seconds that the work takes, and its peak of memory in bytes, each in a run of its own."""
    began = time.perf_counter()
    work(source)
    seconds = time.perf_counter() - began
    tracemalloc.start()
    work(source)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return seconds, peak


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["WAN_NOTEBOOK_HOME"] = folder
        source = Path(folder) / "dance.mp4"
        source.write_bytes(os.urandom(SIZE))
        print(f"{'':10} {'seconds':>8} {'peak MB':>8} {'peak ÷ file':>12}   ({SIZE / 1e6:.0f} MB)")
        for work in (take_in, hand_out):
            seconds, peak = measured(work, source)
            print(f"{work.__name__:10} {seconds:8.2f} {peak / 1e6:8.1f} {peak / SIZE:12.2f}")


if __name__ == "__main__":
    main()
