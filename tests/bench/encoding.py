"""What quality and write mode do to a clip: its size, and the computing that encoding takes."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from skimage import data

from wan_notebook.preview.server.render_job import CRF, WRITE_MODES, encoder
from wan_notebook.video.write import Writer

from support.bench_rows import Row, at_least, at_most
from support.measuring import taken

SMALLER = (("small", "balanced"), ("balanced", "fast"))
"""Of two write modes, the one whose file is smaller and takes longer comes first."""


def photo_in_motion(frames: int = 75, side: int = 480) -> Iterator[Any]:
    """A photo that sways, nods and breathes a little, as an animated character does; H×W×3 uint8 RGB."""
    photo = cv2.resize(data.astronaut(), (side, side), interpolation=cv2.INTER_AREA)
    rows, columns = np.mgrid[0:side, 0:side].astype(np.float32)
    near = np.exp(-((columns - side / 2) ** 2 + (rows - side / 3) ** 2) / (side / 4) ** 2)
    for number in range(frames):
        phase = 2 * np.pi * number / 40
        across, down = 12 * np.sin(phase) * near, 8 * np.sin(2 * phase) * near
        yield cv2.remap(photo, columns + across.astype(np.float32), rows + down.astype(np.float32), cv2.INTER_LINEAR)


def encode(frames: list[Any], quality: str, mode: str, folder: Path) -> Path:
    """Write a clip as the preview does."""
    path = folder / f"{quality}-{mode}.mp4"
    height, width = frames[0].shape[:2]
    with Writer(path, width=width, height=height, fps=25, **encoder(quality, mode)) as writer:
        for frame in frames:
            writer.write(frame)
    return path


def rows(folder: Path, *, small: bool) -> Iterator[Row]:
    frames = list(photo_in_motion(10, 160) if small else photo_in_motion())
    encode(frames, "low", "fast", folder)  # what is loaded on first use counts for none
    modes = list(itertools.product(CRF, WRITE_MODES))
    # In turn, so that other work of the machine meets all alike; the fastest run of each is the one that it met least.
    runs = [{mode: taken(encode, frames, *mode, folder) for mode in modes} for _ in range(1 if small else 3)]
    size = {mode: runs[0][mode].result.stat().st_size / 1000 for mode in modes}
    spent = {mode: 1000 * min(run[mode].computing for run in runs) / len(frames) for mode in modes}
    for one, other in SMALLER:
        pairs = {quality: ((quality, one), (quality, other)) for quality in CRF}
        worst = max(pairs, key=lambda quality: size[pairs[quality][0]] / size[pairs[quality][1]])
        ours, theirs = (size[key] for key in pairs[worst])
        yield Row(
            f"size, {one}", ours, "kB", other, theirs, at_most(1, of_ratio=True, loosely=1.1), f"worst of all: {worst}"
        )
        worst = min(pairs, key=lambda quality: spent[pairs[quality][0]] / spent[pairs[quality][1]])
        ours, theirs = (spent[key] for key in pairs[worst])
        bound = at_least(1, of_ratio=True)
        yield Row(f"computing a frame, {one}", ours, "ms", other, theirs, bound, f"worst of all: {worst}")
