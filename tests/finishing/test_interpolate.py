"""Pictures between frames: they follow the motion, and nothing is invented where the motion is in doubt."""

import math
import threading
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from wan_notebook.errors import InvalidRequest, MediaError
from wan_notebook.finishing.interpolate import interpolate
from wan_notebook.finishing.moments import positions

from support import films
from support.films import Scene
from support.media import drifting, meadow


def decibels(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """The peak signal-to-noise ratio of two pictures, without the margin that enters or leaves them."""
    difference = one[8:-8, 16:-16].astype(float) - other[8:-8, 16:-16]
    return 10 * math.log10(255**2 / max(1e-9, float((difference**2).mean())))


def test_whole_positions_give_the_frames() -> None:
    """A position on a frame gives that frame, bit by bit, and after the last one it stands."""
    shown = list(drifting(3))
    made = list(interpolate(shown, [0, 1.0, Fraction(2), 2.5, 7]))
    assert [np.array_equal(one, shown[number]) for one, number in zip(made, (0, 1, 2, 2, 2), strict=True)] == [True] * 5


def test_motion_is_followed() -> None:
    """Every other frame of a slide is found again, more than 6 dB better than by blending."""
    shown = list(drifting(7))
    made = list(interpolate(shown[::2], positions(7, 25, 12.5)))
    for number in (1, 3, 5):
        blended = (shown[number - 1] // 2 + shown[number + 1] // 2).astype(np.uint8)
        assert decibels(made[number], shown[number]) > decibels(blended, shown[number]) + 6


def test_nothing_between_two_shots() -> None:
    """At a cut that is named each shot stands up to the middle, though the shots are alike."""
    shown = list(drifting(4))
    made = list(interpolate(shown, [1.25, 1.5, 1.75, 2], cuts={2}))
    assert [np.array_equal(one, shown[number]) for one, number in zip(made, (1, 1, 2, 2), strict=True)] == [True] * 4


def test_other_scene_is_not_followed() -> None:
    """Between two scenes nothing is mixed, though nobody named the cut."""
    scenes = [meadow(seed=1), meadow(seed=2)]
    made = list(interpolate(scenes, [0.3, 0.7]))
    assert [np.array_equal(one, scene) for one, scene in zip(made, scenes, strict=True)] == [True, True]


def test_nothing_where_frames_were_left_out() -> None:
    """Where a take leaps, far beyond its motion before and after, the nearer frame stands, though nobody named it."""
    shown = list(films.pictures((Scene("noor", "hello", 3, 62), Scene("noor", "hello", 3, 30))))
    made = list(interpolate(shown, [1.5, 2.3, 2.5, 2.7, 3.5]))
    assert [np.array_equal(made[at], shown[number]) for at, number in ((1, 2), (2, 2), (3, 3))] == [True] * 3
    assert not any(np.array_equal(made[at], frame) for at in (0, 4) for frame in shown)


@pytest.mark.parametrize("steps", [[1, 1, 9, 9, 9], [9, 9, 1, 1, 1], [1, 3, 9, 3, 1]], ids=["begins", "ends", "swells"])
def test_fast_motion_is_followed(steps: list[int]) -> None:
    """Motion that begins, ends or swells within a few frames has a picture of its own between any two."""
    take = list(films.pictures((Scene("noor", "hello", 40, 30),)))
    shown = [take[place] for place in np.cumsum([0, *steps])]
    made = list(interpolate(shown, [number + 0.5 for number in range(len(shown) - 1)]))
    assert not any(np.array_equal(one, frame) for one in made for frame in shown)


def test_doubtful_place_takes_nearer_frame() -> None:
    """Where something appears that was not there, the nearer frame stands, while the rest follows the motion."""
    shown = [frame.copy() for frame in drifting(2)]
    for frame, seed in zip(shown, (3, 4), strict=True):
        frame[100:140, 140:180] = np.random.default_rng(seed).integers(0, 2, (40, 40, 1), np.uint8) * 255
    early, late = interpolate(shown, [0.3, 0.7])
    inside = np.s_[110:130, 150:170]
    assert source_of(early[inside], shown) == 0
    assert source_of(late[inside], shown) == 1


def source_of(seen: NDArray[np.uint8], shown: list[NDArray[np.uint8]]) -> int:
    """Which of two frames a detail was taken from, wherever it was carried by the motion around."""
    # A mixture of both would be grey in half of its places; sampling between pixels greys some as well.
    assert ((seen < 64) | (seen > 191)).mean() > 0.6
    errors = [
        min(
            float(np.abs(frame[110 + y : 130 + y, 150 + x : 170 + x].astype(int) - seen).mean())
            for y in range(-4, 5)
            for x in range(-4, 5)
        )
        for frame in shown
    ]
    return int(np.argmin(errors))


def test_frames_are_streamed() -> None:
    """However long the video is, only a few of its frames are read ahead."""
    read = 0

    def counted() -> Iterator[NDArray[np.uint8]]:
        nonlocal read
        for _ in range(200):
            read += 1
            yield np.full((32, 32, 3), read, np.uint8)

    ahead = [read - number for number, _ in enumerate(interpolate(counted(), range(200)))]
    assert max(ahead) < 40


def test_closing_ends_threads() -> None:
    """Whoever stops in the middle leaves no thread behind."""
    before = set(threading.enumerate())
    pictures = interpolate(drifting(8), positions(16, 2, 1))
    next(pictures)
    pictures.close()  # type: ignore[attr-defined]
    assert set(threading.enumerate()) <= before  # those of other work may have ended meanwhile


def test_bad_positions_and_frames() -> None:
    """Positions that go back, no frames, and frames of two sizes are refused with the reason."""
    with pytest.raises(InvalidRequest, match=r"must ascend from 0 on, and 1 comes after 1\.5"):
        list(interpolate(drifting(3), [1.5, 1]))
    with pytest.raises(MediaError, match="no frames"):
        list(interpolate([], [0]))
    with pytest.raises(MediaError, match="Frame 1 is 16×8, and those before it 32×8"):
        list(interpolate([np.zeros((8, 32, 3), np.uint8), np.zeros((8, 16, 3), np.uint8)], [0.5]))
