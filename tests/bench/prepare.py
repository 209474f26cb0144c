"""How fast a reference is prepared, and in how much memory: 1080p at 30 frames per second to 480p at 16."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from wan_notebook import media
from wan_notebook.media.preparation import Preparation
from wan_notebook.media.prepare import expected_video, prepare_task, task_of
from wan_notebook.video.write import Writer

from support.bench_rows import Row, at_least, at_most
from support.measuring import Taken, alone, taken

FPS = 30


def draw(path: Path, seconds: float, width: int, height: int) -> None:
    """Write a moving picture with some grain, so that neither codec has it too easy."""
    random = np.random.default_rng(0)
    field = random.normal(0, 6, (height, width + 512, 3))
    waves = np.sin(np.arange(width + 512) / 90)[None, :, None] * np.cos(np.arange(height) / 70)[:, None, None]
    canvas = (field + 128 + 90 * waves).clip(0, 255).astype(np.uint8)
    with Writer(path, width=width, height=height, fps=FPS, preset="ultrafast") as writer:
        for number in range(round(seconds * FPS)):
            left = round(256 + 250 * np.sin(number / 20))
            writer.write(canvas[:, left : left + width])


def prepared(path: Path) -> Taken:
    """What the worker takes for it."""
    expected = expected_video(media.video(path), Preparation(fps=16, short_side=480))
    task = task_of(path, path.with_suffix(".prepared.mp4"), expected)
    return taken(prepare_task, task.message, lambda **_message: None, lambda: False)


def rows(folder: Path, *, small: bool) -> Iterator[Row]:
    short, long = (0.2, 0.4) if small else (5, 20)
    costs = []
    for seconds in (short, long):
        path = folder / f"{seconds}.mp4"
        alone(draw, path, seconds, *((640, 500) if small else (1920, 1080)), small=small)
        costs.append(alone(prepared, path, small=small))
    brief, whole = costs
    yield Row("speed now", long / whole.seconds, "× real time")
    yield Row("speed on two free cores", 2 * long / whole.computing, "× real time", promised=at_least(3, loosely=10))
    most = at_most(1.3, of_ratio=True)
    note = f"{long} s beside {short} s"
    yield Row("memory, long video", whole.megabytes, "MB", "short video", brief.megabytes, most, note)
