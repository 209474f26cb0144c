"""What covers a mouth for a while, told from how a face looks in each frame."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from wan_notebook.faces.passing_cover import Look, passing_covers

FREE = Look(np.array([1, 0, 0], np.float32), np.array([1, 0, 0], np.float32), line=20.0, tells=True)
HAND = replace(FREE, lower=np.array([0, 1, 0], np.float32), line=2.0)
"""A mouth behind a hand, below the same upper face."""
CUP = replace(HAND, lower=np.array([0, 0, 1], np.float32))
LAUGH = replace(FREE, tells=False)
OTHER_FACE = replace(HAND, upper=np.array([0, 1, 0], np.float32))
OPEN_HAND = replace(HAND, tells=False)


def covered(looks: Sequence[Look]) -> list[int]:
    return np.flatnonzero(passing_covers(looks)).tolist()


def test_a_cover_is_told_while_it_lasts() -> None:
    """A mouth that looks otherwise than in all other frames, below the same upper face, is covered."""
    assert covered([FREE] * 6 + [HAND] * 3 + [FREE] * 4) == [6, 7, 8]
    assert covered([HAND] * 2 + [FREE] * 8) == [0, 1]


@pytest.mark.parametrize(
    "looks",
    [
        [FREE] * 6 + [HAND] + [FREE] * 6,
        [FREE] * 6 + [OTHER_FACE] * 3 + [FREE] * 4,
        [FREE] * 6 + [OPEN_HAND] * 3 + [FREE] * 4,
        [LAUGH] * 6 + [HAND] * 3 + [FREE] * 2,
        [FREE] * 4 + [HAND] * 3 + [CUP] * 3,
        [FREE] * 5 + [HAND] * 2,
        [HAND] * 9 + [FREE] * 4,
    ],
    ids=["a moment", "another face", "open lips", "a laugh alone", "no usual look", "few frames", "the hand is usual"],
)
def test_what_may_be_free_is_not_told(looks: Sequence[Look]) -> None:
    """Nothing is told of a moment, of another face, of open lips, nor where too little is known.

    Where a hand is there for longer than the mouth, it is not taken for that.
    """
    assert covered(looks) == []


def test_an_expression_comes_step_by_step() -> None:
    """A mouth that comes to look quite otherwise step by step, and stays so, is free."""
    angles = np.concatenate([np.zeros(6), np.linspace(0, np.pi, 8), np.full(3, np.pi)])
    looks = [replace(FREE, lower=np.array([np.cos(one), np.sin(one), 0], np.float32), line=20 - one) for one in angles]
    assert covered(looks) == []
    assert covered(looks[:6] + looks[-3:]) == [6, 7, 8]
