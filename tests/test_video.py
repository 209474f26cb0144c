"""Reading and writing video."""

from pathlib import Path

import numpy as np
import pytest

from wan_notebook import video
from wan_notebook.errors import MediaError


def written(path: Path, *, width: int = 64, height: int = 48, fps: float = 25, frames: int = 25) -> Path:
    """A clip whose grey grows with its frames."""
    with video.Writer(path, width=width, height=height, fps=fps) as writer:
        for number in range(frames):
            writer.write(np.full((height, width, 3), 20 + 8 * number, np.uint8))
    return path


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """A written clip has the size, rate, length and pixels that were asked for."""
    clip = written(tmp_path / "clip.mp4")
    info = video.probe(clip)
    assert (64, 48, 25, 25, 1.0, "h264") == (info.width, info.height, info.fps, info.frames, info.duration, info.codec)
    greys = [int(frame.pixels.mean()) for frame in video.frames(clip)]
    assert np.allclose(greys, [20 + 8 * number for number in range(25)], atol=3)


def test_odd_sides_are_refused(tmp_path: Path) -> None:
    """A size that H.264 cannot hold is refused with the nearest one that it can."""
    with pytest.raises(MediaError, match="Use 64×48"):
        video.Writer(tmp_path / "clip.mp4", width=65, height=49, fps=25)
