"""A performance, read from frames."""

from collections import deque
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wan_notebook.faces.find import face_reader
from wan_notebook.preview.engine.performance import Performance, PerformanceReader
from wan_notebook.video.read import frames


def performed(
    footage: Path | Iterable[NDArray[np.uint8]], *, fps: float = 25.0, sigma: float = 0.0, cuts: Sequence[int] = ()
) -> Performance:
    """Return what somebody performs in a video, or in frames of H×W×3 RGB, as with 20 steps.

    Args:
        footage: the video, or its frames.
        fps: frames per second.
        sigma: frames of the Gaussian that smooths the motion.
        cuts: numbers of the frames with which another scene begins.
    """
    pictures = (frame.pixels for frame in frames(footage)) if isinstance(footage, Path) else footage
    reader = PerformanceReader(face_reader(), steps=20, fps=fps)
    deque(reader.read(pictures), maxlen=0)
    found = reader.result(sigma, list(cuts))
    assert found is not None
    return found
