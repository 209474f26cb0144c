"""A small reference of three shots."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from support.media import filmed, meadow

LENGTHS = (55, 60, 52)


def sliding() -> Iterator[NDArray[np.uint8]]:
    for seed, length in enumerate(LENGTHS, 1):
        wide = meadow((160, 60), seed=seed)
        for number in range(length):
            left = number // 2
            yield np.ascontiguousarray(wide[6:54, left : left + 64])


@pytest.fixture
def long(tmp_path: Path) -> Path:
    """Three shots of two seconds and a bit, 64×48 at 25 frames per second."""
    return filmed(sliding(), tmp_path / "long.mp4", fps=25)
