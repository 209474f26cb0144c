"""Finishing from file to file."""

from itertools import islice
from pathlib import Path

import numpy as np

from wan_notebook.finishing.finish import Finish, finish
from wan_notebook.video.read import frames

from support.media import drifting, filmed


def test_rewriting_darkens_nothing(tmp_path: Path) -> None:
    """A clip that is written again and again keeps its levels, on average within half of one."""
    first = filmed(drifting(6), tmp_path / "0.mp4")
    for number in range(3):
        finish(tmp_path / f"{number}.mp4", tmp_path / f"{number + 1}.mp4", Finish(fps=11))
    before, after = (
        np.mean([frame.pixels.mean((0, 1)) for frame in islice(frames(path), 3)], 0)
        for path in (first, tmp_path / "3.mp4")
    )
    assert np.abs(after - before).max() < 0.5
