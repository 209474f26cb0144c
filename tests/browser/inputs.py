"""The two files that a person picks, drawn by the project itself."""

from __future__ import annotations

import os
from pathlib import Path

from wan_notebook.media import samples
from wan_notebook.video.probe import probe
from wan_notebook.video.read import frames
from wan_notebook.video.write import Writer

LARGE = 21_000_000


def large_video(folder: Path, seconds: float, fps: float) -> Path:
    """Return a performance in a file of more than 20 MB, as a phone would make one, but quick to read.

    What makes it large is one box of the MP4 which readers skip, full of what no compression makes smaller.
    """
    small = samples.reference(seconds=seconds, fps=fps).read_bytes()
    filling = os.urandom(LARGE)
    large = folder / "dance.mp4"
    large.write_bytes(small + (len(filling) + 8).to_bytes(4, "big") + b"free" + filling)
    return large


def long_video(folder: Path, seconds: float, times: int) -> Path:
    """Return a performance which is repeated, since drawing a longer one would take longer than any test."""
    once = samples.reference(seconds=seconds)
    info = probe(once)
    long = folder / "long.mp4"
    with Writer(long, width=info.width, height=info.height, fps=info.fps) as writer:
        for _ in range(times):
            for frame in frames(once):
                writer.write(frame.pixels)
    return long
