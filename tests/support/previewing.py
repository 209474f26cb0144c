"""What the preview's tests share: drawn inputs, and one call of the engine."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from wan_notebook.media import checks
from wan_notebook.model.family import MOVE
from wan_notebook.preview.engine import RenderedClip, run
from wan_notebook.video import Writer

SETTINGS = {"model": MOVE.id, "resolution": "480p", "num_inference_steps": 4, "shift": 3.0}
PERFORMANCE, FPS = "hello", 12.5
"""Which of the drawn performances is measured, and at how many frames per second."""


@dataclass(frozen=True)
class Drawn:
    """Files that are drawn once for all tests."""

    ada: Path
    pip: Path
    glimpse: Path
    """Six frames of somebody who begins to talk."""
    speech: Path
    """All of PERFORMANCE."""


def rendered(
    image: Path, video: Path, points: Sequence[Sequence[float]] | None = None, **settings: object
) -> RenderedClip:
    """What the engine makes of two inputs."""
    return run(image, video, {**SETTINGS, **settings}, lambda _share, _what: None, lambda: False, points)


def notice_texts(clip: RenderedClip) -> list[str]:
    """The sentences of a clip's report."""
    return [notice.text for notice in checks.service_notices(clip.report)]


def stored(picture: NDArray[np.uint8], path: Path) -> Path:
    """A picture as a file."""
    Image.fromarray(picture).save(path)
    return path


def filmed(frames: Iterable[NDArray[np.uint8]], path: Path, fps: float = 10) -> Path:
    """Frames as a file."""
    first, *others = frames
    with Writer(path, width=first.shape[1], height=first.shape[0], fps=fps) as writer:
        for frame in (first, *others):
            writer.write(frame)
    return path


def meadow(size: tuple[int, int] = (320, 240), *, seed: int = 1) -> NDArray[np.uint8]:
    """A picture without anybody in it: soft blots of green."""
    coarse = np.random.default_rng(seed).integers(40, 200, (size[1] // 20, size[0] // 20, 3), dtype=np.uint8)
    blots = np.asarray(Image.fromarray(coarse // np.array([3, 1, 3], np.uint8)).resize(size, Image.Resampling.BICUBIC))
    return np.ascontiguousarray(blots)


def drifting(frames: int = 8) -> Iterator[NDArray[np.uint8]]:
    """A meadow that slides to the right, three pixels in each frame."""
    wide = meadow((400, 240))
    for number in range(frames):
        left = 60 - 3 * number
        yield np.ascontiguousarray(wide[:, left : left + 320])
