"""References from which the panel and the widgets of films make one."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from support.media import filmed, meadow

_LENGTHS = (55, 60)
"""Frames of two shots."""


@pytest.fixture
def long(tmp_path: Path) -> Path:
    """Two shots of two seconds and a bit, 64×48 at 25 frames per second."""

    def sliding() -> Iterator[NDArray[np.uint8]]:
        for seed, length in enumerate(_LENGTHS, 1):
            wide = meadow((160, 60), seed=seed)
            yield from (np.ascontiguousarray(wide[6:54, number // 2 : number // 2 + 64]) for number in range(length))

    return filmed(sliding(), tmp_path / "long.mp4", fps=25)


@pytest.fixture
def take(tmp_path: Path) -> Path:
    """Twelve seconds without a cut, which become several shots."""
    wide = meadow((364, 60), seed=1)
    shown = (np.ascontiguousarray(wide[6:54, number : number + 64]) for number in range(300))
    return filmed(shown, tmp_path / "take.mp4", fps=25)
